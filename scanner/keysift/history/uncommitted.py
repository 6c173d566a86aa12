"""What belongs to a repository beside its objects: files that are not committed, and repositories inside of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from keysift.files.listing import files
from keysift.files.reading import read
from keysift.git import index, layout
from keysift.git.repository import Repository
from keysift.model import Blob, Skipped

DEEPEST_MODULES = 8


def unsaved(store: Repository, inside: list[str], known: Callable[[str], bool], limit: int) -> Iterator[Blob | Skipped]:
    """The files of the working tree, ignored ones left out, whose bytes are no object that is `known`, with names.

    Files below the directories `inside` are left out. A file that the index has as it is is not read.
    """
    if layout.is_bare(store.path) or not os.path.lexists(store.path / ".git"):
        return
    unchanged = index.read_statuses(store)
    lead = tuple(f"{path}/" for path in inside)
    for file in files(str(store.path)):
        if lead and file.path.startswith(lead):
            continue
        if isinstance(file, Skipped):
            yield file
        elif not _is_unchanged(store.path / file.path, unchanged.get(file.path)):
            blob = read(file, limit)
            if isinstance(blob, Skipped):
                yield blob
                continue
            oid = hashlib.new(
                store.digest, b"blob %d\0" % len(blob.data) + blob.data, usedforsecurity=False
            ).hexdigest()
            if not known(oid):
                yield Blob(blob.path, blob.data, oid=oid)


def _is_unchanged(place: Path, status: index.Status | None) -> bool:
    if status is None:
        return False
    try:
        now = os.lstat(place)
    except OSError:
        return False
    seconds, nanoseconds, size = status
    return (now.st_mtime_ns // 10**9, now.st_mtime_ns % 10**9, now.st_size) == (seconds, nanoseconds, size)


def modules(store: Repository) -> Iterator[tuple[Path, str]]:
    """The repositories of submodules that are on this machine, and the paths by which a report names them.

    Their checkouts, where they are what they seem; and what `.git/modules` keeps of others.
    """
    kept = store.git_directory / "modules"
    used: set[str] = set()
    for path in index.list_submodules(store.path):
        own = _git_directory(store, path, kept)
        if own:
            used.add(own)
            yield store.path / path, path
    for directory, name in _repositories(kept, ""):
        if os.path.realpath(directory) not in used:
            yield directory, f".git/modules/{name}"


def _git_directory(store: Repository, path: str, kept: Path) -> str | None:
    """Where the checkout of a submodule keeps its objects; None where that is outside of the repository."""
    place = os.path.realpath(store.path / path)
    inner = Path(place) / ".git"
    if place != os.path.join(os.path.realpath(store.path), *path.split("/")) or not layout.is_repository(place):  # noqa: PTH118
        return None
    if inner.is_dir():
        return None if inner.is_symlink() else os.fspath(inner)
    try:
        target = os.fsdecode(inner.read_bytes()[:4096]).removeprefix("gitdir: ").rstrip("\n")
    except OSError:
        return None
    directory = os.path.realpath(Path(place) / target)
    return directory if directory.startswith(os.path.realpath(kept) + os.sep) else None


def _repositories(folder: Path, name: str, depth: int = 0) -> Iterator[tuple[Path, str]]:
    """The repositories below a directory; those within another are its own."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            continue
        path = f"{name}/{entry.name}" if name else entry.name
        if layout.is_bare(entry.path):
            yield Path(entry.path), path
        elif depth < DEEPEST_MODULES:
            yield from _repositories(Path(entry.path), path, depth + 1)
