"""A whole repository -> its findings, each with its life: sweep every object first, then ask where the keys stand."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from scanner import contents, git, lives, locate, scan, suppress, sweep
from scanner.aside import Aside, Meanwhile, whole_graph
from scanner.errors import SourceError, UsageError
from scanner.fingerprint import fingerprint
from scanner.judge import NAMES, REFS, Evidence, Judge
from scanner.match import Matcher
from scanner.model import Blob, Finding, History, Label, Location, Run, Skipped
from scanner.sources import beside, log, store, trees
from scanner.sources.commits import MESSAGE, TAG
from scanner.sources.expand.limits import LIMITS, Limits

UNKNOWN = "(no path)"
MOST_COMMITS = 8_000
"""Of which git is asked at once: what it says of them is held in memory."""
MOST_SHOWN = 50
"""Findings whose contents are held in memory at once."""
DEEPEST = 20
"""Submodules within submodules."""
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


@dataclass(frozen=True, slots=True)
class How:
    """How to go about it: the same for a repository and for those within it."""

    limit: int
    """Bytes of the longest object that is read."""
    jobs: int = 0
    progress: Progress = lambda _done, _all: None
    scope: Scope = Scope()
    plain: bool = False
    """Read everything through git: slower, for comparison."""
    accept: Callable[[Sequence[Finding]], Sequence[Finding]] = tuple
    """Marks what is accepted, while each finding still has one place."""
    excluded: Callable[[str], bool] = lambda _path: False
    """Whether the configuration leaves a path out: then nobody needs to know that it cannot be opened."""


@dataclass(slots=True)
class _Case:
    """One repository under audit."""

    matcher: Matcher
    store: store.Store
    prefix: str
    run: Run
    how: How
    jobs: int
    evidence: Evidence = field(default_factory=Evidence)
    aside: Aside = field(default_factory=lambda: Aside(log.NO_GRAPH))
    opened: dict[tuple[str, str], tuple[Finding, ...]] = field(default_factory=dict)
    """What is inside of containers, by their names and paths."""
    limits: Limits = LIMITS

    def skip(self, skipped: Iterable[Skipped]) -> None:
        """What was not scanned, as seen from the repository that was named."""
        self.run.skipped += (replace(one, path=f"{self.prefix}: {one.path}") if self.prefix else one for one in skipped)


def audit(  # noqa: PLR0913 - what varies, each once
    matcher: Matcher, repository: Path, run: Run, how: How, *, prefix: str = "", depth: int = 0
) -> None:
    """Adds what a repository and its submodules hold to the run; `prefix` is the path of a submodule.

    On Ctrl-C what was found so far stays, without its history, and the run is incomplete.

    Raises:
        SourceError: it is no repository, or git cannot read it at all.
        UsageError: the scope names a branch that is not there.
    """
    place = store.store(repository)
    case = _Case(matcher, place, prefix, run, how, sweep.cores(how.jobs))
    inside = list(beside.modules(place)) if depth < DEEPEST else []
    if how.scope.branch and not prefix and not log.names_of(place.repository, how.scope.branch):
        raise UsageError(f"no branch or tag: {how.scope.branch}", help="`git branch -a` and `git tag` list them")
    found: list[Finding] = []
    try:
        case.skip(_limits(place))
        _sweep(case, [path for _, path in inside])
        found += _findings(case)
    except KeyboardInterrupt:
        run.interrupted = True
        case.limits = replace(LIMITS, seconds=1)
        found = list(_at_a_glance(case))
    for finding in found:
        _keep(run, finding)
    for module, path in inside:
        if run.interrupted:
            return
        try:
            audit(matcher, module, run, how, prefix=f"{prefix}/{path}" if prefix else path, depth=depth + 1)
        except SourceError as error:
            case.skip([Skipped(path, f"the submodule cannot be read: {error}")])


def _keep(run: Run, finding: Finding) -> None:
    if finding.verdict.label is Label.PUBLIC:
        run.public.append(finding)
    else:
        (run.suppressed if finding.suppressions else run.findings).append(finding)


def _limits(place: store.Store) -> Iterator[Skipped]:
    if place.shallow:
        yield Skipped("history before the shallow boundary", "a shallow clone: `git fetch --unshallow` brings the rest")
    if place.partial:
        yield Skipped("objects that were filtered out", "a partial clone: they are not on this machine", expected=True)


def _sweep(case: _Case, inside: list[str]) -> None:
    """Everything is looked at once; whether something is a key is not known yet for all of it."""
    how = case.how
    work = sweep.plan(case.store, how.limit, case.jobs, plain=how.plain)
    case.skip(work.skipped)
    total, done = work.weight, 0
    meanwhile: Meanwhile | None = None
    for swept in sweep.run(case.matcher, work, case.jobs):
        meanwhile = meanwhile or Meanwhile(case.matcher, work, inside)  # now that all processes are started
        _add(case, swept)
        done += swept.weight
        how.progress(done, total)
    case.aside = (meanwhile or Meanwhile(case.matcher, work, inside)).found()
    case.aside.graph = whole_graph(case.aside, work, case.evidence.commits)
    case.skip(case.aside.skipped)
    _add(case, case.aside.swept)
    _add(case, sweep.beside(case.matcher, work, [(NAMES, _names(case, work))]))


def _add(case: _Case, swept: sweep.Swept) -> None:
    case.evidence.add(swept)
    case.run.blobs += swept.count
    case.run.bytes += swept.bytes
    case.skip(swept.skipped)


def _names(case: _Case, work: sweep.Sweep) -> bytes:
    """The names of files and directories that hold a keyword, one a line."""
    below = [*work.trees_below(case.evidence.trees), *case.evidence.tree_names]
    every = {*trees.names(case.store, dict.fromkeys(below)), *map(os.fsencode, chain(*case.aside.loose.values()))}
    return b"\n".join(sorted(every))


# --- Findings ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report shows a key: a blob, its path, and the commit to find it in."""

    oid: str
    path: str
    commit: str


def _findings(case: _Case) -> Iterator[Finding]:
    """One finding for each key that was sighted, the places where to look first, and its life."""
    evidence = case.evidence
    if not evidence.objects:
        return
    judge = Judge(case.matcher, evidence)
    graph = case.aside.graph
    case.skip(graph.skipped)
    named = {os.fsdecode(key[1]): key for key in judge.keys(NAMES, NAMES)}
    touching = _touching(case, graph, list(named))
    judge.look_ahead(_places_in(touching), case.jobs)
    found = lives.lives(touching, lambda oid, path: judge.keys(oid, path) | _in_name(named, path))
    for path, oid in case.aside.head if named else ():
        for key in _in_name(named, path):
            found[key].head[path] = oid
    placed = {oid for oid, _ in _places_in(touching)}
    placed |= set(_standing(case, judge, found))
    _at_tips(case, graph, judge, found)
    case.skip(_not_opened(case, touching))
    places = {key: list(_places(life, graph)) for key, life in found.items()}
    _elsewhere(case, graph, judge, found, places, placed)
    _merged_away(case, graph, judge, found)
    histories: dict[lives.Key, History] = {}
    tips, in_path = lives.tips(graph), case.how.scope.path
    added = {key: [commit.oid for commit, _, _ in life.added] for key, life in found.items()}
    for key, reached in lives.reaching(graph, added):
        still = {*trees.chosen(tips, found[key].tips)}
        history = lives.history(found[key], reached, still, graph)
        if _in_scope(case, history, graph, reached):
            histories[key] = history
    wanted = {key: [one for one in places[key] if in_path is None or in_path(one.path)] for key in histories}
    for key, finding in _shown_at(case, judge, wanted):
        yield replace(finding, history=histories[key])


def _shown_at(case: _Case, judge: Judge, places: dict[lives.Key, list[Place]]) -> Iterator[tuple[lives.Key, Finding]]:
    """The findings at these places; the contents to show are held for some of them at a time."""
    left = iter(places.items())
    while several := list(islice(left, MOST_SHOWN)):
        shown = _shown(case, {place.oid for _, wanted in several for place in wanted})
        for key, wanted in several:
            finding = _finding(case, key, wanted, judge, shown)
            if finding:
                yield key, finding


def _places_in(commits: Iterable[log.Commit]) -> Iterator[tuple[str, str]]:
    """Each blob that was there before or after one of the changes, with its path."""
    for commit in commits:
        for change in commit.changes:
            yield from ((oid, change.path) for oid in (*change.old, change.new))


def _not_opened(case: _Case, touching: Iterable[log.Commit]) -> Iterator[Skipped]:
    """What was left of containers, with a path of each."""
    containers = {oid: one.skipped for oid, one in case.evidence.inside.items() if one.skipped}
    if not containers:
        return
    paths = {change.new: f"{change.path} in {commit.oid[:12]}" for commit in touching for change in commit.changes}
    paths |= {oid: path for path, oid in (*_indexed(case), *case.aside.head)}
    paths |= {oid: several[0] for oid, several in (case.aside.loose | case.aside.kept).items()}
    wanted, excluded = case.how.scope.path or (lambda _: True), case.how.excluded
    for oid, skipped in containers.items():
        path = paths.get(oid, f"object {oid}")
        plain = path.rpartition(" in ")[0] or path
        if wanted(plain) and not excluded(plain):
            yield from (replace(one, path=f"{path}{one.path}") for one in skipped)


def _in_name(named: dict[str, lives.Key], path: str) -> frozenset[lives.Key]:
    """The keys that stand in a path."""
    return frozenset(key for name, key in named.items() if name in path) if named else frozenset()


def _at_a_glance(case: _Case) -> Iterator[Finding]:
    """What was found until someone lost patience: with the paths that HEAD has, and without lives."""
    judge = Judge(case.matcher, case.evidence)
    head = log.resolved(case.store.repository, "HEAD")
    paths: dict[str, list[tuple[str, str]]] = {}
    for path, oid in case.aside.head or (log.tree(case.store.repository, head) if head else ()):
        if oid in case.evidence.objects:
            paths.setdefault(oid, []).append((path, head))
    places: dict[lives.Key, list[Place]] = {}
    for oid in case.evidence.objects:
        unknown = MESSAGE if oid in case.evidence.messages else UNKNOWN
        for path, commit in paths.get(oid, [(one, "") for one in _uncommitted(case, oid) or [unknown]]):
            for key in judge.keys(oid, path):
                places.setdefault(key, []).append(Place(oid, path, commit))
    chosen = {key: sorted(several, key=lambda place: not place.commit)[:10] for key, several in places.items()}
    yield from (finding for _, finding in _shown_at(case, judge, chosen))


def _uncommitted(case: _Case, oid: str) -> list[str]:
    """The paths of what is no object."""
    return case.aside.loose.get(oid) or case.aside.kept.get(oid, [])


def _in_scope(case: _Case, history: History, graph: log.Graph, reached: set[str]) -> bool:
    scope = case.how.scope
    if scope.branch:
        tips = {graph.refs[name] for name in log.names_of(case.store.repository, scope.branch) if name in graph.refs}
        if not tips & reached:
            return False
    return not scope.since or not history.first_seen or lives.seconds(history.first_seen) >= scope.since


def _touching(case: _Case, graph: log.Graph, names: Sequence[str]) -> list[log.Commit]:
    """The commits that added or removed one of the blobs; git looks for them in several processes."""
    every = list(graph.parents)
    wanted = frozenset(case.evidence.objects)
    share = min(len(every) // case.jobs + 1, MOST_COMMITS)
    parts = [every[start : start + share] for start in range(0, len(every), share)]
    skipped: list[Skipped] = []
    answers: list[list[log.Commit]] = [[] for _ in parts]

    def ask(first: int) -> None:
        for number in range(first, len(parts), case.jobs):
            answers[number] = log.touching(case.store.repository, parts[number], wanted, skipped, names)

    # Daemons, so that nobody who interrupts us waits for git.
    threads = [threading.Thread(target=ask, args=(first,), daemon=True) for first in range(case.jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    case.skip(skipped)
    return [commit for answer in answers for commit in answer]


def _merged_away(case: _Case, graph: log.Graph, judge: Judge, found: dict[lives.Key, lives.Life]) -> None:
    """Adds the merges that took a key out by taking the other side's file: git does not show them as changes."""
    gone = {
        path
        for life in found.values()
        if life.added and not (life.removed or life.said or life.head or life.tips)
        for _, path, _ in life.added
    }
    merges = [oid for oid, parents in graph.parents.items() if len(parents) > 1] if gone else []
    asked = list(dict.fromkeys(oid for merge in merges for oid in (merge, *graph.parents[merge])))
    held = _having(case, judge, asked, gone)
    place = {oid: number for number, oid in enumerate(asked)}
    for merge in merges:
        parents = [place[parent] for parent in graph.parents[merge]]
        lost = [
            key
            for key, having in held.items()
            if not (having >> place[merge] & 1 or found[key].head) and any(having >> parent & 1 for parent in parents)
        ]
        for one in log.described(case.store.repository, [merge]) if lost else ():
            for key in lost:
                found[key].removed.append(one)


def _having(case: _Case, judge: Judge, commits: Sequence[str], paths: Iterable[str]) -> dict[lives.Key, int]:
    """For each key that stands at one of the paths, in which commits it does, in bits as of `trees.standing`."""
    held: dict[lives.Key, int] = {}
    for (path, oid), bits in trees.standing(case.store, commits, paths, case.evidence.objects).items():
        for key in judge.keys(oid, path):
            held[key] = held.get(key, 0) | bits
    return held


def _standing(case: _Case, judge: Judge, found: dict[lives.Key, lives.Life]) -> Iterator[str]:
    """Notes what stands at HEAD, in the indexes, and in files that are not committed; yields all of it."""
    evidence = case.evidence
    for path, oid in case.aside.head:
        if oid in evidence.objects:
            yield oid
            for key in judge.keys(oid, path):
                found[key].head[path] = oid
                found[key].contents.add(oid)
    for path, oid in _indexed(case):
        if oid in evidence.objects:
            yield oid
            for key in judge.keys(oid, path):
                found[key].in_index = True
                found[key].contents.add(oid)
                found[key].staged[path] = oid
    for oid, several in case.aside.loose.items():
        yield oid
        for path in several:
            for key in judge.keys(oid, path):
                found[key].in_worktree = True
                found[key].contents.add(oid)
                found[key].staged[path] = oid


def _at_tips(case: _Case, graph: log.Graph, judge: Judge, found: dict[lives.Key, lives.Life]) -> None:
    """Notes the tips of refs that still have a key where it was brought in."""
    paths = {path for life in found.values() for _, path, _ in life.added}
    for key, bits in _having(case, judge, lives.tips(graph), paths).items():
        found[key].tips |= bits


def _indexed(case: _Case) -> Iterator[tuple[str, str]]:
    """Path and name of every blob in the index, and in those of linked working trees."""
    common = case.store.common_directory
    places = [case.store.repository, *(common / "worktrees" / name for name in log.worktrees(case.store))]
    for place in [*places, *([common] if case.store.linked else [])]:
        try:
            yield from log.index(place)
        except SourceError as error:
            if not git.is_bare(case.store.repository):
                case.skip([Skipped("the index", str(error))])


def _places(life: lives.Life, graph: log.Graph) -> Iterator[Place]:
    """Where HEAD has the key; what is not committed; for every other path the commit that first brought it there."""
    for path, oid in sorted(life.head.items()):
        yield Place(oid, path, graph.head)
    for path, oid in sorted(life.staged.items()):
        if path not in life.head:
            yield Place(oid, path, "")
    seen = {*life.head, *life.staged}
    for commit, path, oid in sorted(life.added, key=lambda one: one[0].time):
        if path not in seen:
            seen.add(path)
            yield Place(oid, path, commit.oid)


def _elsewhere(  # noqa: PLR0913, PLR0917 - private
    case: _Case,
    graph: log.Graph,
    judge: Judge,
    found: dict[lives.Key, lives.Life],
    places: dict[lives.Key, list[Place]],
    placed: set[str],
) -> None:
    """Adds the messages of commits and tags, the names of refs, and the blobs that no commit has."""
    evidence = case.evidence
    names = [oid for oid in evidence.messages if oid not in {REFS, NAMES} and not _uncommitted(case, oid)]
    authors = {one.oid: one for one in log.described(case.store.repository, names)}
    for oid in evidence.objects:
        if oid in placed or oid in case.aside.kept:
            continue
        for key in judge.keys(oid, _name(oid, evidence, authors)):
            life = found[key]
            life.contents.add(oid)
            life.refs |= set(graph.direct.get(oid, ()))
            if oid == REFS:
                life.refs |= {name for name in graph.refs if key[1] in name.encode("utf-8", "surrogateescape")}
            if oid in authors:
                life.said = True
                life.added.append((authors[oid], MESSAGE, oid))
            first = min(life.added, key=lambda one: one[0].time)[0].oid if oid == NAMES and life.added else ""
            commit = oid if oid in authors else first
            places.setdefault(key, []).append(Place(oid, _name(oid, evidence, authors), commit))

    for oid, paths in case.aside.kept.items():
        for key in judge.keys(oid, paths[0]) if oid in evidence.objects else ():
            if key not in places:  # else it says how the key is held
                found[key].contents.add(oid)
                found[key].in_worktree = True
            places.setdefault(key, []).append(Place(oid, paths[0], ""))


def _name(oid: str, evidence: Evidence, authors: dict[str, log.Commit]) -> str:
    """What stands for a path where there is none."""
    if oid in {REFS, NAMES}:
        return oid
    return UNKNOWN if oid not in evidence.messages else MESSAGE if oid in authors else TAG


def _shown(case: _Case, oids: Iterable[str]) -> dict[str, bytes]:
    """The contents to show, by name."""
    messages = case.evidence.messages
    found = {oid: messages[oid] for oid in oids if oid in messages}
    for one in store.read(case.store.repository, sorted(set(oids) - set(found)), store.LONGEST_SHOWN):
        if not isinstance(one, Skipped):
            found[one.oid] = one.data
    return found


def _finding(
    case: _Case, key: lives.Key, places: Sequence[Place], judge: Judge, shown: dict[str, bytes]
) -> Finding | None:
    """The finding with its places; suppressed only where it is accepted in every one of them."""
    found: list[Finding] = []
    for place in places:
        if place.oid not in shown:
            continue
        path = f"{case.prefix}/{place.path}" if case.prefix else place.path
        if place.path == UNKNOWN:
            path = f"(object {place.oid})"
        blob = Blob(path, shown[place.oid], oid=place.oid)
        inside = _inside(case, key, blob)
        if inside:
            found += (replace(one, locations=(replace(one.locations[0], commit=place.commit),)) for one in inside)
            continue  # the bytes around say no more
        here = [
            Finding(
                match.rule, match.secret, verdict,
                (replace(locate.locate(blob, match.origin or match.span), commit=place.commit),),
                fingerprint(match.rule.id, match.secret),
            )
            for match, verdict in judge.judged(place.oid, place.path)
            if (match.rule.id, match.secret) == key
        ]  # fmt: skip
        found += suppress.inline(blob, here)
    found = [*case.how.accept(found)]
    if not found:
        return None
    chosen = [one for one in found if not one.suppressions] or found
    # The order of the places is that in which to look at them.
    return replace(scan.merge(chosen), locations=tuple(dict.fromkeys(_first(chosen))))


def _inside(case: _Case, key: lives.Key, blob: Blob) -> list[Finding]:
    """Where a key stands inside of a container; nothing where it does not."""
    one = case.evidence.inside.get(blob.oid)
    if one is None or key not in one.keys:
        return []
    name = blob.oid, blob.path
    if name not in case.opened:
        case.opened[name] = contents.scan_inside(case.matcher, blob, case.limits).findings
    return [found for found in case.opened[name] if (found.rule.id, found.secret) == key]


def _first(found: Iterable[Finding]) -> Iterator[Location]:
    return (one.locations[0] for one in found)
