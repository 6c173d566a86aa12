"""What stands in the trees of commits: names, blobs, and which blobs stand at a path in very many commits."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import field
from itertools import compress
from pathlib import Path

from keysift.git import process
from keysift.git.diff import SUBMODULE_MODE
from keysift.git.objects import Object, ObjectReader
from keysift.git.repository import Repository
from keysift.records import dataclass

_DIRECTORIES = {b"40000", b"040000"}
"""The second as some old programs wrote it."""


@dataclass(slots=True)
class _Wanted:
    """What is asked about a directory: the paths that end in it, and the directories below."""

    path: str = ""
    """The path that ends here; empty where it only goes on."""
    below: dict[bytes, _Wanted] = field(default_factory=dict, repr=False)


_Level = dict[str, dict[int, tuple[_Wanted, int]]]
"""By the name of a tree, what is wanted of it and the commits that have it there, in bits; by `id` of what is wanted,
since one tree may stand at several paths.
"""


@dataclass(slots=True)
class _Descent:
    """What was found on the way down from the roots, and the level of trees to read next."""

    blobs: Container[str]
    below: _Level = field(default_factory=dict)
    standing: dict[tuple[str, str], int] = field(default_factory=dict)

    def look_up(self, directory: _Wanted, having: int, entries: Iterable[tuple[bytes, bytes, bytes]]) -> None:
        """Note which of the blobs stand in a tree that so many commits have, and which trees below are wanted."""
        for mode, name, binary in entries:
            there = directory.below.get(name)
            if there is None:
                continue
            oid = binary.hex()
            if mode in _DIRECTORIES:
                known = self.below.setdefault(oid, {})
                known[id(there)] = there, having | known.get(id(there), (there, 0))[1]
            elif there.path and oid in self.blobs:
                self.standing[there.path, oid] = self.standing.get((there.path, oid), 0) | having


def list_blobs(repo: Path, commit: str, *, inherit: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield path and id of every blob of a commit.

    Raises:
        SourceError: git cannot list them.
    """
    asked = ("ls-tree", "-r", "-z", "--full-tree", commit)
    answer = process.run(repo, *asked, inherit=inherit, most=process.LONGEST).stdout
    for row in os.fsdecode(answer).split("\0")[:-1]:
        head, _, path = row.partition("\t")
        mode, _kind, oid = head.split(" ")
        if mode != SUBMODULE_MODE:
            yield path, oid


def list_names(repository: Repository, reader: ObjectReader, trees: Iterable[str]) -> Iterator[bytes]:
    """Yield the names of the files and directories in these trees; of what cannot be read, none."""
    entry = re.compile(rb"[0-7]+ ([^\0]+)\0.{%d}" % repository.oid_bytes, re.DOTALL)
    for tree in reader.read_all(trees):
        if isinstance(tree, Object):
            yield from entry.findall(tree.data)


def find_standing(
    repository: Repository, reader: ObjectReader, commits: Sequence[str], paths: Iterable[str], blobs: Container[str]
) -> dict[tuple[str, str], int]:
    """Return for each path and each of the blobs that stands there the commits that have it: bit `n` is `commits[n]`.

    A tree is read once for all commits that share it. Of what cannot be read nothing is said.
    """
    wanted = _plan(paths)
    if not wanted.below:
        return {}
    level: _Level = {f"{commit}^{{tree}}": {id(wanted): (wanted, 1 << number)} for number, commit in enumerate(commits)}
    entry = re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % repository.oid_bytes, re.DOTALL)
    descent = _Descent(blobs)
    while level:
        for asked, tree in zip(level.values(), reader.read_all(level), strict=True):
            entries = entry.findall(tree.data) if isinstance(tree, Object) else []
            for directory, having in asked.values():
                descent.look_up(directory, having, entries)
        level, descent.below = descent.below, {}
    return descent.standing


def select(commits: Iterable[str], bits: int) -> Iterator[str]:
    """Yield those of the commits whose bits are set."""
    return compress(commits, map(int, reversed(f"{bits:b}")))


def _plan(paths: Iterable[str]) -> _Wanted:
    """Return what is wanted of the root, with all that is wanted below it."""
    root = _Wanted()
    for path in paths:
        place = root
        for name in os.fsencode(path).split(b"/"):
            place = place.below.setdefault(name, _Wanted())
        place.path = path
    return root
