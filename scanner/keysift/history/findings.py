"""Where the keys of a repository are -> results: a finding for each place of a key, with the life of the key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from keysift.detect import comments, locate
from keysift.detect.findings import build_finding
from keysift.git import log, refs, trees
from keysift.git.messages import MESSAGE
from keysift.git.objects import Object, ObjectReader
from keysift.history import lives, trace
from keysift.history.blob_key import BlobKey, describe
from keysift.history.context import UNKNOWN, AuditContext, Place
from keysift.history.progress import Phase, Progress
from keysift.history.verdicts import Verdicts
from keysift.model import Blob, Finding, History, ScanResult, Skipped
from keysift.scan import contents, names
from keysift.scan.tally import by_place

MOST_SHOWN = 50
"""Keys whose contents are held in memory at once."""
MOST_PLACES = 10
"""Places of a key that are looked at when someone has interrupted the audit."""


def findings(context: AuditContext) -> Iterator[ScanResult | Progress]:
    """Yield one result for each key in the scope: a finding for each place, all with the life of the key."""
    if not context.index.objects:
        return
    yield Progress(Phase.TRACE, 0, len(context.index.objects))
    verdicts = Verdicts(context.matcher, context.index)
    graph = context.graph
    context.skip(graph.skipped)
    traced = trace.standing(context, verdicts)
    context.skip(_not_opened(context, traced.touching))
    yield ScanResult(skipped=context.drain())
    histories: dict[lives.Key, History] = {}
    tips = lives.tips(graph)
    added = {key: [commit.oid for commit, _, _ in life.added] for key, life in traced.found.items()}
    for key, reached in lives.reaching(graph, added):
        still = {*trees.select(tips, traced.found[key].tips)}
        history = lives.history(traced.found[key], reached, still, graph)
        if _in_scope(context, history, reached):
            histories[key] = history
    places = {key: [place for place in traced.places[key] if context.options.wants(place.path)] for key in histories}
    for done, (key, found) in enumerate(_at_places(context, verdicts, places), 1):
        history = histories[key]
        yield Progress(Phase.JUDGE, done, len(places))
        results = tuple(replace(finding, history=history) for finding in found)
        yield ScanResult(results, context.drain(), repository=context.name)


def at_a_glance(context: AuditContext) -> Iterator[ScanResult]:
    """Yield what the sweep has found so far, with the paths of HEAD, and without lives."""
    verdicts = Verdicts(context.matcher, context.index)
    head = refs.resolve(context.repository.path, "HEAD")
    paths: dict[BlobKey, list[tuple[str, str]]] = {}
    for path, oid in context.state.head or (trees.list_blobs(context.repository.path, head) if head else ()):
        if oid in context.index.objects:
            paths.setdefault(oid, []).append((path, head))
    places: dict[lives.Key, list[Place]] = {}
    for blob in context.index.objects:
        unknown = MESSAGE if blob in context.index.messages else UNKNOWN
        nameless = [(path, "") for path in context.uncommitted(blob) or [unknown]]
        for path, commit in paths.get(blob, nameless):
            for key in verdicts.keys(blob, path) if context.options.wants(path) else ():
                places.setdefault(key, []).append(Place(blob, path, commit))
    chosen = {key: sorted(several, key=lambda place: not place.commit)[:MOST_PLACES] for key, several in places.items()}
    for _, found in _at_places(context, verdicts, chosen):
        yield ScanResult(tuple(found), context.drain(), repository=context.name)


def _in_scope(context: AuditContext, history: History, reached: set[str]) -> bool:
    scope = context.options.scope
    if scope.branch:
        known = context.graph.refs
        tips = {known[name] for name in refs.find_names(context.repository.path, scope.branch) if name in known}
        if not tips & reached:
            return False
    return not scope.since or not history.first_seen or lives.seconds(history.first_seen) >= scope.since


def _not_opened(context: AuditContext, touching: Iterable[log.Commit]) -> Iterator[Skipped]:
    """Yield what was skipped inside of containers, with a path of each."""
    containers = {blob: inside.skipped for blob, inside in context.index.inside.items() if inside.skipped}
    if not containers:
        return
    paths: dict[BlobKey, str]
    paths = {change.after: f"{change.path} in {commit.oid[:12]}" for commit in touching for change in commit.changes}
    paths |= {oid: path for path, oid in (*trace.indexed(context), *context.state.head)}
    paths |= {blob: several[0] for blob, several in (*context.state.loose.items(), *context.state.kept.items())}
    for blob, skipped in containers.items():
        path = paths.get(blob) or describe(blob)
        if context.options.wants(path.rpartition(" in ")[0] or path):
            yield from (replace(item, path=f"{path}{item.path}") for item in skipped)


# --- Places -----------------------------------------------------------------------------------------------------------


def _at_places(
    context: AuditContext, verdicts: Verdicts, places: dict[lives.Key, list[Place]]
) -> Iterator[tuple[lives.Key, list[Finding]]]:
    """Yield the findings of each key at its places; the contents are held for some keys at a time."""
    left = iter(places.items())
    while several := list(islice(left, MOST_SHOWN)):
        shown = _contents(context, {place.blob for _, wanted in several for place in wanted})
        for key, wanted in several:
            found = [finding for place in wanted for finding in _at_place(context, key, place, verdicts, shown)]
            if found:
                yield key, found


def _contents(context: AuditContext, blobs: set[BlobKey]) -> dict[BlobKey, bytes]:
    messages = context.index.messages
    found = {blob: messages[blob] for blob in blobs if blob in messages}
    unread = sorted(blob for blob in blobs if blob not in found and isinstance(blob, str))
    with ObjectReader(context.repository.path) as reader:
        found |= {item.oid: item.data for item in reader.read_all(unread) if isinstance(item, Object)}
    return found


def _at_place(
    context: AuditContext, key: lives.Key, place: Place, verdicts: Verdicts, shown: dict[BlobKey, bytes]
) -> Sequence[Finding]:
    """Return the findings of a key in one blob at one path: in its bytes, inside of it, or in its name."""
    if place.blob not in shown:
        return ()
    path = f"{context.prefix}/{place.path}" if context.prefix else place.path
    if place.path == UNKNOWN:
        path = f"(object {place.blob})"
    blob = Blob(path, shown[place.blob])
    found = _inside(context, key, place.blob, blob)
    if not found:  # what is inside says more than the bytes around it
        locations = locate.Places(blob)
        judged = verdicts.judged(place.blob, place.path)
        own = [one for one in judged if (one[0].rule.id, one[0].secret) == key]
        found = comments.inline(blob, [build_finding(locations, *one) for one in own])
    found += _in_name(context, key, path)
    found.sort(key=by_place)
    return [replace(one, locations=(replace(one.locations[0], commit=place.commit),)) for one in found]


def _inside(context: AuditContext, key: lives.Key, container: BlobKey, blob: Blob) -> list[Finding]:
    """Return the findings of a key inside of a container."""
    inside = context.index.inside.get(container)
    if inside is None or key not in inside.keys:
        return []
    name = container, blob.path
    if name not in context.opened:
        context.opened[name] = contents.scan_inside(context.matcher, blob, context.limits).findings
    return [finding for finding in context.opened[name] if (finding.rule.id, finding.secret) == key]


def _in_name(context: AuditContext, key: lives.Key, path: str) -> list[Finding]:
    """Return the finding of a key in the name of a file."""
    if key[1].decode("utf-8", "surrogateescape") not in path:
        return []
    found = names.scan_names(context.matcher, [path]).findings
    return [finding for finding in found if (finding.rule.id, finding.secret) == key]
