"""The words of a command, or the arguments of a call, as one text in which their places are kept."""

from __future__ import annotations

END = b"\0"
"""Behind each piece."""
CODE = b"\1"
"""Before a piece that is no literal."""
LONGEST_CODE = 60
"""Bytes that are kept of one."""


class Pieces:
    """Pieces of some data, which has neither of these two bytes, joined."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._spans: list[tuple[int, int, bool]] = []
        self.end = 0
        """Where they end in the data, with the marks around the last of them."""

    def __len__(self) -> int:
        return len(self._spans)

    def add(self, span: tuple[int, int], *, code: bool = False) -> None:
        """Add a piece of the data."""
        self._spans.append((*span, code))

    def text(self) -> bytes:
        """Return the pieces as one text, each with its end."""
        data = self._data
        pieces = [
            CODE + data[start : min(end, start + LONGEST_CODE)] if code else data[start:end]
            for start, end, code in self._spans
        ]
        return END.join((*pieces, b""))

    def place(self, begin: int) -> int:
        """Return the place in the data of what begins there in the text, in a piece that is a literal."""
        for start, end, code in self._spans:
            size = 1 + min(end - start, LONGEST_CODE) if code else end - start
            if begin <= size:
                return start + begin
            begin -= size + 1
        raise IndexError(begin)
