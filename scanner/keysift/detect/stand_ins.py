"""Blob -> values that no rule asks about, because they stand for a key that is elsewhere, or for none."""

from __future__ import annotations

from collections.abc import Iterator

from keysift import lazy
from keysift.detect import locate, signals
from keysift.model import Blob
from keysift.records import dataclass

LONGEST_LINE = 2_000
"""Characters of a line that are looked at."""
_ASSIGNMENT = lazy.compile(
    r"(?P<name>[A-Za-z_][\w.-]{0,80})[\"'\])]{0,3}\s{0,8}(?::=|=>|[:=])\s{0,8}"
    r"(?:\"(?P<double>[^\"\n]{1,400})\"|'(?P<single>[^'\n]{1,400})'|(?P<bare>[^\n]{1,400}))"
)


@dataclass(frozen=True, slots=True)
class StandIn:
    """A reference or a placeholder where a key may be expected."""

    line: int
    """Counted from 1."""
    name: str
    reason: str


def find_stand_ins(blob: Blob, line: int = 0) -> Iterator[StandIn]:
    """Yield the stand-ins on one line (counted from 1), or on all lines (0)."""
    for number, text in enumerate(locate.decode(blob.data).split("\n"), 1):
        if line not in {0, number}:
            continue
        for assignment in _ASSIGNMENT.finditer(text[:LONGEST_LINE]):
            bare = (assignment["bare"] or "").partition(" #")[0].strip(" ,;")
            value = assignment["double"] or assignment["single"] or bare
            reason = signals.reference(value) or signals.placeholder(value)
            if reason and reason != "empty" and not (value.isalpha() and reason == signals.reference(value)):
                yield StandIn(number, assignment["name"], reason)
