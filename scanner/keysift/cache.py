"""Keeps what takes long to make for the next run, in the user's cache directory.

Some of it is read by a native library, which trusts every byte. So nobody but the user and root may have been able to
write it: a directory or a file that is anybody else's, or open to anybody else, is as good as none. Files are for
their owner alone, which no checkout and no usual archive makes them, lest a repository bring its own. The digest in
each file finds damage; it cannot stop anybody who may write the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.errors import UsageError

if TYPE_CHECKING:
    import platformdirs
else:
    platformdirs = lazy.module("platformdirs")

VARIABLE = "KEYSIFT_CACHE_DIR"
ENDING, ASIDE = ".kept", ".tmp"
"""The ends of the names of our files: kept ones, and ones that are being written."""
MOST = 8
"""Files of one name, each of another key, such as those of two versions of keysift; the longest unused ones go."""
_DAY = 86_400
_DIGEST_BYTES = 32
_HELP = f"set {VARIABLE} to an absolute path"


def directory() -> Path:
    """Return the directory that holds what is kept. It need not be there.

    Raises:
        UsageError: `KEYSIFT_CACHE_DIR` is not absolute, or there is no home.
    """
    check_variable()
    base = Path(os.environ.get(VARIABLE) or platformdirs.user_cache_dir("keysift", appauthor=False))
    if not base.is_absolute():  # no home, or an XDG_CACHE_HOME that is to be ignored
        raise UsageError("there is no cache directory: the user has no home", help=_HELP)
    return base / "compiled"  # one of our own, for the base may be a shared one


def check_variable() -> None:
    """Raise UsageError if `KEYSIFT_CACHE_DIR` is relative: it would name another place in each repository."""
    stated = os.environ.get(VARIABLE)
    if stated and not Path(stated).is_absolute():
        raise UsageError(f"{VARIABLE} is not an absolute path: {stated}", help=_HELP)


def read(name: str, key: bytes) -> bytes | None:
    """Return the data kept under a name, or None if there is none that was written with this key."""
    try:
        return _read(directory(), name, key)
    except (OSError, UsageError):
        return None


def write(name: str, key: bytes, data: bytes) -> None:
    """Keep data under a name, beside what was written with other keys; do nothing if that is impossible.

    `key` is a digest of what the data were made of, and of what made them.
    """
    with contextlib.suppress(OSError, UsageError):
        place = directory()
        _make(place)
        file = place / _file_name(name, key)
        aside = file.with_name(f"{file.name}.{os.urandom(8).hex()}{ASIDE}")
        _check(place)
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with open(descriptor, "wb") as out:  # noqa: PTH123 - a descriptor has no path
                out.write(_digest(key, data) + data)
            aside.replace(file)  # in one step, since another process may be reading it
        except OSError:
            aside.unlink(missing_ok=True)  # such as a full disk: leave nothing half-written
            raise
        _remove_unused(place, name)


def clear() -> tuple[int, int]:
    """Remove everything that is kept. Return how many files that were, and how many bytes.

    Raises:
        OSError: the directory is not the user's alone, or a file cannot be removed.
        UsageError: see `directory`.
    """
    place = directory()
    if not place.exists():
        return 0, 0
    _check(place)
    sizes = []
    for file in place.iterdir():
        if file.suffix in {ENDING, ASIDE}:
            sizes.append(file.lstat().st_size)
            file.unlink()
    with contextlib.suppress(OSError):  # of somebody else's files
        place.rmdir()
    return len(sizes), sum(sizes)


def check() -> None:
    """Raise OSError if nothing could be kept and found again, UsageError as `directory` does."""
    place = directory()
    _make(place)
    _check(place)
    if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(f"{place} cannot be written")


def _read(place: Path, name: str, key: bytes) -> bytes | None:
    _check(place)
    flags = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    with open(os.open(place / _file_name(name, key), flags), "rb") as file:  # noqa: PTH123 - as above
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or not _is_private(status):
            return None
        digest, data = file.read(_DIGEST_BYTES), file.read()
        if digest != _digest(key, data):
            return None
        if time.time() - status.st_mtime > _DAY:
            with contextlib.suppress(OSError):
                os.utime(place / _file_name(name, key))  # it is in use
        return data


def _digest(key: bytes, data: bytes) -> bytes:
    return hashlib.blake2b(key + data, digest_size=_DIGEST_BYTES).digest()


def _file_name(name: str, key: bytes) -> str:
    """Return the name of a file; homes are shared by machines of several kinds, and by versions of keysift."""
    machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
    text = f"{sys.platform} {machine} {key.hex()}"
    return f"{name}-{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}{ENDING}"


def _remove_unused(place: Path, name: str) -> None:
    """Remove the longest unused files of a name, and what processes that died were writing."""
    ages = sorted((time.time() - file.lstat().st_mtime, file) for file in place.glob(f"{name}-*"))
    kept = [file for _, file in ages if file.suffix == ENDING]
    abandoned = [file for age, file in ages if file.suffix == ASIDE and age > _DAY]
    for file in (*kept[MOST:], *abandoned):
        file.unlink(missing_ok=True)


# --- Who may write ----------------------------------------------------------------------------------------------------


def _make(place: Path) -> None:
    """Make a directory and those above it, for their owner alone. Raises OSError."""
    if not place.is_dir():
        _make(place.parent)
        _check_above(place)  # before: root must leave nothing of its own in a user's home
        place.mkdir(mode=0o700, exist_ok=True)


def _check(place: Path) -> None:
    """Raise OSError unless the directory is private, and nobody else could put another in its place."""
    _check_above(place)
    if place.is_symlink() or not _is_private(place.stat()):
        raise PermissionError(f"{place} is not a directory for its owner alone (mode 0700)")


def _check_above(place: Path) -> None:
    """Raise OSError if somebody else can change a directory above a place, or a link on the way to it."""
    if not hasattr(os, "getuid"):
        return  # Windows: a user's directories are private by inheritance
    for step in dict.fromkeys((*place.parents, *Path(os.path.realpath(place)).parents)):
        if not _is_safe(step.lstat()):
            raise PermissionError(f"{step} can be changed by others")


def _is_private(status: os.stat_result) -> bool:
    """Return True if the user owns it alone; also for what root lets everyone read, as in an image of a container."""
    if not hasattr(os, "getuid"):
        return True
    if status.st_uid == os.geteuid():
        return not status.st_mode & 0o077
    return status.st_uid == 0 and not status.st_mode & 0o022


def _is_safe(status: os.stat_result) -> bool:
    """Return True for a directory in which nobody but the user and root can rename what is theirs, or such a link."""
    if status.st_uid not in {0, os.geteuid()}:
        return False
    if stat.S_ISLNK(status.st_mode) or status.st_mode & stat.S_ISVTX:
        return True
    private_group = status.st_gid == status.st_uid == os.geteuid() != 0  # a group that has the user alone in it
    return not status.st_mode & (0o002 if private_group else 0o022)
