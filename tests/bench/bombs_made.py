"""Bombs of archives and compressed files, of at most `size` bytes each."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import containers

LINES = b"".join(b'password_%d = "q7Zx%dLmP2vT"\nurl: https://u:p%d@h.example/\n' % (n, n, n) for n in range(300))
"""Text that is dear to scan: every line has a name, or an address."""


def repeated(size: int, unit: bytes = LINES) -> bytes:
    """So many bytes of a text, over and over."""
    return (unit * (size // len(unit) + 1))[:size]


def compressed(make: Callable[[], object], total: int, unit: bytes, most: int) -> bytes:
    """Compress `total` bytes of the unit, piece by piece, until there are `most` bytes."""
    engine = make()
    parts, length = [], 0
    piece = repeated(4 << 20, unit)
    for _ in range(max(1, total // len(piece))):
        parts.append(engine.compress(piece))  # type: ignore[attr-defined]
        length += len(parts[-1])
        if length > most:
            break
    parts.append(engine.flush())  # type: ignore[attr-defined]
    return b"".join(parts)


GREAT = 20 << 30


def gzip_zeros(size: int) -> bytes:
    """Zeros, at the best rate that deflate has."""
    return compressed(lambda: zlib.compressobj(9, wbits=31), min(GREAT, size * 1032), b"\0", size)


def gzip_lines(size: int) -> bytes:
    """Text that is dear to scan."""
    return compressed(lambda: zlib.compressobj(9, wbits=31), size * 300, LINES, size)


def bzip2_zeros(size: int) -> bytes:
    """45 bytes for 900 kB."""
    one = bz2.compress(b"\0" * 45_000_000)
    return one * (size // len(one))


def bzip2_lines(size: int) -> bytes:
    """Streams behind one another."""
    one = bz2.compress(repeated(9_000_000))
    return one * (size // len(one))


def xz_zeros(size: int) -> bytes:
    """7,000 for one."""
    one = lzma.compress(b"\0" * 100_000_000)
    return one * (size // len(one))


def xz_lines(size: int) -> bytes:
    """Likewise, dear to scan."""
    one = lzma.compress(repeated(50_000_000))
    return one * (size // len(one))


def zstandard_zeros(size: int) -> bytes:
    """30,000 for one."""
    one = containers.zstandard(b"\0" * 100_000_000)
    return one * (size // len(one))


def zstandard_lines(size: int) -> bytes:
    """Likewise, dear to scan."""
    one = containers.zstandard(repeated(100_000_000))
    return one * (size // len(one))


def empty_streams(size: int) -> bytes:
    """Empty gzip streams, one behind the other: a decompressor for each 20 bytes."""
    return repeated(size, gzip.compress(b""))


def empty_bzip2(size: int) -> bytes:
    """Empty bzip2 streams; each decompressor takes megabytes."""
    return repeated(size, bz2.compress(b""))


def empty_xz(size: int) -> bytes:
    """Empty xz streams."""
    return repeated(size, lzma.compress(b""))


def gzip_deep(size: int) -> bytes:
    """A stream in a stream, deeper than is looked."""
    data = repeated(size // 2)
    for _ in range(40):
        data = gzip.compress(data, 1)
    return data


def zip_overlapping(size: int) -> bytes:
    """Every entry of the directory names the same bytes: https://www.bamsoftware.com/hacks/zipbomb/."""
    kernel = zlib.compressobj(9, wbits=-15)
    packed = kernel.compress(repeated(size // 2 * 100)) + kernel.flush()
    packed, whole = (packed, size // 2 * 100) if len(packed) < size // 2 else (packed[: size // 2], size)
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(packed), whole, 1, 0) + b"a"
    entries = []
    for _ in range((size - len(packed)) // 60):
        name = b"a"  # as the local header has it
        entries.append(
            struct.pack(
                "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(packed), whole, len(name), 0, 0, 0, 0, 0, 0
            )
            + name
        )
        if len(entries) == 65_000:
            break
    directory = b"".join(entries)
    start = len(local) + len(packed)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), start, 0)
    return local + packed + directory + end


def zip_entries(size: int) -> bytes:
    """Empty members, as many as fit."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(min(64_000, size // 110)):
            archive.writestr(f"{number:x}", b"")
    return buffer.getvalue()


def zip_salvaged(size: int) -> bytes:
    """No directory, and local headers that all begin to inflate the same rest of the file."""
    header = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, 0, 0, 1, 0) + b"a"
    # A block of deflate that is stored, whose bytes hold the next header: each member is the rest of the file.
    block = b"\0" + struct.pack("<HH", 31 + 5 + 0, 0xFFFF - 36)
    return repeated(size, header + block)


def zip_nested(size: int) -> bytes:
    """Sixteen zips in each of sixteen: the same bytes under very many names."""
    data = repeated(1_000_000)
    name = "a"
    for _ in range(12):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16):
                archive.writestr(f"{number}{name}", data)
        data = buffer.getvalue()
        if len(data) > size:
            break
    return data


def zip_long_names(size: int) -> bytes:
    """Names of 64 kB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(size // 130_000):
            archive.writestr(f"{number:05}" + "a/" * 32_000, b"")
    return buffer.getvalue()


def tar_headers(size: int) -> bytes:
    """Empty members; each is a header of 512 bytes."""
    info = tarfile.TarInfo("a")
    return repeated(size, info.tobuf())


def tar_in_gzip(size: int) -> bytes:
    """Very many headers, compressed."""
    info = tarfile.TarInfo("a")
    return compressed(lambda: zlib.compressobj(9, wbits=31), 2 << 30, info.tobuf(), size)


def tar_zeros(size: int) -> bytes:
    """Empty blocks, compressed, behind one member: an archive that does not end."""
    info = tarfile.TarInfo("a")
    engine = zlib.compressobj(9, wbits=31)
    parts = [engine.compress(info.tobuf())]
    parts += [engine.compress(bytes(1 << 20)) for _ in range(min(20_000, size // 1000))]
    return b"".join([*parts, engine.flush()])


def tar_huge(size: int) -> bytes:
    """A member that claims eight exabytes, and a sparse one."""
    huge = tarfile.TarInfo("a")
    huge.size = 1 << 62
    sparse = bytearray(tarfile.TarInfo("b").tobuf())
    sparse[156:157], sparse[482] = b"S", 1
    total = sum(sparse[:148]) + sum(sparse[156:512]) + 256
    sparse[148:156] = b"%06o\0 " % total
    return bytes(sparse) + b"\1" * (size - 2048) + huge.tobuf()


def tar_long_names(size: int) -> bytes:
    """A long name before each member, of 1 MB."""
    info = tarfile.TarInfo("a" * 900_000)
    return repeated(size, info.tobuf(tarfile.GNU_FORMAT))


def tar_pax(size: int) -> bytes:
    """Extended headers with very many attributes."""
    info = tarfile.TarInfo("a")
    info.pax_headers = {f"k{number}": "v" for number in range(60_000)}
    return repeated(size, info.tobuf(tarfile.PAX_FORMAT))


def ar_members(size: int) -> bytes:
    """Empty members of 60 bytes."""
    return b"!<arch>\n" + repeated(size - 8, containers.ar("a", b"")[8:])


def cpio_members(size: int) -> bytes:
    """Empty members of some 110 bytes."""
    return repeated(size, containers.cpio("a", b"")[: -(-(110 + 2) // 4) * 4])


def sevenzip_lines(size: int) -> bytes:
    """One member, dear to scan."""
    return containers.sevenzip("a", repeated(size * 12))


def sevenzip_zeros(size: int) -> bytes:
    """One member of zeros, many times what is held."""
    return containers.sevenzip("a", bytes(min(600_000_000, size * 60)))


def sevenzip_members(size: int) -> bytes:
    """Very many small members."""
    import py7zr  # noqa: PLC0415 - an extra

    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w") as archive:
        for number in range(min(6_000, size // 100)):
            archive.writestr(b"a", f"{number}")
    return buffer.getvalue()


def iso_loop(size: int) -> bytes:
    """A directory that holds itself under another name."""
    import pycdlib  # noqa: PLC0415 - an extra

    image = pycdlib.PyCdlib()
    image.new()
    image.add_directory("/AAAA")
    image.add_directory("/AAAA/BBBB")
    buffer = io.BytesIO()
    image.write_fp(buffer)
    data = bytearray(buffer.getvalue())
    root = data.index(b"CD001") - 1 + 156
    extent = struct.unpack_from("<L", data, root + 2)[0]
    inner = data.index(b"\4BBBB") - 32
    struct.pack_into("<L", data, inner + 2, extent)
    struct.pack_into(">L", data, inner + 6, extent)
    return bytes(data[:size])


def iso_files(size: int) -> bytes:
    """Many empty files."""
    import pycdlib  # noqa: PLC0415 - an extra

    image = pycdlib.PyCdlib()
    image.new()
    for number in range(min(20_000, size // 200)):
        image.add_fp(io.BytesIO(b""), 0, f"/{number:08}.;1")
    buffer = io.BytesIO()
    image.write_fp(buffer)
    return buffer.getvalue()[:size]


def base64_deep(size: int) -> bytes:
    """Base64 in base64, as often as fits."""
    data = repeated(100)
    while len(data) * 4 // 3 < min(size, 3_000_000):
        data = b'key = "' + base64.b64encode(data) + b'"'
    return data


def base64_deflated(size: int) -> bytes:
    """A bomb of deflate in base64, in lines of a text."""
    one = b'data = "' + base64.b64encode(zlib.compress(bytes(1_000_000))) + b'"\n'
    return repeated(size, one)


def base64_deflated_lines(size: int) -> bytes:
    """Likewise, text that is dear to scan, other in each."""
    chance = random.Random(1)
    made, length = [], 0
    while length < size:
        text = repeated(300_000, b"password_%d = 'q%dx'\n" % (chance.getrandbits(30), chance.getrandbits(60)))
        made.append(b'data = "' + base64.b64encode(zlib.compress(text, 9)) + b'"\n')
        length += len(made[-1])
    return b"".join(made)[:size]


BOMBS = {
    function.__name__.replace("_", " "): function
    for function in (
        gzip_zeros, gzip_lines, bzip2_zeros, bzip2_lines, xz_zeros, xz_lines, zstandard_zeros, zstandard_lines,
        empty_streams, empty_bzip2, empty_xz, gzip_deep, zip_overlapping, zip_entries, zip_salvaged, zip_nested,
        zip_long_names, tar_headers, tar_in_gzip, tar_zeros, tar_huge, tar_long_names, tar_pax, ar_members,
        cpio_members, sevenzip_lines, sevenzip_zeros, sevenzip_members, iso_loop, iso_files, base64_deep,
        base64_deflated, base64_deflated_lines,
    )
}  # fmt: skip
