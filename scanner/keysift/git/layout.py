"""Where repositories lie and what kind they are, read from the file system: starts no process."""

# Paths stay strings, which `os.path` keeps as they are, at little cost: this is asked of every directory of a tree.
# ruff: noqa: PTH112, PTH113, PTH118, PTH123

from __future__ import annotations

import os
from pathlib import Path

_POINTER = b"gitdir: "
"""What the small file that stands for `.git` in submodules and linked working trees starts with."""


def toplevel(directory: str | os.PathLike[str]) -> Path | None:
    """Return the top of the working tree, or the bare repository, that holds `directory`; None outside git.

    Links in `directory` are resolved first, as git does.
    """
    here = Path(os.path.realpath(directory))
    return next((place for place in (here, *here.parents) if is_repository(place)), None)


def is_repository(directory: str | os.PathLike[str]) -> bool:
    """Return whether `directory` itself is bare or the top of a working tree, linked ones and submodules included."""
    inner = os.path.join(directory, ".git")
    return _is_git_directory(inner) or _is_pointer(inner) or is_bare(directory)


def is_bare(directory: str | os.PathLike[str]) -> bool:
    """Return whether `directory` itself holds objects and refs, without a working tree around it."""
    place = os.fspath(directory)
    return _is_git_directory(place) and not os.path.lexists(os.path.join(place, ".git"))


def git_directory(top: str | os.PathLike[str]) -> Path:
    """Return where git keeps what belongs to the working tree at `top`: HEAD, MERGE_HEAD, the index."""
    inner = Path(top, ".git")
    if not _is_pointer(os.fspath(inner)):
        return inner if inner.is_dir() else Path(top)
    target = inner.read_bytes()[:4096].removeprefix(_POINTER).split(b"\n")[0]
    return Path(top, os.fsdecode(target))


def _is_git_directory(path: str) -> bool:
    """Return whether `path` has HEAD, objects and refs; https://git-scm.com/docs/gitrepository-layout."""
    return (
        os.path.lexists(os.path.join(path, "HEAD"))
        and os.path.isdir(os.path.join(path, "objects"))
        and os.path.isdir(os.path.join(path, "refs"))
    )


def _is_pointer(path: str) -> bool:
    """Return whether `path` is a file that says where the git directory is."""
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(_POINTER)) == _POINTER
    except OSError:
        return False
