"""Sightings -> verdicts: each made once for each path in which it stands, and overlaps resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from keysift import pool
from keysift.detect import resolve
from keysift.detect.candidates import Candidate
from keysift.detect.incremental import ContextMatch, Occurrence
from keysift.detect.judge import judge
from keysift.detect.matcher import Matcher
from keysift.history import sweep
from keysift.history.blob_key import FILE_NAMES, REF_NAMES, BlobKey
from keysift.history.lives import Key
from keysift.model import Confidence, Span, Verdict
from keysift.scan.contents import repeats

NEAR = 4096
"""Keys farther apart than this have nothing to do with each other."""
MANY = 1000
"""Fewer verdicts are sooner made than processes started."""


@dataclass(slots=True)
class SweepIndex:
    """What the sweep has sighted."""

    sightings: list[ContextMatch] = field(default_factory=list)
    objects: dict[BlobKey, list[Occurrence]] = field(default_factory=dict)
    messages: dict[BlobKey, bytes] = field(default_factory=dict, repr=False)
    """The commits and tags among them, and what is no object, whole."""
    commits: list[str] = field(default_factory=list)
    trees: list[tuple[int, int]] = field(default_factory=list)
    tree_names: list[str] = field(default_factory=list)
    inside: dict[BlobKey, sweep.ContainerKeys] = field(default_factory=dict)

    def object_ids(self) -> frozenset[str]:
        """Return the ids of the git objects in which something was sighted."""
        return frozenset(key for key in self.objects if isinstance(key, str))

    def add(self, swept: sweep.SweepResult) -> None:
        """The evidence of one lot, its sightings numbered anew."""
        offset = len(self.sightings)
        self.sightings += swept.sightings
        self.messages |= swept.commits
        self.commits += swept.commit_names
        self.trees += swept.trees
        self.tree_names += swept.tree_names
        self.inside |= swept.inside
        for oid in swept.inside:
            self.objects.setdefault(oid, [])
        for oid, found in swept.objects.items():
            self.objects[oid] = [one._replace(match=one.match + offset) for one in found]


class Verdicts:
    """Verdicts on sightings, each made once for each path that it stands in."""

    def __init__(self, matcher: Matcher, evidence: SweepIndex) -> None:
        self._matcher = matcher
        self._evidence = evidence
        self._verdicts: dict[tuple[int, str], Verdict | None] = {}
        self._groups: dict[tuple[str, tuple[tuple[int, int], ...]], list[tuple[int, resolve.Judged]]] = {}
        self._keys: dict[tuple[BlobKey, str], frozenset[Key]] = {}

    def judged(self, oid: BlobKey, path: str) -> list[resolve.Judged]:
        """The findings-to-be in an object that stands at a path."""
        return [
            (_moved(match, start - match.span.start), verdict)
            for group in _near(self._evidence.objects.get(oid, []))
            for start, (match, verdict) in self._group(group, path)
            if oid not in {REF_NAMES, FILE_NAMES} or _speaks(match, verdict)
        ]

    def keys(self, oid: BlobKey, path: str) -> frozenset[Key]:
        """The keys in an object that stands at a path."""
        known = self._keys.get((oid, path))
        if known is None:
            inside = self._evidence.inside.get(oid)
            within = inside.keys if inside else frozenset()
            secrets = {secret for _, secret in within}
            matches = (match for match, _ in self.judged(oid, path))
            found = {(one.rule.id, one.secret) for one in matches if not repeats(one.rule, one.secret, secrets)}
            known = self._keys[oid, path] = within | found
        return known

    def look_ahead(self, places: Iterable[tuple[str, str]], jobs: int) -> None:
        """Makes the verdicts on objects at paths, for which they will be asked, on so many cores."""
        objects = self._evidence.objects
        wanted = [*{(one.match, path) for oid, path in places for one in objects.get(oid, ())}]
        if jobs < 2 or len(wanted) < MANY:
            return
        shares = [wanted[start :: 4 * jobs] for start in range(4 * jobs)]
        opened = partial(pool.processes, start=_start, given=(self,))
        for _, known in pool.answers(opened, _verdicts, shares, jobs, lambda _: (), in_order=False):
            self._verdicts |= known or {}  # what a process died of is asked again here

    def verdicts(self, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Verdict | None]:
        """The verdicts on sightings at paths."""
        return {(number, path): self._verdict(number, path) for number, path in wanted}

    def _group(self, group: Sequence[Occurrence], path: str) -> Iterator[tuple[int, resolve.Judged]]:
        """The verdicts on candidates that stand close together; the same group is met in many versions of a file."""
        first = group[0].start
        shape = (path, tuple((one.start - first, one.match) for one in group))
        known = self._groups.get(shape)
        if known is None:
            judged = [
                (self._match(one, first), verdict) for one in group if (verdict := self._verdict(one.match, path))
            ]
            kept = resolve.resolve(judged, self._matcher.rules.off)
            known = self._groups[shape] = [(match.span.start, (match, verdict)) for match, verdict in kept]
        return ((start + first, judged) for start, judged in known)

    def _match(self, one: Occurrence, first: int) -> Candidate:
        sighting = self._evidence.sightings[one.match]
        secret = sighting.context[sighting.start : sighting.end]
        place = Span(one.start - first, one.end - first)
        origin = place if sighting.steps else None
        return Candidate(self._matcher.rules[one.rule], place, secret, origin, sighting.steps)

    def _verdict(self, number: int, path: str) -> Verdict | None:
        if (number, path) not in self._verdicts:
            sighting = self._evidence.sightings[number]
            verdict = judge(sighting.candidate(self._matcher.rules[sighting.rule]), path)
            found = verdict if isinstance(verdict, Verdict) else None
            if found and sighting.steps:
                found = replace(found, reasons=(*found.reasons, f"decoded from {', '.join(sighting.steps)}"))
            self._verdicts[number, path] = found
        return self._verdicts[number, path]


def _start(judge: Verdicts) -> Verdicts:
    return judge


def _verdicts(judge: Verdicts, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Verdict | None]:
    return judge.verdicts(wanted)


def _speaks(match: Candidate, verdict: Verdict) -> bool:
    """Whether it is a key wherever it stands: the names around a name say nothing about it."""
    return not match.rule.when and verdict.confidence is Confidence.HIGH


def _near(found: Iterable[Occurrence]) -> Iterator[list[Occurrence]]:
    """Groups of candidates, with more than `NEAR` bytes between one group and the next."""
    group: list[Occurrence] = []
    end = 0
    for one in sorted(found):
        if group and one.start - end > NEAR:
            yield group
            group = []
        group.append(one)
        end = max(end, one.end) if len(group) > 1 else one.end
    if group:
        yield group


def _moved(match: Candidate, by: int) -> Candidate:
    span = Span(match.span.start + by, match.span.end + by)
    return replace(match, span=span, origin=span if match.origin else None)
