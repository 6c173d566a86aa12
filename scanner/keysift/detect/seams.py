"""Many versions of blobs searched as one text: what is new in each, one after the other, and what was found put back.

One source in two forms, as `carry`, whose words it uses: the build compiles it if it finds a C compiler. A *value* is
one of `detect.values`: two integers in a flat list, its start and its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

_WORD_BITS: Final = 16  # as in `carry`
BETWEEN: Final = b"\0\n\0"
"""The bytes between stretches of different bytes: no keyword spans them."""
_GAP: Final = 3
"""Their number."""
_SHORTEST: Final = 12
"""Bytes of the shortest value."""


def gather(data: bytes, stretches: list[int], parts: list[bytes], begins: list[int], place: int) -> int:
    """Add the stretches of the data to `parts`, to be joined by `BETWEEN` as a text of which `place` bytes are there.

    To `begins` come three integers for each: where it begins in that text, where it ends there, and what to add to a
    place in the text for the place in the data. Return the length of the text with them, negative if there are NUL
    bytes in them.
    """
    at: i64 = place
    index: i64 = 0
    count: i64 = len(stretches)
    binary: i64 = 1
    while index < count:
        low: i64 = stretches[index]
        part: bytes = data[low : stretches[index + 1]]
        index += 2
        if part.find(b"\0") >= 0:
            binary = -1
        length: i64 = len(part)
        begins.append(at)
        begins.append(at + length)
        begins.append(low - at)
        at += length + _GAP
        parts.append(part)
    return at * binary


def placed(hits: list[tuple[int, int]], begins: list[int], firsts: list[int]) -> list[list[int]]:
    """Return the hits in a text that `gather` made, by the data that they are in, as hits of that; in no order.

    Those of `begins` from `firsts[n]` to `firsts[n + 1]` are stretches of the data number `n`.
    """
    found: list[list[int]] = []
    index: i64 = 0
    total: i64 = len(hits)
    count: i64 = len(firsts) - 1
    number: i64 = 0
    while number < count:
        own: list[int] = []
        at: i64 = firsts[number]
        last: i64 = firsts[number + 1]
        number += 1
        while at < last and index < total:
            low: i64 = begins[at]
            high: i64 = begins[at + 1]
            shift: i64 = begins[at + 2]
            at += 3
            while index < total:
                hit = hits[index]
                end: i64 = hit[1]
                if end > high:
                    break
                if end > low:
                    word: i64 = hit[0]
                    own.append((end + shift) << _WORD_BITS | word)
                index += 1
        found.append(own)
    return found


def merged(first: list[int], second: list[int]) -> list[int]:
    """Return what is in one list of hits or the other, each once; the first is in order, the second need not be."""
    if not second:
        return first
    more = sorted(second)
    both: list[int] = []
    count: i64 = len(first)
    index: i64 = 0
    last: i64 = -1
    for item in more:
        number: i64 = item
        while index < count:
            other: i64 = first[index]
            if other > number:
                break
            if other != last:
                both.append(other)
                last = other
            index += 1
        if number != last:
            both.append(number)
            last = number
    while index < count:
        both.append(first[index])
        index += 1
    return both


def placed_values(values: list[int], begins: list[int], firsts: list[int]) -> list[list[int]]:
    """Return the values in a text that `gather` made, by the data that they are in, as `placed` does; in order."""
    found: list[list[int]] = []
    index: i64 = 0
    total: i64 = len(values)
    count: i64 = len(firsts) - 1
    number: i64 = 0
    while number < count:
        own: list[int] = []
        at: i64 = firsts[number]
        last: i64 = firsts[number + 1]
        number += 1
        while at < last and index < total:
            high: i64 = begins[at + 1]
            shift: i64 = begins[at + 2]
            at += 3
            while index < total and values[index] < high:  # what separates stretches is in no value
                own.append(values[index] + shift)
                own.append(values[index + 1] + shift)
                index += 2
        found.append(own)
    return found


def inherited_values(values: list[int], fresh: list[int], copies: list[int], size: int, base_size: int) -> list[int]:
    """Return the values of a version: those of its base that are whole in a copy, and the fresh ones; in order.

    A value is whole with the byte before it and the byte behind it. Of fresh ones that overlap, or are in others, one
    remains that covers them.
    """
    kept: list[int] = []
    total: i64 = len(values)
    more: i64 = len(fresh)
    other: i64 = 0
    count: i64 = len(copies)
    length: i64 = size
    base_length: i64 = base_size
    index: i64 = 0
    end: i64 = -1
    low: i64 = 0
    high: i64 = 0
    while index < count and total:
        start: i64 = copies[index]
        stop: i64 = copies[index + 1]
        shift: i64 = copies[index + 2]
        index += 3
        first: i64 = start + shift + 1
        if start == 0 and shift == 0:
            first = 0
        limit: i64 = stop + shift - 1
        if stop == length and stop + shift == base_length:
            limit = base_length
        if limit - first < _SHORTEST:
            continue
        at: i64 = _first(values, first)
        until: i64 = _unmoved(values, at, limit, end, fresh[other] if other < more else -1) if shift == 0 else at
        if until > at:
            kept += values[at:until]  # the same numbers: no new ones are made
            end = values[until - 1]
            continue
        while at < total:
            high = values[at + 1]
            if high > limit:
                break
            low = values[at] - shift
            high -= shift
            at += 2
            while other < more and fresh[other] <= low:
                end = _add(kept, end, fresh[other], fresh[other + 1])
                other += 2
            end = _add(kept, end, low, high)
    while other < more:
        end = _add(kept, end, fresh[other], fresh[other + 1])
        other += 2
    return kept


def _unmoved(values: list[int], at: i64, limit: i64, end: i64, fresh: i64) -> i64:
    """Return the index behind the values from `at` on that end by `limit`; `at` if others are among them.

    The last value so far ends at `end`, and the next of the fresh ones begins at `fresh`; -1 if there is none.
    """
    if at >= len(values) or values[at] < end:
        return at
    until: i64 = _first(values, limit + 1)
    if until > at and values[until - 1] > limit:
        until -= 2
    return until if until > at and (fresh < 0 or fresh > values[until - 2]) else at


def _first(values: list[int], place: i64) -> i64:
    """Return the index of the first value that starts at or after a place."""
    low: i64 = 0
    high: i64 = len(values) // 2
    while low < high:
        middle: i64 = (low + high) // 2
        if values[2 * middle] < place:
            low = middle + 1
        else:
            high = middle
    return 2 * low


def _add(kept: list[int], end: i64, low: i64, high: i64) -> i64:
    """Add a value that begins at or after the last one, which ends at `end`; return the end of the last one now."""
    if end >= 0 and low < end:
        if high > end:
            kept[len(kept) - 1] = high
            return high
        return end
    kept.append(low)
    kept.append(high)
    return high


def common(first: list[int], second: list[int]) -> list[int]:
    """Return what is in stretches of both lists; each has its own apart and in order."""
    both: list[int] = []
    count: i64 = len(first)
    total: i64 = len(second)
    index: i64 = 0
    other: i64 = 0
    while index < count and other < total:
        low: i64 = first[index]
        high: i64 = first[index + 1]
        start: i64 = second[other]
        stop: i64 = second[other + 1]
        if high <= stop:
            index += 2
        else:
            other += 2
        low = max(low, start)
        high = min(high, stop)
        if low < high:
            both.append(low)
            both.append(high)
    return both


if __name__ == "keysift.detect.seams":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
