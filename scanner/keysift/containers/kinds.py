"""Tells containers by their first and last bytes. For a text file this is one lookup in a table."""

from __future__ import annotations

import functools
import re

ZIP, TAR, GZIP, BZIP2, XZ, ZSTD, SEVENZIP = "zip", "tar", "gzip", "bzip2", "xz", "zstd", "7z"
AR, CPIO, RPM, ISO = "ar", "cpio", "rpm", "iso"
PDF, MAIL, MBOX, SQLITE, PLIST, PICKLE, BYTECODE, PNG = (
    "pdf", "mail", "mbox", "sqlite", "plist", "pickle", "bytecode", "png",
)  # fmt: skip
MARKUP, LZMA = "markup", "lzma"
"""These two have no magic number: the container around them knows what they are."""

UNREAD = {
    b"Rar!\x1a\x07": "a RAR archive",
    b"MSCF\0\0\0\0": "a CAB archive",
    b"\x04\x22\x4d\x18": "an LZ4 file",
    b"LZIP\x01": "an lzip file",
    b"\x1f\x9d\x90": "a compress (.Z) file",
    b"hsqs": "a SquashFS image",
}
"""Magic numbers of containers for which there is no well-kept library, each with what users call it."""

_MAGIC = {
    b"PK\x03\x04": ZIP,
    b"PK\x05\x06": ZIP,
    b"\x1f\x8b\x08": GZIP,
    b"\xfd7zXZ\0": XZ,
    b"\x28\xb5\x2f\xfd": ZSTD,
    b"7z\xbc\xaf\x27\x1c": SEVENZIP,
    b"!<arch>\n": AR,
    b"\xed\xab\xee\xdb": RPM,
    b"%PDF-": PDF,
    b"SQLite format 3\0": SQLITE,
    b"bplist00": PLIST,
    b"\x89PNG\r\n\x1a\n": PNG,
}
_PATTERNS = {
    BZIP2: rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)",
    CPIO: rb"07070[12][0-9A-Fa-f]{104}|070707[0-7]{70}",
    PICKLE: rb"\x80[\x02-\x05](?:[cX}\](\x8c\x95]|q\0)",
    BYTECODE: rb".[\x0c-\x0f]\r\n[\x00-\x03]\0\0\0",
    MBOX: rb"From [^\n]{3,200}\d\d:\d\d[^\n]{0,60}\n[A-Za-z][\w-]{1,40}: ",
    MAIL: rb"(?i)(?:return-path|received|delivered-to|x-[\w-]+|mime-version|message-id|date|from|to|subject|reply-to"
    rb"|content-type|arc-seal): [^\n]{0,2000}\n(?s:.{0,16384}?)(?<=\n)mime-version: |mime-version: ",
}
"""Formats without a magic number. Each is compiled when a file starts like one: most runs meet none."""
_PAIRS = {
    b"BZ": BZIP2,
    b"07": CPIO,
    b"Fr": MBOX,
    **{b"\x80" + bytes((protocol,)): PICKLE for protocol in range(2, 6)},
}
_MAIL_STARTS = frozenset(
    pair
    for start in (b"Re", b"De", b"X-", b"Mi", b"Me", b"Da", b"Fr", b"To", b"Su", b"Co", b"Ar")
    for pair in (start, start.lower(), start.upper())
)
_STARTS: dict[bytes, list[tuple[bytes, str]]] = {}
"""The first two bytes of every magic number, with the whole number and its family, which is empty for `UNREAD`."""
for _magic, _family in (*_MAGIC.items(), *((magic, "") for magic in UNREAD)):
    _STARTS.setdefault(_magic[:2], []).append((_magic, _family))
_END_OF_ZIP = b"PK\x05\x06"


def kind(head: bytes, tail: bytes = b"") -> str | None:
    """Return the family of a container, by its first and, where known, last bytes.

    Empty for a container of `UNREAD`, None for what is no container. `head` should have 33,000 bytes if there are that
    many (an image of a CD is marked there), `tail` at least 22.
    """
    start = head[:2]
    if start in _STARTS:
        for magic, family in _STARTS[start]:
            if head.startswith(magic):
                return family
    if head[257:262] == b"ustar":
        return TAR
    if tail[-22:-18] == _END_OF_ZIP:
        return ZIP
    if head[32769:32774] == b"CD001":
        return ISO
    return _by_pattern(start, head)


def _by_pattern(start: bytes, head: bytes) -> str | None:
    """Return the family of a format without a magic number; try its pattern only where the first two bytes fit."""
    if start in _PAIRS and _fits(_PAIRS[start], head):
        return _PAIRS[start]
    if head[2:4] == b"\r\n" and _fits(BYTECODE, head):
        return BYTECODE
    return MAIL if start in _MAIL_STARTS and _fits(MAIL, head) else None


def _fits(family: str, head: bytes) -> bool:
    return _compiled(family).match(head) is not None


@functools.cache
def _compiled(family: str) -> re.Pattern[bytes]:
    return re.compile(_PATTERNS[family], re.DOTALL)


def unread(head: bytes) -> str:
    """Return what users call a container of `UNREAD` that starts like this; empty if it is none."""
    return next((name for magic, name in UNREAD.items() if head.startswith(magic)), "")
