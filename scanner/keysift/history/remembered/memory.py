"""What an earlier audit of a repository has left, as far as it still holds."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import field
from pathlib import Path

from keysift.detect.matcher import Matcher
from keysift.errors import StateError
from keysift.git.diff import Change
from keysift.git.graph import Parents
from keysift.git.log import Commit
from keysift.git.pack import PackNames, open_names
from keysift.git.repository import Repository
from keysift.history.plan import SweepPlan
from keysift.history.remembered import directory, headers, records
from keysift.history.remembered.records import BlobRecord, DamagedRecordError, Header, InsideRecord, Record
from keysift.history.remembered.rules import ChangedRules, find_changed, forget
from keysift.history.remembered.standing import Standing
from keysift.history.worker import SweepResult
from keysift.records import dataclass

MANY = 2000
"""Ids that are sooner looked for in a set of all than each by itself."""
_NOTHING = Record(
    seen=b"", packs=[], unread=[], unwanted=[], loose=[], trees=[], oids=[], paths=[], authors=[], keys=[], verdicts=[],
    blobs=[], commits=[], parents=[], logged=False, touching=[], missing=[], standing=[],
    inside=[],
)  # fmt: skip


@dataclass(slots=True)
class Memory:
    """What an earlier audit has left in a file, and what this one is to leave there."""

    file: Path
    header: Header
    """Of this audit."""
    record: Record = _NOTHING
    width: int = 20
    """Bytes of an id."""
    note: str = ""
    """Why nothing is remembered; empty if something is, or there was no file."""
    since: str = ""
    """When the earlier audit was; empty if nothing is remembered."""
    is_here: Callable[[str], bool] = lambda _oid: False
    """Returns whether an object is still there that the record names."""
    blobs: dict[str, BlobRecord] = field(default_factory=dict)
    """The objects that may have a key, by id."""
    inside: dict[tuple[str, str], InsideRecord] = field(default_factory=dict)
    """By container and path, the findings inside."""
    unswept: set[str] = field(default_factory=set)
    """Those of them whose occurrences are not known in this run."""
    log: list[Commit] = field(default_factory=list)
    """The commits that touch an object which might have a key, also one that is gone."""
    logged: set[str] = field(default_factory=set)
    """The commits that were asked for what they touch."""
    mentioned: set[bytes] = field(default_factory=set, repr=False)
    """The ids of objects that commits name, as hexadecimal digits; of those logged earlier only what was missing."""
    unread: set[str] = field(default_factory=set)
    """The objects that this run could not look at, or not fully."""
    named_trees: set[str] = field(default_factory=set)
    """The trees whose names this run has read."""
    changed: ChangedRules | None = None
    """The rules to look for in what was read, before anything is taken from the record; None for the same rules."""
    failed: bool = False
    """True if git could not tell what some commit touches."""
    tips: Standing = field(default_factory=Standing)
    merges: Standing = field(default_factory=Standing)
    _everything: set[bytes] | None = field(default=None, repr=False)
    _new: list[bytes] = field(default_factory=list, repr=False)
    """The ids of the objects that are new in this run."""

    # --- The objects that were looked at ------------------------------------------------------------------------------

    def list_new(self, names: PackNames) -> list[bytes]:
        """Return the ids of the objects of a pack that were not looked at, or not fully."""
        if names.digest in self.record.packs:
            new = [bytes.fromhex(oid) for oid in self.record.unread if names.holds(oid)]
        elif len(names.names) < MANY * self.width:
            new = [oid for oid in names.list_ids() if not self._has_seen(oid)]
        else:
            everything = self._everything = self._everything or set(self._list_seen())
            new = [oid for oid in names.list_ids() if oid not in everything]
        self._new += new
        return new

    def is_new(self, oid: str) -> bool:
        """Return True for an object that was not looked at, or not fully."""
        binary = bytes.fromhex(oid)
        if self._has_seen(binary):
            return False
        self._new.append(binary)
        return True

    def _list_seen(self) -> Iterable[bytes]:
        seen, width = self.record.seen, self.width
        return (seen[place : place + width] for place in range(0, len(seen), width))

    def _has_seen(self, oid: bytes) -> bool:
        seen, width = self.record.seen, self.width
        place = width * _find(seen, oid, width)
        return seen[place : place + width] == oid

    def note_unread(self, result: SweepResult) -> None:
        """Note what could not be looked at, or not fully."""
        self.unread.update(item.object for item in result.skipped if item.object)
        self.unread.update(blob for blob, inside in result.inside.items() if inside.skipped and isinstance(blob, str))

    def list_texts(self) -> set[str]:
        """Return what the record says in words: paths, authors, reasons."""
        record = self.record
        written = (text.decode("utf-8", "surrogateescape") for text in (*record.paths, *record.authors))
        return {*written, *(text for verdict in record.verdicts for text in verdict.reasons)}

    def list_packs(self, plan: SweepPlan) -> list[PackNames]:
        """Return the packs of a plan."""
        return [*plan.seen, *(open_names(opened.path) for opened in plan.packs)]

    def list_seen_now(self, plan: SweepPlan) -> bytes:
        """Return the ids of all objects that were looked at, now or earlier, and that are there, in order."""
        unread = {bytes.fromhex(oid) for oid in self.unread}
        kept = {names.digest for names in plan.seen}.issuperset(self.record.packs)
        if self.record.seen and kept and not plan.packs and len(self._new) < MANY:
            seen = bytearray(self.record.seen)
            for oid in {bytes.fromhex(oid) for oid in self.record.loose if not self.is_here(oid)} | unread:
                self._edit(seen, oid, there=False)
            for oid in self._new:
                self._edit(seen, oid, there=oid not in unread)
            return bytes(seen)
        ids = {oid for names in self.list_packs(plan) for oid in names.list_ids()}
        return b"".join(sorted((ids | {*map(bytes.fromhex, plan.unpacked)}) - unread))

    def _edit(self, seen: bytearray, oid: bytes, *, there: bool) -> None:
        """Put an id in its place among others, or take it out."""
        width = self.width
        place = width * _find(seen, oid, width)
        known = seen[place : place + width] == oid
        seen[place : place + (width if known else 0)] = oid if there else b""

    def list_missing(self, plan: SweepPlan) -> list[str]:
        """Return the ids that commits name, of objects that are not there."""
        # The names of files and authors may look like ids, and be longer.
        named = {oid.decode() for oid in self.mentioned if oid.strip(b"0") and len(oid) == 2 * self.width}
        if len(named) >= MANY:
            named -= {oid.hex() for names in self.list_packs(plan) for oid in names.list_ids()}
        return sorted(oid for oid in named if not plan.holds(oid))

    def describe(self) -> str:
        """Return a sentence on what was remembered, for people."""
        if self.since:
            known, new = len(self.record.seen) // self.width, len(self._new)
            told = f"{new:,} objects are new, or are read again; {known:,} were read by {self.since} already"
            if self.changed is None:
                return told
            if not self.changed.count:
                return f"{told}, under rules of which some are gone or off now"
            return f"{told}, and were searched again for the {self.changed.count:,} rules that are new or have changed"
        reason = f", for what is remembered does not count: {self.note}" if self.note else ", and is remembered"
        return f"everything was read{reason}"

    # --- What is known of them ----------------------------------------------------------------------------------------

    def adapt(self) -> None:
        """Forget what other rules may see otherwise, when it is known where the changed ones have candidates."""
        if self.changed:
            self.record = forget(self.record, self.changed, self.width)

    def recall(self, plan: SweepPlan) -> None:
        """Take from the record what still holds for the objects of a plan."""
        record = self.record
        self.is_here = _presence(record, plan)
        oids = record.oids
        self.blobs = {oids[blob.oid]: blob for blob in record.blobs if self.is_here(oids[blob.oid])}
        for container in filter(lambda container: self.is_here(container.blob), record.inside):
            self.inside[container.blob, os.fsdecode(container.path)] = container
        if not record.logged:
            return
        paths = [os.fsdecode(path) for path in record.paths]
        authors = [author.decode("utf-8", "surrogateescape") for author in record.authors]

        def change(entry: records.ChangeRecord, commit: str) -> Change:
            before = tuple(oids[number] for number in entry.before)
            return Change(paths[entry.path], before, oids[entry.after] if entry.after >= 0 else "", commit)

        for entry in record.touching:
            oid = oids[entry.oid]
            changes = tuple(change(changed, oid) for changed in entry.changes)
            self.log.append(Commit(oid, authors[entry.author], entry.time, changes))
        self.logged = {*record.commits}
        self.mentioned = {oid.encode() for oid in record.missing}
        standings = [
            Standing(
                list(known.commits),
                {paths[number] for number in known.paths},
                {(paths[path], oids[oid]): int.from_bytes(bits, "little") for path, oid, bits in known.found},
            )
            for known in record.standing
        ]
        if standings:
            self.tips, self.merges = standings

    def list_commits(self) -> list[str]:
        """Return the commits that are still there."""
        return list(filter(self.is_here, self.record.commits))

    def list_parents(self) -> Parents | None:
        """Return the commits that are still there with their parents; None if these are not remembered."""
        record = self.record
        if not record.logged:
            return None
        commits = record.commits
        return {
            oid: tuple([commits[number] for number in above])
            for oid, above in zip(commits, record.parents, strict=True)
            if self.is_here(oid)
        }

    def forget_log(self) -> None:
        """Forget which commits touch what: an object has come that they named when it was not there."""
        self.log, self.logged, self.mentioned = [], set(), set()
        self.tips, self.merges = Standing(), Standing()

    def check_log(self, swept: Iterable[str]) -> None:
        """Forget the log if objects with occurrences, swept by this run, could be in it without being known there."""
        doubtful = {*self.record.unwanted, *(oid.decode() for oid in self.mentioned)}
        if not doubtful.isdisjoint(swept):
            self.forget_log()


def open_memory(folder: Path, prefix: str, repository: Repository, header: Header, matcher: Matcher) -> Memory:
    """Return what is remembered of a repository, or of the submodule at `prefix`; nothing if it does not hold.

    Raises:
        StateError: it is remembered of another repository.
    """
    memory = Memory(folder / directory.file_name(prefix), header, width=repository.oid_bytes)
    data = directory.read(memory.file)
    if data is None:
        if os.path.lexists(memory.file):
            memory.note = "it is not a file that only you can write"
        return memory
    try:
        before = records.decode_header(data)
        record = _NOTHING
        if not headers.find_fault(before, header):
            record = records.decode_record(data)
            records.check(record, memory.width)
    except DamagedRecordError:
        memory.note = "it is damaged"
        return memory
    if before.format == records.FORMAT and not headers.is_same(before, header, repository):
        if not prefix:
            raise StateError(f"the state directory is of another repository: {folder}", help=directory.HELP)
        memory.note = "it is of another repository"
        return memory
    memory.note = headers.find_fault(before, header)
    if not memory.note:
        memory.record, memory.since = record, before.when
        if before.rules != header.rules:
            memory.changed = find_changed(before, header, matcher)
    return memory


def _presence(record: Record, plan: SweepPlan) -> Callable[[str], bool]:
    """Return a function that says whether an object which the record names is still there."""
    if {names.digest for names in plan.seen}.issuperset(record.packs):
        loose = frozenset(record.loose)
        return lambda oid: oid not in loose or plan.holds(oid)
    ids = {oid for names in plan.seen for oid in names.list_ids()}
    ids |= {bytes.fromhex(opened.oid(number)) for opened in plan.packs for number in range(len(opened))}
    return lambda oid: oid in plan.unpacked or bytes.fromhex(oid) in ids


def _find(ids: bytes | bytearray, oid: bytes, width: int) -> int:
    """Return the number of the place at which an id stands, or would stand, among ids of so many bytes, in order."""
    return bisect_left(range(len(ids) // width), oid, key=lambda at: bytes(ids[at * width : (at + 1) * width]))
