"""What git's index has and the disk has not: submodules and files that are not checked out, and deleted files."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator

from keysift import patterns
from keysift.files.entries import GIT, Walk
from keysift.model import Skipped

SUBMODULE = "a submodule that is not checked out"
SPARSE = "left out by the sparse checkout"
DELETED = "tracked by git, and deleted from the working tree"
REASONS = frozenset({SUBMODULE, SPARSE, DELETED})
MOST = 1_000
"""Entries that are told one by one; of more, what is missing is told by directory."""
_NO_NAMES = {"", ".", ".."} | GIT
"""Parts of paths that only a forged index holds."""


def absent(path: str, tag: str) -> Skipped | None:
    """Return what is said of an entry of the index that is not on the disk, by the tag that git gives it.

    https://git-scm.com/docs/git-ls-files#Documentation/git-ls-files.txt--t
    """
    path = path.rstrip("/")
    if not _NO_NAMES.isdisjoint(path.split("/")):
        return None
    reason = SUBMODULE if " 160000 " in tag else SPARSE if tag.startswith("S") else DELETED
    return Skipped(path, reason, expected=True)


def told(walk: Walk, missing: Iterable[Skipped], kind: Callable[[str], int]) -> Iterator[Skipped]:
    """Yield the entries that the user did not exclude; of very many, the directories that are missing."""
    wanted = [each for each in missing if not any(patterns.covers(excluded, each.path) for excluded in walk.exclude)]
    if len(wanted) <= MOST:
        yield from wanted
        return
    yield from dict.fromkeys(Skipped(_top(each.path, kind), each.reason, expected=True) for each in wanted)


def _top(path: str, kind: Callable[[str], int]) -> str:
    """Return the topmost directory on the way to a path that is not there; the path itself if its directory is."""
    parts = path.split("/")
    above = ("/".join(parts[:count]) for count in range(1, len(parts)))
    return next((directory for directory in above if kind(directory) != stat.S_IFDIR), path)
