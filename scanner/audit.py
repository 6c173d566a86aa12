"""A whole repository -> its findings, each with its life: sweep every object first, then ask where the keys stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from scanner import classify, lives, locate, resolve, scan, suppress, sweep
from scanner.errors import SourceError
from scanner.fingerprint import fingerprint
from scanner.match import Matcher
from scanner.model import Blob, Finding, History, Label, Match, Run, Skipped, Span, Verdict
from scanner.sightings import Candidate, Sighting
from scanner.sources import log as commits
from scanner.sources import store as objects

MESSAGE = "(commit message)"
TAG = "(tag message)"
UNKNOWN = "(no path)"
NEAR = 4096
"""Keys farther apart than this have nothing to do with each other."""
Progress = Callable[[int, int], None]
"""Is told how much of the work is done, and how much it is in all."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a history is wanted; everything where a part is empty."""

    since: int = 0
    """Only keys brought in at or after this time, in seconds since 1970."""
    branch: str = ""
    """Only what the history of this ref has."""
    path: Callable[[str], bool] | None = None


@dataclass(slots=True)
class Evidence:
    """What the sweep has sighted."""

    sightings: list[Sighting] = field(default_factory=list)
    objects: dict[str, list[Candidate]] = field(default_factory=dict)
    messages: dict[str, bytes] = field(default_factory=dict, repr=False)
    commits: list[str] = field(default_factory=list)

    def add(self, swept: sweep.Swept) -> None:
        """The evidence of one lot, its sightings numbered anew."""
        offset = len(self.sightings)
        self.sightings += swept.sightings
        self.messages |= swept.commits
        self.commits += swept.commit_names
        for oid, found in swept.objects.items():
            self.objects[oid] = [one._replace(sighting=one.sighting + offset) for one in found]


def audit(  # noqa: PLR0913 - what varies, each once
    matcher: Matcher,
    repository: Path,
    run: Run,
    *,
    limit: int,
    jobs: int,
    progress: Progress = lambda _done, _all: None,
    scope: Scope = Scope(),  # noqa: B008 - frozen
    plain: bool = False,
) -> None:
    """Adds what a repository holds to the run. On Ctrl-C what was found so far stays, and the run is incomplete.

    Raises:
        SourceError: it is no repository, or git cannot read it at all.
    """
    store = objects.store(repository)
    run.skipped += _limits(store)
    evidence = Evidence()
    jobs = sweep.cores(jobs)
    try:
        work = sweep.plan(store, limit, jobs, plain=plain)
        _swept(matcher, work, jobs, run, evidence, progress)
        known = [*work.commits(), *evidence.commits] if evidence.objects else []
    except KeyboardInterrupt:
        run.interrupted = True
        known = evidence.commits
    if evidence.objects:
        for finding in _findings(matcher, store, evidence, known, jobs, scope):
            if finding.verdict.label is Label.PUBLIC:
                run.public.append(finding)
            else:
                (run.suppressed if finding.suppressions else run.findings).append(finding)


def _limits(store: objects.Store) -> Iterator[Skipped]:
    if store.shallow:
        yield Skipped("history before the shallow boundary", "a shallow clone: `git fetch --unshallow` brings the rest")
    if store.partial:
        yield Skipped("objects that were filtered out", "a partial clone: they are not on this machine", expected=True)


def _swept(  # noqa: PLR0913, PLR0917 - private
    matcher: Matcher, work: sweep.Sweep, jobs: int, run: Run, evidence: Evidence, progress: Progress
) -> None:
    total, done = work.weight, 0
    for swept in sweep.run(matcher, work, jobs):
        evidence.add(swept)
        run.blobs += swept.count
        run.bytes += swept.bytes
        run.skipped += swept.skipped
        done += swept.weight
        progress(done, total)


# --- Verdicts ---------------------------------------------------------------------------------------------------------


class Judge:
    """Verdicts on sightings, each made once for each path that it stands in."""

    def __init__(self, matcher: Matcher, evidence: Evidence) -> None:
        self._matcher = matcher
        self._evidence = evidence
        self._verdicts: dict[tuple[int, str], Verdict | None] = {}
        self._groups: dict[tuple[str, tuple[tuple[int, int], ...]], list[tuple[int, resolve.Judged]]] = {}
        self._keys: dict[tuple[str, str], frozenset[lives.Key]] = {}

    def judged(self, oid: str, path: str) -> list[resolve.Judged]:
        """The findings-to-be in an object that stands at a path."""
        return [
            (_moved(match, start - match.span.start), verdict)
            for group in _near(self._evidence.objects.get(oid, []))
            for start, (match, verdict) in self._group(group, path)
        ]

    def keys(self, oid: str, path: str) -> frozenset[lives.Key]:
        """The keys in an object that stands at a path."""
        known = self._keys.get((oid, path))
        if known is None:
            found = frozenset((match.rule.id, match.secret) for match, _ in self.judged(oid, path))
            known = self._keys[oid, path] = found
        return known

    def _group(self, group: Sequence[Candidate], path: str) -> Iterator[tuple[int, resolve.Judged]]:
        """The verdicts on candidates that stand close together; the same group is met in many versions of a file."""
        first = group[0].start
        shape = (path, tuple((one.start - first, one.sighting) for one in group))
        known = self._groups.get(shape)
        if known is None:
            judged = [
                (self._match(one, first), verdict) for one in group if (verdict := self._verdict(one.sighting, path))
            ]
            known = self._groups[shape] = [
                (match.span.start, (match, verdict)) for match, verdict in resolve.resolve(judged)
            ]
        return ((start + first, judged) for start, judged in known)

    def _match(self, one: Candidate, first: int) -> Match:
        sighting = self._evidence.sightings[one.sighting]
        secret = sighting.context[sighting.start : sighting.end]
        place = Span(one.start - first, one.end - first)
        origin = place if sighting.steps else None
        return Match(self._matcher.rules[one.rule], place, secret, origin, sighting.steps)

    def _verdict(self, number: int, path: str) -> Verdict | None:
        if (number, path) not in self._verdicts:
            sighting = self._evidence.sightings[number]
            around = classify.Surroundings(sighting.context, sighting.start, sighting.end, path)
            span = Span(sighting.start, sighting.end)
            match = Match(self._matcher.rules[sighting.rule], span, sighting.context[span.start : span.end])
            verdict = classify.judge(match, around)
            found = verdict if isinstance(verdict, Verdict) else None
            if found and sighting.steps:
                found = replace(found, reasons=(*found.reasons, f"decoded from {', '.join(sighting.steps)}"))
            self._verdicts[number, path] = found
        return self._verdicts[number, path]


def _near(found: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """Groups of candidates, with more than `NEAR` bytes between one group and the next."""
    group: list[Candidate] = []
    end = 0
    for one in sorted(found):
        if group and one.start - end > NEAR:
            yield group
            group = []
        group.append(one)
        end = max(end, one.end) if len(group) > 1 else one.end
    if group:
        yield group


def _moved(match: Match, by: int) -> Match:
    span = Span(match.span.start + by, match.span.end + by)
    return replace(match, span=span, origin=span if match.origin else None)


# --- Findings ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report shows a key: a blob, its path, and the commit to find it in."""

    oid: str
    path: str
    commit: str


def _findings(  # noqa: PLR0913, PLR0917 - private
    matcher: Matcher, store: objects.Store, evidence: Evidence, known: Sequence[str], jobs: int, scope: Scope
) -> Iterator[Finding]:
    """One finding for each key that was sighted, the places where to look first, and its life."""
    judge = Judge(matcher, evidence)
    graph = commits.graph(store.repository, known)
    touching = _touching(store.repository, graph, evidence.objects, jobs)
    found = lives.lives(touching, judge.keys)
    _standing(store.repository, graph, evidence, judge, found)
    places = {key: list(_places(life, graph)) for key, life in found.items()}
    _elsewhere(store.repository, evidence, judge, found, places)
    reached = lives.reaching(graph, {key: [commit.oid for commit, _, _ in life.added] for key, life in found.items()})
    contents = {place.oid for several in places.values() for place in several}
    shown = _shown(store.repository, contents, evidence)
    for key, life in found.items():
        life_of_key = lives.history(life, reached[key], graph)
        wanted = [place for place in places[key] if scope.path is None or scope.path(place.path)]
        if wanted and _in_scope(scope, life_of_key, graph, reached[key]):
            finding = _finding(key, wanted, judge, shown)
            if finding:
                yield replace(finding, history=life_of_key)


def _in_scope(scope: Scope, history: History, graph: commits.Graph, reached: set[str]) -> bool:
    if scope.branch:
        names = (
            scope.branch,
            f"refs/heads/{scope.branch}",
            f"refs/tags/{scope.branch}",
            f"refs/remotes/{scope.branch}",
        )
        tips = {graph.refs[name] for name in names if name in graph.refs}
        if not tips & reached:
            return False
    return not scope.since or not history.first_seen or lives.seconds(history.first_seen) >= scope.since


def _touching(repository: Path, graph: commits.Graph, blobs: Iterable[str], jobs: int) -> list[commits.Commit]:
    """The commits that added or removed one of the blobs; git looks for them in several processes."""
    every = list(graph.parents)
    wanted = frozenset(blobs)
    if not every:
        return []
    share = len(every) // jobs + 1
    parts = [every[start : start + share] for start in range(0, len(every), share)]
    with ThreadPoolExecutor(jobs) as pool:
        answers = pool.map(lambda part: commits.touching(repository, part, wanted), parts)
        return [commit for answer in answers for commit in answer]


def _standing(  # noqa: PLR0913, PLR0917 - private
    repository: Path, graph: commits.Graph, evidence: Evidence, judge: Judge, found: dict[lives.Key, lives.Life]
) -> None:
    """Notes what stands at HEAD, in the index, and at the tips of refs."""
    if graph.head:
        for path, oid in commits.tree(repository, graph.head):
            if oid in evidence.objects:
                for key in judge.keys(oid, path):
                    found[key].head[path] = oid
                    found[key].contents.add(oid)
    for path, oid in commits.index(repository):
        if oid in evidence.objects:
            for key in judge.keys(oid, path):
                life = found[key]
                life.in_index = True
                life.contents.add(oid)
                if not life.added and not life.head:
                    life.staged[path] = oid
    paths = sorted({path for life in found.values() if not life.head for _, path, _ in life.added})
    tips = sorted(set(graph.refs.values()) - {graph.head})
    for tip, path, oid in commits.at_tips(repository, tips[: MOST_ASKED // (len(paths) + 1)], paths):
        if oid in evidence.objects:
            for key in judge.keys(oid, path):
                found[key].tips.add(tip)


MOST_ASKED = 300_000
"""So many pairs of a tip and a path are looked up: a few seconds' work. Of more refs, what they hold is not known."""


def _places(life: lives.Life, graph: commits.Graph) -> Iterator[Place]:
    """Where HEAD has the key; and for every other path the commit that first brought it there."""
    for path, oid in sorted(life.head.items()):
        yield Place(oid, path, graph.head)
    seen = set(life.head)
    for commit, path, oid in sorted(life.added, key=lambda one: one[0].time):
        if path not in seen:
            seen.add(path)
            yield Place(oid, path, commit.oid)
    for path, oid in sorted(life.staged.items()):
        yield Place(oid, path, "")


def _elsewhere(  # noqa: PLR0913, PLR0917 - private
    repository: Path,
    evidence: Evidence,
    judge: Judge,
    found: dict[lives.Key, lives.Life],
    places: dict[lives.Key, list[Place]],
) -> None:
    """Adds the messages of commits and tags, and the blobs that no commit has."""
    placed = {place.oid for several in places.values() for place in several}
    placed |= {oid for life in found.values() for oid in life.contents}
    authors = {one.oid: one for one in commits.described(repository, [*evidence.messages])}
    for oid in evidence.objects:
        if oid in placed:
            continue
        message = oid in evidence.messages
        path = UNKNOWN if not message else MESSAGE if oid in authors else TAG
        for key in judge.keys(oid, path):
            life = found[key]
            life.contents.add(oid)
            if oid in authors:
                life.added.append((authors[oid], path, oid))
            places.setdefault(key, []).append(Place(oid, path, oid if oid in authors else ""))


def _shown(repository: Path, oids: Iterable[str], evidence: Evidence) -> dict[str, bytes]:
    """The contents to show, by name."""
    found = {oid: evidence.messages[oid] for oid in oids if oid in evidence.messages}
    rest = sorted(set(oids) - set(found))
    for one in objects.read(repository, rest, 1 << 28):
        if not isinstance(one, Skipped):
            found[one.oid] = one.data
    return found


def _finding(key: lives.Key, places: Sequence[Place], judge: Judge, shown: dict[str, bytes]) -> Finding | None:
    """The finding with its places; suppressed only where it is accepted in every one of them."""
    found: list[Finding] = []
    for place in places:
        if place.oid not in shown:
            continue
        blob = Blob(place.path, shown[place.oid], oid=place.oid)
        same = [one for one in judge.judged(place.oid, place.path) if (one[0].rule.id, one[0].secret) == key]
        here = [
            Finding(
                match.rule, match.secret, verdict, (replace(locate.locate(blob, match.origin or match.span), commit=place.commit),),
                fingerprint(match.rule.id, match.secret),
            )
            for match, verdict in same
        ]  # fmt: skip
        found += suppress.inline(blob, here)
    if not found:
        return None
    open_places = [one for one in found if not one.suppressions]
    return scan.merge(open_places or found)
