"""The keywords and candidates that a delta inherits from its base: the inner loops of reading a history.

One source in two forms: the build compiles it with mypyc if it finds a C compiler, and else it runs as it is. So it has
only loops over integers and slices.

A *copy* is a stretch of the new bytes that is in the base as well, as `git.delta.apply` returns them: three integers in
a flat list, its start, its end, and what to add to a place in it for the place in the base. Copies are in order and do
not overlap; a place where two meet, or one ends, is a *seam*. A *hit* is a keyword in the bytes:
`end << WORD_BITS | number of the keyword`.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

WORD_BITS: Final = 16


def zones(copies: list[int], size: int, base_size: int, margin: int) -> list[int]:
    """Return the stretches (start, end, start, end, ...) within `margin` of a seam, apart and in order.

    The beginning and the end are not seams if the base begins and ends there as well.
    """
    bounds: list[int] = []
    wide: i64 = margin
    total: i64 = size
    end: i64 = -1  # of the last zone, whose start is in `bounds`
    cut: i64 = 0  # where the last copy ended
    count: i64 = len(copies)
    index: i64 = 0
    low: i64 = 0
    high: i64 = 0
    first: i64 = 0
    while index <= count:
        if index < count:
            first = copies[index]
            if index == 0 and first == 0 and copies[2] == 0:
                cut = copies[1]
                index += 3
                continue
        else:
            first = total
            if count and cut == total and total + copies[count - 1] == base_size:
                break
        low = cut - wide
        high = first + wide
        if low < 0:
            low = 0
        if high > total:
            high = total
        if low > end or end < 0:
            if end >= 0:
                bounds.append(end)
            bounds.append(low)
            end = high
        elif high > end:
            end = high
        if index < count:
            cut = copies[index + 1]
        index += 3
    if end >= 0:
        bounds.append(end)
    return bounds


def inherited(hits: list[int], lengths: list[int], copies: list[int]) -> list[int]:
    """Return the hits of the base that are whole in a copy, by their places in the new bytes; in order.

    `lengths` are upper bounds; a hit that may not be whole is near a seam, where keywords are searched for anyway.
    """
    kept: list[int] = []
    total: i64 = len(hits)
    if total == 0:
        return kept
    count: i64 = len(copies)
    index: i64 = 0
    hit: i64 = 0
    end: i64 = 0
    word: i64 = 0
    while index < count:
        start: i64 = copies[index]
        stop: i64 = copies[index + 1]
        shift: i64 = copies[index + 2]
        index += 3
        if stop - start < 3:
            continue
        at: i64 = bisect_left(hits, (start + shift + 1) << WORD_BITS)
        if start == 0 and shift == 0:
            kept += hits[at : bisect_left(hits, (stop + 1) << WORD_BITS)]  # the same numbers: no new ones are made
            continue
        while at < total:
            hit = hits[at]
            at += 1
            end = hit >> WORD_BITS
            if end > stop + shift:
                break
            word = hit & ((1 << WORD_BITS) - 1)
            length: i64 = lengths[word]
            if end - length >= start + shift or (start == 0 and shift == 0):
                kept.append(hit - (shift << WORD_BITS))
    return kept


def marked(hits: list[int], marks: bytes) -> list[int]:
    """Return the hits of the keywords with a mark: one byte for each, by their numbers."""
    selected: list[int] = []
    for hit in hits:
        word: i64 = hit & ((1 << WORD_BITS) - 1)
        if marks[word] != 0:
            selected.append(hit)
    return selected


def touched(
    hits: list[int], before: list[int], behind: list[int], copies: list[int], size: int, base_size: int
) -> list[int]:
    """Return the hits (of the new bytes, in order) that have a seam so many bytes before their end or behind it.

    The two margins are those of their keyword.
    """
    selected: list[int] = []
    count: i64 = len(copies)
    total: i64 = size
    index: i64 = 0
    for hit in hits:
        end: i64 = hit >> WORD_BITS
        word: i64 = hit & ((1 << WORD_BITS) - 1)
        low: i64 = end - before[word]
        high: i64 = end + behind[word]
        # The last copy that begins at or before the end of the keyword: only that one can contain it with its margin.
        while index + 3 < count and copies[index + 3] < end:
            index += 3
        if index >= count or not _holds(copies, index, low, high, total, base_size):
            selected.append(hit)
    return selected


def below(hits: list[int], count: int) -> list[int]:
    """Return the hits whose keyword has a lower number than `count`."""
    selected: list[int] = []
    limit: i64 = count
    for hit in hits:
        number: i64 = hit
        if (number & ((1 << WORD_BITS) - 1)) < limit:
            selected.append(hit)
    return selected


def carried(spans: list[int], copies: list[int], size: int, base_size: int) -> list[int]:
    """Return the spans of the base (start, end, start, end, ...; starts in order) that are whole in the new bytes.

    The result has two integers for each: its number, and what to add to its places; a span that was copied twice comes
    twice. A span beyond the beginning or the end is whole only if the new bytes begin or end there as well.
    """
    pairs: list[int] = []
    total: i64 = len(spans)
    count: i64 = len(copies)
    index: i64 = 0
    length: i64 = size
    while index < count:
        shift: i64 = copies[index + 2]
        at: i64 = _first(spans, copies[index] + shift) if copies[index] or shift else 0
        stop: i64 = copies[index + 1] + shift
        while at < total:
            low: i64 = spans[at]
            if low >= stop:
                break
            if _holds(copies, index, low - shift, spans[at + 1] - shift, length, base_size):
                pairs.append(at // 2)
                pairs.append(-shift)
            at += 2
        index += 3
    return pairs


def unchanged(copies: list[int], start: int, end: int, size: int, base_size: int) -> bool:
    """Return True if a stretch of the new bytes is whole in one copy; beyond its beginning and end as in `carried`."""
    low: i64 = 0
    high: i64 = len(copies) // 3
    place: i64 = start if start > 0 else 0
    while low < high:
        middle: i64 = (low + high) // 2
        if copies[middle * 3] <= place:
            low = middle + 1
        else:
            high = middle
    if low == 0:
        return False
    return _holds(copies, (low - 1) * 3, start, end, size, base_size)


def _holds(copies: list[int], index: i64, start: i64, end: i64, size: i64, base_size: i64) -> bool:
    first: i64 = copies[index]
    stop: i64 = copies[index + 1]
    shift: i64 = copies[index + 2]
    if start < first and not (first == 0 and shift == 0):
        return False
    return end <= stop or (stop == size and stop + shift == base_size)


def _first(spans: list[int], place: i64) -> i64:
    """Return the index of the first span that starts at or after a place."""
    low: i64 = 0
    high: i64 = len(spans) // 2
    while low < high:
        middle: i64 = (low + high) // 2
        if spans[middle * 2] < place:
            low = middle + 1
        else:
            high = middle
    return low * 2


if __name__ == "keysift.detect.carry":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
