"""What a repository has beside its objects: files that are not committed, and the repositories of submodules."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from keysift.files import absent
from keysift.files.listing import files
from keysift.files.reading import read
from keysift.git import index, layout
from keysift.git.repository import Repository
from keysift.model import Blob, Skipped

MOST_FOLDERS = 8
"""Directories around a repository in `.git/modules`."""


def read_uncommitted(
    repository: Repository,
    submodules: list[str],
    statuses: dict[str, index.Status],
    is_known: Callable[[str], bool],
    limit: int,
) -> Iterator[Blob | Skipped]:
    """Yield the files of the working tree whose bytes are no known object, with the ids that they would have.

    Ignored files, and those below the paths of submodules, are left out. A file that is as the index has it is not
    read: `statuses` are those of the index. `limit` is the size of the longest file, in bytes.
    """
    if layout.is_bare(repository.path) or not os.path.lexists(repository.path / ".git"):
        return
    prefixes = tuple(f"{path}/" for path in submodules)
    for file in files(str(repository.path)):
        if prefixes and file.path.startswith(prefixes):
            continue
        if isinstance(file, Skipped):
            if file.reason not in absent.REASONS:  # an audit reads the objects instead
                yield file
        elif not _is_unchanged(repository.path / file.path, statuses.get(file.path)):
            blob = read(file, limit)
            if isinstance(blob, Skipped):
                yield blob
                continue
            oid = _blob_id(repository, blob.data)
            if not is_known(oid):
                yield Blob(blob.path, blob.data, oid=oid)


def _blob_id(repository: Repository, data: bytes) -> str:
    """Return the object id that git would give these bytes."""
    return hashlib.new(repository.digest, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _is_unchanged(place: Path, status: index.Status | None) -> bool:
    if status is None:
        return False
    try:
        now = os.lstat(place)
    except OSError:
        return False
    seconds, nanoseconds, size = status
    return (now.st_mtime_ns // 10**9, now.st_mtime_ns % 10**9, now.st_size) == (seconds, nanoseconds, size)


def list_submodules(repository: Repository, paths: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """Yield the repositories of submodules on this machine, with the paths by which a report names them.

    These are their checkouts, at `paths` in the index, if they lead nowhere outside, and what else
    `.git/modules` keeps.
    """
    modules = repository.git_directory / "modules"
    checked_out: set[str] = set()
    for path in paths:
        directory = _git_directory(repository, path, modules)
        if directory:
            checked_out.add(directory)
            yield repository.path / path, path
    for place, name in _list_repositories(modules, ""):
        if os.path.realpath(place) not in checked_out:
            yield place, f".git/modules/{name}"


def _git_directory(repository: Repository, path: str, modules: Path) -> str | None:
    """Return the directory in which a submodule's checkout has its objects; None if that is outside of the repository.

    Links are followed, for a stranger's repository may have them lead anywhere.
    """
    place = os.path.realpath(repository.path / path)
    expected = os.path.join(os.path.realpath(repository.path), *path.split("/"))  # noqa: PTH118
    if place != expected or not layout.is_repository(place):
        return None
    inner = Path(place) / ".git"
    if inner.is_dir():
        return None if inner.is_symlink() else os.fspath(inner)
    try:
        target = os.fsdecode(inner.read_bytes()[:4096]).removeprefix("gitdir: ").rstrip("\n")
    except OSError:
        return None
    directory = os.path.realpath(Path(place) / target)
    return directory if directory.startswith(os.path.realpath(modules) + os.sep) else None


def _list_repositories(folder: Path, name: str, depth: int = 0) -> Iterator[tuple[Path, str]]:
    """Yield the repositories below a directory, with their paths in it; those within another belong to that one."""
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
        elif depth < MOST_FOLDERS:
            yield from _list_repositories(Path(entry.path), path, depth + 1)
