"""First and last bytes -> the family that can look inside. A file of text costs a look into a table."""

from __future__ import annotations

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
    rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)": BZIP2,
    rb"07070[12][0-9A-Fa-f]{104}|070707[0-7]{70}": CPIO,
    rb"\x80[\x02-\x05](?:[cX}\](\x8c\x95]|q\0)": PICKLE,
    rb"[\x00-\xff][\x0c-\x0f]\r\n[\x00-\x03]\0\0\0": BYTECODE,
    rb"From [^\n]{3,200}\d\d:\d\d[^\n]{0,60}\n[A-Za-z][\w-]{1,40}: ": MBOX,
}
_HEADER = re.compile(
    rb"(?i)(?:return-path|received|delivered-to|x-[\w-]+|mime-version|message-id|date|from|to|subject|reply-to|content-type)"
    rb": [^\n]*\n"
)
_MIME = re.compile(rb"(?im)^mime-version: ")


def _starts() -> dict[bytes, list[tuple[re.Pattern[bytes], str]]]:
    """The first two bytes -> what may follow."""
    table: dict[bytes, list[tuple[re.Pattern[bytes], str]]] = {}
    for magic, family in _MAGIC.items():
        table.setdefault(magic[:2], []).append((re.compile(re.escape(magic), re.DOTALL), family))
    for magic in UNREAD:
        table.setdefault(magic[:2], []).append((re.compile(re.escape(magic), re.DOTALL), ""))
    for pattern, family in _PATTERNS.items():
        for start in _two(family):
            table.setdefault(start, []).append((re.compile(pattern, re.DOTALL), family))
    return table


def _two(family: str) -> list[bytes]:
    """The first two bytes of the families with a pattern."""
    if family == BYTECODE:
        return [bytes((low, high)) for low in range(256) for high in range(0x0C, 0x10)]
    return {
        BZIP2: [b"BZ"],
        CPIO: [b"07"],
        PICKLE: [b"\x80" + bytes((protocol,)) for protocol in range(2, 6)],
        MBOX: [b"Fr"],
    }[family]


_STARTS = _starts()
_MAIL_STARTS = frozenset(
    bytes(pair)
    for start in (b"Re", b"De", b"X-", b"MI", b"Mi", b"Me", b"Da", b"Fr", b"To", b"Su", b"Co", b"AR")
    for pair in (start, start.lower(), start.upper())
)
_END_OF_ZIP = b"PK\x05\x06"


def kind(head: bytes, tail: bytes = b"") -> str | None:
    """The family of something that starts (and, where known, ends) so; empty for what no family reads, None for what
    has no inside. `head` should be 33,000 bytes where there are so many, `tail` at least 22.
    """
    start = head[:2]
    for pattern, family in _STARTS.get(start, ()):
        if pattern.match(head):
            return family
    if head[257:262] == b"ustar":
        return TAR
    if tail[-22:-18] == _END_OF_ZIP:
        return ZIP
    if start in _MAIL_STARTS and _HEADER.match(head) and _MIME.search(head[:16384]):
        return MAIL
    return ISO if head[32769:32774] == b"CD001" else None


def unread(head: bytes) -> str:
    """What that is which no family reads."""
    return next((name for magic, name in UNREAD.items() if head.startswith(magic)), "")
