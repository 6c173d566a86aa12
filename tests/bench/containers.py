"""Containers of every family, made of one file each: for the tests, and for the table of hiding places."""

from __future__ import annotations

import bz2
import email.message
import gzip
import importlib.util
import io
import lzma
import marshal
import pickle
import plistlib
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

Wrap = Callable[[str, bytes], bytes]
"""A name and what is called so -> the container."""


def zipped(name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive; jar, war, apk and whl are no others."""
    return zipped_files({name: data}, method)


def zipped_files(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive of some files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def stored(name: str, data: bytes) -> bytes:
    """Return a zip archive that compresses nothing."""
    return zipped(name, data, zipfile.ZIP_STORED)


def tarred(name: str, data: bytes, form: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def ar(name: str, data: bytes) -> bytes:
    """Return an ar archive, the outer layer of a Debian package."""
    header = f"{name[:15] + '/':<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n"
    return b"!<arch>\n" + header.encode() + data + b"\n" * (len(data) % 2)


def deb(name: str, data: bytes) -> bytes:
    """Return a Debian package."""
    return ar("data.tar.xz", lzma.compress(tarred(name, data)))


def cpio(name: str, data: bytes) -> bytes:
    """Return a cpio archive in the "new" format."""
    return _cpio_entry(name, data, 0o100644) + _cpio_entry("TRAILER!!!", b"", 0)


def _cpio_entry(name: str, data: bytes, mode: int) -> bytes:
    encoded = name.encode() + b"\0"
    numbers = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
    header = b"070701" + b"".join(b"%08x" % number for number in numbers) + encoded
    return header + b"\0" * (-len(header) % 4) + data + b"\0" * (-len(data) % 4)


def rpm(name: str, data: bytes, compress: Callable[[bytes], bytes] = gzip.compress) -> bytes:
    """Return an RPM package, its headers empty but for their frame."""
    header = b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">II", 1, 5) + b"\0" * 16 + b"abcde"
    return b"\xed\xab\xee\xdb" + b"\0" * 92 + header + b"\0" * 3 + header + compress(cpio(name, data))


def zstandard(data: bytes) -> bytes:
    """Compressed by Zstandard."""
    from backports import zstd  # noqa: PLC0415 - an extra

    return zstd.compress(data)


def sevenzip(name: str, data: bytes) -> bytes:
    """Return a 7-Zip archive."""
    import py7zr  # noqa: PLC0415 - an extra

    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w") as archive:
        archive.writestr(data, name)
    return buffer.getvalue()


def iso(name: str, data: bytes) -> bytes:
    """Return the image of a CD."""
    import pycdlib  # noqa: PLC0415 - an extra

    image = pycdlib.PyCdlib()
    image.new(rock_ridge="1.09", joliet=3)
    short = name.rpartition("/")[2]
    image.add_fp(io.BytesIO(data), len(data), "/A.TXT;1", rr_name=short, joliet_path="/" + short)
    buffer = io.BytesIO()
    image.write_fp(buffer)
    return buffer.getvalue()


def docx(text: str) -> bytes:
    """Return a Word document; its text is cut into runs of five characters, as editors do."""
    runs = "".join(f"<w:r><w:t>{text[at : at + 5]}</w:t></w:r>" for at in range(0, len(text), 5))
    body = f'<?xml version="1.0"?><w:document><w:body><w:p>{runs}</w:p></w:body></w:document>'
    return zipped_files({"[Content_Types].xml": b"<Types/>", "word/document.xml": body.encode()})


def xlsx(name: str, value: str) -> bytes:
    """Return a workbook with two cells."""
    strings = f"<sst><si><t>{name}</t></si><si><t>{value}</t></si></sst>"
    return zipped_files({"[Content_Types].xml": b"<Types/>", "xl/sharedStrings.xml": strings.encode()})


def odt(text: str) -> bytes:
    """Return a document of LibreOffice."""
    body = f"<office:text><text:p>{text[:9]}<text:span>{text[9:]}</text:span></text:p></office:text>"
    return zipped_files({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": body.encode()})


def database(name: str, value: str) -> bytes:
    """Return a SQLite database of settings; the pages are too small for the value to be in one piece."""
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA page_size = 512")
    connection.execute("CREATE TABLE settings (name TEXT, value TEXT)")
    connection.execute("INSERT INTO settings VALUES (?, ?)", (name, value))
    connection.commit()
    return connection.serialize()


def mail(name: str, data: bytes) -> bytes:
    """Return a message with an attachment."""
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "see there"
    message.set_content("It is attached.\n")
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def mailbox(name: str, data: bytes) -> bytes:
    """Return a mailbox with two messages."""
    return (
        b"From a@example.org Mon Jan  1 10:00:00 2024\n"
        + mail("a.txt", b"x")
        + b"\nFrom b@example.org Tue Jan  2 10:00:00 2024\n"
        + mail(name, data)
    )


def plist(name: str, value: str) -> bytes:
    """Return a binary property list."""
    return plistlib.dumps({"settings": [{name: value}]}, fmt=plistlib.FMT_BINARY)


def pickled(name: str, value: str) -> bytes:
    """Return a pickled dictionary."""
    return pickle.dumps({name: value})


def bytecode(name: str, value: str) -> bytes:
    """Return a compiled module that assigns the value."""
    code = compile(f"{name} = {value!r}\n", "settings.py", "exec")
    return importlib.util.MAGIC_NUMBER + b"\0" * 12 + marshal.dumps(code)


def png(text: bytes) -> bytes:
    """Return an image with a compressed comment."""
    chunks = (b"IHDR" + b"\0" * 13, b"zTXtComment\0\0" + zlib.compress(text), b"IEND")
    framed = (struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def pdf(text: str) -> bytes:
    """Return a document of one page, its text compressed and in two pieces."""
    drawing = zlib.compress(f"BT /F1 12 Tf 10 100 Td [({text[:20]}) 5 ({text[20:]})] TJ ET".encode())
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 600]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(drawing), drawing),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + (
        b"xref\n0 6\n0000000000 65535 f \n%btrailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (table, len(out))
    )


def image_of_layers(name: str, data: bytes) -> bytes:
    """Return a Docker image in which the second layer deletes the file of the first."""
    first, second = tarred(name, data), tarred(f".wh.{name}", b"")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, layer in (
            ("0a/layer.tar", first),
            ("blobs/sha256/1b", gzip.compress(second)),
            ("manifest.json", b"[]"),
        ):
            info = tarfile.TarInfo(path)
            info.size = len(layer)
            archive.addfile(info, io.BytesIO(layer))
    return buffer.getvalue()


ARCHIVES: dict[str, Wrap] = {
    "zip": zipped,
    "zip, stored": stored,
    "zip, bzip2": lambda name, data: zipped(name, data, zipfile.ZIP_BZIP2),
    "zip, lzma": lambda name, data: zipped(name, data, zipfile.ZIP_LZMA),
    "tar": tarred,
    "tar, gnu": lambda name, data: tarred(name, data, tarfile.GNU_FORMAT),
    "ar": ar,
    "cpio": cpio,
    "rpm": rpm,
    "rpm, lzma": lambda name, data: rpm(name, data, lambda raw: lzma.compress(raw, format=lzma.FORMAT_ALONE)),
    "7z": sevenzip,
    "iso": iso,
}
COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard,
}
