"""The hits of the prefilter -> the windows around them, and the stretches in these that are worth searching.

One source in two forms, as `carry`: the build compiles it if it finds a C compiler.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_extensions import i64

Zone = tuple[int, int]
"""A half-open byte range."""


def windows(
    hits: list[Zone],
    lengths: list[int],
    rules_of: list[list[int]],
    first: int,
    reaches: list[int],
) -> dict[int, list[Zone]]:
    """Return by the number of each rule the zones around its keywords: apart, in the order of the hits.

    A hit is the number of a keyword and its end. Keywords from `first` on belong to rules, `rules_of` says to which;
    `lengths` are those of all keywords. No zone is cut at the end of the data.
    """
    zones: dict[int, list[Zone]] = {}
    begun: i64 = first
    for hit in hits:
        word: i64 = hit[0]
        if word < begun:
            continue
        end: i64 = hit[1]
        start: i64 = end - lengths[word]
        for number in rules_of[word - begun]:
            reach: i64 = reaches[number]
            low: i64 = start - reach
            low = max(low, 0)
            high: i64 = end + reach
            known = zones.get(number)
            if known is None:
                zones[number] = [(low, high)]
                continue
            last = known[len(known) - 1]
            before: i64 = last[0]
            behind: i64 = last[1]
            if low > behind:
                known.append((low, high))
            elif low < before or high > behind:
                known[len(known) - 1] = (min(before, low), max(behind, high))
    return zones


def ends(hits: list[Zone], first: int, stop: int) -> list[Zone]:
    """Return the ends of the hits of keywords with numbers from `first` up to `stop`, as empty zones, in order."""
    found: list[Zone] = []
    low: i64 = first
    high: i64 = stop
    for hit in hits:
        word: i64 = hit[0]
        if low <= word < high:
            end = hit[1]
            found.append((end, end))
    return found


def in_values(solid: int, table: bytes, data: bytes, zones: list[Zone], values: list[int]) -> list[int]:
    """Return the stretches of `solid` bytes or more of an alphabet, within values that have bytes in the zones.

    Three integers for each: its start, the end of its zone, and its end. `table` has for each byte 1 if it is in the
    alphabet. `values` are those of `detect.values`.
    """
    found: list[int] = []
    wanted: i64 = solid
    count: i64 = len(values)
    for zone in zones:
        low: i64 = zone[0]
        high: i64 = zone[1]
        index: i64 = bisect_right(values, low)
        index -= index % 2
        while index < count:
            first: i64 = values[index]
            if first >= high:
                break
            last: i64 = values[index + 1]
            index += 2
            if first < low:
                first = low
            if last > high:
                last = high
            # No run of so many bytes is without one of these places.
            start: i64 = first
            while start + wanted <= last:
                place: i64 = start + wanted - 1
                while place >= start and table[data[place]] != 0:
                    place -= 1
                if place >= start:
                    start = place + 1
                    continue
                place = start + wanted
                while place < last and table[data[place]] != 0:
                    place += 1
                found.append(start)
                found.append(high)
                found.append(place)
                start = place
    return found


if __name__ == "keysift.detect.reaches":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
