"""One encoded run: where it stands, what it decodes to, and which byte came from where."""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST = 65536
"""Bytes of a run of hex that are decoded as one; of a longer one, as many at a time."""
SHORTEST_KEY, FEWEST_DIGITS = 16, 2
"""Characters of what is taken for a key, and digits in it, where most values are words."""


class LimitError(Exception):
    """A blob unfolds to more than is worth the while."""


@dataclass(frozen=True, slots=True)
class Part:
    """`decoded` is what the bytes from `start` to `end` stand for."""

    start: int
    end: int
    decoded: bytes = field(repr=False)
    steps: tuple[str, ...]
    ratio: tuple[int, int] = (0, 1)
    """Encoded to decoded bytes, as a fraction: 4 to 3 in base64. 0 where no byte can be told from another."""

    def offset(self, place: int) -> int:
        """Where in the encoded bytes the decoded byte `place` starts."""
        return min(place * self.ratio[0] // self.ratio[1], self.end - self.start)

    def offset_of_end(self, place: int) -> int:
        """Where in the encoded bytes the decoded bytes up to `place` end."""
        length = self.end - self.start
        if place >= len(self.decoded) or not self.ratio[0]:
            return length
        return min(-(-place * self.ratio[0] // self.ratio[1]), length)


def like_key(text: bytes) -> bool:
    """Whether it is long enough for a key, and no words."""
    return len(text) >= SHORTEST_KEY and len(text) - len(text.translate(None, b"0123456789")) >= FEWEST_DIGITS
