"""Other scanners' files, translated statement by statement into what keysift reads.

Their formats are taken from their documentation; no code of those scanners is used.
"""

from __future__ import annotations

from dataclasses import field

from keysift.config import Ignore
from keysift.records import dataclass

CARRIED, NEEDLESS, LOST = "carried over", "not needed", "not carried over"


@dataclass(frozen=True, slots=True)
class Line:
    """The outcome of one statement of a file."""

    place: str
    """`.gitleaks.toml:12`."""
    what: str
    outcome: str
    how: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement that a key is known."""

    place: str
    what: str
    path: str
    line: int = 0
    commit: str = ""
    secret: bytes = field(default=b"", repr=False)
    """The key itself, if the file has it."""
    sha1: str = ""
    """The hash of the key in hex, if the file has it."""
    real: bool = False
    """True where someone judged it to be a true leak."""


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule that someone wrote for another scanner."""

    id: str
    name: str
    pattern: str
    keywords: tuple[str, ...]
    file: str = ""
    """A regex on the path; empty for all."""
    origin: str = ""


@dataclass(slots=True)
class Moved:
    """The content of one file or several."""

    lines: list[Line] = field(default_factory=list)
    ignores: list[Ignore] = field(default_factory=list)
    rules: list[OwnRule] = field(default_factory=list)
    disable: list[str] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def say(self, place: str, what: str, outcome: str, how: str) -> None:
        """Add a line."""
        self.lines.append(Line(place, what, outcome, how))
