"""The keys that the sweep found -> their places and lives: in which commits, paths, files and names they are."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from functools import partial

from keysift import pool
from keysift.errors import SourceError
from keysift.git import index, layout, log, trees
from keysift.git.graph import Graph, measure_depths
from keysift.git.messages import MESSAGE, TAG
from keysift.git.repository import list_worktrees
from keysift.history import lives
from keysift.history.blob_key import FILE_NAMES, REF_NAMES, BlobKey, NoObject, describe
from keysift.history.context import UNKNOWN, AuditContext, Place
from keysift.history.lives import Key, Life, Lives
from keysift.history.progress import Phase, Progress
from keysift.history.remembered.standing import Standing
from keysift.history.verdicts import SweepIndex, Verdicts
from keysift.model import Skipped
from keysift.records import dataclass

MOST_COMMITS = 1_000
"""Commits that one git is asked about: its answer is held in memory, and only then there is progress to tell."""


@dataclass(slots=True)
class KeyTrace:
    """The places and lives of all keys."""

    touching: list[log.Commit]
    """The commits that added or removed a blob which may have a key."""
    lives: Lives
    places: dict[Key, list[Place]]
    """In the order in which to look at them."""
    tips: Sequence[str]
    """The commits of the bits of `Life.tips`."""


def trace_keys(context: AuditContext, verdicts: Verdicts) -> Generator[Progress, None, KeyTrace]:
    """Yield the part of the commits that is looked through; return the places and lives of all keys."""
    names = {os.fsdecode(key[1]): key for key in verdicts.keys(FILE_NAMES, FILE_NAMES.path)}
    touching = yield from _find_touching(context, list(names))
    yield Progress(Phase.TRACE, 0, 0)
    verdicts.judge_ahead(_list_places(touching), context.jobs)
    traced = lives.trace_lives(touching, lambda blob, path: verdicts.keys(blob, path) | _in_name(names, path))
    for path, oid in context.state.head if names else ():
        for key in _in_name(names, path):
            traced[key].head[path] = oid
    placed: set[BlobKey] = {oid for oid, _ in _list_places(touching)}
    placed |= set(_trace_state(context, verdicts, traced))
    tips = _trace_tips(context, verdicts, traced)
    places = {key: list(_choose_places(life, context.graph)) for key, life in traced.items()}
    trace = KeyTrace(touching, traced, places, tips)
    _trace_unintroduced(context, verdicts, trace)
    _trace_nameless(context, verdicts, trace, placed)
    _trace_git_files(context, verdicts, trace)
    _trace_merges(context, verdicts, traced)
    return trace


def list_indexed(context: AuditContext) -> Iterator[tuple[str, str]]:
    """Yield path and object id of each blob in the index, and in those of linked working trees."""
    common = context.repository.common_directory
    places = [context.repository.path, *(common / "worktrees" / name for name in list_worktrees(context.repository))]
    for place in [*places, *([common] if context.repository.linked else [])]:
        try:
            yield from index.list_blobs(place)
        except SourceError as error:
            if not layout.is_bare(context.repository.path):
                context.skip([Skipped("the index", str(error))])


def _list_places(commits: Iterable[log.Commit]) -> Iterator[tuple[str, str]]:
    """Yield each blob that was there before or after one of the changes, with its path."""
    for commit in commits:
        for change in commit.changes:
            yield from ((oid, change.path) for oid in (*change.before, change.after))


def _in_name(names: dict[str, Key], path: str) -> frozenset[Key]:
    """Return the keys that are in a path."""
    return frozenset(key for name, key in names.items() if name in path) if names else frozenset()


def _find_touching(context: AuditContext, names: Sequence[str]) -> Generator[Progress, None, list[log.Commit]]:
    """Return the commits that touch a blob with occurrences, or a path with a name; parents before children.

    Those of which an earlier audit has asked are not asked for again, unless there is a name.
    """
    commits, memory = context.graph.parents, context.memory
    if memory is None or names:
        touching = yield from _ask_for_touching(context, list(commits), names)
    else:
        new = [oid for oid in commits if oid not in memory.logged]
        memory.log += yield from _ask_for_touching(context, new, names)
        memory.logged.update(new)
        touching = log.select((commit for commit in memory.log if commit.oid in commits), context.index.object_ids())
    depths = measure_depths(commits)
    touching.sort(key=lambda commit: (depths.get(commit.oid, 0), commit.oid))
    return touching


def _ask_for_touching(
    context: AuditContext, commits: Sequence[str], names: Sequence[str]
) -> Generator[Progress, None, list[log.Commit]]:
    """Return those of the commits that touch a blob with occurrences, or a path with a name; several gits look."""
    wanted, memory = context.index.object_ids(), context.memory
    find = partial(log.find_touching, mentioned=memory.mentioned if memory else None)
    share = min(len(commits) // context.jobs + 1, MOST_COMMITS)
    untold = log.Untold()
    touching: list[log.Commit] = []
    calls: deque[pool.BackgroundCall[list[log.Commit]]] = deque()
    shares = deque(commits[start : start + share] for start in range(0, len(commits), share))
    for done in range(1, len(shares) + 1):
        while shares and len(calls) < context.jobs:
            ask = partial(find, context.repository.path, shares.popleft(), wanted, untold, names)
            calls.append(pool.BackgroundCall(ask))
        touching += calls.popleft().answer()
        yield Progress(Phase.TRACE, min(done * share, len(commits)), len(commits))
    context.skip(untold.skipped)
    if memory and (untold.skipped or names):
        memory.failed = True
    return touching


def _trace_state(context: AuditContext, verdicts: Verdicts, traced: Lives) -> Iterator[BlobKey]:
    """Note the keys at HEAD, in the indexes, and in files that are not committed; yield the blobs there."""
    objects, state = context.index.objects, context.state
    for path, oid in state.head:
        if oid in objects:
            yield oid
            for key in verdicts.keys(oid, path):
                traced[key].head[path] = oid
                traced[key].contents.add(oid)
    for path, oid in list_indexed(context):
        if oid in objects:
            yield oid
            for key in verdicts.keys(oid, path):
                traced[key].in_index = True
                traced[key].contents.add(oid)
                traced[key].staged[path] = oid
    for oid, paths in state.uncommitted.items():
        yield oid
        for path in paths:
            for key in verdicts.keys(oid, path):
                traced[key].in_worktree = True
                traced[key].contents.add(oid)
                traced[key].staged[path] = oid


def _trace_tips(context: AuditContext, verdicts: Verdicts, traced: Lives) -> Sequence[str]:
    """Note the tips of refs that still have a key where it was introduced; return the commits of their bits."""
    paths = {path for life in traced.values() for _, path, _ in life.added}
    known = context.memory.tips if context.memory else None
    tips, holders = _find_holders(context, verdicts, lives.list_tips(context.graph), paths, known)
    for key, bits in holders.items():
        traced[key].tips |= bits
    return tips


def _trace_merges(context: AuditContext, verdicts: Verdicts, traced: Lives) -> None:
    """Note the merges that removed a key by taking the other side's file: git does not show them as changes."""
    paths = {
        path
        for life in traced.values()
        if life.added and not (life.removed or life.in_message or life.head or life.tips)
        for _, path, _ in life.added
    }
    parents = context.graph.parents
    merges = [oid for oid, above in parents.items() if len(above) > 1] if paths else []
    asked = list(dict.fromkeys(oid for merge in merges for oid in (merge, *parents[merge])))
    known = context.memory.merges if context.memory else None
    commits, holders = _find_holders(context, verdicts, asked, paths, known)
    bits = {oid: 1 << number for number, oid in enumerate(commits)}
    for merge in merges:
        before = sum({bits[parent] for parent in parents[merge]})
        removed = [
            key
            for key, having in holders.items()
            if having & before and not having & bits[merge] and not traced[key].head
        ]
        for commit in log.describe(context.repository.path, context.reader, [merge]) if removed else ():
            for key in removed:
                traced[key].removed.append(commit)


def _find_holders(
    context: AuditContext, verdicts: Verdicts, asked: Sequence[str], paths: Collection[str], known: Standing | None
) -> tuple[Sequence[str], dict[Key, int]]:
    """Return commits, and for each key at one of the paths those of them that are asked for and have it there, in bits.

    What is `known` is not looked at again.
    """
    blobs, repository, reader = context.index.object_ids(), context.repository, context.reader
    commits = asked
    if known is None:
        standing = trees.find_standing(repository, reader, asked, paths, blobs)
    else:
        commits, standing = known.find(repository, reader, asked, paths, blobs)
    holders: dict[Key, int] = {}
    for (path, oid), bits in standing.items():
        for key in verdicts.keys(oid, path):
            holders[key] = holders.get(key, 0) | bits
    return commits, holders


def _choose_places(life: Life, graph: Graph) -> Iterator[Place]:
    """Yield the places at HEAD; what is not committed; for every other path the commit that first introduced it."""
    for path, oid in sorted(life.head.items()):
        yield Place(oid, path, graph.head)
    for path, oid in sorted(life.staged.items()):
        if path not in life.head:
            yield Place(oid, path, "")
    seen = {*life.head, *life.staged}
    for commit, path, blob in sorted(life.added, key=lambda added: added[0].time):
        if path not in seen:
            seen.add(path)
            yield Place(blob, path, commit.oid)


def _trace_unintroduced(context: AuditContext, verdicts: Verdicts, trace: KeyTrace) -> None:
    """Add the places of keys that are only known to have gone: of the commits that introduced them git cannot tell."""
    nowhere = {key for key, places in trace.places.items() if not places}
    for commit in trace.touching if nowhere else ():
        before = next(iter(context.graph.parents.get(commit.oid, ())), "")
        for change in commit.changes:
            for oid in change.before:
                for key in verdicts.keys(oid, change.path) & nowhere:
                    trace.places[key].append(Place(oid, change.path, before))


def _trace_nameless(context: AuditContext, verdicts: Verdicts, trace: KeyTrace, placed: set[BlobKey]) -> None:
    """Add the messages of commits and tags, the names of refs, and the blobs that no commit has."""
    sweep_index = context.index
    oids = [oid for oid in sweep_index.messages if isinstance(oid, str) and not context.list_paths(oid)]
    authors = {commit.oid: commit for commit in log.describe(context.repository.path, context.reader, oids)}
    for blob in sorted(sweep_index.objects, key=describe):
        if blob in placed or blob in context.state.git_files:
            continue
        path = _stand_in(blob, sweep_index, authors)
        for key in verdicts.keys(blob, path):
            commit = _note_nameless(context, trace.lives[key], key, blob, authors)
            if blob != FILE_NAMES or key not in trace.places:  # else its files are known
                trace.places.setdefault(key, []).append(Place(blob, path, commit))


def _note_nameless(context: AuditContext, life: Life, key: Key, blob: BlobKey, authors: dict[str, log.Commit]) -> str:
    """Note what a blob without a path says of the life of a key; return the commit to find it in, or nothing."""
    life.contents.add(blob)
    if isinstance(blob, str):
        life.refs |= set(context.graph.direct.get(blob, ()))
        author = authors.get(blob)
        if author:
            life.in_message = True
            life.added.append((author, MESSAGE, blob))
            return author.oid
    elif blob == REF_NAMES:
        life.refs |= {name for name in context.graph.refs if key[1] in name.encode("utf-8", "surrogateescape")}
    elif blob == FILE_NAMES:
        return life.first_commit()
    return ""


def _stand_in(blob: BlobKey, sweep_index: SweepIndex, authors: dict[str, log.Commit]) -> str:
    """Return the words that stand for a path where there is none."""
    if isinstance(blob, NoObject):
        return blob.path
    return UNKNOWN if blob not in sweep_index.messages else MESSAGE if blob in authors else TAG


def _trace_git_files(context: AuditContext, verdicts: Verdicts, trace: KeyTrace) -> None:
    """Add the files that git keeps beside the objects; only of a key that is nowhere else are they the life."""
    for blob, paths in context.state.git_files.items():
        for key in verdicts.keys(blob, paths[0]) if blob in context.index.objects else ():
            if key not in trace.places:
                trace.lives[key].contents.add(blob)
                trace.lives[key].in_worktree = True
            trace.places.setdefault(key, []).append(Place(blob, paths[0], ""))
