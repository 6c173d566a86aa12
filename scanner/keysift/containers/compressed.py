"""Reads gzip, bzip2, xz, lzma and Zstandard, each of which holds a single stream."""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, cast

from keysift.containers import extras, kinds
from keysift.containers.stream import PIECE, Container, DamagedError, Inside, Member, Stream, of_pieces

if TYPE_CHECKING:
    _library = zlib
else:
    try:
        from isal import isal_zlib as _library  # Intel's library is three times as fast as zlib
    except ImportError:  # it has no wheel for this platform
        _library = zlib

_MOST_MEMORY = 256 << 20
"""Bytes that the dictionary of an xz or lzma stream may take."""
_SUFFIXES = {".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar", ".svgz": ".svg"}
_DROPPED = (".gz", ".bz2", ".xz", ".zst", ".lzma", ".z")


class Engine(Protocol):
    """A decompressor with the interface of those in the standard library."""

    @property
    def eof(self) -> bool:
        """True at the end of the stream."""
        ...

    @property
    def needs_input(self) -> bool:
        """True if no more output comes without more input."""
        ...

    @property
    def unused_data(self) -> bytes:
        """The input after the end of the stream."""
        ...

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most `max_length` bytes of output, and keep the rest for the next call."""
        ...


def members(container: Container, family: str) -> Inside:
    """Yield the one stream that is compressed."""
    stream, make = container.stream, engines(family)
    yield Member(_name(container.name), of_pieces(unpacked(stream, make)), layer=True)
    if stream.trouble is not None:
        stream.trouble = None  # the member reports it


def _name(path: str) -> str:
    name = path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    suffix = (dot + suffix).lower()
    if suffix in _SUFFIXES:
        return stem + _SUFFIXES[suffix]
    return stem if stem and suffix in _DROPPED else name


def engines(family: str) -> Callable[[], Engine]:
    """Return what makes a decompressor for a family. Raises MissingError."""
    if family == kinds.GZIP:
        return _Gzip
    if family == kinds.BZIP2:
        return bz2.BZ2Decompressor
    if family == kinds.ZSTD:
        library = extras.load("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
        return cast("Callable[[], Engine]", library.ZstdDecompressor)
    return lambda: lzma.LZMADecompressor(memlimit=_MOST_MEMORY)


class _Gzip:
    """A decompressor for gzip; zlib's own has another interface."""

    def __init__(self) -> None:
        self._engine = _library.decompressobj(31)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._engine.unconsumed_tail and not self._engine.eof

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            piece = self._engine.decompress(self._engine.unconsumed_tail + data, max_length)
        except _library.error as error:
            raise zlib.error(str(error)) from error
        self._full = len(piece) == max_length  # zlib may hold more output
        return piece


def unpacked(stream: Stream, make: Callable[[], Engine]) -> Iterator[bytes]:
    """Yield the output of all streams that follow one another; stop at bytes that start no stream."""
    engine, first = make(), True
    pending = stream.read(PIECE)
    while pending or not first:
        try:
            yield from _unpack_one(engine, pending, stream)
        except (zlib.error, OSError, lzma.LZMAError):
            if first:
                raise
            return
        pending = (engine.unused_data or stream.read(PIECE)).lstrip(b"\0")
        engine, first = make(), False
        if not pending:
            return


def _unpack_one(engine: Engine, pending: bytes, stream: Stream) -> Iterator[bytes]:
    while True:
        yield engine.decompress(pending, 1 << 20)
        pending = b""
        if engine.eof:
            return
        if engine.needs_input:
            pending = stream.read(PIECE)
            if not pending:
                raise DamagedError("truncated")
