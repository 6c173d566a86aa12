"""Reading files: bytes of at most so many, without waiting and without following links that nobody named."""

# A path is made for every file of a tree: strings cost a tenth of `Path` objects.
# ruff: noqa: PTH118

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO, NamedTuple

from keysift.files import skips
from keysift.model import Blob, Skipped


class File(NamedTuple):
    """A file to read: `path` with `/` between its parts, undecodable bytes as surrogates (PEP 383)."""

    root: str
    """The absolute directory that `path` starts from: the base of the target (`naming.Naming`)."""
    path: str
    tracked: bool = False
    """Whether git tracks it; False outside git, and for named files, where nobody asked git."""
    named: bool = False
    """Whether the user named this file: then a link is followed."""

    @property
    def place(self) -> str:
        """Where the file is on this machine."""
        # Only a name that the user states may be absolute.
        return os.path.join(self.root, self.path) if self.named else f"{self.root}/{self.path}"


# What a system does not have, it does not need: Windows opens text by default and knows no terminals to fall into.
_READING = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT")
)
_NOT_FOLLOWING = _READING | getattr(os, "O_NOFOLLOW", 0)


def read(file: File, limit: int) -> Blob | Skipped:
    """Return the bytes of a file of at most `limit` bytes, or why it has none to offer.

    Never waits (a FIFO that took the file's place has no writer) and never keeps more than `limit` bytes and one.
    """
    found = read_or_size(file, limit)
    return skips.too_large(file.path, found, limit) if isinstance(found, int) else found


def read_or_size(file: File, limit: int) -> Blob | int | Skipped:
    """Return the same as `read`; but of a longer file its size in bytes, as far as that is known."""
    found = _descriptor(file)
    if isinstance(found, Skipped):
        return found
    descriptor, size = found
    try:
        if size > limit:
            return size
        data = os.read(descriptor, size + 1)
        if len(data) != size:
            data = _rest(descriptor, data, limit)
    except OSError as error:
        return Skipped(file.path, skips.reason(error))
    finally:
        os.close(descriptor)
    return Blob(file.path, data) if len(data) <= limit else len(data)


def opened(file: File) -> BinaryIO | Skipped:
    """Return a file of any length, open for reading, or why it cannot be opened."""
    found = _descriptor(file)
    return found if isinstance(found, Skipped) else os.fdopen(found[0], "rb", buffering=0)


def _descriptor(file: File) -> tuple[int, int] | Skipped:
    """Open a file; return its descriptor and its size in bytes."""
    try:
        descriptor = os.open(file.place, _READING if file.named else _NOT_FOLLOWING)
    except OSError as error:
        return _not_opened(file, error)
    try:
        status = os.fstat(descriptor)
    except OSError as error:
        os.close(descriptor)
        return Skipped(file.path, skips.reason(error))
    if stat.S_ISREG(status.st_mode):
        return descriptor, status.st_size
    os.close(descriptor)
    return skips.special(file.path, status.st_mode, expected=not file.named)


def _rest(descriptor: int, data: bytes, limit: int) -> bytes:
    """Return `data` and what follows, one byte over the limit at most: some files grow, and some hide their size."""
    parts = [data]
    missing = limit + 1 - len(data)
    while data and missing > 0:
        data = os.read(descriptor, min(missing, 1 << 20))
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)


def _not_opened(file: File, error: OSError) -> Skipped:
    """Return why a file that was listed does not open."""
    if not file.named and os.path.islink(file.place):  # noqa: PTH114 - a string
        return skips.link(file.path, file.place, file.root)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Skipped(file.path, "vanished during the scan", expected=True)
    if error.errno == errno.ENXIO:
        return Skipped(file.path, "a socket or a device, not a file", expected=not file.named)
    return Skipped(file.path, skips.reason(error))
