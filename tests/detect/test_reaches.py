"""The windows around hits, and the stretches of an alphabet within values, against the plainest way to find them."""

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from keysift.detect import reaches

LENGTHS = [3, 5, 4]
RULES_OF = [[0], [0, 1]]
REACHES = [6, 20]
BYTES = st.binary(max_size=60).map(lambda data: bytes(b"abAB. "[byte % 6] for byte in data))
PLACES = st.lists(st.integers(0, 60), max_size=8).map(lambda places: sorted({*places}))


def pairs(places: list[int]) -> list[tuple[int, int]]:
    return list(zip(places[::2], places[1::2], strict=False))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(5, 200)), max_size=12))
def test_a_window_covers_the_reach_of_each_hit_and_no_more(hits: list[tuple[int, int]]) -> None:
    hits.sort(key=lambda hit: hit[1])
    found = reaches.windows(hits, LENGTHS, RULES_OF, 1, REACHES)
    for rule, reach in enumerate(REACHES):
        wanted = {
            place
            for word, end in hits
            if word >= 1 and rule in RULES_OF[word - 1]
            for place in range(max(0, end - LENGTHS[word] - reach), end + reach)
        }
        zones = found.get(rule, [])
        assert {place for low, high in zones for place in range(low, high)} == wanted
        assert all(first[1] < second[0] for first, second in itertools.pairwise(zones))


@given(BYTES, PLACES, PLACES, st.integers(1, 5))
def test_the_stretches_within_values_are_the_longest_runs(
    data: bytes, bounds: list[int], zones: list[int], solid: int
) -> None:
    bounds = [place for pair in pairs([min(place, len(data)) for place in bounds]) for place in pair]
    table = bytes(byte in b"ab" for byte in range(256))
    wanted = [
        (run.start(), high, run.end())
        for low, high in pairs(zones)
        for start, end in pairs(bounds)
        if start < high and end > low
        for run in re.compile(b"[ab]{%d,}" % solid).finditer(data, max(low, start), min(high, end))
    ]
    found = reaches.in_values(solid, table, data, pairs(zones), bounds)
    assert [*zip(found[::3], found[1::3], found[2::3], strict=True)] == wanted
