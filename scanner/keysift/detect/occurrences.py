"""Occurrences: the candidates in a blob before its paths are known, and all that a verdict on one depends on."""

from __future__ import annotations

import enum
from dataclasses import field
from typing import NamedTuple

from keysift.detect.candidates import Candidate
from keysift.detect.surroundings import Surroundings
from keysift.model import Rule, Span
from keysift.records import dataclass


class Fate(enum.IntEnum):
    """The judgement on a candidate whose path is not known."""

    OPEN = 0
    """Some path makes it a finding."""
    REFUSED = 1
    """Its surroundings refuse it on every path."""
    SETTLED = 2
    """Its bytes refuse it for every rule; it is kept, because a delta may have another rule's match on these bytes."""
    NEARBY = 3
    """What is within `surroundings.NEARBY` bytes of it refuses it on every path."""


class Occurrence(NamedTuple):
    """A candidate in a blob."""

    start: int
    end: int
    rule: int
    match: int
    """The number of its `ContextMatch`, if it is open; else 0."""
    fate: Fate = Fate.OPEN


@dataclass(frozen=True, slots=True)
class ContextMatch:
    """A candidate with all of the surroundings that its verdict depends on, except the path."""

    rule: int
    context: bytes = field(repr=False)
    start: int
    """The start of the key in the context."""
    end: int
    steps: tuple[str, ...] = ()

    def candidate(self, rule: Rule) -> Candidate:
        """Return the candidate in its context, to be judged as any other."""
        span = Span(self.start, self.end)
        around = Surroundings(self.context, self.start, self.end)
        return Candidate(rule, span, self.context[self.start : self.end], steps=self.steps, around=around)


class BlobState(NamedTuple):
    """The hits and occurrences in one blob, which its deltas inherit."""

    hits: list[int]
    """As in `carry`, in order."""
    occurrences: list[Occurrence]
    decoded: list[Occurrence]
    """Those of decoded values."""
    values: list[int]
    """The values that may be generated, as in `seams`."""
    quiet: bool
    """True if there was not even a candidate in decoded values."""
    partial: bool = False
    """True if a limit was reached: then its deltas are scanned whole."""

    @property
    def holds(self) -> bool:
        """True if there is an occurrence, or a value that was decoded to one, or one may have been missed."""
        return bool(self.occurrences or self.decoded or self.partial)

    def open(self) -> list[Occurrence]:
        """Return the occurrences that some path makes findings."""
        return [*open_occurrences(self.occurrences), *self.decoded]


def open_occurrences(occurrences: list[Occurrence]) -> list[Occurrence]:
    """Return those that may be findings; a final refusal of bytes holds for every rule on some of them."""
    settled = [Span(occurrence.start, occurrence.end) for occurrence in occurrences if occurrence.fate is Fate.SETTLED]
    left = [occurrence for occurrence in occurrences if occurrence.fate is Fate.OPEN]
    if not settled:
        return left
    return [occurrence for occurrence in left if not Span(occurrence.start, occurrence.end).within(settled)]


NOTHING = BlobState([], [], [], [], quiet=True)
