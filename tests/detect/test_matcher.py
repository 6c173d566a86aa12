import dataclasses
import functools
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.tries import tries

from keysift.detect import confirm
from keysift.detect import matcher as matcher_module
from keysift.detect.candidates import Candidate
from keysift.detect.check import example_blob
from keysift.detect.confirm import RuleTimeoutError, compiled
from keysift.detect.judge import hopeless
from keysift.detect.matcher import Matcher, Windows
from keysift.model import Context, Label, Matching, Rule, Span
from keysift.rules import ruleset
from keysift.rules.boundaries import bounded
from keysift.rules.keywords import words

PARTS = range(10)
"""Tests of every rule, so that failures are told apart and processes share the work."""


@functools.cache
def solid() -> list[Rule]:
    """The rules whose keys are looked for in runs."""
    return [rule for rule in ruleset.load() if rule.matching.solid]


def rule(**more: object) -> Rule:
    values: dict[str, object] = {
        "id": "r", "name": "R", "provider": "P", "label": Label.SECRET, "why": "W.", "revoke": "R.",
        "references": ("https://r.example",), "keywords": ("acme",),
    }  # fmt: skip
    names = {field.name for field in dataclasses.fields(Matching)} & more.keys()
    matching = Matching(**{"pattern": "[0-9a-f]{8}", "reach": 20, **{name: more.pop(name) for name in names}})  # type: ignore[arg-type]
    return Rule(**{**values, **more}, matching=matching)  # type: ignore[arg-type]


def plain(one: Rule) -> Rule:
    """The rule, searched for in its windows as they are."""
    return dataclasses.replace(one, matching=dataclasses.replace(one.matching, solid=0, quick=False, generated=False))


def found(matcher: Matcher, data: bytes, windows: Windows | None = None) -> list[Candidate]:
    return list(matcher.candidates(data, windows or matcher.windows(data), everything=True))


def spans(matcher: Matcher, data: bytes, windows: Windows | None = None) -> set[tuple[str, int, int]]:
    return {(one.rule.id, one.span.start, one.span.end) for one in found(matcher, data, windows)}


def keyword_ends(one: Rule, data: bytes) -> Iterator[tuple[int, int]]:
    """Every keyword of the rule, found without any prefilter."""
    lowered = data.lower()
    for word in words(one):
        needle, hay = (word.literal.lower(), lowered) if word.caseless else (word.literal, data)
        start = hay.find(needle)
        while start >= 0:
            yield start, start + len(needle)
            start = hay.find(needle, start + 1)


def reference(one: Rule, data: bytes) -> set[tuple[str, int, int]]:
    """The regex over all of the data; of what it finds, that which lies within reach of a keyword."""
    places = [(start - one.matching.reach, end + one.matching.reach) for start, end in keyword_ends(one, data)]
    return {
        span
        for span, start in everywhere(one, data).items()
        if any(low <= start and span[2] <= high for low, high in places)
    }


def everywhere(one: Rule, data: bytes) -> dict[tuple[str, int, int], int]:
    """The keys that the regex finds in all of the data, and where their matches start."""
    pattern = compiled(one.matching.pattern)
    group = "secret" if "secret" in pattern.groupindex else 0
    return {
        (one.id, *found.span(group)): found.start()
        for found in pattern.finditer(data)
        if found.end(group) > found.start(group)
    }


# --- Windows ----------------------------------------------------------------------------------------------------------


def test_a_window_reaches_from_a_keyword_to_both_sides() -> None:
    data = b"." * 100 + b"acme" + b"." * 100
    assert Matcher([rule()]).windows(data).rules == {0: [(80, 124)]}


def test_a_window_starts_with_the_data_and_may_end_behind_it() -> None:
    assert Matcher([rule()]).windows(b"..acme.").rules == {0: [(0, 26)]}
    assert Matcher([rule()]).windows(b"acme").rules == {0: [(0, 24)]}


def test_windows_that_overlap_or_touch_become_one() -> None:
    def at(*places: int) -> list[tuple[int, int]]:
        data = bytearray(b"." * 300)
        for place in places:
            data[place : place + 4] = b"acme"
        return Matcher([rule()]).windows(bytes(data)).rules[0]

    assert at(50, 60) == [(30, 84)]
    assert at(50, 94) == [(30, 118)]
    assert at(50, 95) == [(30, 74), (75, 119)]


def test_a_long_keyword_that_ends_last_widens_the_window_to_the_left() -> None:
    one = rule(keywords=("me_and_a_long_tail", "acm", "tail"), reach=5)
    assert Matcher([one]).windows(b"." * 20 + b"acme_and_a_long_tail").rules == {0: [(15, 45)]}


def test_windows_of_one_rule_do_not_overlap_whatever_the_keywords_lengths() -> None:
    one = rule(keywords=("x" * 30, "abc"), reach=0)
    data = b"abc" + b"x" * 30 + b"abc"
    places = Matcher([one]).windows(data).rules[0]
    assert all(before[1] < after[0] for before, after in pairwise(places))


def test_without_a_keyword_there_is_nothing() -> None:
    matcher = Matcher([rule()])
    assert matcher.windows(b"deadbe01") == Windows()
    assert found(matcher, b"deadbe01") == []
    assert found(matcher, b"") == []


@pytest.mark.parametrize(
    ("gap", "found"),
    [(0, True), (11, True), (12, True), (13, False), (40, False)],
)
def test_a_match_lies_within_reach_as_a_whole(gap: int, *, found: bool) -> None:
    data = b"acme" + b" " * gap + b"deadbe01"
    assert bool(spans(Matcher([rule()]), data)) is found
    data = b"deadbe01" + b" " * gap + b"acme"
    assert bool(spans(Matcher([rule()]), data)) is found


def test_a_look_ahead_sees_beyond_the_window() -> None:
    one = rule(pattern=r"[0-9a-f]{8}(?![0-9a-f])", reach=8)
    assert spans(Matcher([one]), b"acmedeadbe01f") == set()
    assert spans(Matcher([one]), b"acmedeadbe01") == {("r", 4, 12)}


def test_a_look_behind_sees_before_the_window() -> None:
    one = rule(pattern=r"(?<![0-9a-f])[0-9a-f]{8}", reach=8)
    assert spans(Matcher([one]), b"fdeadbe01acme") == set()
    assert spans(Matcher([one]), b"deadbe01acme") == {("r", 0, 8)}


def test_the_key_is_the_group_called_secret() -> None:
    one = rule(pattern=r"acme=(?P<secret>[0-9a-f]{4})")
    [candidate] = found(Matcher([one]), b"acme=beef")
    assert (candidate.span, candidate.secret) == (Span(5, 9), b"beef")


def test_an_empty_key_is_none() -> None:
    assert found(Matcher([rule(pattern=r"acme(?P<secret>[0-9]*)")]), b"acme") == []


def test_two_rules_with_one_keyword_are_both_tried() -> None:
    matcher = Matcher([rule(), rule(id="s", pattern="[0-9a-f]{4}x")])
    assert spans(matcher, b"acme deadbe01 beefx") == {("r", 5, 13), ("s", 14, 19)}


def test_a_match_is_yielded_once_however_many_keywords_stand_by() -> None:
    matcher = Matcher([rule(keywords=("acme", "ACM", "cme"))])
    assert len(found(matcher, b"acme ACME deadbe01 acme")) == 1


@pytest.mark.parametrize(
    ("pattern", "keyword", "when", "text", "found"),
    [
        ("acme_[0-9]{4}", "acme_", False, b"acme_1234", True),
        ("acme_[0-9]{4}", "acme_", False, b"ACME_1234", False),
        ("[0-9]{4}", "acme", True, b"ACME 1234", True),
        ("[0-9]{4}", "acme", True, b"AcMe 1234", True),
        ("[0-9]{4}", "Acme", True, b"acme 1234", False),
        ("[0-9]{4}", "Acme", True, b"Acme 1234", True),
        ("(?i)acme_[0-9]{4}", "acme_", False, b"ACME_1234", True),
    ],
)
def test_a_keyword_minds_case_where_it_is_part_of_the_pattern_or_has_a_capital(
    *, pattern: str, keyword: str, when: bool, text: bytes, found: bool
) -> None:
    one = rule(pattern=pattern, keywords=(keyword,), when=(Context(field="x"),) if when else ())
    assert bool(spans(Matcher([one]), text)) is found


def test_a_rule_that_is_too_slow_is_named_after_the_matches_of_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm, "TIMEOUT", 0.05)
    slow = [rule(id=name, pattern=f"(?:n{{1,50}}){{1,50}}{name}", reach=5000) for name in "xy"]
    matcher = Matcher([*slow, rule(), rule(id="z", pattern="[0-9]{6}", general=True)])
    data = b"acme" + b"n" * 3000 + b" acme deadbe01 acme 123456"
    seen: list[str] = []
    with pytest.raises(RuleTimeoutError, match=r"^rule x took longer than 0 s, rule y took longer than 0 s$"):
        seen.extend(one.rule.id for one in matcher.candidates(data, matcher.windows(data), everything=True))
    assert seen == ["r", "z"]


def test_a_value_on_which_a_test_takes_too_long_is_left_to_the_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_: Candidate) -> bool:
        raise TimeoutError

    monkeypatch.setattr(matcher_module, "hopeless", slow)
    matcher = Matcher([rule()])
    data = b"acme deadbe01"
    assert [one.secret for one in matcher.candidates(data, matcher.windows(data))] == [b"deadbe01"]


# --- The prefilter never loses what the regex finds ------------------------------------------------------------------

PIECES = st.sampled_from(
    [b"acme", b"ACME", b"deadbe01", b"0123456789abcdef", b" ", b"\n", b"." * 19, b"-", b"f", b"\xff", b"cafe", b"ac"]
)
DATA = st.lists(PIECES, max_size=24).map(b"".join)
SHAPES = [
    rule(id="fixed", pattern=bounded("[0-9a-f]{8}")),
    rule(id="shaped", pattern=bounded("[a-z]{2,4}-?[0-9a-f]{8,16}"), keywords=(), shape="[0-9a-f]{8}", reach=20),
    rule(id="runs", pattern=bounded("[0-9a-f]{8}"), solid=8, alphabet="0123456789abcdef"),
    rule(id="own-word", pattern=bounded("(?:dead|cafe)[0-9a-f]{4,16}"), reach=20, keywords=("dead", "cafe")),
    rule(id="group", pattern=bounded(r"acme\s?(?P<secret>[0-9a-f]{8})"), reach=12),
    rule(id="near", pattern=bounded("[0-9a-f]{16}"), keywords=("acme", "cafe"), reach=3),
    rule(id="two-words", pattern=bounded("[0-9a-f]{8,16}"), keywords=("ACME", "deadbe01"), reach=40),
]
"""As the loader makes them: with a boundary on each side, so that a match does not hang on where the search starts."""


@pytest.mark.parametrize("one", SHAPES, ids=lambda one: one.id)
@given(data=DATA)
@example(data=b"0123456789abcdef" * 3 + b"acme")
@example(data=b"acme" + b"." * 19 + b"deadbe01acme")
@example(data=b"0123456789abcdef" + b"." * 19 + b"acmedeadbe01")
def test_no_match_within_reach_is_lost(one: Rule, data: bytes) -> None:
    found = spans(Matcher([one]), data)
    assert reference(one, data) <= found <= everywhere(one, data).keys()


@pytest.mark.parametrize("part", PARTS)
def test_no_rule_loses_a_match_in_its_own_examples(part: int, all_rules: tuple[Rule, ...]) -> None:
    for one in all_rules[part :: len(PARTS)]:
        alone = Matcher([one])
        for template in one.examples:
            data = example_blob(template, "lost")[0].data
            # At the start, far from the next, behind another, at the end.
            text = data + b" " * 500 + b"\n" * 50 + data * 2
            missed = reference(one, text) - spans(alone, text)
            assert all(refused(one, text, start, end) for _, start, end in missed), (one.id, template)


def refused(one: Rule, text: bytes, start: int, end: int) -> bool:
    """Return True for a match of a generated key that its own bytes refuse: it need not even be looked at."""
    return one.matching.generated and hopeless(Candidate(one, Span(start, end), text[start:end]))


# --- Runs of a key's own characters ----------------------------------------------------------------------------------


@functools.cache
def tokens() -> list[bytes]:
    """The first example of each rule without structure, twice."""
    return [example_blob(one.examples[0], seed)[0].data for one in solid() for seed in ("x", "y")]


TOKENS = st.deferred(lambda: st.sampled_from(tokens()))
NOISE = st.sampled_from([b"a" * 70, b"0" * 40, b"=", b"%3D", b"\\n", b"/" * 9, b"\xc3\xa4", b"..", b"Zz9-_"])


@pytest.fixture(scope="session")
def plain_matcher(all_rules: tuple[Rule, ...]) -> Matcher:
    """Searches the windows as they are."""
    return Matcher(list(map(plain, all_rules)))


@settings(max_examples=tries(60))
@given(st.lists(st.one_of(TOKENS, NOISE), min_size=1, max_size=12).map(b"".join))
def test_runs_give_the_same_matches_as_the_plain_search(matcher: Matcher, plain_matcher: Matcher, data: bytes) -> None:
    windows = matcher.windows(data)
    runs = {(found.rule.id, found.span) for found in matcher.candidates(data, windows)}
    assert runs == {(found.rule.id, found.span) for found in plain_matcher.candidates(data, windows)}


@pytest.mark.parametrize("part", PARTS)
def test_runs_give_the_same_matches_on_every_rule_s_examples(part: int) -> None:
    for one in solid()[part :: len(PARTS)]:
        whole = Matcher([plain(one)])
        runs = Matcher([one])
        for template in (*one.examples, *one.counterexamples):
            data = example_blob(template, "runs")[0].data
            text = b"\n".join((data * 3, data.replace(b"=", b"/"), b"x" + data, data.strip() + b"x"))
            windows = runs.windows(text)
            kept = {(found.span, found.secret) for found in runs.candidates(text, windows)}
            assert kept == {(found.span, found.secret) for found in whole.candidates(text, windows)}, (
                one.id,
                template,
            )


def test_a_run_is_not_cut_where_the_look_ahead_of_the_run_before_ends() -> None:
    """A digest is no key, however near a key stands before it: 64 hex digits are not 32 of them."""
    one = rule(pattern=bounded("[0-9a-f]{32}"), reach=400, solid=32, alphabet="0123456789abcdef")
    for gap in range(1, 80):
        data = b"acme=" + b"0123456789abcdef" * 2 + b" " * gap + b"fedcba9876543210" * 4
        assert spans(Matcher([one]), data) == {("r", 5, 37)}, gap


def test_most_keys_without_structure_are_looked_for_in_runs(all_rules: tuple[Rule, ...]) -> None:
    assert len(solid()) > len(all_rules) / 4


def test_compiled_rules_have_the_keywords_of_the_rules_themselves(all_rules: tuple[Rule, ...]) -> None:
    one, other = Matcher(ruleset.load()), Matcher(all_rules)
    assert one.prefilter._words == other.prefilter._words
    assert [*map(one.rules_of, range(len(one.lengths)))] == [*map(other.rules_of, range(len(other.lengths)))]
    assert one.lengths == other.lengths
