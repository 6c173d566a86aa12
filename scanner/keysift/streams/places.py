"""Bytes -> the places that must be masked in them: the straight line of a scan, without comments and lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field

from keysift.detect import decode, resolve
from keysift.detect.assess import assess
from keysift.detect.candidates import Candidate
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Confidence, Label, Rule, Span, Verdict
from keysift.records import dataclass

LONGEST_VALUE = 1000
"""Bytes of a quoted value that are looked at behind the part that a rule found of it."""
_QUOTES = b"\"'`"
_WORD = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"


@dataclass(frozen=True, slots=True)
class Policy:
    """The findings that are masked."""

    labels: frozenset[Label] = frozenset({Label.SECRET, Label.SENSITIVE})
    least: Confidence = Confidence.MEDIUM


@dataclass(frozen=True, slots=True)
class Key:
    """A key that must not be shown."""

    secret: bytes = field(repr=False)
    rule: Rule
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Place:
    """A half-open range of bytes to be masked, and the key that they hold, encoded or not."""

    start: int
    end: int
    key: Key


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in some bytes."""

    places: list[Place]
    """In the order of the bytes; they may overlap."""
    views: list[decode.View] = field(repr=False)
    """The decoded parts of the bytes."""
    unfinished: str = ""
    """The reason why the bytes were not fully searched; empty if they were."""


def find(matcher: Matcher, blob: Blob, policy: Policy) -> Found:
    """Return the places of all keys that the policy names.

    Nothing in the bytes accepts a key: who writes to a log could say `keysift: ignore` as well.
    """
    windows = matcher.windows(blob.data)
    if not windows:
        return Found([], [])
    views: list[decode.View] = []
    assessment = assess(matcher, blob, windows, views=views)
    found = resolve.resolve(assessment.verdicts(), matcher.rules.off)
    places = [
        _place(blob.data, candidate, verdict)
        for candidate, verdict in found
        if verdict.label in policy.labels and verdict.confidence.rank >= policy.least.rank
    ]
    return Found(places, views, assessment.unfinished)


def merged(places: Iterable[Place]) -> list[Place]:
    """Return the places in order, those that overlap as one with the key of the longest."""
    joined: list[Place] = []
    longest = 0
    for place in sorted(places, key=_order):
        if joined and place.start < joined[-1].end:
            last = joined[-1]
            key = place.key if place.end - place.start > longest else last.key
            longest = max(longest, place.end - place.start)
            joined[-1] = Place(last.start, max(last.end, place.end), key)
        else:
            joined.append(place)
            longest = place.end - place.start
    return joined


def _order(place: Place) -> tuple[int, int]:
    return place.start, -place.end


def _place(data: bytes, candidate: Candidate, verdict: Verdict) -> Place:
    """Return the place of a candidate with what belongs to the same value, of which its rule may know a part only."""
    start, end = candidate.place
    if not candidate.origin:
        if candidate.rule.named or candidate.rule.general:
            end = _closed(data, start, end)
        while end < len(data) and data[end] in _WORD:
            end += 1
    return Place(start, end, Key(candidate.secret, candidate.rule, verdict))


def _closed(data: bytes, start: int, end: int) -> int:
    """Return the end of the literal whose opening mark is right before a value; `end` if there is none."""
    mark = data[start - 1 : start]
    if not start or mark not in _QUOTES:
        return end
    escaped = data[start - 2 : start - 1] == b"\\"
    limit = end + LONGEST_VALUE
    line = data.find(b"\n", end, limit)
    place = data.find(mark, end, limit if line < 0 else line)
    while place > end and data[place - 1 : place] == b"\\":
        if escaped:
            return place - 1
        place = data.find(mark, place + 1, limit if line < 0 else line)
    return max(place, end)


def in_views(places: Sequence[tuple[int, int, Key]], view: decode.View) -> list[Place]:
    """Return where the bytes come from that hold these places of a view."""
    spans = [(view.origin(Span(start, end)), key) for start, end, key in places]
    return [Place(origin.start, origin.end, key) for origin, key in spans if origin]
