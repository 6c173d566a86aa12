"""One rule, and windows of the data -> the matches of its pattern, by the regex engine that suits it."""

from __future__ import annotations

import functools
import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.detect import reaches
from keysift.model import Matching, Rule, Span
from keysift.rules import assigned

if TYPE_CHECKING:
    import regex

    from keysift.detect import usages
else:
    usages = lazy.module("keysift.detect.usages")

TIMEOUT = 5.0
"""Seconds that one rule may spend on one stretch, of this process's CPU time: a busy machine changes nothing."""
SLACK = 64
"""Bytes beyond a window that the look-ahead of a pattern may see."""
LONGEST_ESCAPE = 2
"""Bytes at the start of a run that may be the end of an escape: of `\\n` and `:-` one, of `%3D` two."""
LEAD = 256
"""Bytes of a match before its key, at most, where the key is a value that may be generated."""

Zone = tuple[int, int]
"""A half-open byte range."""
Seen = dict[tuple[str, int, int, int], list[Span]]
"""The matches in one blob, by pattern and stretch."""
Remembered = dict[tuple[str, int, bytes, int, int], tuple[tuple[int, int], ...]]
"""The matches, counted from the start of the window, by pattern, window and the bytes around it."""


class RuleTimeoutError(Exception):
    """One or more rules took too long on a text; the message names them."""


@functools.cache
def compiled(pattern: str) -> regex.Pattern[bytes]:
    """Return the pattern, compiled once per process."""
    return lazy.timed(pattern.encode())


def confirmed(
    rule: Rule, data: bytes, windows: list[Zone], seen: Seen, values: list[int] | None = None
) -> Iterator[Span]:
    """Yield the matches of one rule; `seen` keeps those of patterns that several rules share.

    `values` are those of `detect.values`, if they are known: a rule for generated keys looks nowhere else.
    """
    pattern = rule.matching.pattern
    for stretch in _stretches(rule.matching, data, windows, values):
        key = pattern, *stretch
        spans = seen.get(key)
        if spans is None:
            spans = seen[key] = _spans(rule, data, *stretch)
        yield from spans


def recalled(  # noqa: PLR0913, PLR0917 - as `confirmed`, and what is remembered
    remembered: Remembered,
    rule: Rule,
    data: bytes,
    windows: list[Zone],
    seen: Seen,
    values: list[int] | None = None,
) -> Iterator[Span]:
    """Yield the matches as `confirmed` does, but search windows with the same bytes in and around them only once."""
    matching = rule.matching
    known = values if matching.generated else None
    for low, high in windows:
        if known is not None and not _overlapping(known, low, high):
            continue
        begin = low - SLACK if low > SLACK else 0
        bytes_seen = hashlib.blake2b(data[begin : high + SLACK], digest_size=12).digest()
        key = matching.pattern, matching.solid, bytes_seen, low - begin, high - low
        spans = remembered.get(key)
        if spans is None:
            matches = confirmed(rule, data, [(low, high)], seen)
            spans = remembered[key] = tuple((span.start - low, span.end - low) for span in matches)
        yield from (Span(start + low, end + low) for start, end in spans)


def _spans(rule: Rule, data: bytes, low: int, high: int, limit: int) -> list[Span]:
    """Return the matches between `low` and `high`; the pattern sees the data up to a little after `limit`.

    Raises:
        RuleTimeoutError: the pattern is too slow on these bytes.
    """
    matching = rule.matching
    end = min(len(data), limit + SLACK)
    if rule.usages:
        found = usages.reader(rule).find(data, range(low, limit), end)
        return [Span(secret.start, secret.end) for secret in found if secret.end <= high]
    if matching.quick:
        if matching.opening:
            return _opening_spans(matching.pattern, data, low, high, end)
        return _quick_spans(matching.pattern, data, low, high, limit, end)
    if assigned.knows(matching.pattern):
        spans = [*assigned.values(matching.pattern, data, range(low, limit), end)]
    else:
        pattern = compiled(matching.pattern)  # only now: most rules never have a stretch to search
        group = _group(pattern)
        try:
            matches = pattern.finditer(data, low, end, timeout=TIMEOUT)
            spans = [match.span(group) for match in matches if match.start() < limit]
        except TimeoutError as error:
            raise RuleTimeoutError(f"rule {rule.id} took longer than {TIMEOUT:.0f} s") from error
    return [Span(start, end) for start, end in spans if start < end <= high]


def _quick_spans(  # noqa: PLR0913, PLR0917 - the same stretch
    pattern: str, data: bytes, low: int, high: int, limit: int, end: int
) -> list[Span]:
    """Return the same for a pattern that needs no time limit."""
    quick, group = _quick(pattern)
    spans = [match.span(group) for match in quick.finditer(data, low, end) if match.start() < limit]
    return [Span(start, stop) for start, stop in spans if start < stop <= high]


def _opening_spans(pattern: str, data: bytes, low: int, high: int, end: int) -> list[Span]:
    """Return the same for a pattern that matches nowhere else than at the start of a stretch."""
    quick, group = _quick(pattern)
    for start in (low, low + 1, low + LONGEST_ESCAPE):
        if found := quick.match(data, start, end):
            span = Span(*found.span(group))
            return [span] if span.start < span.end <= high else []
    return []


@functools.cache
def _quick(pattern: str) -> tuple[re.Pattern[bytes] | regex.Pattern[bytes], str | int]:
    """Return the pattern and the group of the key; by Python's own engine, twice as fast, if it can."""
    try:
        quick: re.Pattern[bytes] | regex.Pattern[bytes] = re.compile(pattern.encode())
    except re.error:
        quick = compiled(pattern)
    return quick, _group(quick)


def _group(pattern: re.Pattern[bytes] | regex.Pattern[bytes]) -> str | int:
    """Return the group of the key; 0 for the whole match."""
    return "secret" if "secret" in pattern.groupindex else 0


def _stretches(
    matching: Matching, data: bytes, windows: list[Zone], values: list[int] | None
) -> Iterator[tuple[int, int, int]]:
    """Yield the stretches worth searching: start, end of the window, end of the bytes that the pattern needs to see.

    A stretch is the whole window; or, for a key without structure, a run of its characters that is long enough: most
    windows have none, and finding that out is fifty times as fast as the regex.
    """
    solid = matching.solid
    known = values if matching.generated else None
    if not solid:
        for low, high in windows:
            if known is None:
                yield low, high, high
            else:
                yield from _at_values(low, high, known)
        return
    if known is not None:
        places = iter(reaches.in_values(solid, _members(matching.alphabet), data, windows, known))
        yield from zip(places, places, places, strict=True)
        return
    wanted, table = b"x" * solid, _marks(matching.alphabet)
    for low, high in windows:
        marks = data[low:high].translate(table)
        start = marks.find(wanted)
        while start >= 0:
            end = marks.find(b" ", start + solid)
            if end < 0:
                end = len(marks)
            yield low + start, high, low + end
            start = marks.find(wanted, end)


def _overlapping(values: Sequence[int], low: int, high: int) -> bool:
    """Return True if one of the values has bytes between `low` and `high`."""
    first = bisect_right(values, low)
    return first < len(values) and (first % 2 == 1 or values[first] < high)


def _at_values(low: int, high: int, values: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield the stretches of a window as `_stretches` does: values with what may stand before them in a match."""
    index = bisect_right(values, low)
    index -= index % 2
    count, first, last = len(values), -1, -1
    while index < count and values[index] < high:
        begin = max(low, values[index] - LEAD)
        if last >= 0 and begin > last:
            yield first, high, last
        if last < begin:
            first = begin
        last = min(high, values[index + 1])
        index += 2
    if last >= 0:
        yield first, high, last


@functools.cache
def _marks(alphabet: str) -> bytes:
    """Return a table for `bytes.translate`: `x` for the characters of the alphabet, a space for all others."""
    return bytes(ord("x") if chr(byte) in alphabet else ord(" ") for byte in range(256))


@functools.cache
def _members(alphabet: str) -> bytes:
    """Return a table for `reaches.in_values`: 1 for the characters of the alphabet."""
    return bytes(chr(byte) in alphabet for byte in range(256))
