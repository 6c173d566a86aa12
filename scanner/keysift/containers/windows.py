"""Cuts bytes of any length into overlapping windows, so that memory is bounded and no key is lost at a boundary."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from keysift import wide
from keysift.model import Blob
from keysift.records import dataclass
from keysift.wide import Wide

CHUNK = 8 << 20
"""Bytes between one boundary and the next."""
MARGIN = 256 << 10
"""Bytes on either side of a chunk that its window also holds: many times what any rule or verdict looks at. Only what
is longer may be cut: an encoded value, or the distance from a key to the comment on its line."""
FIRST = CHUNK + MARGIN
"""Anything shorter than this many bytes is a single window."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a stream, or all of it. It reports only what starts in its `core`; the rest is its neighbours'."""

    blob: Blob
    core: tuple[int, int]
    """The half-open range of bytes of `blob`."""
    byte: int = 0
    """Bytes in the stream before the first byte of `blob`."""
    line: int = 0
    """Newlines before it."""
    column: int = 0
    """Characters before it on its line."""
    opened: bool = False
    """True for the bytes of a container whose members follow: only what is not found in those is worth reporting."""


def whole(blob: Blob, *, opened: bool = False) -> Window:
    """Return all of a blob as one window."""
    return Window(blob, (0, len(blob.data)), opened=opened)


def windows(
    read: Callable[[int], bytes], path: str, member: str = "", *, chunk: int = CHUNK, margin: int = MARGIN
) -> Iterator[Window]:
    """Yield the windows of a stream. `read(n)` returns the next n bytes, fewer only at the end."""
    byte = line = column = start = 0
    data = read(chunk + margin)
    text = wide.by_mark(data)
    more = read(chunk) if len(data) == chunk + margin else b""
    while more:
        end = start + chunk
        yield Window(Blob(path, data, member), (start, end), byte, line, column)
        cut = max(end - margin, 0)
        cut = text.character(data, cut) if text else _start_of_character(data, cut)
        byte, line, column = _advance(data[:cut], byte, line, column, text)
        start = end - cut
        full = len(more) == chunk
        data = data[cut:] + more
        more = b""  # release it before the next read
        more = read(chunk) if full else b""
    yield Window(Blob(path, data, member), (start, len(data)), byte, line, column)


def _start_of_character(data: bytes, place: int) -> int:
    """Return the offset at or before `place` where a character of UTF-8 starts; `place` itself in other encodings."""
    for back in range(4):
        if place >= back and data[place - back] & 0xC0 != 0x80:
            return place - back
    return place


def _advance(data: bytes, byte: int, line: int, column: int, text: Wide | None) -> tuple[int, int, int]:
    """Return the position (bytes, newlines, characters of the line) at the end of `data`, given that at its start."""
    if text:
        *before, rest = text.text(data[0 if byte else text.start :]).split("\n")
        return byte + len(data), line + len(before), len(rest) + (0 if before else column)
    last = data.rfind(b"\n") + 1 or (len(wide.UTF_8_MARK) if not byte and data.startswith(wide.UTF_8_MARK) else 0)
    characters = len(data[last:].decode("utf-8", "surrogateescape"))
    return byte + len(data), line + data.count(b"\n"), characters + (0 if b"\n" in data else column)
