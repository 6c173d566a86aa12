"""Reads ar (deb, static libraries), cpio and rpm: simple formats that no well-kept library reads from a stream."""

from __future__ import annotations

from keysift.containers import kinds
from keysift.containers.stream import Container, DamagedError, Inside, Member, Stream

_LONGEST_NAME = 1 << 16
"""Bytes of the name of a member."""
_LONGEST_TABLE = 1 << 24
"""Bytes of the table of long names in an ar archive."""


def members(container: Container, family: str) -> Inside:
    """Yield the files."""
    if family == kinds.AR:
        yield from _ar(container.stream)
    elif family == kinds.CPIO:
        yield from _cpio(container.stream)
    else:
        yield from _rpm(container)


def _ar(stream: Stream) -> Inside:
    """Yield the files of an ar archive: https://en.wikipedia.org/wiki/Ar_(Unix)#File_format_details."""
    stream.skip(8)
    table = b""
    while header := stream.read(60):
        if header[58:60] != b"`\n":
            raise DamagedError("a damaged header in the ar archive")
        name, size = header[:16].rstrip(), _number(header[48:58], 10)
        if name == b"//" and size <= _LONGEST_TABLE:
            table = stream.read(size)
        else:
            if name.startswith(b"#1/") and (length := _number(name[3:], 10)) <= min(size, _LONGEST_NAME):
                name, size = stream.read(length).rstrip(b"\0"), size - length
            elif name[:1] == b"/" and name[1:].isdigit():
                name = table[int(name[1:]) :].partition(b"\n")[0]
            part = stream.part(size)
            yield Member((name.removesuffix(b"/") or name).decode("utf-8", "surrogateescape"), part)
            part.skip(size)
        stream.skip(1 if _number(header[48:58], 10) % 2 else 0)


def _cpio(stream: Stream) -> Inside:
    """Yield the regular files of a cpio archive with text headers.

    The formats: https://man.freebsd.org/cgi/man.cgi?query=cpio&sektion=5.
    """
    while magic := stream.read(6):
        if magic == b"070707":
            header, base, padding = stream.read(70), 8, 1
            mode, name_size, size = header[12:18], header[53:59], header[59:70]
        elif magic in (b"070701", b"070702"):
            header, base, padding = stream.read(104), 16, 4
            mode, name_size, size = header[8:16], header[88:96], header[48:56]
        else:
            raise DamagedError("a damaged header in the cpio archive")
        length, count = _number(name_size, base), _number(size, base)
        if length > _LONGEST_NAME:
            raise DamagedError(f"a member name of {length:,} bytes")
        name = stream.read(length).rstrip(b"\0").decode("utf-8", "surrogateescape")
        stream.skip(-(6 + len(header) + length) % padding)
        if name == "TRAILER!!!":
            return
        part = stream.part(count)
        if _number(mode, base) & 0o170000 == 0o100000:
            yield Member(name, part)
        part.skip(count)
        stream.skip(-count % padding)


def _rpm(container: Container) -> Inside:
    """Yield the payload, a compressed cpio archive, which follows the lead, the signature and the header.

    The format: https://rpm-software-management.github.io/rpm/manual/format_v4.html.
    """
    stream = container.stream
    stream.skip(96)
    for align in (8, 1):
        header = stream.read(16)
        if header[:3] != b"\x8e\xad\xe8":
            raise DamagedError("a damaged header in the rpm package")
        count, size = int.from_bytes(header[8:12], "big"), int.from_bytes(header[12:16], "big")
        stream.skip(16 * count + size + (-size % align))
    family = kinds.LZMA if stream.head(3) == b"\x5d\0\0" else ""
    yield Member("payload", stream, layer=True, family=family)


def _number(digits: bytes, base: int) -> int:
    """Return the number that a field of a header spells. Raises DamagedError."""
    try:
        number = int(digits, base)
    except ValueError:
        raise DamagedError("a length that is not a number") from None
    if number < 0:
        raise DamagedError("a negative length")
    return number
