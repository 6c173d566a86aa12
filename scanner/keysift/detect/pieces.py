"""The words of a command, or the arguments of a call, as one text in which their places are kept."""

from __future__ import annotations

from bisect import bisect_right

END = b"\0"
"""Behind each piece."""
CODE = b"\1"
"""Before a piece that is no literal."""
LONGEST_CODE = 60
"""Bytes that are kept of one."""
MOST = 64
"""Pieces; no usage looks farther."""


class Pieces:
    """Pieces of some data, joined."""

    def __init__(self) -> None:
        self.end = 0
        """Where they end in the data, with the marks around the last of them."""
        self._joined: list[bytes] = []
        self._size = 0
        self._begins: list[int] = []
        """Where each piece begins in the text."""
        self._places: list[int] = []
        """Where it begins in the data."""

    def __len__(self) -> int:
        return len(self._begins)

    def add(self, data: bytes, start: int, end: int, *, code: bool = False) -> None:
        """Add a piece of the data."""
        piece = data[start:end]
        if code or END in piece or CODE in piece:
            piece = CODE + piece[:LONGEST_CODE].replace(END, b"").replace(CODE, b"")
        self._begins.append(self._size)
        self._places.append(start)
        self._joined.append(piece)
        self._size += len(piece) + 1

    def text(self) -> bytes:
        """Return the pieces as one text, each with its end."""
        return END.join((*self._joined, b""))

    def place(self, begin: int) -> int:
        """Return the place in the data of what begins there in the text, in a piece that is a literal."""
        piece = bisect_right(self._begins, begin) - 1
        return self._places[piece] + begin - self._begins[piece]
