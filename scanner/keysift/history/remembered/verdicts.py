"""Verdicts, with those of an earlier audit: an object is searched again only where it is asked for at a new path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from keysift.detect import resolve
from keysift.detect.candidates import Candidate
from keysift.detect.matcher import Matcher
from keysift.fingerprint import fingerprint
from keysift.git.objects import Object, ObjectReader
from keysift.history.blob_key import BlobKey
from keysift.history.lives import Key
from keysift.history.remembered import records
from keysift.history.remembered.memory import Memory
from keysift.history.remembered.records import BlobRecord, FoundRecord, KeyRecord
from keysift.history.verdicts import SweepIndex, Verdicts
from keysift.history.worker import ContainerKeys, SweepResult
from keysift.model import Confidence, Label, Skipped, Span, Verdict

Sweep = Callable[[Iterable[str]], SweepResult]
"""Returns what is in the objects of these ids."""
_Judged = dict[tuple[str, str], list[resolve.Judged]]
"""By object and path."""


class RememberedVerdicts(Verdicts):
    """Verdicts, of which some are remembered."""

    def __init__(self, matcher: Matcher, index: SweepIndex, memory: Memory, sweep: Sweep) -> None:
        super().__init__(matcher, index)
        self._memory = memory
        self._sweep = sweep
        self._known: dict[tuple[str, str], list[FoundRecord]] = {}
        self.secrets: dict[int, Key] = {}
        """By their numbers in the record, the keys."""
        self._said = [
            Verdict(Label(said.label), Confidence(said.confidence), said.reasons, said.distance)
            for said in memory.record.verdicts
        ]
        """By their numbers in the record, the verdicts: tens of thousands of places have the same few."""
        self._numbers = {identity: number for number, identity in enumerate(matcher.rules.ids)}
        self.made: _Judged = {}
        """The answers of this run for objects."""
        self.doubtful: set[str] = set()
        """The paths at which something took too long to judge."""

    def recall(self, reader: ObjectReader) -> None:
        """Add to the index what is remembered of objects that this run has not swept."""
        record, index, memory = self._memory.record, self._index, self._memory
        paths = [path.decode("utf-8", "surrogateescape") for path in record.paths]
        memory.check_log(oid for oid in index.objects if isinstance(oid, str))
        memory.blobs = {oid: blob for oid, blob in memory.blobs.items() if oid not in index.objects}
        for oid, blob in memory.blobs.items():
            index.objects[oid] = []
            memory.unswept.add(oid)
            for path, found in blob.judged:
                self._known[oid, paths[path]] = found
        self._read_secrets(reader)
        self._search_for_secrets()
        messages = [oid for oid, blob in memory.blobs.items() if blob.message and oid in memory.unswept]
        for answer in reader.read_all(messages) if messages else ():
            if isinstance(answer, Object):
                index.messages[answer.oid] = answer.data
        for oid, blob in memory.blobs.items():
            if blob.inside is not None and oid in memory.unswept:
                index.inside[oid] = ContainerKeys(frozenset(self.secrets[number] for number in blob.inside), ())

    def judge_blob(self, blob: BlobKey, path: str) -> list[resolve.Judged]:
        """Return what is a key in a blob at a path, each candidate with its verdict; overlaps are resolved."""
        if not isinstance(blob, str):
            return super().judge_blob(blob, path)
        judged = self.made.get((blob, path))
        if judged is None:
            known = self._known.get((blob, path))
            if known is None:
                self._search([blob])
                judged = super().judge_blob(blob, path)
            else:
                judged = [self._judged(found) for found in known]
            self.made[blob, path] = judged
        return judged

    def drain(self) -> list[Skipped]:
        """Return what took too long to judge, and forget it; it counts as refused."""
        self.doubtful |= {path for _, path in self._too_long}
        return super().drain()

    def _judged(self, found: FoundRecord) -> resolve.Judged:
        rule_id, secret = self.secrets[found.key]
        rule, span = self._matcher.rules[self._numbers[rule_id]], Span(found.start, found.end)
        return Candidate(rule, span, secret, span if found.steps else None, found.steps), self._said[found.verdict]

    def _search(self, oids: Iterable[str]) -> None:
        """Search remembered objects again, so that they can be judged at any path."""
        wanted = [oid for oid in oids if oid in self._memory.unswept]
        if wanted:
            self._memory.unswept.difference_update(wanted)
            self._index.add(self._sweep(wanted))

    # --- The keys themselves ------------------------------------------------------------------------------------------

    def _read_secrets(self, reader: ObjectReader) -> None:
        """Unseal the keys with the objects that have them; what was sealed with other bytes is no key."""
        here: dict[str, list[tuple[int, KeyRecord]]] = {}
        for number, key in enumerate(self._memory.record.keys):
            if key.rule in self._numbers and self._memory.is_here(key.blob):
                here.setdefault(key.blob, []).append((number, key))
        for answer in reader.read_all(sorted(here)) if here else ():
            if isinstance(answer, Object):
                seal = records.Seal(answer.data)
                for number, key in here[answer.oid]:
                    secret = seal.apply(key.sealed, key.fingerprint)
                    if fingerprint(key.rule, secret) == key.fingerprint:
                        self.secrets[number] = key.rule, secret

    def _search_for_secrets(self) -> None:
        """Search one object for each key that could not be read; forget the objects whose keys are not found again."""
        holders: dict[int, tuple[str, str]] = {}
        paths = [path.decode("utf-8", "surrogateescape") for path in self._memory.record.paths]
        for oid, blob in self._memory.blobs.items():
            for number, place in _list_keys(blob):
                if number not in self.secrets:
                    holders.setdefault(number, (oid, paths[place] if place >= 0 else ""))
        if not holders:
            return
        self._search({oid for oid, _ in holders.values()})
        keys = self._memory.record.keys
        for number, (oid, path) in holders.items():
            inside = self._index.inside.get(oid)
            outside = ((candidate.rule.id, candidate.secret) for candidate, _ in super().judge_blob(oid, path))
            for key in (*outside, *(inside.keys if inside else ())):
                if (key[0], fingerprint(*key)) == (keys[number].rule, keys[number].fingerprint):
                    self.secrets[number] = key
        self._forget({oid for oid, blob in self._memory.blobs.items() if not self._is_known(blob)})

    def _is_known(self, blob: BlobRecord) -> bool:
        return all(number in self.secrets for number, _ in _list_keys(blob))

    def _forget(self, oids: set[str]) -> None:
        self._search(oids)
        for oid in oids:
            del self._memory.blobs[oid]
        self._known = {place: found for place, found in self._known.items() if place[0] not in oids}


def _list_keys(blob: BlobRecord) -> Iterator[tuple[int, int]]:
    """Yield the numbers of the keys in an object, each with that of a path, and -1 for what is inside of it."""
    yield from ((found.key, path) for path, several in blob.judged for found in several)
    yield from ((number, -1) for number in blob.inside or ())
