"""Byte span -> line, column and snippet."""

from __future__ import annotations

from scanner.model import Blob, Location, Snippet, Span

SNIPPET_LINES = 1
LONGEST_LINE = 4000
"""Characters of a line that a snippet keeps on either side of a key."""


def locate(blob: Blob, span: Span) -> Location:
    """Where a span stands. Columns count characters of UTF-8; an undecodable byte counts as one."""
    start_line, start_column = _position(blob.data, span.start)
    end_line, end_column = _position(blob.data, span.end)
    return Location(
        path=blob.path, member=blob.member, start_line=start_line, start_column=start_column, end_line=end_line,
        end_column=end_column, start_byte=span.start, end_byte=span.end, snippet=_snippet(blob.data, span, start_line),
    )  # fmt: skip


def _position(data: bytes, offset: int) -> tuple[int, int]:
    line_start = data.rfind(b"\n", 0, offset) + 1
    return data.count(b"\n", 0, offset) + 1, len(decode(data[line_start:offset])) + 1


def _snippet(data: bytes, span: Span, line: int) -> Snippet:
    """The lines of the span and one around them; a very long line only where the key stands."""
    low = max(0, span.start - LONGEST_LINE)
    high = min(len(data), span.end + LONGEST_LINE)
    before = data[low : span.start].split(b"\n")
    kept = before[-1 - SNIPPET_LINES :]
    after = data[span.end : high].split(b"\n")[: 1 + SNIPPET_LINES]
    text = b"\n".join(kept) + data[span.start : span.end] + b"\n".join(after)
    return Snippet(line - (len(kept) - 1), tuple(part.rstrip("\r") for part in decode(text).split("\n")))


def decode(data: bytes) -> str:
    """Text for people: UTF-8, undecodable bytes as surrogates (PEP 383), so that nothing is lost or merged."""
    return data.decode("utf-8", "surrogateescape")
