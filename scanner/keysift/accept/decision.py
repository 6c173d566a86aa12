"""What a person decides on keys, and how an entry of the baseline says it."""

from __future__ import annotations

import enum

from keysift.accept.baseline import REAL, Entry
from keysift.records import dataclass


class Kind(enum.StrEnum):
    """The decision on a key."""

    REAL = "real"
    """It is known, and stays a finding."""
    FALSE_ALARM = "false alarm"
    """It is no key; the reason of the entry begins with these words."""
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision as a person gave it."""

    kind: Kind
    why: str = ""
    until: str = ""
    """The last day: a date, or a number of days from today (`90d`)."""

    def reason(self) -> str:
        """Return the reason as an entry states it."""
        return f"{self.kind}: {self.why}".removesuffix(": ") if self.kind is Kind.FALSE_ALARM else self.why


def kind_of(entry: Entry) -> Kind:
    """Return the decision that an entry states."""
    if entry.status == REAL:
        return Kind.REAL
    return Kind.FALSE_ALARM if entry.why.startswith(Kind.FALSE_ALARM) else Kind.ACCEPTED
