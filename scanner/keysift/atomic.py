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
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), _mode(private))
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
            yield file
            file.flush()
            os.fsync(descriptor)
        if not private and path.exists():
            aside.chmod(stat.S_IMODE(path.stat().st_mode))
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise


def _mode(private: bool) -> int:  # noqa: FBT001 - private
    return 0o600 if private else 0o666
