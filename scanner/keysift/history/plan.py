"""Shares out the objects of a repository among processes: a plan of batches of about the same weight.

Packs are read as they lie on the disk, each delta only where it differs from its base. What lies in no pack, and what
a pack cannot be read for, is read through `git cat-file`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

from keysift.git import pack
from keysift.git.delta import DamagedError
from keysift.git.objects import list_objects
from keysift.git.pack import Pack, PackNames
from keysift.git.repository import SHA1, Repository, list_loose, list_packs
from keysift.model import Skipped
from keysift.records import dataclass

BATCHES = 24
"""Batches for each process: many, so that no core waits long for the last one."""
MOST_OBJECTS = 20_000
"""Objects of one batch."""
NAME_BYTES = 40
"""A delta of a tree with fewer bytes has no room for a new name that is a key, and the new object's own id."""
LOOSE_SIZE = 1000
"""Bytes that an object in a file of its own is taken for: its size is known when it is read."""
SCANNED = {"commit": pack.COMMIT, "blob": pack.BLOB, "tag": pack.TAG}
"""The kinds of objects whose bytes are scanned; of trees only the names are."""
FEW = 300
"""New objects of a pack that are sooner read through git than the whole pack as it lies."""
WORTH_SHARING = 1000 * LOOSE_SIZE
"""The weight of few new objects that lie scattered, for which no process is started."""
_NO_KIND = 0
"""Of a delta whose base is in no pack."""
_UNKNOWN = "unknown"
_Item = TypeVar("_Item")
_READ = {*SCANNED, "tree", _UNKNOWN, "missing"}


@dataclass(frozen=True, slots=True)
class GitBatch:
    """Objects to read through git."""

    weight: int
    oids: Sequence[str]


@dataclass(frozen=True, slots=True)
class DeltaBatch:
    """Objects of a pack that are no deltas, to read with all deltas of them."""

    weight: int
    pack: int
    roots: Sequence[int]


@dataclass(frozen=True, slots=True)
class TreeBatch:
    """Trees, and deltas of trees, in a pack, to search for names."""

    weight: int
    pack: int
    trees: Sequence[int]


Batch: TypeAlias = GitBatch | DeltaBatch | TreeBatch


class SeenObjects(Protocol):
    """What an earlier audit has seen."""

    def list_new(self, names: PackNames) -> list[bytes]:
        """Return the ids of the objects of a pack that it has not seen."""

    def is_new(self, oid: str) -> bool:
        """Return True for an object that it has not seen."""


@dataclass(slots=True)
class SweepPlan:
    """The work of a sweep: all packs and objects of a repository, and their batches."""

    repository: Repository
    limit: int
    """Bytes of the longest object that is read."""
    packs: list[Pack] = field(default_factory=list)
    children: list[pack.Children] = field(default_factory=list)
    """Of each pack, without trees."""
    batches: list[Batch] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unpacked: set[str] = field(default_factory=set)
    """The ids of the objects that are in none of these packs."""
    seen: list[PackNames] = field(default_factory=list)
    """The packs of which only few objects, or none, are new."""

    def holds(self, oid: str) -> bool:
        """Return whether the repository has an object of this id."""
        packs: tuple[Pack | PackNames, ...] = (*self.packs, *self.seen)
        return oid in self.unpacked or any(opened.holds(oid) for opened in packs)

    @property
    def weight(self) -> int:
        """A measure of the work: roughly bytes."""
        return sum(batch.weight for batch in self.batches)

    def list_commits(self) -> list[str]:
        """Return the ids of the commits in the packs."""
        return [oid for opened in self.packs for oid in _select(opened, pack.COMMIT)]

    def list_trees(self, trees: Iterable[tuple[int, int]]) -> Iterator[str]:
        """Yield the ids of trees, given by pack and number, and of all deltas of them."""
        by_pack: dict[int, list[int]] = {}
        for number, tree in trees:
            by_pack.setdefault(number, []).append(tree)
        for number, roots in by_pack.items():
            opened = self.packs[number]
            children = pack.find_children(opened, trees=True)
            for root in roots:
                yield from list_deltas(opened, children, root)

    def list_oids(self, batch: Batch) -> list[str]:
        """Return the ids of all objects of a batch."""
        if isinstance(batch, GitBatch):
            return list(batch.oids)
        opened = self.packs[batch.pack]
        if isinstance(batch, TreeBatch):
            return [opened.oid(tree) for tree in batch.trees]
        children = self.children[batch.pack]
        return [oid for root in batch.roots for oid in list_deltas(opened, children, root)]

    def halve(self, number: int) -> Sequence[int]:
        """Split a batch of which a process has died; return the numbers of the halves, none where it is one object."""
        halves = self._halves(self.batches[number])
        self.batches += halves
        return range(len(self.batches) - len(halves), len(self.batches))

    def _halves(self, batch: Batch) -> list[Batch]:
        if isinstance(batch, DeltaBatch) and len(batch.roots) == 1:
            batch = GitBatch(batch.weight, tuple(self.list_oids(batch)))  # git reads a delta without its siblings
        weight = batch.weight // 2
        match batch:
            case GitBatch(oids=oids) if len(oids) > 1:
                return [GitBatch(weight, half) for half in _in_halves(oids)]
            case DeltaBatch(pack=opened, roots=roots):
                return [DeltaBatch(weight, opened, half) for half in _in_halves(roots)]
            case TreeBatch(pack=opened, trees=trees) if len(trees) > 1:
                return [TreeBatch(weight, opened, half) for half in _in_halves(trees)]
        return []


def make_plan(
    repository: Repository, limit: int, jobs: int, *, plain: bool = False, seen: SeenObjects | None = None
) -> SweepPlan:
    """Share out the objects of a repository among so many processes; those that were `seen` before are left out.

    `plain` reads everything through git. Objects that cannot be named are in `SweepPlan.skipped`.
    """
    plan = SweepPlan(repository, limit)
    by_git = plain or repository.digest != SHA1
    new: list[bytes] = []
    for path in () if by_git else list_packs(repository):
        try:
            if seen and (few := _few_new(path, seen)):
                plan.seen.append(few[0])
                new += few[1]
            else:
                plan.packs.append(pack.open_pack(path))
        except DamagedError:
            by_git = True  # git knows better what can be saved of it
    rows = list_objects(repository.path, plan.skipped) if by_git else _list_loose(repository)
    rows = [row for row in rows if not plan.holds(row[0])]
    plan.unpacked = {oid for oid, _, _ in rows}
    rows = [row for row in rows if seen is None or seen.is_new(row[0])]
    rows += [(oid.hex(), _UNKNOWN, LOOSE_SIZE) for oid in dict.fromkeys(new)]
    read = [(oid, size) for oid, kind, size in rows if kind in _READ]
    plan.batches += _git_batches(read, jobs, WORTH_SHARING if seen else 1)
    for number, opened in enumerate(plan.packs):
        plan.children.append(pack.find_children(opened))
        plan.batches += _delta_batches(opened, number, jobs)
        plan.batches += _tree_batches(opened, number)
    plan.skipped += (
        Skipped(
            f".git/objects/pack/{opened.path.name}", f"it ends before {len(opened.lost):,} objects of its index begin"
        )
        for opened in plan.packs
        if opened.lost
    )
    plan.batches.sort(key=lambda batch: -batch.weight)
    if strange := [oid for opened in plan.packs for oid in _select(opened, _NO_KIND)]:
        plan.batches.append(GitBatch(0, tuple(strange)))
    return plan


def _few_new(path: Path, seen: SeenObjects) -> tuple[PackNames, list[bytes]] | None:
    """Return the ids in a pack, and those of new objects; None if these are so many that the pack is read as it lies.

    Raises:
        DamagedError: it cannot be read.
    """
    names = pack.open_names(path)
    new = seen.list_new(names)
    return (names, new) if len(new) <= max(FEW, len(names.names) // pack.NAME_BYTES // 10) else None


def list_deltas(opened: Pack, children: pack.Children, number: int) -> list[str]:
    """Return the ids of an object and all deltas of it."""
    oids, waiting = [], [number]
    while waiting:
        delta = waiting.pop()
        oids.append(opened.oid(delta))
        waiting += children.of(delta)
    return oids


def _list_loose(repository: Repository) -> list[tuple[str, str, int]]:
    """Return id, kind and size of the objects in files of their own; kind and size are known when they are read."""
    return [(oid, _UNKNOWN, LOOSE_SIZE) for oid in dict.fromkeys(list_loose(repository))]


def _select(opened: Pack, kind: int) -> list[str]:
    return [opened.oid(number) for number, own in enumerate(opened.kinds) if own == kind]


def _in_halves(items: Sequence[_Item]) -> tuple[Sequence[_Item], Sequence[_Item]]:
    middle = len(items) // 2
    return items[:middle], items[middle:]


def _git_batches(rows: Sequence[tuple[str, int]], jobs: int, least: int) -> Iterator[GitBatch]:
    """Yield batches of objects, given by id and size, of about the same weight, and of `least` or more."""
    share = max(least, sum(size for _, size in rows) // (jobs * BATCHES) + 1)
    oids: list[str] = []
    weight = 0
    for oid, size in rows:
        oids.append(oid)
        weight += size
        if weight >= share or len(oids) >= MOST_OBJECTS:
            yield GitBatch(weight, tuple(oids))
            oids, weight = [], 0
    if oids:
        yield GitBatch(weight, tuple(oids))


def _delta_batches(opened: Pack, number: int, jobs: int) -> Iterator[DeltaBatch]:
    """Yield objects with their deltas in batches of about the same weight; what belongs together stays whole."""
    weights = _weigh(opened)
    roots = [
        root for root, parent in enumerate(opened.parents) if parent < 0 and opened.kinds[root] in SCANNED.values()
    ]
    share = sum(weights[root] for root in roots) // (jobs * BATCHES) + 1
    # In the order of the pack, so that its pages are read once; only what is large goes first.
    large = sorted((root for root in roots if weights[root] >= share), key=lambda root: -weights[root])
    yield from (DeltaBatch(weights[root], number, (root,)) for root in large)
    several = array("q")
    weight = 0
    for root in roots:
        if weights[root] >= share:
            continue
        several.append(root)
        weight += weights[root]
        if weight >= share:
            yield DeltaBatch(weight, number, several)
            several, weight = array("q"), 0
    if several:
        yield DeltaBatch(weight, number, several)


def _tree_batches(opened: Pack, number: int) -> Iterator[TreeBatch]:
    """Yield the trees in which there may be new names."""
    kinds, parents, sizes = opened.kinds, opened.parents, opened.sizes
    trees = array(
        "q",
        (
            tree
            for tree, kind in enumerate(kinds)
            if kind == pack.TREE and (parents[tree] < 0 or sizes[tree] >= NAME_BYTES)
        ),
    )
    for start in range(0, len(trees), MOST_OBJECTS):
        part = trees[start : start + MOST_OBJECTS]
        yield TreeBatch(sum(sizes[tree] for tree in part), number, part)


def _weigh(opened: Pack) -> array[int]:
    """Return for each object how much work it and its deltas are: roughly bytes to inflate, and to put together."""
    sizes, parents = opened.sizes, opened.parents
    weights = array("q", [size + 500 for size in sizes])
    for number in range(len(opened) - 1, -1, -1):
        if parents[number] >= 0:
            weights[parents[number]] += weights[number]
    return weights
