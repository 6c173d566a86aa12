"""Progress of an audit, as it reports it between its results, and of what asks about them."""

from __future__ import annotations

import enum

from keysift.records import dataclass


class Phase(enum.Enum):
    """A phase of an audit, or what follows a scan."""

    READ = "reading the repository"
    SWEEP = "sweeping"
    TRACE = "tracing lives"
    JUDGE = "judging"
    ASK = "asking vendors"


@dataclass(frozen=True, slots=True)
class Progress:
    """The part of a phase that is done: of the sweep in roughly bytes, else in keys; in all 0 if nobody knows."""

    phase: Phase
    done: int
    total: int
