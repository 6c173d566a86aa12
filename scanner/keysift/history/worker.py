"""One batch of objects -> context matches: what may be a key in them, before anyone asks for their paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import field, replace
from typing import Self

from keysift.containers import has_inside
from keysift.detect.databases import Part
from keysift.detect.incremental import IncrementalDetector
from keysift.detect.matcher import Matcher
from keysift.detect.occurrences import NOTHING, BlobState, ContextMatch, Occurrence
from keysift.detect.versions import Version
from keysift.git import delta, pack
from keysift.git.delta import DamagedError, TooLargeError
from keysift.git.objects import Object, ObjectReader
from keysift.git.pack import Pack
from keysift.history.blob_key import BlobKey, describe, object_id
from keysift.history.plan import SCANNED, Batch, DeltaBatch, GitBatch, SweepPlan, TreeBatch, list_deltas
from keysift.history.together import Together
from keysift.model import Blob, Skipped
from keysift.records import dataclass
from keysift.scan import contents

SMALL, TOGETHER = 1 << 13, 1 << 16
"""Objects up to the first size are searched many at once, up to the second in all; in bytes."""
VERSIONS, LEAST = 1 << 22, 1 << 12
"""Bytes of versions whose seams are searched at once; each counts at least as much as the second."""


@dataclass(frozen=True, slots=True)
class ContainerKeys:
    """The keys inside of an archive or a document, wherever it lies."""

    keys: frozenset[tuple[str, bytes]] = field(repr=False)
    """Rule and secret."""
    skipped: tuple[Skipped, ...]


@dataclass(slots=True)
class SweepResult:
    """The result of one batch; context matches are numbered within it."""

    weight: int = 0
    """The share of the batch in `SweepPlan.weight`."""
    count: int = 0
    """Objects that were scanned."""
    size: int = 0
    """Bytes of them."""
    matches: list[ContextMatch] = field(default_factory=list)
    objects: dict[BlobKey, list[Occurrence]] = field(default_factory=dict)
    """Those with occurrences."""
    messages: dict[BlobKey, bytes] = field(default_factory=dict, repr=False)
    """The commits and tags among them, and what is no object, whole."""
    inside: dict[BlobKey, ContainerKeys] = field(default_factory=dict)
    """Of containers, what is inside of them."""
    commits: list[str] = field(default_factory=list)
    """The ids of the commits that git handed over."""
    trees: list[tuple[int, int]] = field(default_factory=list)
    """Those with a keyword, by pack and number: there may be a key in their names."""
    tree_oids: list[str] = field(default_factory=list)
    """Likewise of those that git handed over."""
    unread: list[str] = field(default_factory=list)
    """The ids of objects that are to be read through git, for they cannot be read from the pack."""
    skipped: list[Skipped] = field(default_factory=list)


class SweepWorker:
    """The state of one process that sweeps batches: the rules, the plan, and a detector."""

    def __init__(self, matcher: Matcher, plan: SweepPlan) -> None:
        self._plan = plan
        self._matcher = matcher
        self._detector = IncrementalDetector(matcher)
        self._reader = ObjectReader(plan.repository.path, limit=plan.limit)
        # A name has no field: only rules that need none can find a key in it.
        self._name_keywords = {
            keyword
            for keyword in range(len(matcher.lengths))
            if any(not matcher.summaries[rule].needs_context for rule in matcher.rules_of(keyword))
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the git that hands over objects; that of a process of its own ends with that."""
        self._reader.close()

    def sweep(self, number: int) -> SweepResult:
        """Return what is in the batch of this number."""
        batch: Batch = self._plan.batches[number]
        result = SweepResult(batch.weight)
        self._detector.begin(result.matches)
        match batch:
            case GitBatch():
                self._sweep_through_git(batch.oids, result)
            case TreeBatch():
                self._sweep_trees(batch, result)
            case DeltaBatch():
                self._sweep_pack(batch, result)
        return result

    def sweep_texts(self, texts: Iterable[tuple[BlobKey, bytes]]) -> SweepResult:
        """Return what is in bytes that are no objects; those with occurrences are kept whole."""
        result = SweepResult()
        self._detector.begin(result.matches)
        for key, data in texts:
            self._scan(result, key, pack.BLOB, data)
            if key in result.objects or key in result.inside:
                result.messages[key] = data
        return result

    def _sweep_through_git(self, oids: Sequence[str], result: SweepResult) -> None:
        with closing(self._reader.read_all(oids)) as items:
            for item in items:
                if isinstance(item, Skipped):
                    result.skipped.append(replace(item, expected=False))  # an audit promises everything
                else:
                    self._sweep_object(item, result)

    def _sweep_object(self, item: Object, result: SweepResult) -> None:
        if item.kind == "tree":
            if any(self._find_name_keywords(item.data)):  # no keyword ends at 0
                result.tree_oids.append(item.oid)
        elif item.kind in SCANNED:
            if item.kind == "commit":
                result.commits.append(item.oid)
            self._scan(result, item.oid, SCANNED[item.kind], item.data)

    def _sweep_trees(self, batch: TreeBatch, result: SweepResult) -> None:
        """Search the bytes of trees, and of deltas of trees; those with a keyword are read later."""
        opened = self._plan.packs[batch.pack]
        together = Together()
        for tree in batch.trees:
            try:
                together.add(tree, opened.inflate(tree))
            except DamagedError:
                result.unread.append(opened.oid(tree))
        marked = together.find(self._find_name_keywords(together.text()))
        result.trees += ((batch.pack, tree) for tree, _ in marked)

    def _find_name_keywords(self, data: bytes) -> Iterator[int]:
        """Yield the ends of the keywords that may begin a key in a name."""
        hits = self._matcher.prefilter.hits_of(Part.EVERYWHERE, data)
        return (end for keyword, end in hits if keyword in self._name_keywords)

    def _sweep_pack(self, batch: DeltaBatch, result: SweepResult) -> None:
        opened, children = self._plan.packs[batch.pack], self._plan.children[batch.pack]
        together = Together()
        for root in batch.roots:
            if root in children or opened.sizes[root] > SMALL:
                self._sweep_deltas(opened, children, root, result)
                continue
            data = self._inflate(opened, children, root, result)
            if data is not None:
                together.add(root, data)
            if together.size >= TOGETHER:
                self._sweep_together(opened, together, result)
                together = Together()
        self._sweep_together(opened, together, result)

    def _sweep_together(self, opened: Pack, together: Together, result: SweepResult) -> None:
        """Search small objects without deltas at once, and scan each that has a keyword or something inside."""
        hits, _ = self._matcher.prefilter.search(together.text())
        chosen = together.find((end for _, end in hits), _alone)
        result.count += len(together.items) - len(chosen)
        result.size += sum(len(data) for _, data in together.items) - sum(len(data) for _, data in chosen)
        for number, data in chosen:
            self._scan(result, opened.oid(number), opened.kinds[number], data)

    def _sweep_deltas(self, opened: Pack, children: pack.Children, root: int, result: SweepResult) -> None:
        """Scan an object and all deltas of it, each with its base at hand; no base is kept longer than needed."""
        data = self._inflate(opened, children, root, result)
        if data is None:
            return
        whole = Version(data)
        whole.state = state = self._scan(result, opened.oid(root), opened.kinds[root], data)
        whole.hits, whole.values = (state.hits, state.values) if state else ([], [])
        waiting = [(child, whole) for child in children.of(root)]
        del whole
        while waiting:
            versions = self._read_versions(opened, children, waiting, result)
            # A fault in one must not lose the others: then each is searched when it is examined.
            with suppress(Exception):
                self._detector.search([version for _, version in versions])
            for number, version in versions:
                self._examine_version(opened, number, version, result)

    def _read_versions(
        self, opened: Pack, children: pack.Children, waiting: list[tuple[int, Version]], result: SweepResult
    ) -> list[tuple[int, Version]]:
        """Return the next of the deltas that wait, each with its number; their own deltas wait from now on."""
        versions: list[tuple[int, Version]] = []
        size = 0
        while waiting and size < VERSIONS:
            number, base = waiting.pop()
            raw = self._inflate(opened, children, number, result)
            if raw is None:
                continue
            try:
                data, copies = delta.apply(base.data, raw, self._plan.limit)
            except (DamagedError, TooLargeError):
                result.unread += list_deltas(opened, children, number)
                continue
            version = Version(data, base, copies)
            versions.append((number, version))
            waiting += [(child, version) for child in children.of(number)]
            size += len(data) + LEAST
        return versions

    def _examine_version(self, opened: Pack, number: int, version: Version, result: SweepResult) -> None:
        """Examine a version whose base is; then the base is needed no longer, unless another version has it."""
        base, data = version.base, version.data
        if version.hits == [] and not version.near and base and base.state and not base.state.holds:
            version.state = NOTHING  # as most are: with no keyword, near or far
            result.count += 1
            result.size += len(data)
            if opened.kinds[number] == pack.BLOB and has_inside(data):
                self._open(result, opened.oid(number), data)
        else:
            oid = opened.oid(number)
            version.state = self.examine(oid, result, self._detector.changed, version)
            self._note(result, oid, opened.kinds[number], data, version.state)
        version.base = None

    def _inflate(self, opened: Pack, children: pack.Children, number: int, result: SweepResult) -> bytes | None:
        """Return the bytes of an object; None if it is damaged or too long, which git is left to report."""
        if opened.sizes[number] <= self._plan.limit:
            try:
                return opened.inflate(number)
            except DamagedError:
                pass
        result.unread += list_deltas(opened, children, number)
        return None

    def _scan(self, result: SweepResult, key: BlobKey, kind: int, data: bytes) -> BlobState | None:
        """Examine a whole object, and note what is in it."""
        state = self.examine(key, result, self._detector.whole, data)
        self._note(result, key, kind, data, state)
        return state

    def examine(
        self, key: BlobKey, result: SweepResult, detect: Callable[..., BlobState], *arguments: object
    ) -> BlobState | None:
        """Return what is detected in an object; None if that failed. What is left out is noted as skipped."""
        self._detector.unfinished = ""
        try:
            state = detect(*arguments)
        except Exception as error:  # noqa: BLE001 - a fault in one object must not lose the others
            result.skipped.append(_failed(key, error))
        else:
            if self._detector.unfinished:
                result.skipped.append(_unfinished(key, self._detector.unfinished))
            return state
        return None

    def _note(self, result: SweepResult, key: BlobKey, kind: int, data: bytes, state: BlobState | None) -> None:
        """Count an object, and keep its occurrences and what is inside of it."""
        result.count += 1
        result.size += len(data)
        if kind == pack.BLOB and has_inside(data):
            self._open(result, key, data)
        occurrences = state.open() if state else []
        if not occurrences:
            return
        # All of them are numbered in this batch: an object and its deltas are never in two.
        result.objects[key] = occurrences
        if kind != pack.BLOB:
            result.messages[key] = data

    def _open(self, result: SweepResult, key: BlobKey, data: bytes) -> None:
        """Scan what is inside of a container. Its path is unknown: what that means for a key is judged later."""
        try:
            scanned = contents.scan_inside(self._matcher, Blob("", data))
        except Exception as error:  # noqa: BLE001 - as above
            result.skipped.append(_failed(key, error))
            return
        if scanned.findings or scanned.skipped:
            keys = frozenset((finding.rule.id, finding.secret) for finding in scanned.findings)
            result.inside[key] = ContainerKeys(keys, scanned.skipped)


def _alone(data: bytes) -> bool:
    """Return True if an object is to be scanned by itself: of some keywords, only the first in a text is found."""
    return b"\0" in data or has_inside(data)


def _unfinished(key: BlobKey, reason: str) -> Skipped:
    return Skipped(describe(key), f"not fully scanned: {reason}", object=object_id(key))


def _failed(key: BlobKey, error: Exception) -> Skipped:
    reason = f"keysift failed on it ({type(error).__name__}); please report this"
    return Skipped(describe(key), reason, object=object_id(key))
