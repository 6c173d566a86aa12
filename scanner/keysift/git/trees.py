"""Trees of git objects -> what stands in them: names, and which blobs stand at a path in very many commits."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, product

from keysift.git import store as objects
from keysift.git.objects import Object, Objects
from keysift.model import Skipped

NARROW = 20
"""Up to this many trees of one level are read one after the other: a git of their own would take longer to start."""
_DIRECTORIES = {b"40000", b"040000"}
"""The second as some old programs wrote it."""


@dataclass(slots=True)
class _Wanted:
    """What is asked about a directory: the paths that end in it, and the directories below."""

    path: str = ""
    """The path that ends here; empty where it only goes on."""
    below: dict[bytes, _Wanted] = field(default_factory=dict, repr=False)


def names(store: objects.Store, trees: Iterable[str]) -> Iterator[bytes]:
    """The names of the files and directories in these trees."""
    entry = re.compile(rb"[0-7]+ ([^\0]+)\0.{%d}" % _length(store), re.DOTALL)
    for one in objects.read(store.repository, trees, objects.LONGEST_SHOWN):
        if not isinstance(one, Skipped):
            yield from entry.findall(one.data)


def standing(
    store: objects.Store, commits: Sequence[str], paths: Iterable[str], blobs: Collection[str]
) -> dict[tuple[str, str], int]:
    """Where one of the blobs stands at one of the paths, and in which commits: bit `n` stands for `commits[n]`.

    A tree is read once for all commits that share it. Of what cannot be read nothing is said.
    """
    wanted = _tree(paths)
    if not wanted.below:
        return {}
    level = {f"{commit}^{{tree}}": {id(wanted): (wanted, 1 << number)} for number, commit in enumerate(commits)}
    entry = re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % _length(store), re.DOTALL)
    held: dict[tuple[str, str], int] = {}
    with Objects(store.repository, limit=objects.LONGEST_SHOWN) as reader:
        while level:
            below: dict[str, dict[int, tuple[_Wanted, int]]] = {}
            for tree, data in _contents(store, reader, level):
                for (asked, having), (mode, name, binary) in product(level[tree].values(), entry.findall(data)):
                    there = asked.below.get(name)
                    if there is None:
                        continue
                    oid = binary.hex()
                    if mode in _DIRECTORIES:
                        known = below.setdefault(oid, {})
                        known[id(there)] = there, having | known.get(id(there), (there, 0))[1]
                    elif there.path and oid in blobs:
                        held[there.path, oid] = held.get((there.path, oid), 0) | having
            level = below
    return held


def _contents(store: objects.Store, reader: Objects, trees: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the names of the trees that can be read, with their bytes."""
    if len(trees) > NARROW:
        for found in objects.read(store.repository, trees, objects.LONGEST_SHOWN):
            if not isinstance(found, Skipped):
                yield found.oid, found.data
        return
    for tree in trees:
        answer = reader.read(tree)
        if isinstance(answer, Object):
            yield tree, answer.data


def chosen(commits: Iterable[str], bits: int) -> Iterator[str]:
    """Those of the commits whose bits are set."""
    return compress(commits, map(int, reversed(f"{bits:b}")))


def _tree(paths: Iterable[str]) -> _Wanted:
    root = _Wanted()
    for path in paths:
        place = root
        for name in os.fsencode(path).split(b"/"):
            place = place.below.setdefault(name, _Wanted())
        place.path = path
    return root


def _length(store: objects.Store) -> int:
    """Bytes of an object's name in a tree: an entry is its mode, a blank, its name, NUL, and that."""
    return 20 if store.digest == objects.SHA1 else 32
