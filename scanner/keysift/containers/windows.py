"""Bytes of any length -> windows that overlap, so that memory is bounded and nothing at a boundary is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from keysift.model import Blob

CHUNK = 8 << 20
"""Bytes that are looked at together: what is shorter is one window."""
MARGIN = 256 << 10
"""Bytes on either side of a chunk that are looked at with it: many times the reach of any rule, and of what has a say
in a verdict. What is longer, as an encoded value or the way from a key to the comment on its line, may be cut."""
FIRST = CHUNK + MARGIN
"""What has fewer bytes comes as one window."""


@dataclass(frozen=True, slots=True)
class Window:
    """Part of something longer (or all of it). What starts in `core` is this window's to report, the rest its
    neighbours'.
    """

    blob: Blob
    core: tuple[int, int]
    """Half-open range of the blob's bytes."""
    byte: int = 0
    """Where the blob's first byte stands in the whole: bytes, lines and characters that come before it."""
    line: int = 0
    column: int = 0
    opened: bool = False
    """Whether what is inside of it comes as well: then only what was not found there is worth saying."""


def whole(blob: Blob, *, opened: bool = False) -> Window:
    """All of a blob as one window."""
    return Window(blob, (0, len(blob.data)), opened=opened)


def windows(
    read: Callable[[int], bytes], path: str, member: str = "", *, chunk: int = CHUNK, margin: int = MARGIN
) -> Iterator[Window]:
    """The windows of a stream. `read(n)` gives the next n bytes, fewer only at the end."""
    byte = line = column = start = 0
    data = read(chunk + margin)
    more = read(chunk) if len(data) == chunk + margin else b""
    while more:
        end = start + chunk
        yield Window(Blob(path, data, member), (start, end), byte, line, column)
        cut = _between_characters(data, max(end - margin, 0))
        byte, line, column = _after(data[:cut], byte, line, column)
        start = end - cut
        full = len(more) == chunk
        data = data[cut:] + more
        more = b""  # not held twice
        more = read(chunk) if full else b""
    yield Window(Blob(path, data, member), (start, len(data)), byte, line, column)


def _between_characters(data: bytes, place: int) -> int:
    """The nearest place at or before `place` that cuts no character of UTF-8 in two."""
    for back in range(4):
        if place >= back and data[place - back] & 0xC0 != 0x80:
            return place - back
    return place


def _after(data: bytes, byte: int, line: int, column: int) -> tuple[int, int, int]:
    """The position behind `data`, from that before it."""
    last = data.rfind(b"\n") + 1
    characters = len(data[last:].decode("utf-8", "surrogateescape"))
    return byte + len(data), line + data.count(b"\n"), characters + (0 if last else column)
