"""Small objects, searched many at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable


class Together:
    """Objects to search as one text: so small that a search for each would cost more than the search itself."""

    def __init__(self) -> None:
        self.items: list[tuple[int, bytes]] = []
        """Number in the pack, and bytes."""
        self.size = 0
        self._starts: list[int] = []

    def add(self, number: int, data: bytes) -> None:
        """Add an object."""
        self._starts.append(self.size + len(self.items))
        self.items.append((number, data))
        self.size += len(data)

    def text(self) -> bytes:
        """Return all bytes, with a NUL between one object and the next."""
        return b"\0".join(data for _, data in self.items)

    def find(self, ends: Iterable[int], also: Callable[[bytes], bool] | None = None) -> list[tuple[int, bytes]]:
        """Return the objects in which one of these places ends, and those that `also` is true of; in order."""
        chosen = {bisect_right(self._starts, end - 1) - 1 for end in ends}
        if also:
            chosen |= {place for place, (_, data) in enumerate(self.items) if also(data)}
        return [self.items[place] for place in sorted(chosen)]
