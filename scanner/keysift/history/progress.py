"""How far an audit is, as it tells it between its results."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Phase(enum.Enum):
    """What an audit is doing."""

    SWEEP = "sweeping"
    TRACE = "tracing lives"
    JUDGE = "judging"


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a phase is done: of the sweep roughly bytes, else keys."""

    phase: Phase
    done: int
    total: int
