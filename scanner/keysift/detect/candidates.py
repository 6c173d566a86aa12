"""What may be a key: a rule's pattern holds at a place of some bytes. Whether it is one, `judge` decides."""

from __future__ import annotations

from dataclasses import dataclass, field

from keysift.detect.surroundings import Surroundings
from keysift.model import Rule, Span

_NOWHERE = Surroundings(b"", 0, 0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place at which a rule's pattern holds. It knows the bytes around it, and no path."""

    rule: Rule
    span: Span
    """The key alone, in the text that was searched: a blob, or a decoded view of one."""
    secret: bytes = field(repr=False)
    origin: Span | None = None
    """Where the bytes stand in the blob, if they were decoded from something else."""
    steps: tuple[str, ...] = ()
    """How the bytes were decoded, outermost first: `base64`."""
    around: Surroundings = field(default=_NOWHERE, repr=False, compare=False)
    number: int = field(default=-1, compare=False)
    """The place of the rule among the rules of the matcher that found it."""

    @property
    def place(self) -> Span:
        """Where the key, or what it was decoded from, stands in the blob."""
        return self.origin or self.span
