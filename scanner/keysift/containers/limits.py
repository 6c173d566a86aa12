"""The limits on opening containers; a module of its own because every run needs them, and few runs a container."""

from __future__ import annotations

from keysift.records import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on what one file may unpack to; anything beyond them is reported as not scanned."""

    depth: int = 16
    """Levels of containers within containers. Compression counts as one: an rpm package has three."""
    members: int = 100_000
    total: int = 4 << 30
    """Bytes of all members together, each counted at every level; for a very large file, four times its size."""
    ratio: int = 500
    """Bytes of all members for each byte of the file; 64 MiB are allowed in any case."""
    held: int = 128 << 20
    """Bytes of an inner container that is held in memory because its format cannot be read from front to back."""
    seconds: float = 30
    """Seconds of CPU time to open a file and to scan what is in it; with `_PER_MEGABYTE` more for its size."""

    def time(self, size: int) -> float:
        """Return how many seconds of CPU time a file of `size` bytes may take."""
        return self.seconds + _PER_MEGABYTE * (size // 1_000_000)

    def allowance(self, size: int) -> int:
        """Return how many bytes a file of `size` bytes may unpack to."""
        return min(max(self.total, 4 * size), max(_FREE, self.ratio * size))


_PER_MEGABYTE = 2
"""Seconds: many times what the dearest documents of that size take."""
_FREE = 64 << 20
"""Bytes that any file may unpack to."""
LIMITS = Limits()


class LimitError(Exception):
    """A limit that was reached, named in the message. Nothing more of the whole file is unpacked."""
