"""Tar: read block by block, so that nothing is held in memory, and a damaged header loses little."""

from __future__ import annotations

import tarfile

from keysift.containers.stream import Container, DamagedError, Inside, Member, Stream, Trouble

_BLOCK = tarfile.BLOCKSIZE
_FILES = frozenset({*tarfile.REGULAR_TYPES, tarfile.GNUTYPE_SPARSE})
_LONGEST_NAME = 1 << 20
_PAX = frozenset({tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE})


def members(container: Container, _family: str) -> Inside:
    """The regular files in it; links and devices have no bytes of their own."""
    stream = container.stream
    name = ""
    lost = zeros = 0
    while block := stream.read(_BLOCK):
        info = _header(block)
        if info is None:
            # Two empty blocks end an archive, but others may follow: GNU tar's --concatenate, or what someone hides.
            zeros += not block.strip(b"\0")
            lost += bool(block.strip(b"\0")) and not zeros
            continue
        padded = -(-info.size // _BLOCK) * _BLOCK
        if info.type == tarfile.GNUTYPE_LONGNAME:
            name = _text(stream, info.size).rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif info.type in _PAX:
            name = _pax_path(_text(stream, info.size)) or name
        elif info.type in _FILES:
            _skip_sparse_map(stream, block, info)
            part = stream.part(info.size)
            yield Member(name or info.name, part)
            part.skip(info.size)
            stream.skip(padded - info.size)
            name = ""
        else:
            stream.skip(padded if info.type in (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK) else 0)
            name = name if info.type in (tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK) else ""
    if lost:
        yield Trouble("", f"not scanned to its end: {lost:,} blocks of the tar archive are damaged")


def _header(block: bytes) -> tarfile.TarInfo | None:
    """The header in a block; None where it holds none. Its checksum tells."""
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return None
    return info if info.size >= 0 else None


def _text(stream: Stream, size: int) -> bytes:
    """The bytes that belong to the next header."""
    if size > _LONGEST_NAME:
        raise DamagedError(f"a name of {size:,} bytes")
    data = stream.read(-(-size // _BLOCK) * _BLOCK)
    return data[:size]


def _pax_path(data: bytes) -> str:
    """The path in extended attributes: lines of `length path=value`."""
    for record in data.split(b"\n"):
        _, separator, path = record.partition(b" path=")
        if separator and _.isdigit():
            return path.decode("utf-8", "surrogateescape")
    return ""


def _skip_sparse_map(stream: Stream, block: bytes, info: tarfile.TarInfo) -> None:
    """The map of an old sparse file may go on in blocks of its own."""
    if info.type == tarfile.GNUTYPE_SPARSE and block[482]:
        while (more := stream.read(_BLOCK)) and more[504:505] not in (b"", b"\0"):
            pass
