"""Read an object that lies in a file of its own, as what has just been staged does: at a third of git's cost.

Whatever is unusual is left to git, which says what is wrong with it. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
"""

# Paths are strings: one is made for every object.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import re
import stat
import zlib
from pathlib import Path

from keysift.git import layout

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_HEADER = re.compile(rb"(blob|commit|tag|tree) (\d{1,18})\0")
_LONGEST_HEADER, _SLACK = 32, 1 << 16
_READING = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))


def directory(top: Path) -> str:
    """Return where the repository at `top` keeps its objects; linked working trees have theirs elsewhere."""
    git = layout.git_directory(top)
    try:
        common = (git / "commondir").read_text(encoding="utf-8", errors="surrogateescape").strip()
    except OSError:
        common = ""
    return os.path.join(git, common, "objects")


def read(objects: str, oid: str, limit: int) -> tuple[str, bytes] | None:
    """Return kind and bytes of an object of at most `limit` bytes; None if git is to be asked instead."""
    if not _OID.fullmatch(oid):
        return None
    try:
        packed = _content(f"{objects}/{oid[:2]}/{oid[2:]}", limit + _SLACK)
        inflating = zlib.decompressobj()
        head = inflating.decompress(packed, _LONGEST_HEADER)
        header = _HEADER.match(head)
        if header is None or (size := int(header[2])) > limit:
            return None
        data = head[header.end() :] + inflating.decompress(inflating.unconsumed_tail, size + 1)
        return (header[1].decode(), data) if len(data) == size and _is_at_end(inflating) else None
    except (OSError, zlib.error):
        return None


def _is_at_end(inflating: zlib._Decompress) -> bool:
    return inflating.eof or (not inflating.decompress(inflating.unconsumed_tail, 1) and inflating.eof)


def _content(place: str, limit: int) -> bytes:
    """Return the bytes of a file. Raises OSError, also for what is no file, or too long."""
    descriptor = os.open(place, _READING)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            raise OSError(place)
        data = os.read(descriptor, status.st_size)
        while len(data) < status.st_size and (more := os.read(descriptor, status.st_size - len(data))):
            data += more
        return data
    finally:
        os.close(descriptor)
