"""How much of a container is looked at. By itself, since every run needs it, and few look into a container."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may unfold to. What goes beyond is not scanned, and said."""

    depth: int = 16
    """Containers inside of containers; compression is one: an rpm package has three layers."""
    members: int = 100_000
    total: int = 4 << 30
    """Bytes of all members together, each counted at every depth; or four times the file, for very large ones."""
    ratio: int = 500
    """Times the length of the file; from 64 MiB on."""
    held: int = 128 << 20
    """Bytes of an inner container that must be held in memory, since it cannot be read from front to back."""
    seconds: float = 600

    def allowance(self, size: int) -> int:
        """Bytes that a file of `size` bytes may unfold to."""
        return min(max(self.total, 4 * size), max(_FREE, self.ratio * size))


_FREE = 64 << 20
LIMITS = Limits()


class LimitError(Exception):
    """A limit is reached; the message names it. Nothing more of the whole file is unfolded."""
