"""Tells if an error means that the system is short of something, and what its user can do about it."""

from __future__ import annotations

import errno

from keysift.records import dataclass


@dataclass(frozen=True, slots=True)
class Shortage:
    """What the system has no more of."""

    reason: str
    help: str


_FEWER = "--jobs 1 needs less"
_BY_NUMBER = {
    errno.EMFILE: Shortage("too many open files", f"`ulimit -n` raises the limit, and {_FEWER}"),
    errno.ENFILE: Shortage("too many open files in the whole system", _FEWER),
    errno.ENOMEM: Shortage("out of memory", _FEWER),
    errno.EAGAIN: Shortage("no more processes or threads", f"`ulimit -u` raises the limit, and {_FEWER}"),
    errno.ENOSPC: Shortage("no space left on the device", "free some, or set TMPDIR to a directory that has space"),
    errno.EDQUOT: Shortage("the disk quota is used up", "free some, or set TMPDIR to a directory that has space"),
    errno.EFBIG: Shortage("a file would be larger than it may be", f"`ulimit -f` raises the limit, and {_FEWER}"),
    errno.EIO: Shortage("a device failed to read or write", "`dmesg` says which; scan a copy on another one"),
}


_NO_TEMPORARY = Shortage("no directory for temporary files", "set TMPDIR to one that has space and may be written")
_NOT_LOADED = ("failed to map segment", "cannot allocate memory", "Cannot allocate memory")
"""What glibc and musl say of a library for which there is no memory."""


def of(error: BaseException) -> Shortage | None:
    """Return what the system is short of; None if the error means something else."""
    if isinstance(error, MemoryError):
        return _BY_NUMBER[errno.ENOMEM]
    if isinstance(error, ImportError) and any(words in str(error) for words in _NOT_LOADED):
        return _BY_NUMBER[errno.ENOMEM]
    if isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        return _BY_NUMBER[errno.EAGAIN]
    if isinstance(error, FileNotFoundError) and "No usable temporary directory" in str(error):  # of `tempfile`
        return _NO_TEMPORARY
    return _BY_NUMBER.get(error.errno or 0) if isinstance(error, OSError) else None
