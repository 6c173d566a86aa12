"""Why a path is not read, in words."""

# Paths are strings, as everywhere in this room.
# ruff: noqa: PTH116, PTH119, PTH206

from __future__ import annotations

import errno
import os
import stat

from keysift.model import Skipped

_KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a directory",
}


def special(path: str, mode: int, *, expected: bool = True) -> Skipped:
    """Return what is said of a FIFO, a socket and the like; `mode` as `os.stat` gives it."""
    return Skipped(path, f"{kind(mode)}, not a file", expected=expected)


def directory(path: str, error: OSError) -> Skipped:
    """Return what is said of a directory that cannot be listed."""
    return Skipped(path or ".", f"directory not readable: {reason(error)}")


def link(path: str, place: str, target: str) -> Skipped:
    """Return what is said of a link that was met below `target`.

    It is never followed: what it points to is scanned in its own place, or nobody asked for it.
    """
    return Skipped(path, link_reason(place, target), expected=True)


def too_large(path: str, size: int, limit: int) -> Skipped:
    """Return what is said of a file over the limit that the user set; both in bytes."""
    return Skipped(path, f"{size:,} bytes or more, over the limit of {limit:,}", expected=True)


def excluded(path: str, origin: str) -> Skipped:
    """Return what is said of a named path that `exclude` leaves out, of the configuration `origin` if there is one."""
    by = f"`exclude` of {os.path.basename(origin)}" if origin else "--exclude"
    return Skipped(path, f"left out by {by}; --force judges it all the same", expected=True)


def link_reason(place: str, target: str = "") -> str:
    """Return what kind of link stands at `place`, and where it points as seen from `target`."""
    try:
        os.stat(place)
    except OSError as error:
        return "symbolic link that leads back to itself" if error.errno == errno.ELOOP else "broken symbolic link"
    if not target:
        return "symbolic link"
    outside = os.path.relpath(os.path.realpath(place), os.path.realpath(target)).split(os.sep)[0] == ".."
    return f"symbolic link to something {'outside' if outside else 'inside'} the target, not followed"


def kind(mode: int) -> str:
    """Return what stands at a path: `a FIFO`."""
    return _KINDS.get(stat.S_IFMT(mode), "neither a file nor a directory")


def reason(error: OSError) -> str:
    """Return the words of the system: `permission denied`."""
    return (error.strerror or str(error) or type(error).__name__).lower()
