"""One rule, and windows of the data in which it may hold -> where it does: its pattern, by the engine that suits it."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from keysift import lazy
from keysift.model import Rule, Span
from keysift.rules import assigned

if TYPE_CHECKING:
    import regex

TIMEOUT = 5.0
"""Seconds that one rule may spend on one blob."""
SLACK = 64
"""Bytes beyond a window which the look-ahead of a pattern may see."""

Zone = tuple[int, int]
Seen = dict[tuple[str, int, int, int], list[Span]]
"""By pattern and stretch, the matches in one blob."""
Remembered = dict[tuple[str, int, bytes, int, int], tuple[tuple[int, int], ...]]
"""By pattern, window and the bytes around it: the matches, counted from the start of the window."""


class RuleTimeoutError(Exception):
    """A rule spent too long on a blob; the message names the rule."""


@functools.cache
def compiled(pattern: str) -> regex.Pattern[bytes]:
    """The pattern, compiled once in a process."""
    return lazy.timed(pattern.encode())


def confirmed(rule: Rule, data: bytes, windows: Iterable[Zone], seen: Seen) -> Iterator[Span]:
    """The matches of one rule; `seen` keeps what a pattern that several rules share has found in a stretch."""
    for stretch in _stretches(rule, data, windows):
        spans = seen.get((rule.matching.pattern, *stretch))
        if spans is None:
            spans = seen[rule.matching.pattern, *stretch] = _spans(rule, data, *stretch)
        yield from spans


def recalled(remembered: Remembered, rule: Rule, data: bytes, windows: Iterable[Zone], seen: Seen) -> Iterator[Span]:
    """As `confirmed`, but of windows whose bytes were met before, with all that a pattern sees of their surroundings,
    what was found then.
    """
    for low, high in windows:
        begin = low - SLACK if low > SLACK else 0
        bytes_seen = hashlib.blake2b(data[begin : high + SLACK], digest_size=12).digest()
        stands_for = rule.matching.pattern, rule.matching.solid, bytes_seen, low - begin, high - low
        spans = remembered.get(stands_for)
        if spans is None:
            found = confirmed(rule, data, ((low, high),), seen)
            spans = remembered[stands_for] = tuple((span.start - low, span.end - low) for span in found)
        yield from (Span(start + low, end + low) for start, end in spans)


def _spans(rule: Rule, data: bytes, low: int, high: int, limit: int) -> list[Span]:
    """Where the pattern holds between `low` and `high`; it sees the data up to a little behind `limit`."""
    end = min(len(data), limit + SLACK)
    if rule.matching.quick:
        return _quick_spans(rule.matching.pattern, data, low, high, limit, end)
    try:
        if assigned.knows(rule.matching.pattern):
            found = [*assigned.values(rule.matching.pattern, data, range(low, limit), end, TIMEOUT)]
        else:
            pattern = compiled(rule.matching.pattern)  # here, not before: most rules never have a stretch to look at
            group = "secret" if "secret" in pattern.groupindex else 0
            matches = pattern.finditer(data, low, end, timeout=TIMEOUT)
            found = [one.span(group) for one in matches if one.start() < limit]
    except TimeoutError as error:
        raise RuleTimeoutError(f"rule {rule.id} took longer than {TIMEOUT:.0f} s") from error
    return [Span(start, end) for start, end in found if start < end <= high]


def _quick_spans(  # noqa: PLR0913, PLR0917 - the same stretch
    pattern: str, data: bytes, low: int, high: int, limit: int, end: int
) -> list[Span]:
    """The same for a pattern that needs no clock."""
    find, group = _fast(pattern)
    spans = [one.span(group) for one in find(data, low, end) if one.start() < limit]
    return [Span(start, stop) for start, stop in spans if start < stop <= high]


@functools.cache
def _fast(pattern: str) -> tuple[Callable[..., Iterator[Any]], str | int]:
    """The pattern's `finditer` and the group of the key; by Python's own engine, twice as fast, where it can."""
    try:
        own = re.compile(pattern.encode())
    except re.error:
        other = compiled(pattern)
        return other.finditer, "secret" if "secret" in other.groupindex else 0
    return own.finditer, "secret" if "secret" in own.groupindex else 0


def _stretches(rule: Rule, data: bytes, windows: Iterable[Zone]) -> Iterator[tuple[int, int, int]]:
    """Where the regex is worth running: start, the end of the window, and the end of what it needs to see.

    The whole window; or, for a key without structure, only the runs of its characters that are long enough: most
    windows have none, and finding that out is fifty times as fast as the regex.
    """
    if not rule.matching.solid:
        yield from ((low, high, high) for low, high in windows)
        return
    wanted, table = b"x" * rule.matching.solid, _marks(rule.matching.alphabet)
    for low, high in windows:
        marks = data[low:high].translate(table)
        start = marks.find(wanted)
        while start >= 0:
            end = marks.find(b" ", start + rule.matching.solid)
            if end < 0:
                end = len(marks)
            yield low + start, high, low + end
            start = marks.find(wanted, end)


@functools.cache
def _marks(alphabet: str) -> bytes:
    """A table for `bytes.translate`: `x` for the characters of the alphabet, a blank for all others."""
    return bytes(ord("x") if chr(byte) in alphabet else ord(" ") for byte in range(256))
