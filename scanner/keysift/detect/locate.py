"""Byte span -> line, column and snippet."""

from __future__ import annotations

from keysift import wide
from keysift.model import Blob, Location, Snippet, Span
from keysift.wide import UTF_8_MARK, Wide

SNIPPET_LINES = 1
"""Lines of a snippet before and after those of the key."""
LONGEST_LINE = 4000
"""Characters of a line that a snippet keeps on either side of a key."""

MOST_SNIPPETS = 10_000
"""Spans of one blob that come with their lines: on a line without end each costs 8 kB."""


def locate(blob: Blob, span: Span) -> Location:
    """Return the location of a span. Columns count characters: an undecodable byte is one, a byte order mark none."""
    return Places(blob).locate(span)


class Places:
    """The locations of spans in one blob. Spans in order are cheap: each is counted from the one before."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._first = len(UTF_8_MARK) if blob.data.startswith(UTF_8_MARK) else 0
        self._counted = (self._first, 1, 1)
        """The last byte that was located, with its line and column."""
        self._located = 0
        self._wide: Wide | None = None
        """The encoding of what was located last, unless that is UTF-8."""

    def locate(self, span: Span) -> Location:
        """Return the location of a span, as `locate` does."""
        blob = self._blob
        self._located += 1
        text = wide.around(blob.data, span.start, span.end)
        if text:
            span = Span(text.character(blob.data, span.start), text.character(blob.data, span.end))
        if text != self._wide:
            self._wide, self._counted = text, (self._first, 1, 1)
        start_line, start_column = self._position(span.start)
        end_line, end_column = self._position(span.end)
        return Location(
            path=blob.path, member=blob.member, start_line=start_line, start_column=start_column, end_line=end_line,
            end_column=end_column, start_byte=span.start, end_byte=span.end,
            snippet=_snippet(*_in_utf8(blob.data, span, text), start_line) if self._located <= MOST_SNIPPETS else None,
        )  # fmt: skip

    def _position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of a byte."""
        if self._wide:
            return self._position_in_wide(self._wide, offset)
        data = self._blob.data
        start, line, column = self._counted if self._counted[0] <= offset else (self._first, 1, 1)
        lines = data.count(b"\n", start, offset)
        if lines:
            start, line, column = data.rfind(b"\n", start, offset) + 1, line + lines, 1
        column += len(decode(data[start:offset]))
        if offset < len(data) and data[offset] & 0xC0 != 0x80:  # not in the middle of a character
            self._counted = offset, line, column
        return line, column

    def _position_in_wide(self, text: Wide, offset: int) -> tuple[int, int]:
        """Return the same in wide text: in a file of it by its characters, amid other data by the lines of that."""
        data = self._blob.data
        if text.amid:
            start = data.rfind(b"\n", 0, offset) + 1
            before = len(decode(data[start : text.start]))
            return data.count(b"\n", 0, offset) + 1, before + (offset - max(start, text.start)) // text.width + 1
        start, line, column = self._counted if text.start <= self._counted[0] <= offset else (text.start, 1, 1)
        lines = text.text(data[start:offset]).split("\n")
        line, column = line + len(lines) - 1, len(lines[-1]) + (column if len(lines) == 1 else 1)
        self._counted = offset, line, column
        return line, column


def _in_utf8(data: bytes, span: Span, text: Wide | None) -> tuple[bytes, Span]:
    """Return data around a span as UTF-8, as far as a snippet needs it, and the span in that."""
    if text is None:
        return data, span
    low = max(text.start, span.start - LONGEST_LINE * text.width)
    high = min(text.end, span.end + LONGEST_LINE * text.width)
    around = data[:low] if text.amid and low == text.start else b""
    before = around[-LONGEST_LINE:] + text.utf8(data[low : span.start])
    key = text.utf8(data[span.start : span.end])
    return before + key + text.utf8(data[span.end : high]), Span(len(before), len(before) + len(key))


def _snippet(data: bytes, span: Span, line: int) -> Snippet:
    """Return the lines of the span and one around them; of a very long line only the part near the key."""
    low = max(len(UTF_8_MARK) if data.startswith(UTF_8_MARK) else 0, span.start - LONGEST_LINE)
    high = min(len(data), span.end + LONGEST_LINE)
    before = data[low : span.start].split(b"\n")
    kept = before[-1 - SNIPPET_LINES :]
    after = data[span.end : high].split(b"\n")[: 1 + SNIPPET_LINES]
    text = b"\n".join(kept) + data[span.start : span.end] + b"\n".join(after)
    return Snippet(line - (len(kept) - 1), tuple(part.rstrip("\r") for part in decode(text).split("\n")))


def decode(data: bytes) -> str:
    """Decode UTF-8 for people; undecodable bytes become surrogates (PEP 383), so that nothing is lost or merged."""
    return data.decode("utf-8", "surrogateescape")
