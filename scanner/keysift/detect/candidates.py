"""Candidates: places in some bytes at which the pattern of a rule matches. `judge` decides which of them are keys."""

from __future__ import annotations

from dataclasses import field

from keysift.detect.surroundings import Surroundings
from keysift.model import Rule, Span
from keysift.records import dataclass

_NOWHERE = Surroundings(b"", 0, 0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A match of a rule's pattern. It knows the bytes around it, but no path."""

    rule: Rule
    span: Span
    """The key alone, in the text that was searched: a blob, or a decoded view of one."""
    secret: bytes = field(repr=False)
    origin: Span | None = None
    """The encoded bytes in the blob, if the key was decoded from them."""
    steps: tuple[str, ...] = ()
    """The names of the encodings that were decoded, the outermost first: `base64`."""
    around: Surroundings = field(default=_NOWHERE, repr=False, compare=False)
    number: int = field(default=-1, compare=False)
    """The index of the rule among the rules of the matcher."""

    @property
    def place(self) -> Span:
        """The span in the blob of the key, or of what it was decoded from."""
        return self.origin or self.span
