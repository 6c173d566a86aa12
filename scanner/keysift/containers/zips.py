"""Reads zip archives and the formats built on them: jar, war, apk, whl, docx, xlsx, pptx, odt, epub.

The format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
"""

from __future__ import annotations

import io
import itertools
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from keysift.containers import compressed, kinds
from keysift.containers.stream import (
    PIECE,
    Container,
    DamagedError,
    Inside,
    Member,
    Stream,
    Trouble,
    of_pieces,
    of_reader,
)

_LONGEST_DIRECTORY = 64 << 20
"""Bytes of a central directory; reading it takes Python some ten times as much memory."""
_HEADER = struct.Struct("<4s2B4HL2L2H")
"""The local header in front of each member."""
_MARKUP = (".xml", ".xhtml", ".html", ".htm", ".rels", ".opf", ".ncx")
_DOCUMENTS = frozenset({"[Content_Types].xml", "mimetype"})


def members(container: Container, _family: str) -> Inside:
    """Yield the files; if the central directory is missing, those whose local headers are left."""
    file = container.file()
    _check_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, struct.error, UnicodeError, OverflowError, NotImplementedError):
        yield Trouble("", "not fully scanned: no central directory, so members were found by their local headers")
        yield from _salvaged(file)
        return
    names = archive.NameToInfo
    document = not _DOCUMENTS.isdisjoint(names)
    for info in archive.infolist():
        if info.is_dir():
            continue
        if info.flag_bits & 1:
            yield Trouble(info.filename, "encrypted")
            continue
        markup = document and info.filename.lower().endswith(_MARKUP)
        yield Member(info.filename, _stream(archive, info, file), family=kinds.MARKUP if markup else "")


def _stream(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: BinaryIO) -> Stream:
    """Return the bytes of a member. zipfile bounds no memory for bzip2 and lzma, so those are unpacked here."""
    if info.compress_type in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        return of_pieces(_bzip2_or_lzma(info, file))
    return of_reader(lambda: archive.open(info))  # type: ignore[return-value, arg-type]


def _bzip2_or_lzma(info: zipfile.ZipInfo, file: BinaryIO) -> Iterator[bytes]:
    file.seek(info.header_offset)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise DamagedError("a damaged local header in the zip archive")
    *_, name_length, extra = _HEADER.unpack(header)
    start = info.header_offset + _HEADER.size + name_length + extra
    packed = of_pieces(_stored(file, start, info.compress_size))
    if info.compress_type == zipfile.ZIP_LZMA:
        # Two bytes of version and two of length come before the properties. In a .lzma file the size follows those.
        properties = packed.read(9)[4:]
        size = b"\xff" * 8 if info.flag_bits & 2 else info.file_size.to_bytes(8, "little")
        rest = iter(lambda: packed.read(PIECE), b"")
        alone = of_pieces(itertools.chain([properties + size], rest))
        yield from compressed.unpacked(alone, compressed.engines(kinds.LZMA))
    else:
        yield from compressed.unpacked(packed, compressed.engines(kinds.BZIP2))


def _check_directory(file: BinaryIO) -> None:
    """Raise DamagedError if the central directory claims to be too large to read."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 66_000))
    tail = file.read(66_000)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        return
    length = int.from_bytes(tail[end + 12 : end + 16], "little")
    large = tail.rfind(b"PK\x06\x06")
    if length == 0xFFFFFFFF and large >= 0:
        length = int.from_bytes(tail[large + 40 : large + 48], "little")
    if length > _LONGEST_DIRECTORY:
        raise DamagedError(f"a central directory of {length:,} bytes, over the limit of {_LONGEST_DIRECTORY:,}")


def _salvaged(file: BinaryIO) -> Inside:
    """Yield the members whose local headers are found, one after another."""
    position = 0
    while (position := _find(file, b"PK\x03\x04", position)) >= 0:
        file.seek(position)
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return
        fields = _HEADER.unpack(header)
        flags, method, packed, name_length, extra = fields[3], fields[4], fields[8], fields[10], fields[11]
        name = file.read(name_length).decode("utf-8" if flags & 0x800 else "cp437", "replace")
        start = position + _HEADER.size + name_length + extra
        position += 4
        if name.endswith("/"):
            continue
        if flags & 1:
            yield Trouble(name, "encrypted")
        elif method == zipfile.ZIP_DEFLATED:
            yield Member(name, of_pieces(_inflated(file, start)))
        elif method == zipfile.ZIP_STORED and not flags & 8:
            yield Member(name, of_pieces(_stored(file, start, packed)))


def _find(file: BinaryIO, wanted: bytes, start: int) -> int:
    """Return the offset of `wanted` at or after `start`, or -1. It is most often near: little is read at first."""
    length = 1 << 10
    while True:
        file.seek(start)
        data = file.read(length)
        offset = data.find(wanted)
        if offset >= 0:
            return start + offset
        if len(data) < length:
            return -1
        start += len(data) - len(wanted) + 1
        length = min(2 * length, 1 << 20)


def _stored(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    while length > 0:
        file.seek(start)
        data = file.read(min(length, PIECE))
        if not data:
            raise DamagedError("truncated")
        yield data
        start, length = start + len(data), length - len(data)


def _inflated(file: BinaryIO, start: int) -> Iterator[bytes]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    while not engine.eof:
        data = engine.unconsumed_tail
        if not data:
            file.seek(start)
            data = file.read(PIECE)
            start += len(data)
            if not data:
                raise DamagedError("truncated")
        yield engine.decompress(data, PIECE)
