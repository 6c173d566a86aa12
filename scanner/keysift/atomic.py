"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Open a new file beside a path; it takes the path's place once all of it is on the disk.

    The new file has the mode of the old one; with `private`, only its owner can read it. Whatever goes wrong, the old
    file stays and nothing is left beside it. Raises OSError.
    """
    aside = path.with_name(f".keysift-{os.urandom(8).hex()}.tmp")
    descriptor, nameless = _open(aside, _mode(private))
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
            yield file
            file.flush()
            if not private and path.exists():
                aside_mode = stat.S_IMODE(path.stat().st_mode)
                os.chmod(descriptor if nameless else aside, aside_mode)  # noqa: PTH101 - a file without a name
            os.fsync(descriptor)
            if nameless and _named(descriptor, path):
                return
            if nameless:
                _link(descriptor, aside)
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise


def _named(descriptor: int, path: Path) -> bool:
    """Give a file its name if no other has it: at once, so that whoever is killed leaves nothing beside it."""
    try:
        _link(descriptor, path)
    except OSError:
        return False
    return True


def _link(descriptor: int, path: Path) -> None:
    # Only with a directory does Python ask the system to follow the link; this one is not looked at.
    os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=descriptor, follow_symlinks=True)


def _open(aside: Path, mode: int) -> tuple[int, bool]:
    """Open a new file for writing; return its descriptor, and True if it has no name yet.

    Where the system has files without a name, as Linux on most disks, a program that is killed leaves nothing behind.
    """
    if hasattr(os, "O_TMPFILE") and Path("/proc/self/fd").is_dir():
        with suppress(OSError):
            return os.open(aside.parent, os.O_WRONLY | os.O_TMPFILE, mode), True
    return os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode), False


def _mode(private: bool) -> int:  # noqa: FBT001 - private
    return 0o600 if private else 0o666
