"""Every object of a repository, once, on all cores: what may be a key in it, before anyone asks for its path.

Two ways to the same result: packs as they lie on the disk, each delta only where it differs from its base; and through
`git cat-file`, which can read everything. What the first cannot read goes to the second.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial

from keysift import pool
from keysift.containers import has_inside
from keysift.detect.confirm import RuleTimeoutError
from keysift.detect.incremental import BlobState, ContextMatch, IncrementalDetector, Occurrence
from keysift.detect.matcher import Matcher
from keysift.git import delta, pack
from keysift.git.delta import DamagedError, TooLargeError
from keysift.git.objects import ObjectReader, list_objects
from keysift.git.pack import Pack
from keysift.git.repository import SHA1, Repository, list_loose, list_packs
from keysift.history.blob_key import BlobKey, describe
from keysift.model import Blob, Skipped
from keysift.scan import contents

LOTS = 24
"""So many lots for each process: the last ones are small, so that no core waits long."""
SMALL, TOGETHER = 1 << 13, 1 << 16
"""Objects up to the first size are looked at many at once, up to the second in all."""
NAMED = 40
"""A delta of a tree with fewer bytes has no room for a new name that is a key, and the new object's own name."""
_KINDS = {"commit": pack.COMMIT, "blob": pack.BLOB, "tag": pack.TAG}
_UNKNOWN = "unknown"
_WANTED = {*_KINDS, "tree", _UNKNOWN, "missing"}


@dataclass(frozen=True, slots=True)
class ContainerKeys:
    """What came of all that is inside of an archive or a document, wherever that stands."""

    keys: frozenset[tuple[str, bytes]] = field(repr=False)
    """Rule and secret."""
    skipped: tuple[Skipped, ...]


@dataclass(slots=True)
class SweepResult:
    """What came of one lot; sightings are numbered within it."""

    sightings: list[ContextMatch] = field(default_factory=list)
    objects: dict[BlobKey, list[Occurrence]] = field(default_factory=dict)
    """By name, those in which something was sighted."""
    commits: dict[BlobKey, bytes] = field(default_factory=dict, repr=False)
    """The commits and tags among them, whole."""
    commit_names: list[str] = field(default_factory=list)
    """Of the commits that git handed over."""
    count: int = 0
    bytes: int = 0
    weight: int = 0
    """The share of this lot in `Sweep.weight`."""
    skipped: list[Skipped] = field(default_factory=list)
    trees: list[tuple[int, int]] = field(default_factory=list)
    """Those in whose names a key may be, by pack and number."""
    tree_names: list[str] = field(default_factory=list)
    """Likewise of what git handed over."""
    inside: dict[BlobKey, ContainerKeys] = field(default_factory=dict)
    """By name, what came of containers."""
    left: list[str] = field(default_factory=list)
    """What the pack could not be read for: to be read through git."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A share of the work: roots of trees of deltas in a pack, or names for git."""

    weight: int
    pack: int = -1
    roots: Sequence[int] = ()
    names: tuple[str, ...] = ()
    trees: bool = False
    """The roots are trees, of which the names are looked at."""


@dataclass(slots=True)
class Sweep:
    """All of the work, and how much it is."""

    store: Repository
    packs: list[Pack]
    children: list[pack.Children]
    lots: list[Batch]
    limit: int
    skipped: list[Skipped]
    names: set[str] = field(default_factory=set)
    """Of the objects that are in none of these packs."""

    def holds(self, oid: str) -> bool:
        """Whether the repository has an object of this name."""
        return oid in self.names or any(one.holds(oid) for one in self.packs)

    @property
    def weight(self) -> int:
        """Something that grows with the work: bytes, roughly."""
        return sum(lot.weight for lot in self.lots)

    def trees_below(self, found: Iterable[tuple[int, int]]) -> Iterator[str]:
        """The names of trees, and of all deltas of them."""
        marked: dict[int, list[int]] = {}
        for number, tree in found:
            marked.setdefault(number, []).append(tree)
        for number, trees in marked.items():
            one = self.packs[number]
            below = pack.find_children(one, trees=True)
            for tree in trees:
                yield from _all_below(one, below, tree)

    def commits(self) -> list[str]:
        """The names of the commits in the packs."""
        return [one.oid(number) for one in self.packs for number, kind in enumerate(one.kinds) if kind == pack.COMMIT]


def plan(store: Repository, limit: int, jobs: int, *, plain: bool = False) -> Sweep:
    """Shares out the objects of a repository.

    `plain` reads everything through git. Objects that cannot be named are in `Sweep.skipped`.
    """
    sweep = Sweep(store, [], [], [], limit, [])
    damaged = plain or store.digest != SHA1
    if not damaged:
        for path in list_packs(store):
            try:
                sweep.packs.append(pack.open_pack(path))
            except DamagedError:
                damaged = True  # what can be saved of it, git knows better
    rows = list_objects(store.path, sweep.skipped) if damaged else _loose(store)
    rows = [row for row in rows if not any(one.holds(row[0]) for one in sweep.packs)]
    sweep.names = {oid for oid, _, _ in rows}
    sweep.lots += _named([(oid, size) for oid, kind, size in rows if kind in _WANTED], jobs)
    for number, found in enumerate(sweep.packs):
        below = pack.find_children(found)
        sweep.children.append(below)
        sweep.lots += _shared_out(found, number, jobs)
        sweep.lots += _trees(found, number)
    sweep.lots.sort(key=lambda lot: -lot.weight)
    strange = [one.oid(number) for one in sweep.packs for number, kind in enumerate(one.kinds) if not kind]
    if strange:
        sweep.lots.append(Batch(0, names=tuple(strange)))
    return sweep


def _loose(store: Repository) -> list[tuple[str, str, int]]:
    """The objects that lie in files of their own; of what kind and how long they are is seen when they are read."""
    names = dict.fromkeys(list_loose(store))
    return [(oid, _UNKNOWN, 1000) for oid in names]


def _named(rows: Sequence[tuple[str, int]], jobs: int) -> Iterator[Batch]:
    """Lots of names of about the same size."""
    share = sum(size for _, size in rows) // (jobs * LOTS) + 1
    names: list[str] = []
    weight = 0
    for oid, size in rows:
        names.append(oid)
        weight += size
        if weight >= share or len(names) >= 20_000:
            yield Batch(weight, names=tuple(names))
            names, weight = [], 0
    if names:
        yield Batch(weight, names=tuple(names))


def _shared_out(found: Pack, number: int, jobs: int) -> Iterator[Batch]:
    """Trees of deltas, the largest first, in lots of about the same weight; a tree stays whole."""
    weights = _weights(found)
    roots = [one for one, parent in enumerate(found.parents) if parent < 0 and found.kinds[one] in _KINDS.values()]
    share = sum(weights[one] for one in roots) // (jobs * LOTS) + 1
    # In the order of the pack, so that its pages are read once; only large trees go first.
    large = sorted((one for one in roots if weights[one] >= share), key=lambda one: -weights[one])
    yield from (Batch(weights[one], number, (one,)) for one in large)
    several = array("q")
    weight = 0
    for one in roots:
        if weights[one] >= share:
            continue
        several.append(one)
        weight += weights[one]
        if weight >= share:
            yield Batch(weight, number, several)
            several, weight = array("q"), 0
    if several:
        yield Batch(weight, number, several)


def _trees(found: Pack, number: int) -> Iterator[Batch]:
    """The trees in which there may be new names."""
    kinds, parents, sizes = found.kinds, found.parents, found.sizes
    every = range(len(found))
    wanted = array("q", [one for one in every if kinds[one] == pack.TREE and (parents[one] < 0 or sizes[one] >= NAMED)])
    for start in range(0, len(wanted), 20_000):
        part = wanted[start : start + 20_000]
        yield Batch(sum(sizes[one] for one in part), number, part, trees=True)


def _weights(found: Pack) -> array[int]:
    """For each object roughly how much work it and its deltas are: bytes to inflate, and to put together."""
    sizes, parents = found.sizes, found.parents
    weights = array("q", [size + 500 for size in sizes])
    for number in range(len(found) - 1, -1, -1):
        if parents[number] >= 0:
            weights[parents[number]] += weights[number]
    return weights


# --- The work ---------------------------------------------------------------------------------------------------------


class _Worker:
    """One process's share of the state: the rules, and what is to be read."""

    def __init__(self, matcher: Matcher, sweep: Sweep) -> None:
        self.sweep = sweep
        self.examiner = IncrementalDetector(matcher)
        self.matcher = matcher
        # A name has no field: only rules that need none can find a key in it.
        self._telling = {
            word
            for word in range(len(matcher.lengths))
            if any(not matcher.summaries[rule].needs_context for rule in matcher.rules_of(word))
        }

    def work(self, number: int) -> SweepResult:
        """What came of a lot."""
        lot = self.sweep.lots[number]
        swept = SweepResult(weight=lot.weight)
        self.examiner.begin(swept.sightings)
        if lot.names:
            self._through_git(lot.names, swept)
        elif lot.trees:
            self._through_trees(lot, swept)
        else:
            self._through_pack(lot, swept)
        return swept

    def _through_git(self, names: Sequence[str], swept: SweepResult) -> None:
        with ObjectReader(self.sweep.store.path, limit=self.sweep.limit) as reader:
            self._read(reader, names, swept)

    def _read(self, reader: ObjectReader, names: Sequence[str], swept: SweepResult) -> None:
        for found in reader.read_all(names):
            if isinstance(found, Skipped):
                swept.skipped.append(replace(found, expected=False))  # an audit promises everything
            elif found.kind == "tree":
                if any(word in self._telling for word, _ in self.matcher.prefilter.hits(found.data)):
                    swept.tree_names.append(found.oid)
            elif found.kind in _KINDS:
                if found.kind == "commit":
                    swept.commit_names.append(found.oid)
                state = self.examined(found.oid, swept, lambda data=found.data: self.examiner.whole(data))  # type: ignore[misc]
                self.note(swept, found.oid, _KINDS[found.kind], found.data, state)

    def _through_pack(self, lot: Batch, swept: SweepResult) -> None:
        found, below = self.sweep.packs[lot.pack], self.sweep.children[lot.pack]
        alone: list[tuple[int, bytes]] = []
        size = 0
        for root in lot.roots:
            if root in below or found.sizes[root] > SMALL:
                self._tree(found, below, root, swept)
                continue
            data = self._inflated(found, below, root, swept)
            if data is not None:
                alone.append((root, data))
                size += len(data)
            if size >= TOGETHER:
                self._together(found, alone, swept)
                alone, size = [], 0
        self._together(found, alone, swept)

    def _through_trees(self, lot: Batch, swept: SweepResult) -> None:
        """Looks at what trees, and deltas of trees, hold in so many bytes; those with a keyword are read later on."""
        found = self.sweep.packs[lot.pack]
        begins: list[int] = []
        numbers: list[int] = []
        parts: list[bytes] = []
        place = 0
        for number in lot.roots:
            try:
                data = found.inflate(number)
            except DamagedError:
                swept.left.append(found.oid(number))
                continue
            begins.append(place)
            numbers.append(number)
            parts.append(data)
            place += len(data) + 1
        hits = self.matcher.prefilter.hits(b"\0".join(parts))
        marked = {bisect_right(begins, end - 1) - 1 for word, end in hits if word in self._telling}
        swept.trees += ((lot.pack, numbers[one]) for one in sorted(marked))

    def _together(self, found: Pack, alone: list[tuple[int, bytes]], swept: SweepResult) -> None:
        """Small objects without deltas: one look at all of them, a second at those that hold a keyword."""
        begins: list[int] = []
        place = 0
        for _, data in alone:
            begins.append(place)
            place += len(data) + 1
        hits = self.matcher.prefilter.hits(b"\0".join(data for _, data in alone))
        wanted = {bisect_right(begins, end - 1) - 1 for _, end in hits}
        wanted |= {one for one, (_, data) in enumerate(alone) if has_inside(data)}
        swept.count += len(alone) - len(wanted)
        swept.bytes += sum(len(data) for _, data in alone) - sum(len(alone[one][1]) for one in wanted)
        for one in sorted(wanted):
            number, data = alone[one]
            oid = found.oid(number)
            state = self.examined(oid, swept, lambda data=data: self.examiner.whole(data))  # type: ignore[misc]
            self.note(swept, oid, found.kinds[number], data, state)

    def _tree(self, found: Pack, below: pack.Children, root: int, swept: SweepResult) -> None:
        """A root and all deltas of it, each with its base at hand; no base is kept longer than needed."""
        waiting: list[tuple[int, bytes, BlobState | None]] = [(root, b"", None)]
        while waiting:
            number, base, known = waiting.pop()
            raw = self._inflated(found, below, number, swept)
            if raw is None:
                continue
            try:
                data, copies = (raw, []) if number == root else delta.apply(base, raw, self.sweep.limit)
            except (DamagedError, TooLargeError):
                swept.left += _all_below(found, below, number)
                continue
            oid = found.oid(number)
            state = self.examined(
                oid,
                swept,
                lambda: (
                    self.examiner.whole(data)  # noqa: B023 - called at once
                    if known is None  # noqa: B023
                    else self.examiner.changed(data, copies, known, len(base))  # noqa: B023
                ),
            )
            self.note(swept, oid, found.kinds[number], data, state)
            waiting += [(child, data, state) for child in below.of(number)]

    def _inflated(self, found: Pack, below: pack.Children, number: int, swept: SweepResult) -> bytes | None:
        """The bytes; nothing where they are damaged or too long, which git will say in its words."""
        if found.sizes[number] <= self.sweep.limit:
            try:
                return found.inflate(number)
            except DamagedError:
                pass
        swept.left += _all_below(found, below, number)
        return None

    def examined(self, oid: BlobKey, swept: SweepResult, examine: Callable[[], BlobState]) -> BlobState | None:
        """What is known of an object; where a rule ran out of time, nothing, and that is said."""
        self.examiner.unfinished = ""
        try:
            state = examine()
        except (RuleTimeoutError, TimeoutError) as error:
            swept.skipped.append(Skipped(describe(oid), f"not fully scanned: {error or 'a rule took too long'}"))
        except Exception as error:  # noqa: BLE001 - a fault in one object must not lose the others
            swept.skipped.append(_failed(oid, error))
        else:
            if self.examiner.unfinished:
                reason = f"not fully scanned: {self.examiner.unfinished}"
                swept.skipped.append(Skipped(describe(oid), reason))
            return state
        return None

    def note(self, swept: SweepResult, oid: BlobKey, kind: int, data: bytes, state: BlobState | None) -> None:
        """Counts an object, and keeps what was sighted in it, and inside of it."""
        swept.count += 1
        swept.bytes += len(data)
        if kind == pack.BLOB and has_inside(data):
            self._open(swept, oid, data)
        sighted = state.open() if state else []
        if not sighted:
            return
        # A sighting that was handed down from another lot cannot be: a tree of deltas stays whole.
        swept.objects[oid] = sighted
        if kind != pack.BLOB:
            swept.commits[oid] = data

    def _open(self, swept: SweepResult, oid: BlobKey, data: bytes) -> None:
        """Looks inside of a container. Where it stands is not known: what that means for a key is judged later."""
        try:
            scanned = contents.scan_inside(self.matcher, Blob("", data))
        except Exception as error:  # noqa: BLE001 - as above
            swept.skipped.append(_failed(oid, error))
            return
        if scanned.findings or scanned.skipped:
            keys = frozenset((one.rule.id, one.secret) for one in scanned.findings)
            swept.inside[oid] = ContainerKeys(keys, scanned.skipped)


def _failed(oid: BlobKey, error: Exception) -> Skipped:
    return Skipped(describe(oid), f"keysift failed on it ({type(error).__name__}); please report this")


def _all_below(found: Pack, below: pack.Children, number: int) -> list[str]:
    """The names of an object and all deltas of it."""
    names, waiting = [], [number]
    while waiting:
        one = waiting.pop()
        names.append(found.oid(one))
        waiting += below.of(one)
    return names


# --- Who does it ------------------------------------------------------------------------------------------------------


def _start(matcher: Matcher, sweep: Sweep) -> _Worker:
    matcher.prefilter.prepare()
    return _Worker(matcher, sweep)


def run(matcher: Matcher, sweep: Sweep, jobs: int) -> Iterator[SweepResult]:
    """What came of each lot, as they are done; what was left at last through git, in this process."""
    left: list[str] = []
    for swept in _in_parallel(matcher, sweep, jobs) if jobs > 1 and len(sweep.lots) > 1 else _here(matcher, sweep):
        left += swept.left
        yield swept
    if left:
        sweep.lots = [Batch(0, names=tuple(dict.fromkeys(left)))]
        yield from _here(matcher, sweep)


def _here(matcher: Matcher, sweep: Sweep) -> Iterator[SweepResult]:
    worker = _Worker(matcher, sweep)
    for number in range(len(sweep.lots)):
        yield worker.work(number)


def _in_parallel(matcher: Matcher, sweep: Sweep, jobs: int) -> Iterator[SweepResult]:
    matcher.prefilter.prepare()
    numbers, halves = range(len(sweep.lots)), partial(_halves, sweep)
    opened = partial(_processes, matcher, sweep)
    for number, swept in pool.answers(opened, _Worker.work, numbers, jobs, halves, in_order=False):
        yield swept or _lost(sweep, sweep.lots[number])


def _lost(sweep: Sweep, lot: Batch) -> SweepResult:
    reason = "not scanned: the processes that tried died"
    return SweepResult(weight=lot.weight, skipped=[Skipped(f"object {oid}", reason) for oid in _names(sweep, lot)])


def _processes(matcher: Matcher, sweep: Sweep, jobs: int) -> AbstractContextManager[pool.Workers[_Worker]]:
    return pool.processes(jobs, _start, (matcher, sweep))


def _halves(sweep: Sweep, number: int) -> list[int]:
    """New lots for one of which a process has died; none where it is one object."""
    lot = sweep.lots[number]
    names = lot.names if len(lot.roots) < 2 else ()
    names = names or (tuple(_names(sweep, lot)) if len(lot.roots) == 1 else ())
    middle, half = (len(names) or len(lot.roots)) // 2, lot.weight // 2
    if not middle:
        return []
    sweep.lots += [
        replace(lot, weight=half, names=names[part], roots=() if names else lot.roots[part])
        for part in (slice(middle), slice(middle, None))
    ]
    return [len(sweep.lots) - 2, len(sweep.lots) - 1]


def _names(sweep: Sweep, lot: Batch) -> list[str]:
    """The names of all objects of a lot."""
    if lot.names:
        return list(lot.names)
    if lot.trees:
        return [sweep.packs[lot.pack].oid(number) for number in lot.roots]
    found, below = sweep.packs[lot.pack], sweep.children[lot.pack]
    return [oid for root in lot.roots for oid in _all_below(found, below, root)]


def beside(matcher: Matcher, work: Sweep, texts: Iterable[tuple[BlobKey, bytes]]) -> SweepResult:
    """What came of bytes that are no objects, by the keys that the caller gives them; those with something are kept."""
    worker, swept = _Worker(matcher, work), SweepResult()
    worker.examiner.begin(swept.sightings)
    for name, data in texts:
        state = worker.examined(name, swept, lambda data=data: worker.examiner.whole(data))  # type: ignore[misc]
        worker.note(swept, name, pack.BLOB, data, state)
        if name in swept.objects or name in swept.inside:
            swept.commits[name] = data
    return swept


def cores(jobs: int) -> int:
    """How many processes are meant."""
    return jobs or os.cpu_count() or 1
