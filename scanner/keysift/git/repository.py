"""Where a repository keeps its objects, and what kind of repository it is."""

# Directories of many entries: names alone, without a `Path` of each.
# ruff: noqa: PTH208

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from keysift.git import process
from keysift.records import dataclass

DEEPEST_ALTERNATES = 5
SHA1, SHA256 = "sha1", "sha256"
_PLACES = ("--absolute-git-dir", "--git-common-dir", "--git-path", "objects")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that git can read."""

    path: Path
    git_directory: Path
    common_directory: Path
    """The same, but for a linked working tree."""
    object_directories: tuple[Path, ...]
    """Its own first, then those it borrows from."""
    digest: str
    """The hash function of its object ids."""
    shallow: bool
    """Whether its history was cut off when it was cloned."""
    partial: bool
    """Whether it came from a clone with a filter: then objects are missing by design."""

    @property
    def linked(self) -> bool:
        """Return whether it is a linked working tree."""
        return self.git_directory != self.common_directory

    @property
    def oid_bytes(self) -> int:
        """Return how many bytes an object id has in a tree."""
        return 20 if self.digest == SHA1 else 32


def open_repository(path: Path) -> Repository:
    """Return what git says about the repository at `path`.

    Raises:
        SourceError: it is none, or git cannot read it.
    """
    # A git that does not know the last of these says it again: it knows one hash function alone.
    asked = (*_PLACES, "--is-shallow-repository", "--show-object-format")
    answer = os.fsdecode(process.run(path, "rev-parse", *asked).stdout).split("\n")
    directory, common, own, shallow, digest = (*answer, "", "", "", "", "")[:5]
    objects = Path(os.path.normpath(path / own))
    return Repository(
        path=path,
        git_directory=Path(os.path.realpath(directory)),
        common_directory=Path(os.path.realpath(path / common)),
        object_directories=tuple(dict.fromkeys(_with_alternates(objects))),
        digest=digest if digest == SHA256 else SHA1,
        shallow=shallow == "true",
        partial=any(name.endswith(".promisor") for name in _names(objects / "pack")),
    )


def _with_alternates(objects: Path, depth: int = 0) -> Iterator[Path]:
    """Yield a directory of objects and those that it names as alternates."""
    yield objects
    if depth == DEEPEST_ALTERNATES:
        return
    try:
        lines = (objects / "info" / "alternates").read_bytes().split(b"\n")
    except OSError:
        return
    for line in lines:
        if line and not line.startswith(b"#"):
            yield from _with_alternates(Path(os.path.normpath(objects / os.fsdecode(line))), depth + 1)


def list_packs(repository: Repository) -> Iterator[Path]:
    """Yield the packs of all directories of objects, the largest of each first."""
    for objects in repository.object_directories:
        folder = objects / "pack"
        packs = [folder / name for name in _names(folder) if name.endswith(".pack")]
        yield from sorted(packs, key=lambda path: (-path.stat().st_size, path.name))


def list_loose(repository: Repository) -> Iterator[str]:
    """Yield the ids of the objects that lie in files of their own, once for each directory of objects that has one."""
    for objects in repository.object_directories:
        for number in range(256):
            lead = f"{number:02x}"
            yield from (lead + name for name in _names(objects / lead) if len(name) in {38, 62})


def list_worktrees(repository: Repository) -> list[str]:
    """Return the names of the linked working trees."""
    return sorted(_names(repository.common_directory / "worktrees"))


def _names(directory: Path) -> list[str]:
    """Return the names in a directory; none where it cannot be read."""
    try:
        return os.listdir(directory)
    except OSError:
        return []
