"""A whole repository -> its findings, each with its life: sweep every object first, then ask where the keys stand."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from keysift import pool
from keysift.containers.limits import LIMITS
from keysift.detect import comments, locate
from keysift.detect.matcher import Matcher
from keysift.errors import SourceError, UsageError
from keysift.fingerprint import fingerprint
from keysift.git import log, refs, trees
from keysift.git.messages import MESSAGE
from keysift.git.objects import Object, ObjectReader
from keysift.git.repository import Repository, open_repository
from keysift.history import lives, state, sweep, trace, uncommitted
from keysift.history.blob_key import FILE_NAMES, BlobKey, describe
from keysift.history.context import UNKNOWN, AuditContext, AuditOptions, Place
from keysift.history.verdicts import Verdicts
from keysift.model import Blob, Finding, History, Label, Location, Run, Skipped
from keysift.scan import contents
from keysift.scan.tally import merge

MOST_SHOWN = 50
"""Findings whose contents are held in memory at once."""
DEEPEST = 20
"""Submodules within submodules."""


def audit(  # noqa: PLR0913 - what varies, each once
    matcher: Matcher, repository: Path, run: Run, how: AuditOptions, *, prefix: str = "", depth: int = 0
) -> None:
    """Adds what a repository and its submodules hold to the run; `prefix` is the path of a submodule.

    On Ctrl-C what was found so far stays, without its history, and the run is incomplete.

    Raises:
        SourceError: it is no repository, or git cannot read it at all.
        UsageError: the scope names a branch that is not there.
    """
    place = open_repository(repository)
    case = AuditContext(matcher, place, prefix, run, how, sweep.cores(how.jobs))
    inside = list(uncommitted.modules(place)) if depth < DEEPEST else []
    if how.scope.branch and not prefix and not refs.find_names(place.path, how.scope.branch):
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


def _limits(place: Repository) -> Iterator[Skipped]:
    if place.shallow:
        yield Skipped("history before the shallow boundary", "a shallow clone: `git fetch --unshallow` brings the rest")
    if place.partial:
        yield Skipped("objects that were filtered out", "a partial clone: they are not on this machine", expected=True)


def _sweep(case: AuditContext, inside: list[str]) -> None:
    """Everything is looked at once; whether something is a key is not known yet for all of it."""
    how = case.how
    work = sweep.plan(case.store, how.limit, case.jobs, plain=how.plain)
    case.skip(work.skipped)
    total, done = work.weight, 0
    look = partial(state.look, case.matcher, work, inside)
    meanwhile: pool.BackgroundCall[state.RepositoryState] | None = None
    for swept in sweep.run(case.matcher, work, case.jobs):
        meanwhile = meanwhile or pool.BackgroundCall(look)  # now that all processes are started
        _add(case, swept)
        done += swept.weight
        how.progress(done, total)
    case.aside = meanwhile.answer() if meanwhile else look()
    case.aside.graph = state.whole_graph(case.aside, work, case.evidence.commits)
    case.skip(case.aside.skipped)
    _add(case, case.aside.swept)
    _add(case, sweep.beside(case.matcher, work, [(FILE_NAMES, _names(case, work))]))


def _add(case: AuditContext, swept: sweep.SweepResult) -> None:
    case.evidence.add(swept)
    case.run.blobs += swept.count
    case.run.bytes += swept.bytes
    case.skip(swept.skipped)


def _names(case: AuditContext, work: sweep.Sweep) -> bytes:
    """The names of files and directories that hold a keyword, one a line."""
    below = [*work.trees_below(case.evidence.trees), *case.evidence.tree_names]
    every = {*trees.list_names(case.store, dict.fromkeys(below)), *map(os.fsencode, chain(*case.aside.loose.values()))}
    return b"\n".join(sorted(every))


# --- Findings ---------------------------------------------------------------------------------------------------------


def _findings(case: AuditContext) -> Iterator[Finding]:
    """One finding for each key that was sighted, the places where to look first, and its life."""
    evidence = case.evidence
    if not evidence.objects:
        return
    judge = Verdicts(case.matcher, evidence)
    graph = case.graph
    case.skip(graph.skipped)
    known = trace.standing(case, judge)
    case.skip(_not_opened(case, known.touching))
    histories: dict[lives.Key, History] = {}
    tips, in_path = lives.tips(graph), case.how.scope.path
    added = {key: [commit.oid for commit, _, _ in life.added] for key, life in known.found.items()}
    for key, reached in lives.reaching(graph, added):
        still = {*trees.select(tips, known.found[key].tips)}
        history = lives.history(known.found[key], reached, still, graph)
        if _in_scope(case, history, reached):
            histories[key] = history
    wanted = {key: [one for one in known.places[key] if in_path is None or in_path(one.path)] for key in histories}
    for key, finding in _shown_at(case, judge, wanted):
        yield replace(finding, history=histories[key])


def _shown_at(
    case: AuditContext, judge: Verdicts, places: dict[lives.Key, list[Place]]
) -> Iterator[tuple[lives.Key, Finding]]:
    """The findings at these places; the contents to show are held for some of them at a time."""
    left = iter(places.items())
    while several := list(islice(left, MOST_SHOWN)):
        shown = _shown(case, {place.oid for _, wanted in several for place in wanted})
        for key, wanted in several:
            finding = _finding(case, key, wanted, judge, shown)
            if finding:
                yield key, finding


def _not_opened(case: AuditContext, touching: Iterable[log.Commit]) -> Iterator[Skipped]:
    """What was left of containers, with a path of each."""
    containers = {oid: one.skipped for oid, one in case.evidence.inside.items() if one.skipped}
    if not containers:
        return
    paths: dict[BlobKey, str]
    paths = {change.after: f"{change.path} in {commit.oid[:12]}" for commit in touching for change in commit.changes}
    paths |= {oid: path for path, oid in (*trace.indexed(case), *case.aside.head)}
    paths |= {oid: several[0] for oid, several in (*case.aside.loose.items(), *case.aside.kept.items())}
    wanted, excluded = case.how.scope.path or (lambda _: True), case.how.excluded
    for oid, skipped in containers.items():
        path = paths.get(oid) or describe(oid)
        plain = path.rpartition(" in ")[0] or path
        if wanted(plain) and not excluded(plain):
            yield from (replace(one, path=f"{path}{one.path}") for one in skipped)


def _at_a_glance(case: AuditContext) -> Iterator[Finding]:
    """What was found until someone lost patience: with the paths that HEAD has, and without lives."""
    judge = Verdicts(case.matcher, case.evidence)
    head = refs.resolve(case.store.path, "HEAD")
    paths: dict[BlobKey, list[tuple[str, str]]] = {}
    for path, oid in case.aside.head or (trees.list_blobs(case.store.path, head) if head else ()):
        if oid in case.evidence.objects:
            paths.setdefault(oid, []).append((path, head))
    places: dict[lives.Key, list[Place]] = {}
    for blob in case.evidence.objects:
        unknown = MESSAGE if blob in case.evidence.messages else UNKNOWN
        for path, commit in paths.get(blob, [(one, "") for one in case.uncommitted(blob) or [unknown]]):
            for key in judge.keys(blob, path):
                places.setdefault(key, []).append(Place(blob, path, commit))
    chosen = {key: sorted(several, key=lambda place: not place.commit)[:10] for key, several in places.items()}
    yield from (finding for _, finding in _shown_at(case, judge, chosen))


def _in_scope(case: AuditContext, history: History, reached: set[str]) -> bool:
    scope = case.how.scope
    if scope.branch:
        known = case.graph.refs
        tips = {known[name] for name in refs.find_names(case.store.path, scope.branch) if name in known}
        if not tips & reached:
            return False
    return not scope.since or not history.first_seen or lives.seconds(history.first_seen) >= scope.since


def _shown(case: AuditContext, keys: set[BlobKey]) -> dict[BlobKey, bytes]:
    """The contents to show, by their keys."""
    messages = case.evidence.messages
    found = {key: messages[key] for key in keys if key in messages}
    unread = sorted(key for key in keys if key not in found and isinstance(key, str))
    with ObjectReader(case.store.path) as reader:
        found |= {one.oid: one.data for one in reader.read_all(unread) if isinstance(one, Object)}
    return found


def _finding(
    case: AuditContext, key: lives.Key, places: Sequence[Place], judge: Verdicts, shown: dict[BlobKey, bytes]
) -> Finding | None:
    """The finding with its places; suppressed only where it is accepted in every one of them."""
    found: list[Finding] = []
    for place in places:
        if place.oid not in shown:
            continue
        path = f"{case.prefix}/{place.path}" if case.prefix else place.path
        if place.path == UNKNOWN:
            path = f"(object {place.oid})"
        blob = Blob(path, shown[place.oid])
        inside = _inside(case, key, place.oid, blob)
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
        found += comments.inline(blob, here)
    found = [*case.how.accept(found)]
    if not found:
        return None
    chosen = [one for one in found if not one.suppressions] or found
    # The order of the places is that in which to look at them.
    return replace(merge(chosen), locations=tuple(dict.fromkeys(_first(chosen))))


def _inside(case: AuditContext, key: lives.Key, container: BlobKey, blob: Blob) -> list[Finding]:
    """Where a key stands inside of a container; nothing where it does not."""
    one = case.evidence.inside.get(container)
    if one is None or key not in one.keys:
        return []
    name = container, blob.path
    if name not in case.opened:
        case.opened[name] = contents.scan_inside(case.matcher, blob, case.limits).findings
    return [found for found in case.opened[name] if (found.rule.id, found.secret) == key]


def _first(found: Iterable[Finding]) -> Iterator[Location]:
    return (one.locations[0] for one in found)
