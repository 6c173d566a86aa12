import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tries import tries

from keysift.detect import judge, randomness, refusals, sieve, values
from keysift.detect.candidates import Candidate
from keysift.detect.judge import Refusal
from keysift.detect.matcher import Matcher
from keysift.detect.named import candidates, hopeless
from keysift.rules import ruleset

HEX = st.text("0123456789abcdef", min_size=8, max_size=40)
MIXED = st.text("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=4, max_size=30)
WORDS = st.sampled_from(
    ["feature", "cache.region", "the-token", "deadbeef", "aaaaaaaaaaaa", "12345678901234567890abcdef"]
)
VALUES = st.lists(HEX | MIXED | WORDS, min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from("-_.=:%/+").map(lambda mark: mark.join(parts))
)
NAMES = st.sampled_from(["key", "api_key", "token", "secret", "authId", "private_key", "hit key", "value"])
LINES = st.tuples(NAMES, st.sampled_from(["=", ": ", ' = "', '": "']), VALUES, st.sampled_from(["", '"', '",']))
TEXTS = st.lists(LINES | st.tuples(NAMES, st.just("="), HEX, st.just("")), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher([rule for rule in ruleset.load() if rule.id == "service-api-key"])


def text(lines: list[tuple[str, ...]]) -> bytes:
    return "".join(f"INFO {''.join(line)} took 3 ms\n" for line in lines).encode()


def accepted(found: list[Candidate]) -> set[tuple[int, int]]:
    judged = [(candidate, judge.judge(candidate, "a.log")) for candidate in found]
    return {(one.span.start, one.span.end) for one, verdict in judged if not isinstance(verdict, Refusal)}


@settings(max_examples=tries(200))
@given(TEXTS)
def test_what_the_sieve_leaves_out_the_judge_refuses(matcher: Matcher, lines: list[tuple[str, ...]]) -> None:
    data = text(lines)
    windows = matcher.windows(data)
    windows.values = values.runs(data, values.KINDS, values.PAIRS, cut=False)
    sifted = accepted([*matcher.candidates(data, windows)])
    windows.values = None
    assert sifted == accepted([*matcher.candidates(data, windows)])


def test_the_limits_are_those_of_the_judge() -> None:
    assert (sieve.LONGEST, sieve.SHORTEST_TYPED) == (refusals.SPELLABLE, refusals.SHORTEST_TYPED)
    assert (sieve._SHORTEST_PART, sieve._WORDY) == (randomness._SHORTEST_PART, randomness._WORDY)
    assert all(refusals._NEVER_LISTED.search(word) for word in sieve._NEVER_LISTED)


def test_columns_are_left_out_but_for_their_first_values() -> None:
    data = b"".join(b"hit key=%032x took 3 ms\n" % (0xA3F1C0DE << 90 | number << 40 | 0xABC) for number in range(50))
    found = values.runs(data, values.KINDS, values.PAIRS, cut=False)
    assert len(found) == 100
    assert sieve.sieve(data, found, values.PAIRS) == found[:8]


def test_no_column_of_secrets_is_left_out() -> None:
    data = b"".join(b"secret=%032x took 3 ms\n" % (0xA3F1C0DE << 90 | number << 40 | 0xABC) for number in range(50))
    found = values.runs(data, values.KINDS, values.PAIRS, cut=False)
    assert sieve.sieve(data, found, values.PAIRS) == found


def test_a_line_of_a_list_is_judged_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    whole = hopeless.is_hopeless_on.__wrapped__

    @functools.lru_cache(maxsize=8)
    def counted(line: bytes, places: tuple[int, ...]) -> bool:
        asked.append(line)
        return bool(whole(line, places))

    monkeypatch.setattr(hopeless, "is_hopeless_on", counted)
    rows = [b'  "Key": "photos/20%02d/07/img_%06d.jpg",\n' % (number % 90 + 10, number) for number in range(500)]
    data = b"".join(rows) + b'  "password": "kV9#mQ2$xL7!pR4w",\n'
    ends = [place + len(b'"Key": "pho') for place in range(len(data)) if data.startswith(b'"Key": "', place)]
    ends.append(data.index(b"kV9") + 3)
    found = [*candidates.find(data, ends)]
    assert [data[one.start : one.end] for one in found][-1] == b"kV9#mQ2$xL7!pR4w"
    assert len(found) <= 3
    assert len(asked) == 1
