import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keysift.detect import seams, signals, values
from keysift.detect.databases import REACH
from keysift.rules.authoring.deriving import SHORTEST_VALUE
from keysift.rules.keywords import LONGEST_KEYWORD
from keysift.rules.patterns import DEFAULT_REACH, TOKEN

PIECES = st.sampled_from(
    [b"abc", b"the", b"Qz9", b"123", b"xkqv", b"password", b"_", b"/", b" ", b"\n", b"\0", b"\xc3\xa4", b"e" * 30]
)
RUN = re.compile(rb"[%b]{%d,}" % (re.escape(bytes(sorted(TOKEN))), values.SHORTEST))


def found(data: bytes, *, cut: bool = False) -> list[bytes]:
    places = values.runs(data, values.KINDS, values.PAIRS, cut=cut)
    return [data[start:end] for start, end in zip(places[::2], places[1::2], strict=True)]


def naive(data: bytes, *, cut: bool) -> list[bytes]:
    """What `runs` promises, written as plainly as can be."""
    return [
        run[0]
        for run in RUN.finditer(data)
        if run.start() == 0
        or run.end() == len(data)
        or (cut and (data[run.start() - 1] == 0 or data[run.end()] == 0))
        or len(re.findall(rb"\d", run[0])) >= 3
        or steps(run[0]) >= values._STEPS_OF_A_SEQUENCE
        or any(
            balance(run[0][first:last]) > 0
            for first, last in itertools.combinations(bounds(run[0]), 2)
            if last - first >= 12
        )
    ]


def steps(run: bytes) -> int:
    """How many pairs of letters go on as the pair before."""
    parts = re.findall(r"[A-Za-z]+", run.decode().lower())
    differences = [ord(right) - ord(left) for part in parts for left, right in itertools.pairwise(part)]
    return sum(step == following and -1 <= step <= 1 for step, following in itertools.pairwise([0, *differences]))


def bounds(run: bytes) -> list[int]:
    """The places where parts of a run may begin or end."""
    return [0, *(place for place, byte in enumerate(run) if values.KINDS[byte] == 1), len(run)]


def balance(parts: bytes) -> int:
    """What the pairs of letters say: below 0 for words."""
    pairs = [pair for pair in itertools.pairwise(parts.decode()) if all(map(str.isalpha, pair))]
    allowed = sum(values._ALIKE if left.isupper() == right.isupper() else values._MIXED for left, right in pairs)
    return allowed - 100 * sum((left + right).lower() in values.COMMON_PAIRS for left, right in pairs)


@given(st.lists(PIECES, max_size=30).map(b"".join), st.booleans())
@example(b" " * 11 + b"a1b2c3d4e5f6 ", False)  # noqa: FBT003
@example(b"a " * 9 + b"a1b2c3d4e5f6 abcdefgh1i2j3k4l5 ", False)  # noqa: FBT003
def test_runs_are_those_of_a_plain_search(data: bytes, cut: bool) -> None:  # noqa: FBT001 - hypothesis
    assert found(data, cut=cut) == naive(data, cut=cut)


@given(st.from_regex(r"[0-9A-Za-z_+/=.~:-]{24,60}", fullmatch=True))
@example("qkxzvbnjwpqhxkzvqwjx")
@example("0a1b2c3d4e5f")
@example("abcdefabcdefabcdefabcdefabcdefabcdefabcd")
@example("u+zpuJT-WcBWjX_7JBIA")
@example("eoF-K_6lEQSL-xnYDczD")
def test_what_looks_random_is_a_value(text: str) -> None:
    if signals.looks_random(text) and signals.wordiness(text) < 0.5:
        assert found(f'x = "{text}";'.encode()) == [text.encode()]


@pytest.mark.parametrize("text", [b"self.assertRaisesRegex(", b"/usr/local/share/applications ", b"<description>"])
def test_names_and_paths_are_no_values(text: bytes) -> None:
    assert found(b" " + text + b" ") == []


def test_zones_are_apart_and_in_order() -> None:
    assert values.zones([100, 120, 150, 160, 400, 420], 20, 430) == [80, 180, 380, 430]
    assert values.zones([5, 20], 20, 100) == [0, 40]
    assert values.zones([], 20, 100) == []


def test_zones_reach_as_far_as_keywords_may_stand() -> None:
    assert REACH == DEFAULT_REACH + LONGEST_KEYWORD


def test_the_shortest_value_is_the_same_wherever_it_is_stated() -> None:
    assert values.SHORTEST == SHORTEST_VALUE == seams._SHORTEST


def test_the_characters_are_those_of_solid_patterns() -> None:
    assert {byte for byte in range(256) if values.KINDS[byte]} == TOKEN


WIDE = st.sampled_from([b"a\0", b"b\0\0\0", b"\0", b"c", b"\xff", b"d\0" * 6, b"e\0\0\0" * 4])


@given(data=st.lists(WIDE, max_size=30).map(b"".join))
@pytest.mark.parametrize(("width", "count"), [(2, 10), (4, 6)])
def test_wide_text_is_found_as_by_a_plain_search(data: bytes, width: int, count: int) -> None:
    shape = re.compile(rb"(?:[\t\n\r -~]\0{%d}){%d}" % (width - 1, count))
    first = shape.search(data)
    assert values.first_wide(data, width, count, values.TEXT) == (first.end() if first else -1)


@given(st.lists(st.sampled_from([b"a", b"\0", b"\x80", b"a\0", b"b\0c\0d\0e\0", b"a\0\0\0" * 4]), max_size=20))
def test_runs_of_wide_characters_are_those_that_a_regex_finds(parts: list[bytes]) -> None:
    data = b"".join(parts)
    for width in (2, 4):
        shape = re.compile(b"(?:[\\t\\n\\r -~]" + b"\\0" * (width - 1) + b"){4,}")
        wanted = [place for run in shape.finditer(data) for place in run.span()]
        assert values.wide_runs(data, width, values.TEXT) == wanted
