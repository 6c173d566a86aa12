"""The directory that a remembered audit is kept in: for its owner alone, and for one audit at a time."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from keysift import atomic
from keysift.errors import StateError

LARGEST = 4 << 30
"""Bytes of a file that is read."""
if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

HELP = "give each repository a directory of its own, such as ~/.local/state/keysift/NAME"


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Make the directory if it is not there, and keep other audits out of it.

    Raises:
        StateError: it cannot be made, others may write it, or another audit uses it.
    """
    try:
        for place in (directory.parent, directory):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = directory.stat()
        if not _is_ours(status):
            raise StateError(
                f"others may change what is in the state directory: {directory}", help="chmod 700, or choose another"
            )
        ignored = directory / ".gitignore"
        if not ignored.exists():  # lest somebody commits it, or an audit of the repository around it reads it
            ignored.write_text("*\n", encoding="ascii")
        lock = (directory / "lock").open("ab")
    except OSError as error:
        raise StateError(f"the state directory cannot be used: {directory}: {error.strerror}", help=HELP) from error
    with lock:
        if not _lock(lock):
            raise StateError(f"another audit is using the state directory: {directory}", help="wait until it has ended")
        try:
            yield
        finally:
            _unlock(lock)


def of_one_of_several(directory: Path, repository: Path) -> Path:
    """Return the directory of one of several repositories, by its place: a readable name, different for each."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", repository.name).strip("._")[-40:]
    digest = hashlib.blake2b(os.fsencode(repository.resolve()), digest_size=8).hexdigest()
    return directory / f"{readable}-{digest}"


def file_name(prefix: str) -> str:
    """Return the name of the file of a repository, or of the submodule at a path in it."""
    if not prefix:
        return "repository.state"
    name = hashlib.blake2b(os.fsencode(prefix), digest_size=8).hexdigest()
    return f"submodule-{name}.state"


def read(file: Path) -> bytes | None:
    """Return the content of a file that only its owner can write; None if there is none, or it is anybody else's."""
    flags = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    try:
        with open(os.open(file, flags), "rb") as opened:  # noqa: PTH123 - a descriptor has no path
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode) or not _is_ours(status) or status.st_size > LARGEST:
                return None
            return opened.read()
    except OSError:
        return None


def write(file: Path, data: bytes) -> None:
    """Write a file whole or not at all, for its owner alone. Raises OSError."""
    with atomic.replacing(file, private=True) as out:
        out.write(data)


def _is_ours(status: os.stat_result) -> bool:
    """Return True if nobody but the user and root can change it."""
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid in {0, os.geteuid()} and not status.st_mode & 0o022


if sys.platform == "win32":

    def _lock(file: BinaryIO) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: BinaryIO) -> None:
        """Leave the lock to the system, which takes it when the file is closed."""

else:

    def _lock(file: BinaryIO) -> bool:
        """Lock a file until the process ends; return False if another process has it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(file: BinaryIO) -> None:
        """Unlock a file also for processes that were started meanwhile, and have it open for as long as they run."""
        fcntl.flock(file, fcntl.LOCK_UN)
