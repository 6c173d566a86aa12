"""A finished audit -> the record of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from keysift.detect import resolve
from keysift.fingerprint import fingerprint
from keysift.git.log import Commit
from keysift.git.objects import Object
from keysift.history.blob_key import FILE_NAMES
from keysift.history.context import AuditContext
from keysift.history.lives import Key
from keysift.history.plan import SweepPlan
from keysift.history.remembered import directory, records
from keysift.history.remembered.memory import Memory
from keysift.history.remembered.records import (
    BlobRecord,
    ChangeRecord,
    CommitRecord,
    FoundRecord,
    KeyRecord,
    Record,
    Seal,
    StandingRecord,
    VerdictRecord,
)
from keysift.history.remembered.standing import Standing
from keysift.history.remembered.verdicts import RememberedVerdicts
from keysift.masking import keys, mask_name


class Numbers:
    """Numbers for texts, in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, text: str) -> int:
        """Return the number of a text; a new one if it is new."""
        return self._numbers.setdefault(text, len(self._numbers))

    def texts(self) -> list[str]:
        """Return the texts, in the order of their numbers."""
        return list(self._numbers)


class Keeper:
    """Makes the record of an audit that has come to its end."""

    def __init__(
        self,
        context: AuditContext,
        memory: Memory,
        plan: SweepPlan,
        verdicts: RememberedVerdicts,
    ) -> None:
        self._memory, self._plan, self._verdicts = memory, plan, verdicts
        self._index, self._state, self._reader = context.index, context.state, context.reader
        self._oids, self._paths, self._authors = Numbers(), Numbers(), Numbers()
        self._keys: dict[Key, int] = {}
        self._holders: dict[int, str] = {}
        """By the number of a key, an object that has it."""
        self._said: dict[VerdictRecord, int] = {}
        found = [pair for judged in verdicts.made.values() for pair in judged]
        secrets = {secret for inside in self._index.inside.values() for _, secret in inside.keys}
        secrets.update(candidate.secret for candidate, _ in found)
        secrets.update(secret for _, secret in verdicts.keys(FILE_NAMES, FILE_NAMES.path))
        self._hidden = keys(secrets)
        self._free = memory.list_texts() if secrets <= {secret for _, secret in verdicts.secrets.values()} else set()
        """The texts that are known to tell no key."""
        said = {text for _, verdict in found for text in verdict.reasons} | {path for _, path in verdicts.made}
        self._telling = set() if self._is_free_of_keys(said) else {*filter(self._tells, said)}
        """The paths and reasons that tell a key."""

    def write(self) -> None:
        """Write the record, in the place of the old one. Raises OSError."""
        parents = self._state.graph.parents
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        roots = [oid for oid, above in parents.items() if not above]
        header = msgspec.structs.replace(self._memory.header, roots=roots, when=now)
        directory.write(self._memory.file, records.encode(header, self._record()))

    def _record(self) -> Record:
        memory, plan = self._memory, self._plan
        blobs = list(self._blobs())
        logged = self._is_log_whole()
        graph = self._state.graph.parents
        parents = graph if logged else {}
        touching = [self._commit(commit) for commit in memory.log if commit.oid in parents] if logged else []
        standing = [self._standing(known) for known in (memory.tips, memory.merges)] if logged else []
        numbers = {oid: number for number, oid in enumerate(parents)}
        trees = self._trees()
        return Record(
            seen=memory.list_seen_now(plan),
            packs=list(dict.fromkeys(names.digest for names in memory.list_packs(plan))),
            unread=sorted(memory.unread),
            unwanted=sorted(memory.unread - self._index.objects.keys()),
            loose=[oid for oid in {*graph, *self._oids.texts(), *trees} if oid in plan.unpacked],
            trees=trees,
            oids=self._oids.texts(),
            paths=list(map(os.fsencode, self._paths.texts())),
            authors=[author.encode("utf-8", "surrogateescape") for author in self._authors.texts()],
            keys=self._sealed(),
            verdicts=list(self._said),
            blobs=blobs,
            commits=list(graph),
            parents=[[numbers[parent] for parent in above] for above in parents.values()],
            logged=logged,
            touching=touching,
            missing=memory.list_missing(plan) if logged else [],
            standing=standing,
            inside=[
                container
                for (oid, path), container in memory.inside.items()
                if oid not in memory.unread and not self._tells(path)
            ],
        )

    def _is_log_whole(self) -> bool:
        """Return True if what commits touch is known of all of them, and no key is in what is said of them."""
        memory, graph = self._memory, self._state.graph
        if memory.failed or memory.header.shallow or graph.skipped or not memory.logged.issuperset(graph.parents):
            return False
        said = {text for commit in memory.log for text in (commit.author, *(change.path for change in commit.changes))}
        return self._is_free_of_keys(said)

    def _is_free_of_keys(self, texts: Iterable[str]) -> bool:
        joined = "\n".join(sorted({*texts} - self._free))
        return mask_name(joined, self._hidden) == joined

    def _tells(self, text: str) -> bool:
        return not self._is_free_of_keys([text])

    def _trees(self) -> list[str]:
        """Return the trees to read again for their names: none, unless a name has a key."""
        names = self._verdicts.keys(FILE_NAMES, FILE_NAMES.path)
        return sorted(self._memory.named_trees) if names else []

    # --- Objects with what is in them ---------------------------------------------------------------------------------

    def _blobs(self) -> Iterator[BlobRecord]:
        """Yield the objects that may have a key."""
        judged: dict[str, list[tuple[str, list[resolve.Judged]]]] = {}
        for (blob, path), found in self._verdicts.made.items():
            if path not in self._verdicts.doubtful and self._is_told(path, found):
                judged.setdefault(blob, []).append((path, found))
        for oid in self._index.objects:
            if not isinstance(oid, str) or oid in self._state.uncommitted or oid in self._memory.unread:
                continue
            inside = self._index.inside.get(oid)
            yield BlobRecord(
                self._oids.of(oid),
                [(self._paths.of(path), [self._found(oid, pair) for pair in found]) for path, found in judged[oid]]
                if oid in judged
                else [],
                oid in self._index.messages,
                [self._key(key, oid) for key in sorted(inside.keys)] if inside else None,
            )

    def _is_told(self, path: str, found: list[resolve.Judged]) -> bool:
        """Return True if neither a path nor what is said of the keys there tells one."""
        return self._telling.isdisjoint((path, *(text for _, verdict in found for text in verdict.reasons)))

    def _found(self, oid: str, pair: resolve.Judged) -> FoundRecord:
        candidate, verdict = pair
        key = self._key((candidate.rule.id, candidate.secret), oid)
        said = VerdictRecord(verdict.label.value, verdict.confidence.value, verdict.reasons, verdict.distance)
        number = self._said.setdefault(said, len(self._said))
        return FoundRecord(key, number, candidate.span.start, candidate.span.end, candidate.steps)

    def _key(self, key: Key, oid: str) -> int:
        """Return the number of a key that an object has."""
        number = self._keys.setdefault(key, len(self._keys))
        self._holders.setdefault(number, oid)
        return number

    def _sealed(self) -> list[KeyRecord]:
        """Return all keys, each sealed with an object that has it; as it was, if that is still there."""
        memory = self._memory
        before = {self._verdicts.secrets[number]: memory.record.keys[number] for number in self._verdicts.secrets}
        kept = {key: known for key, known in before.items() if known.sealed and memory.is_here(known.blob)}
        new: dict[str, list[Key]] = {}
        for key, number in self._keys.items():
            if key not in kept:
                new.setdefault(self._holders[number], []).append(key)
        for answer in self._reader.read_all(sorted(new)):
            if isinstance(answer, Object):
                seal = Seal(answer.data)
                for key in new[answer.oid]:
                    name = fingerprint(*key)
                    kept[key] = KeyRecord(key[0], name, answer.oid, seal.apply(key[1], name))
        nowhere = "0" * 2 * memory.width  # then an object that has the key is searched again
        return [kept[key] if key in kept else KeyRecord(key[0], fingerprint(*key), nowhere, b"") for key in self._keys]

    # --- Commits ------------------------------------------------------------------------------------------------------

    def _commit(self, commit: Commit) -> CommitRecord:
        number = self._oids.of
        changes = [
            ChangeRecord(
                self._paths.of(change.path),
                [number(oid) for oid in change.before],
                number(change.after) if change.after else -1,
            )
            for change in commit.changes
        ]
        return CommitRecord(number(commit.oid), self._authors.of(commit.author), commit.time, changes)

    def _standing(self, known: Standing) -> StandingRecord:
        if not known.is_worth_keeping:
            return StandingRecord([], [], [])
        size = len(known.commits) // 8 + 1
        found = [
            (self._paths.of(path), self._oids.of(oid), bits.to_bytes(size, "little"))
            for (path, oid), bits in known.found.items()
        ]
        return StandingRecord(known.commits, sorted(map(self._paths.of, known.paths)), found)
