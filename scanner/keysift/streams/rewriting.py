"""A file -> the same file with every key masked; the original stays beside it, for its owner alone."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from keysift import atomic
from keysift.errors import SourceError
from keysift.streams import sources
from keysift.streams.masker import Masker
from keysift.streams.recording import Recorder
from keysift.streams.redactor import StreamRedactor

ENDING = ".keysift-backup"
"""The end of the name of a backup."""
Unfinished = Callable[[str], None] | None
"""As for `StreamRedactor`."""


def rewrite(masker: Masker, path: Path, recorder: Recorder, unfinished: Unfinished) -> Path | None:
    """Mask the keys in a file; return the path of the backup, None if there is no key and the file stays as it is.

    It is read twice, so that a key is masked where it stands before anything says what it is, too.

    Raises:
        SourceError: it is no file of its own, or it changed meanwhile; it stays as it is.
        WithheldError: it could not be searched in full; it stays as it is.
        OSError: it cannot be read or written; it stays as it is.
    """
    with _opened(path) as file:
        before = os.fstat(file.fileno())
        first = Recorder("")
        _copy(file, StreamRedactor(masker, str(path), note=first.note, unfinished=unfinished), lambda _: None)
        if not first.masked:
            return None
        backup, kept = _new_backup(path)
        try:
            with kept, atomic.replacing(path) as copy:
                file.seek(0)
                shutil.copyfileobj(file, kept)
                kept.flush()
                os.fsync(kept.fileno())
                file.seek(0)
                _copy(file, StreamRedactor(masker, str(path), note=recorder.note, unfinished=unfinished), copy.write)
                _give(copy, before)
                _check_unchanged(path, before)
        except BaseException:
            backup.unlink()
            raise
    return backup


def _copy(file: BinaryIO, stream: StreamRedactor, write: Callable[[bytes], object]) -> None:
    while piece := file.read(sources.PIECE):
        write(stream.feed(piece))
    write(stream.finish())


def _opened(path: Path) -> BinaryIO:
    """Open a file for reading, if it is one: a link is not followed, a device is not opened."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        what = "a symbolic link" if stat.S_ISLNK(found.st_mode) else "no regular file"
        raise SourceError(f"{path} is {what}, and is not rewritten", help="name the file itself")
    return os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)), "rb")


def _new_backup(path: Path) -> tuple[Path, BinaryIO]:
    """Make a file that only its owner can read, beside a path, under a name that no file has."""
    number = 0
    while True:
        backup = path.with_name(f"{path.name}{ENDING}{f'.{number}' if number else ''}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with suppress(FileExistsError):
            return backup, os.fdopen(os.open(backup, flags, 0o600), "wb")
        number += 1


def _give(copy: BinaryIO, owner: os.stat_result) -> None:
    """Give a file to the owner of another, where that is allowed."""
    if hasattr(os, "fchown"):
        with suppress(OSError):
            os.fchown(copy.fileno(), owner.st_uid, owner.st_gid)


def _check_unchanged(path: Path, before: os.stat_result) -> None:
    if _state(path.lstat()) != _state(before):
        raise SourceError(f"{path} changed while it was read, and stays as it is", help="try again")


def _state(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
