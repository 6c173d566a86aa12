"""Reads the compressed texts of PNG images; plain texts are scanned with the image's own bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from keysift.containers.limits import LimitError
from keysift.containers.stream import Container, Inside, Member, of_bytes

_LONGEST = 1 << 20
"""Bytes of a text, unpacked."""
_TOGETHER = 16 << 20
"""Bytes of all texts of an image."""


def members(container: Container, _family: str) -> Inside:
    """Yield the texts of the zTXt and iTXt chunks: https://www.w3.org/TR/png-3/#11textinfo."""
    together = 0
    for kind, body in _chunks(container.data()):
        keyword, _, rest = body.partition(b"\0")
        name = keyword.decode("latin-1")
        if kind == b"zTXt":
            packed = rest[1:]
        elif kind == b"iTXt" and rest[:1] == b"\1":
            packed = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
        else:
            continue
        text = zlib.decompressobj().decompress(packed, _LONGEST)
        together += len(text)
        if together > _TOGETHER:
            raise LimitError(f"its texts are longer than {_TOGETHER:,} bytes together")
        yield Member(name, of_bytes(keyword + b" = " + text))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the type and the bytes of each chunk that may hold a compressed text."""
    position = 8
    while len(header := data[position : position + 8]) == 8:
        length = int.from_bytes(header[:4], "big")
        if header[4:] in (b"zTXt", b"iTXt"):
            yield header[4:], data[position + 8 : position + 8 + length]
        position += 12 + length
