"""Reads tar archives block by block, so that nothing is held in memory and a damaged header loses one member.

tarfile decodes the headers, but reads no archive whose first header is damaged, and stops at the first damage.
The format: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13.
"""

from __future__ import annotations

import tarfile

from keysift.containers.stream import Container, DamagedError, Inside, Member, Stream, Trouble

_BLOCK = tarfile.BLOCKSIZE
_FILES = frozenset({*tarfile.REGULAR_TYPES, tarfile.GNUTYPE_SPARSE})
_LONGEST_NAME = 1 << 20
"""Bytes of a name, or of the extended attributes that hold one."""
_MANY = 128 * _BLOCK
_PAX = frozenset({tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE})
_KEEP_NAME = frozenset({tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK})
"""Headers that may stand between a long name and the file that it belongs to."""


def members(container: Container, _family: str) -> Inside:
    """Yield the regular files; links and devices have no bytes of their own."""
    stream = container.stream
    name = ""
    lost = zeros = 0
    while block := stream.read(_BLOCK):
        info = _header(block)
        if info is None:
            # Two empty blocks end an archive, but another may follow, of GNU tar's --concatenate or to hide something.
            if block.strip(b"\0"):
                lost += not zeros
            else:
                zeros += 1
                _skip_zeros(stream)
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
            keeps = info.type in _KEEP_NAME
            stream.skip(padded if keeps else 0)
            name = name if keeps else ""
    if lost:
        yield Trouble("", f"not fully scanned: damaged blocks in the tar archive ({lost:,})")


def _header(block: bytes) -> tarfile.TarInfo | None:
    """Return the header in a block; None if it holds none, as its checksum tells."""
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return None
    return info if info.size >= 0 else None


def _skip_zeros(stream: Stream) -> None:
    """Skip empty blocks, many at a time: a bomb has millions of them."""
    while (blocks := stream.head(_MANY)) and len(blocks) == _MANY and not blocks.strip(b"\0"):
        stream.skip(_MANY)


def _text(stream: Stream, size: int) -> bytes:
    """Read the `size` bytes that belong to the next header. Raises DamagedError."""
    if size > _LONGEST_NAME:
        raise DamagedError(f"a member name of {size:,} bytes")
    data = stream.read(-(-size // _BLOCK) * _BLOCK)
    return data[:size]


def _pax_path(data: bytes) -> str:
    """Return the path in extended attributes, which are lines of `length name=value`; empty if there is none."""
    for record in data.split(b"\n"):
        length, separator, path = record.partition(b" path=")
        if separator and length.isdigit():
            return path.decode("utf-8", "surrogateescape")
    return ""


def _skip_sparse_map(stream: Stream, block: bytes, info: tarfile.TarInfo) -> None:
    """Skip the further blocks of the map of an old GNU sparse file, which its header says to follow."""
    if info.type == tarfile.GNUTYPE_SPARSE and block[482]:
        while (more := stream.read(_BLOCK)) and more[504:505] not in (b"", b"\0"):
            pass
