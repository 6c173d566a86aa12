"""Context matches -> verdicts: each made once for each path at which it is found, and overlaps resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace
from functools import partial
from typing import TypeAlias

from keysift import pool
from keysift.detect import resolve
from keysift.detect.assess import TOO_LONG
from keysift.detect.candidates import Candidate
from keysift.detect.judge import judge
from keysift.detect.matcher import Matcher
from keysift.detect.occurrences import ContextMatch, Occurrence
from keysift.history.blob_key import FILE_NAMES, REF_NAMES, BlobKey
from keysift.history.lives import Key
from keysift.history.worker import ContainerKeys, SweepResult
from keysift.model import Confidence, Skipped, Span, Verdict
from keysift.records import dataclass
from keysift.scan.contents import repeats

NEAR = 4096
"""Bytes. Keys farther apart than this have nothing to do with each other."""
MANY = 1000
"""Verdicts. Fewer are sooner made than processes started."""
_Question: TypeAlias = tuple[int, str]
"""The number of a context match, and the path at which it is found."""
_Answer: TypeAlias = tuple[dict[_Question, Verdict | None], set[_Question]]
"""Verdicts, None for what is refused; and what took too long to judge."""
_Shape: TypeAlias = tuple[str, tuple[tuple[int, int], ...]]
"""A path, and the start of each occurrence of a group in the group, with the number of its context match."""


@dataclass(slots=True)
class SweepIndex:
    """All that the sweep has found so far, by object."""

    matches: list[ContextMatch] = field(default_factory=list)
    objects: dict[BlobKey, list[Occurrence]] = field(default_factory=dict)
    messages: dict[BlobKey, bytes] = field(default_factory=dict, repr=False)
    """The commits and tags among them, and what is no object, whole."""
    commits: list[str] = field(default_factory=list)
    trees: list[tuple[int, int]] = field(default_factory=list)
    tree_oids: list[str] = field(default_factory=list)
    inside: dict[BlobKey, ContainerKeys] = field(default_factory=dict)

    def object_ids(self) -> frozenset[str]:
        """Return the ids of the git objects that may have a key."""
        return frozenset(key for key in self.objects if isinstance(key, str))

    def add(self, result: SweepResult) -> None:
        """Add the result of one batch, its context matches numbered anew."""
        offset = len(self.matches)
        self.matches += result.matches
        self.messages |= result.messages
        self.commits += result.commits
        self.trees += result.trees
        self.tree_oids += result.tree_oids
        self.inside |= result.inside
        for blob in result.inside:
            self.objects.setdefault(blob, [])
        for blob, occurrences in result.objects.items():
            self.objects[blob] = [occurrence._replace(match=occurrence.match + offset) for occurrence in occurrences]


class Verdicts:
    """Verdicts on context matches, each made once for each path at which it is found."""

    def __init__(self, matcher: Matcher, index: SweepIndex) -> None:
        self._matcher = matcher
        self._index = index
        self._verdicts: dict[_Question, Verdict | None] = {}
        self._too_long: set[_Question] = set()
        self._groups: dict[_Shape, list[resolve.Judged]] = {}
        self._keys: dict[tuple[BlobKey, str], frozenset[Key]] = {}

    def judge_blob(self, blob: BlobKey, path: str) -> list[resolve.Judged]:
        """Return what is a key in a blob at a path, each candidate with its verdict; overlaps are resolved."""
        return [
            (_move(candidate, group[0].start), verdict)
            for group in _group(self._index.objects.get(blob, []))
            for candidate, verdict in self._judge_group(group, path)
            if blob not in {REF_NAMES, FILE_NAMES} or _is_certain(candidate, verdict)
        ]

    def keys(self, blob: BlobKey, path: str) -> frozenset[Key]:
        """Return the keys in a blob at a path, and inside of it."""
        keys = self._keys.get((blob, path))
        if keys is None:
            container = self._index.inside.get(blob)
            inside = container.keys if container else frozenset()
            secrets = {secret for _, secret in inside}
            candidates = (candidate for candidate, _ in self.judge_blob(blob, path))
            outside = {
                (candidate.rule.id, candidate.secret)
                for candidate in candidates
                if not repeats(candidate.rule, candidate.secret, secrets)
            }
            keys = self._keys[blob, path] = inside | outside
        return keys

    def judge_ahead(self, places: Iterable[tuple[str, str]], jobs: int) -> None:
        """Make the verdicts on blobs at paths, which will be asked for, in so many processes."""
        objects = self._index.objects
        questions = [*{(occurrence.match, path) for oid, path in places for occurrence in objects.get(oid, ())}]
        if jobs < 2 or len(questions) < MANY:
            return
        shares = [questions[start :: 4 * jobs] for start in range(4 * jobs)]
        processes = partial(pool.processes, start=_start, given=(self,))
        for _, answer in pool.answers(processes, _answer, shares, jobs, lambda _: (), in_order=False):
            verdicts, too_long = answer or ({}, set())  # what a process died of is judged here, when it is asked for
            self._verdicts |= verdicts
            self._too_long |= too_long

    def answer(self, questions: Iterable[_Question]) -> _Answer:
        """Return the verdict on each context match at its path, None where it is refused; and what took too long."""
        verdicts = {(number, path): self._judge(number, path) for number, path in questions}
        return verdicts, self._too_long & verdicts.keys()

    def drain(self) -> list[Skipped]:
        """Return what took too long to judge, and forget it; it counts as refused."""
        paths = sorted({path for _, path in self._too_long})
        self._too_long = set()
        return [Skipped(path, f"not fully scanned: {TOO_LONG}") for path in paths]

    def _judge_group(self, group: Sequence[Occurrence], path: str) -> list[resolve.Judged]:
        """Return what is a key among occurrences close together, with places counted from the start of the first.

        Many versions of a file have the same group.
        """
        first = group[0].start
        shape = (path, tuple((occurrence.start - first, occurrence.match) for occurrence in group))
        judged = self._groups.get(shape)
        if judged is None:
            verdicts = ((occurrence, self._judge(occurrence.match, path)) for occurrence in group)
            candidates = [(self._candidate(occurrence, first), verdict) for occurrence, verdict in verdicts if verdict]
            judged = self._groups[shape] = resolve.resolve(candidates, self._matcher.rules.off)
        return judged

    def _candidate(self, occurrence: Occurrence, first: int) -> Candidate:
        """Return the candidate of an occurrence, with its place counted from `first`."""
        match = self._index.matches[occurrence.match]
        secret = match.context[match.start : match.end]
        span = Span(occurrence.start - first, occurrence.end - first)
        return Candidate(self._matcher.rules[occurrence.rule], span, secret, span if match.steps else None, match.steps)

    def _judge(self, number: int, path: str) -> Verdict | None:
        if (number, path) not in self._verdicts:
            match = self._index.matches[number]
            accepted = self._judge_anew(number, path)
            if accepted and match.steps:
                accepted = replace(accepted, reasons=(*accepted.reasons, f"decoded from {', '.join(match.steps)}"))
            self._verdicts[number, path] = accepted
        return self._verdicts[number, path]

    def _judge_anew(self, number: int, path: str) -> Verdict | None:
        match = self._index.matches[number]
        try:
            verdict = judge(match.candidate(self._matcher.rules[match.rule]), path)
        except TimeoutError:
            self._too_long.add((number, path))
            return None
        return verdict if isinstance(verdict, Verdict) else None


def _start(verdicts: Verdicts) -> Verdicts:
    return verdicts


def _answer(verdicts: Verdicts, questions: Iterable[_Question]) -> _Answer:
    return verdicts.answer(questions)


def _is_certain(candidate: Candidate, verdict: Verdict) -> bool:
    """Return whether it is a key wherever it is found: the names around a name say nothing about it."""
    return not candidate.rule.when and verdict.confidence is Confidence.HIGH


def _group(occurrences: Iterable[Occurrence]) -> Iterator[list[Occurrence]]:
    """Yield the occurrences in groups, with more than `NEAR` bytes between one group and the next."""
    group: list[Occurrence] = []
    end = 0
    for occurrence in sorted(occurrences):
        if group and occurrence.start - end > NEAR:
            yield group
            group = []
        group.append(occurrence)
        end = max(end, occurrence.end) if len(group) > 1 else occurrence.end
    if group:
        yield group


def _move(candidate: Candidate, by: int) -> Candidate:
    span = Span(candidate.span.start + by, candidate.span.end + by)
    return replace(candidate, span=span, origin=span if candidate.origin else None)
