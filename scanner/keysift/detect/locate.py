"""Byte span -> line, column and snippet."""

from __future__ import annotations

from keysift.model import Blob, Location, Snippet, Span

SNIPPET_LINES = 1
"""Lines of a snippet before and after those of the key."""
LONGEST_LINE = 4000
"""Characters of a line that a snippet keeps on either side of a key."""


def locate(blob: Blob, span: Span) -> Location:
    """Return the location of a span. Columns count characters of UTF-8; an undecodable byte counts as one."""
    return Places(blob).locate(span)


class Places:
    """The locations of spans in one blob. Spans in order are cheap: each is counted from the one before."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._counted = (0, 1, 1)
        """The last byte that was located, with its line and column."""

    def locate(self, span: Span) -> Location:
        """Return the location of a span, as `locate` does."""
        blob = self._blob
        start_line, start_column = self._position(span.start)
        end_line, end_column = self._position(span.end)
        return Location(
            path=blob.path, member=blob.member, start_line=start_line, start_column=start_column, end_line=end_line,
            end_column=end_column, start_byte=span.start, end_byte=span.end,
            snippet=_snippet(blob.data, span, start_line),
        )  # fmt: skip

    def _position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of a byte."""
        data = self._blob.data
        start, line, column = self._counted if self._counted[0] <= offset else (0, 1, 1)
        lines = data.count(b"\n", start, offset)
        if lines:
            start, line, column = data.rfind(b"\n", start, offset) + 1, line + lines, 1
        column += len(decode(data[start:offset]))
        if offset < len(data) and data[offset] & 0xC0 != 0x80:  # not in the middle of a character
            self._counted = offset, line, column
        return line, column


def _snippet(data: bytes, span: Span, line: int) -> Snippet:
    """Return the lines of the span and one around them; of a very long line only the part near the key."""
    low = max(0, span.start - LONGEST_LINE)
    high = min(len(data), span.end + LONGEST_LINE)
    before = data[low : span.start].split(b"\n")
    kept = before[-1 - SNIPPET_LINES :]
    after = data[span.end : high].split(b"\n")[: 1 + SNIPPET_LINES]
    text = b"\n".join(kept) + data[span.start : span.end] + b"\n".join(after)
    return Snippet(line - (len(kept) - 1), tuple(part.rstrip("\r") for part in decode(text).split("\n")))


def decode(data: bytes) -> str:
    """Decode UTF-8 for people; undecodable bytes become surrogates (PEP 383), so that nothing is lost or merged."""
    return data.decode("utf-8", "surrogateescape")
