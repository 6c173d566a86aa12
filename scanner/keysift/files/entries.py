"""What stands in one directory: names and file types, without `.git` and what the user excludes."""

# Paths are strings, as everywhere in this room.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import product

from keysift import patterns
from keysift.files import skips
from keysift.files.reading import File
from keysift.model import Skipped
from keysift.records import dataclass

GIT = frozenset(map("".join, product(".", "gG", "iI", "tT")))
"""The names of what is git's own: file systems that ignore case take all of them for `.git`."""
USUAL = frozenset({stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK})
"""The types of what is not worth a word, or has words of its own."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A directory still to be listed."""

    path: str
    """Relative to the root of the walk, empty for the root itself."""
    rules: tuple[patterns.PatternList, ...] | None = None
    """The lists of patterns that hold here, outermost first; None where a walk starts."""

    @property
    def lead(self) -> str:
        """What paths of its entries start with."""
        return f"{self.path}/" if self.path else ""


@dataclass(frozen=True, slots=True)
class Walk:
    """What was asked: the same for every directory."""

    root: str
    """The absolute directory that all paths start from."""
    start: str
    """The path of the target, empty where it is the root."""
    ignore: bool
    exclude: tuple[patterns.PatternList, ...]

    def place(self, path: str) -> str:
        """Return where `path` is on this machine."""
        return os.path.join(self.root, path) if path else self.root

    def link(self, path: str) -> Skipped:
        """Return what is said of a link."""
        return skips.link(path, self.place(path), self.place(self.start))


Step = File | Skipped | Folder
"""What is met on the way through a tree."""


def entries(walk: Walk, folder: Folder) -> dict[str, int]:
    """Return the names in a directory with their file types (`stat.S_IFREG`, ...). Raises OSError."""
    return chosen(walk, folder, everything(walk, folder))


def everything(walk: Walk, folder: Folder) -> dict[str, int]:
    """Return the same with `.git` and what the user excludes. Raises OSError."""
    file = stat.S_IFREG
    with os.scandir(walk.place(folder.path)) as scanned:
        return {entry.name: file if entry.is_file(follow_symlinks=False) else _type(entry) for entry in scanned}


def chosen(walk: Walk, folder: Folder, found: dict[str, int]) -> dict[str, int]:
    """Return the entries of a directory without `.git` and what the user excludes."""
    if not GIT.isdisjoint(found):
        found = {name: kind for name, kind in found.items() if name not in GIT}
    if not walk.exclude:
        return found
    lead = os.fsencode(folder.lead)
    return {
        name: kind
        for name, kind in found.items()
        if not patterns.ignored(walk.exclude, lead + os.fsencode(name), directory=kind == stat.S_IFDIR)
    }


def special(folder: Folder, found: dict[str, int]) -> Iterator[Skipped]:
    """Yield the entries that are neither files nor directories nor links."""
    return (skips.special(folder.lead + name, kind) for name, kind in found.items() if kind not in USUAL)


def _type(entry: os.DirEntry[str]) -> int:
    """Return the file type of an entry that is no plain file; the usual ones cost no system call."""
    if entry.is_dir(follow_symlinks=False):
        return stat.S_IFDIR
    if entry.is_symlink():
        return stat.S_IFLNK
    try:
        return stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode)
    except OSError:
        return 0
