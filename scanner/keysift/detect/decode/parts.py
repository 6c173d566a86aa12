"""Holds one decoded run: where it stood, what it decodes to, and where each byte came from."""

from __future__ import annotations

from dataclasses import field

from keysift.records import dataclass

LONGEST = 65536
"""Bytes of a run of hex that are decoded at a time."""
SHORTEST_KEY, FEWEST_DIGITS = 16, 2
"""Characters that a key has at least, and digits among them, where most values are words."""


class LimitError(Exception):
    """A blob that unpacks to too much; the message says to how much, if it knows."""


@dataclass(frozen=True, slots=True)
class Part:
    """The decoded form of the bytes from `start` up to `end`."""

    start: int
    end: int
    decoded: bytes = field(repr=False)
    steps: tuple[str, ...]
    """The names of the encodings, the outermost first."""
    ratio: tuple[int, int] = (0, 1)
    """Encoded to decoded bytes, as a fraction: 4 to 3 in base64. The numerator is 0 if bytes cannot be told apart."""

    def offset(self, place: int) -> int:
        """Return the offset in the encoded bytes at which the decoded byte `place` starts."""
        return min(place * self.ratio[0] // self.ratio[1], self.end - self.start)

    def offset_of_end(self, place: int) -> int:
        """Return the offset in the encoded bytes at which the decoded bytes before `place` end."""
        length = self.end - self.start
        if place >= len(self.decoded) or not self.ratio[0]:
            return length
        return min(-(-place * self.ratio[0] // self.ratio[1]), length)


def like_key(text: bytes) -> bool:
    """Return True if a text is long enough for a key and has digits, as words do not."""
    return len(text) >= SHORTEST_KEY and len(text) - len(text.translate(None, b"0123456789")) >= FEWEST_DIGITS
