"""gzip, bzip2, xz, lzma and Zstandard: one stream in another."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from keysift.containers import kinds
from keysift.containers.stream import PIECE, Container, DamagedError, Inside, Member, MissingError, Stream, of_pieces

_MOST_MEMORY = 256 << 20
"""Bytes that a dictionary of xz or lzma may take."""
_SUFFIXES = {".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar", ".svgz": ".svg"}
_DROPPED = (".gz", ".bz2", ".xz", ".zst", ".lzma", ".z")


class Engine(Protocol):
    """What the standard library's decompressors have in common."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream is reached."""
        ...

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more input."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What was handed in behind the end."""
        ...

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes; more wait inside."""
        ...


def members(container: Container, family: str) -> Inside:
    """What is compressed."""
    stream, make = container.stream, engines(family)
    yield Member(_name(container.name), of_pieces(unpacked(stream, make)), layer=True)
    if stream.trouble is not None:
        stream.trouble = None  # the member has it


def _name(path: str) -> str:
    name = path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    suffix = (dot + suffix).lower()
    if suffix in _SUFFIXES:
        return stem + _SUFFIXES[suffix]
    return stem if stem and suffix in _DROPPED else name


def engines(family: str) -> Callable[[], Engine]:
    """What makes a decompressor. Raises MissingError."""
    if family == kinds.GZIP:
        return _Gzip
    if family == kinds.BZIP2:
        return bz2.BZ2Decompressor
    if family == kinds.ZSTD:
        return _zstd()
    return lambda: lzma.LZMADecompressor(memlimit=_MOST_MEMORY)


def _zstd() -> Callable[[], Engine]:
    try:
        from compression import zstd  # type: ignore[import-not-found] # noqa: PLC0415 - Python 3.14
    except ImportError:
        try:
            from backports import zstd  # noqa: PLC0415 - an extra
        except ImportError:
            raise MissingError("backports.zstd") from None
    engine: Callable[[], Engine] = zstd.ZstdDecompressor
    return engine


class _Gzip:
    """zlib with the interface of the others."""

    def __init__(self) -> None:
        self._engine = zlib.decompressobj(31)
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
        piece = self._engine.decompress(self._engine.unconsumed_tail + data, max_length)
        self._full = len(piece) == max_length  # there may be more inside of zlib
        return piece


def unpacked(stream: Stream, make: Callable[[], Engine]) -> Iterator[bytes]:
    """All streams that follow each other; bytes behind the last one that are none are left."""
    engine, first = make(), True
    pending = stream.read(PIECE)
    while pending or not first:
        try:
            yield from _one(engine, pending, stream)
        except (zlib.error, OSError, lzma.LZMAError):
            if first:
                raise
            return
        pending = (engine.unused_data or stream.read(PIECE)).lstrip(b"\0")
        engine, first = make(), False
        if not pending:
            return


def _one(engine: Engine, pending: bytes, stream: Stream) -> Iterator[bytes]:
    while True:
        yield engine.decompress(pending, 1 << 20)
        pending = b""
        if engine.eof:
            return
        if engine.needs_input:
            pending = stream.read(PIECE)
            if not pending:
                raise DamagedError("cut short")
