"""First and last bytes -> the family that can look inside. A file of text costs a look into a table."""

from __future__ import annotations

import functools
import re

ZIP, TAR, GZIP, BZIP2, XZ, ZSTD, SEVENZIP = "zip", "tar", "gzip", "bzip2", "xz", "zstd", "7z"
AR, CPIO, RPM, ISO = "ar", "cpio", "rpm", "iso"
PDF, MAIL, MBOX, SQLITE, PLIST, PICKLE, BYTECODE, PNG = (
    "pdf", "mail", "mbox", "sqlite", "plist", "pickle", "bytecode", "png",
)  # fmt: skip
MARKUP, LZMA = "markup", "lzma"
"""These two have no telling bytes: the container says what they are."""

UNREAD = {
    b"Rar!\x1a\x07": "a RAR archive",
    b"MSCF\0\0\0\0": "a cabinet (CAB)",
    b"\x04\x22\x4d\x18": "compressed by LZ4",
    b"LZIP\x01": "compressed by lzip",
    b"\x1f\x9d\x90": "compressed by compress",
    b"hsqs": "a SquashFS image",
}
"""What holds other files, and no library that we know of and trust reads."""

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
"""Compiled when a file starts as they do: most runs meet none."""
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
"""The first two bytes -> what may follow, and whose it is."""
for _magic, _family in (*_MAGIC.items(), *((magic, "") for magic in UNREAD)):
    _STARTS.setdefault(_magic[:2], []).append((_magic, _family))
_END_OF_ZIP = b"PK\x05\x06"


def kind(head: bytes, tail: bytes = b"") -> str | None:
    """The family of something that starts (and, where known, ends) so; empty for what no family reads, None for what
    has no inside. `head` should be 33,000 bytes where there are so many, `tail` at least 22.
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
    """The family of what has no magic number; its first two bytes say whether it is worth a closer look."""
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
    """What that is which no family reads."""
    return next((name for magic, name in UNREAD.items() if head.startswith(magic)), "")
