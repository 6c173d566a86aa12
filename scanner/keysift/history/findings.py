"""Keys that were traced -> results: a finding for each place of a key, with the life of the key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from keysift.detect import comments, locate
from keysift.detect.findings import build_finding
from keysift.git import log, refs, trees
from keysift.git.messages import MESSAGE
from keysift.git.objects import Object
from keysift.history import lives, trace
from keysift.history.blob_key import BlobKey, describe, object_id
from keysift.history.context import UNKNOWN, AuditContext, Place
from keysift.history.lives import Key
from keysift.history.progress import Phase, Progress
from keysift.history.verdicts import Verdicts
from keysift.model import Blob, Finding, History, ScanResult, Skipped
from keysift.scan import contents, names
from keysift.scan.tally import by_place

MOST_SHOWN = 50
"""Keys whose contents are held in memory at once."""
MOST_PLACES = 10
"""Places of a key that an interrupted audit shows."""


def build_results(context: AuditContext) -> Iterator[ScanResult | Progress]:
    """Yield one result for each key in the scope: a finding for each place, all with the life of the key."""
    verdicts = context.make_verdicts()
    if not context.index.objects:
        return
    context.skip(context.graph.skipped)
    traced = yield from trace.trace_keys(context, verdicts)
    context.skip(_list_unopened(context, traced.touching))
    context.skip(verdicts.drain())
    yield ScanResult(skipped=context.drain())
    histories = dict(_build_histories(context, traced))
    places = {key: [place for place in traced.places[key] if context.options.wants(place.path)] for key in histories}
    for done, (key, findings) in enumerate(_find_at_places(context, verdicts, places), 1):
        context.skip(verdicts.drain())
        yield Progress(Phase.JUDGE, done, len(places))
        findings_with_life = tuple(replace(finding, history=histories[key]) for finding in findings)
        yield ScanResult(findings_with_life, context.drain(), repository=context.name)
        context.reported.add(key)  # only now does whoever iterates have it


def build_interrupted_results(context: AuditContext) -> Iterator[ScanResult]:
    """Yield what the sweep has found so far and is not reported yet, with the paths at HEAD, and without lives."""
    verdicts = context.make_verdicts()
    head = refs.resolve(context.repository.path, "HEAD")
    at_head: dict[BlobKey, list[tuple[str, str]]] = {}
    for path, oid in context.state.head or (trees.list_blobs(context.repository.path, head) if head else ()):
        if oid in context.index.objects:
            at_head.setdefault(oid, []).append((path, head))
    places: dict[Key, list[Place]] = {}
    for blob in context.index.objects:
        stand_in = MESSAGE if blob in context.index.messages else UNKNOWN
        elsewhere = [(path, "") for path in context.list_paths(blob) or [stand_in]]
        for path, commit in at_head.get(blob, elsewhere):
            for key in verdicts.keys(blob, path) if context.options.wants(path) else ():
                if key not in context.reported:
                    places.setdefault(key, []).append(Place(blob, path, commit))
    chosen = {key: sorted(several, key=lambda place: not place.commit)[:MOST_PLACES] for key, several in places.items()}
    for _, findings in _find_at_places(context, verdicts, chosen):
        context.skip(verdicts.drain())
        yield ScanResult(tuple(findings), context.drain(), repository=context.name)


def _build_histories(context: AuditContext, traced: trace.KeyTrace) -> Iterator[tuple[Key, History]]:
    """Yield the keys in the scope, each with its life."""
    graph = context.graph
    ancestors = lives.find_ancestors(graph)
    commits = {
        key: [commit.oid for commit, _, _ in life.added] or [commit.oid for commit in life.removed]
        for key, life in traced.lives.items()
    }
    for key, reached in lives.find_reaching(graph, commits):
        life = traced.lives[key]
        history = lives.build_history(life, reached, {*trees.select(traced.tips, life.tips)}, graph, ancestors)
        if _in_scope(context, history, reached):
            yield key, history


def _in_scope(context: AuditContext, history: History, reached: set[str]) -> bool:
    scope = context.options.scope
    if scope.branch:
        known = context.graph.refs
        tips = {known[name] for name in refs.find_names(context.repository.path, scope.branch) if name in known}
        if not tips & reached:
            return False
    return not scope.since or not history.first_seen or lives.to_seconds(history.first_seen) >= scope.since


def _list_unopened(context: AuditContext, touching: Iterable[log.Commit]) -> Iterator[Skipped]:
    """Yield what was skipped inside of containers, each with one of its paths."""
    containers = {blob: inside.skipped for blob, inside in context.index.inside.items() if inside.skipped}
    if not containers:
        return
    state = context.state
    paths: dict[BlobKey, tuple[str, str]]
    """The path of each, and the commit that has it, if HEAD has not."""
    paths = {change.after: (change.path, commit.oid[:12]) for commit in touching for change in commit.changes}
    paths |= {oid: (path, "") for path, oid in (*trace.list_indexed(context), *state.head)}
    paths |= {blob: (several[0], "") for blob, several in (*state.uncommitted.items(), *state.git_files.items())}
    for blob, skipped in sorted(containers.items(), key=lambda item: describe(item[0])):
        path, commit = paths.get(blob) or (describe(blob), "")
        shown = f"{path} in {commit}" if commit else path
        for item in skipped if context.options.wants(path) else ():
            yield replace(item, path=f"{shown}{item.path}", object=object_id(blob), file=f"{path}{item.path}")


# --- Places -----------------------------------------------------------------------------------------------------------


def _find_at_places(
    context: AuditContext, verdicts: Verdicts, places: dict[Key, list[Place]]
) -> Iterator[tuple[Key, list[Finding]]]:
    """Yield the findings of each key at its places; the contents of some keys are held at a time."""
    left = iter(places.items())
    while batch := list(islice(left, MOST_SHOWN)):
        shown = _read_contents(context, {place.blob for _, several in batch for place in several})
        for key, several in batch:
            findings = [finding for place in several for finding in _find_at(context, key, place, verdicts, shown)]
            if findings:
                yield key, findings


def _read_contents(context: AuditContext, blobs: set[BlobKey]) -> dict[BlobKey, bytes]:
    messages = context.index.messages
    shown = {blob: messages[blob] for blob in blobs if blob in messages}
    unread = sorted(blob for blob in blobs if blob not in shown and isinstance(blob, str))
    shown |= {item.oid: item.data for item in context.reader.read_all(unread) if isinstance(item, Object)}
    for oid in unread:
        if oid not in shown:  # git gives up a whole pack for a few bytes of it
            read = (opened.read(oid, context.options.limit) for opened in context.packs)
            shown |= ((oid, data) for data in read if data is not None)
    return shown


def _find_at(
    context: AuditContext, key: Key, place: Place, verdicts: Verdicts, shown: dict[BlobKey, bytes]
) -> Sequence[Finding]:
    """Return the findings of a key in one blob at one path: in its bytes, inside of it, or in its name."""
    if place.blob not in shown:
        return ()
    path = f"{context.prefix}/{place.path}" if context.prefix else place.path
    if place.path == UNKNOWN:
        path = f"(object {place.blob})"
    blob = Blob(path, shown[place.blob])
    findings = _find_inside(context, key, place.blob, blob)
    if not findings:  # what is inside says more than the bytes around it
        locations = locate.Places(blob)
        judged = verdicts.judge_blob(place.blob, place.path)
        own = [build_finding(locations, *pair) for pair in judged if (pair[0].rule.id, pair[0].secret) == key]
        findings = comments.inline(blob, own)
    findings += _find_in_name(context, key, path)
    findings.sort(key=by_place)
    return [replace(finding, locations=(replace(finding.locations[0], commit=place.commit),)) for finding in findings]


def _find_inside(context: AuditContext, key: Key, container: BlobKey, blob: Blob) -> list[Finding]:
    """Return the findings of a key inside of a container."""
    inside = context.index.inside.get(container)
    if inside is None or key not in inside.keys:
        return []
    opened = context.opened
    if (container, blob.path) not in opened:
        known = context.recall_inside(container, blob)
        if known is None:
            scanned = contents.scan_inside(context.matcher, blob, context.limits)
            known = scanned.findings
            if not scanned.skipped:
                context.remember_inside(container, blob, known)
        opened[container, blob.path] = known
    return [finding for finding in opened[container, blob.path] if (finding.rule.id, finding.secret) == key]


def _find_in_name(context: AuditContext, key: Key, path: str) -> list[Finding]:
    """Return the findings of a key in the name of a file."""
    if key[1].decode("utf-8", "surrogateescape") not in path:
        return []
    findings = names.scan_names(context.matcher, [path]).findings
    return [finding for finding in findings if (finding.rule.id, finding.secret) == key]
