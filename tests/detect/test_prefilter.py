import pickle
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.tries import tries

from keysift import cache
from keysift.detect import databases, prefilter
from keysift.detect.databases import HyperscanEngine
from keysift.detect.matcher import Matcher
from keysift.detect.named import trigger
from keysift.detect.prefilter import PlainEngine, Prefilter
from keysift.model import Rule
from keysift.rules.keywords import Word

pytest.importorskip("hyperscan", reason="has no wheel for this machine")

LETTERS = st.sampled_from(
    [b"a", b"A", b"b", b"B", b"k", b"K", b"_", b"0", b".", b"(", b"\\", b"-", b"]", b"\xc3", b"\n"]
)
TEXT = st.lists(st.one_of(LETTERS, st.just(b"\x00")), max_size=60).map(b"".join)
LITERAL = st.lists(LETTERS, min_size=2, max_size=6).map(b"".join)
"""YAML holds no NUL, so no word does; the data may."""
SHORT = st.tuples(LITERAL, st.booleans()).map(lambda parts: Word(*parts))
LONG = st.tuples(
    LITERAL, st.just(value=False), st.sets(LETTERS, min_size=1).map(sorted).map(b"".join), st.integers(1, 4)
).map(lambda parts: Word(*parts))
WORD = st.one_of(SHORT, LONG)
WORDS = st.lists(WORD, min_size=1, max_size=6, unique=True)
CASES = st.lists(st.booleans(), min_size=12, max_size=12)
ABC = Word(b"abc", caseless=False)


def naive(words: list[Word], data: bytes) -> list[tuple[int, int]]:
    """What an engine promises, written as plainly as can be."""
    hits = []
    for end in range(len(data) + 1):
        for number, word in enumerate(words):
            middle = end - word.more
            start = middle - len(word.literal)
            if start < 0:
                continue
            there = data[start:middle]
            same = there == word.literal or (word.caseless and there.lower() == word.literal.lower())
            if same and all(byte in word.alphabet for byte in data[middle:end]):
                hits.append((number, end))
    return hits


def in_order(hits: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(hits, key=lambda hit: (hit[1], hit[0]))


def random_case(word: bytes, upper: list[bool]) -> bytes:
    return b"".join(
        bytes([byte]).upper() if up else bytes([byte]).lower() for byte, up in zip(word, upper * 9, strict=False)
    )


@settings(max_examples=tries(60))  # each compiles a database
@given(WORDS, TEXT)
@example([Word(b"aaa", caseless=False)], b"aaaaa")
@example([Word(b"aaa", caseless=True), Word(b"aaa", caseless=False)], b"aAaaA")
@example([Word(b"abc", caseless=True), Word(b"bc.", caseless=True)], b"ABC.")
@example([Word(b"aaa", caseless=False, alphabet=b"ab-]", more=3)], b"aaaaaaab-]aaa")
@example([Word(b"\xc3\xa4\xc3", caseless=True)], b"\xc3\xa4\xc3\x84\xc3")
@example([Word(b"abk", caseless=True)], "ab\N{KELVIN SIGN}".encode())
def test_both_engines_find_every_word_in_the_order_of_the_ends(words: list[Word], data: bytes) -> None:
    expected = naive(words, data)
    assert PlainEngine(words).hits(data) == expected
    found = HyperscanEngine(words).hits(data)
    assert in_order(found) == expected
    assert [end for _, end in found] == [end for _, end in expected]


@pytest.fixture(scope="module")
def engines(all_rules: tuple[Rule, ...]) -> tuple[Sequence[Word], HyperscanEngine, PlainEngine]:
    """The words of all rules but those with something `behind` them, and both engines for them."""
    words = Matcher([rule for rule in all_rules if not rule.matching.behind]).prefilter._words
    return words, HyperscanEngine(words), PlainEngine(words)


@given(st.data(), st.binary(max_size=40), st.binary(max_size=40), CASES)
def test_both_engines_agree_on_every_keyword_of_the_rules(
    engines: tuple[Sequence[Word], HyperscanEngine, PlainEngine],
    data: st.DataObject,
    before: bytes,
    after: bytes,
    upper: list[bool],
) -> None:
    words, fast, slow = engines
    tailed = {number for number, word in enumerate(words) if word.tail}  # test_named.py compares the engines for them
    drawn = [data.draw(st.sampled_from([word for word in words if word.literal])) for _ in range(2)]
    planted = [random_case(word.literal, upper) + word.alphabet[-word.more or len(word.alphabet) :] for word in drawn]
    text = before + planted[0] + after + planted[1]
    found, plain = in_order(fast.hits(text)), slow.hits(text)
    assert [hit for hit in found if hit[0] not in tailed] == [hit for hit in plain if hit[0] not in tailed]


def test_every_keyword_is_found_in_its_own_case(matcher: Matcher) -> None:
    words = matcher.prefilter._words
    tails = {trigger.FOLLOWED: b"=abcde", trigger.GENERIC_FOLLOWED: b"=abcde", trigger.DIRECTED: b"token abcde"}
    behind = [tails.get(word.tail) or word.alphabet[: word.more].ljust(word.more, b"0") for word in words]
    text = b"\0".join(word.literal + rest for word, rest in zip(words, behind, strict=True))
    numbers = {number for number, _ in matcher.prefilter.hits(text) if words[number].literal}
    assert numbers >= {number for number, word in enumerate(words) if word.literal and not word.behind}
    assert {number for number, _ in PlainEngine(words).hits(text) if words[number].literal} == numbers


@pytest.fixture(scope="module")
def plain(matcher: Matcher) -> PlainEngine:
    return PlainEngine(matcher.prefilter._words)


@given(
    st.lists(
        st.sampled_from(
            [
                b"'ab' + 'cd'",
                b"x",
                b"\n",
                b'"',
                b"\\x41",
                b"\\u0041",
                b"&#65;",
                b"a%41b",
                b"a\0" * 11,
                b"SGVs" * 7,
                b"4142" * 9,
                b"''.join(",
                b" .\n",
                b"=\n",
                b": >\n",
            ]
        )
    ).map(b"".join)
)
def test_both_engines_agree_on_what_looks_encoded(matcher: Matcher, plain: PlainEngine, data: bytes) -> None:
    assert in_order(matcher.prefilter.hits(data)) == plain.hits(data)


@pytest.mark.parametrize("engine", [PlainEngine, HyperscanEngine])
def test_no_bytes_have_no_hits(engine: type[PlainEngine | HyperscanEngine]) -> None:
    assert engine([ABC]).hits(b"") == []


def test_little_input_needs_no_database_and_much_does() -> None:
    small = Prefilter([ABC])
    assert small.hits(b"abc") == [(0, 3)]
    assert isinstance(small._engine, PlainEngine)
    assert small.hits(b" " * prefilter.SMALL + b"abc") == [(0, prefilter.SMALL + 3)]
    assert isinstance(small._engine, HyperscanEngine)
    assert small.hits(b"abc") == [(0, 3)]


def test_it_can_be_made_ready_before_and_twice() -> None:
    ready = Prefilter([ABC])
    ready.prepare()
    engine = ready._engine
    assert isinstance(engine, HyperscanEngine)
    ready.prepare()
    assert ready._engine is engine


def test_without_hyperscan_plain_search_goes_on_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefilter, "_have_hyperscan", lambda: False)
    plain = Prefilter([ABC])
    plain.prepare()
    assert plain.hits(b" " * prefilter.SMALL + b"abc") == [(0, prefilter.SMALL + 3)]
    assert isinstance(plain._engine, PlainEngine)


def test_a_matcher_travels_to_another_process_without_its_database(matcher: Matcher) -> None:
    copy = pickle.loads(pickle.dumps(matcher))  # noqa: S301 - our own
    assert list(copy.rules) == list(matcher.rules)
    assert isinstance(copy.prefilter._engine, PlainEngine)


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Word]:
    """Words worth keeping, in a place of their own."""
    monkeypatch.setenv("KEYSIFT_CACHE_DIR", str(tmp_path))
    return [Word(b"word%dx" % number, caseless=True) for number in range(databases.WORTH_KEEPING)]


def test_what_one_run_has_compiled_the_next_one_reads(many: list[Word], monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"WORD17X word999x" + b" " * prefilter.FEW
    first = Prefilter(many)
    first.prepare()
    monkeypatch.setattr(databases, "_compiled", None)  # nobody may call it
    second = Prefilter(many)
    assert second.hits(data) == first.hits(data) == [(17, 7), (999, 16)]
    assert isinstance(second._engine, HyperscanEngine)


def test_little_input_does_not_even_read_what_was_kept(many: list[Word]) -> None:
    HyperscanEngine(many)
    small = Prefilter(many)
    assert small.hits(b"word3x" + b" " * (prefilter.FEW - 6)) == [(3, 6)]
    assert isinstance(small._engine, PlainEngine)


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-1], lambda data: data[:40], lambda _: b"", lambda data: data[:99] + b"?" + data[100:]],
)
def test_what_was_kept_and_damaged_is_compiled_again(many: list[Word], damage: Callable[[bytes], bytes]) -> None:
    HyperscanEngine(many)
    [place] = cache.directory().glob("keywords-everywhere*")
    whole = place.read_bytes()
    place.write_bytes(damage(whole))
    assert HyperscanEngine(many).hits(b" word5x") == [(5, 7)]
    assert place.read_bytes()[:32] == whole[:32]
    assert len(place.read_bytes()) == len(whole)


def test_other_words_do_not_get_what_was_kept(many: list[Word]) -> None:
    HyperscanEngine(many)
    others = [word._replace(caseless=False) for word in many]
    assert HyperscanEngine(others).hits(b"WORD5X word5x") == [(5, 13)]


def test_few_words_are_not_worth_keeping(many: list[Word]) -> None:
    HyperscanEngine(many[1:])
    assert not cache.directory().exists()


def test_without_a_place_to_keep_it_everything_works_all_the_same(many: list[Word]) -> None:
    cache.directory().write_text("no directory", "ascii")
    assert HyperscanEngine(many).hits(b" word5x") == [(5, 7)]
