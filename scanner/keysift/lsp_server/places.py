"""Bytes of a document -> positions as the protocol counts them.

A line ends at CR, LF or both. A column counts units of the encoding that client and server have agreed on:
https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#textDocuments
"""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol.types import Position, PositionEncodingKind, Range

from keysift.model import Location

_ENDS = re.compile(r"\r\n|\r|\n")
_FIRST = 0xFFFF
"""The last character that is one unit of UTF-16."""


class Places:
    """The positions in one text."""

    def __init__(self, text: str, encoding: str) -> None:
        self.text = text
        self._encoding = encoding
        self._data = b"" if text.isascii() else text.encode("utf-8", "surrogatepass")
        self._starts = [0, *(end.end() for end in _ENDS.finditer(text))]

    def range(self, start: int, end: int) -> Range:
        """Return a half-open span of characters as a range."""
        return Range(self.position(start), self.position(end))

    def position(self, character: int) -> Position:
        """Return the position of a character, counted from 0."""
        line = bisect_right(self._starts, character) - 1
        return Position(line, self._units(self.text[self._starts[line] : character]))

    def span(self, place: Location) -> tuple[int, int]:
        """Return the characters of a finding; of one in a member of a container, the first line."""
        if place.member:
            return 0, self.line_end(0)
        return self._character(place.start_byte), self._character(place.end_byte)

    def line_start(self, character: int) -> int:
        """Return the first character of the line of a character."""
        return self._starts[bisect_right(self._starts, character) - 1]

    def line_end(self, character: int) -> int:
        """Return the end of the line of a character, without what ends it."""
        end = _ENDS.search(self.text, character)
        return end.start() if end else len(self.text)

    def _character(self, byte: int) -> int:
        if not self._data:
            return byte
        while byte < len(self._data) and self._data[byte] & 0xC0 == 0x80:
            byte -= 1  # a finding within a character cannot be shown
        return len(self._data[:byte].decode("utf-8", "surrogatepass"))

    def _units(self, text: str) -> int:
        if text.isascii() or self._encoding == PositionEncodingKind.Utf32:
            return len(text)
        if self._encoding == PositionEncodingKind.Utf8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(ord(character) > _FIRST for character in text)
