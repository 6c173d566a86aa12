"""Where the keys stand that were sighted: in which commits, paths, files and names, and when they came and went."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from keysift import pool
from keysift.errors import SourceError
from keysift.git import index, layout, log, trees
from keysift.git.graph import Graph
from keysift.git.messages import MESSAGE, TAG
from keysift.git.repository import list_worktrees
from keysift.history import lives
from keysift.history.blob_key import FILE_NAMES, REF_NAMES, BlobKey, NoObject
from keysift.history.context import UNKNOWN, AuditContext, Place
from keysift.history.verdicts import SweepIndex, Verdicts
from keysift.model import Skipped

MOST_COMMITS = 8_000
"""Of which git is asked at once: what it says of them is held in memory."""


Lives = dict[lives.Key, lives.Life]


@dataclass(slots=True)
class KeyTrace:
    """What is known of the keys."""

    touching: list[log.Commit]
    """The commits that added or removed something in which a key was sighted."""
    found: Lives
    places: dict[lives.Key, list[Place]]
    """Where to look first."""


def standing(context: AuditContext, judge: Verdicts) -> KeyTrace:
    """Where all keys stand."""
    named = {os.fsdecode(key[1]): key for key in judge.keys(FILE_NAMES, FILE_NAMES.path)}
    touching = _touching(context, list(named))
    judge.look_ahead(_places_in(touching), context.jobs)
    found = lives.lives(touching, lambda oid, path: judge.keys(oid, path) | _in_name(named, path))
    for path, oid in context.state.head if named else ():
        for key in _in_name(named, path):
            found[key].head[path] = oid
    placed: set[BlobKey] = {oid for oid, _ in _places_in(touching)}
    placed |= set(_not_committed(context, judge, found))
    _at_tips(context, judge, found)
    known = KeyTrace(touching, found, {key: list(_places(life, context.graph)) for key, life in found.items()})
    _elsewhere(context, judge, known, placed)
    _merged_away(context, judge, found)
    return known


def _places_in(commits: Iterable[log.Commit]) -> Iterator[tuple[str, str]]:
    """Each blob that was there before or after one of the changes, with its path."""
    for commit in commits:
        for change in commit.changes:
            yield from ((oid, change.path) for oid in (*change.before, change.after))


def _in_name(named: dict[str, lives.Key], path: str) -> frozenset[lives.Key]:
    """The keys that stand in a path."""
    return frozenset(key for name, key in named.items() if name in path) if named else frozenset()


def _touching(context: AuditContext, names: Sequence[str]) -> list[log.Commit]:
    """The commits that added or removed one of the blobs; git looks for them in several processes."""
    every = list(context.graph.parents)
    wanted = context.index.object_ids()
    share = min(len(every) // context.jobs + 1, MOST_COMMITS)
    parts = [every[start : start + share] for start in range(0, len(every), share)]
    skipped: list[Skipped] = []
    answers: list[list[log.Commit]] = [[] for _ in parts]

    def ask(first: int) -> None:
        for number in range(first, len(parts), context.jobs):
            answers[number] = log.find_touching(context.repository.path, parts[number], wanted, skipped, names)

    for asked in [pool.BackgroundCall(partial(ask, first)) for first in range(context.jobs)]:
        asked.answer()
    context.skip(skipped)
    return [commit for answer in answers for commit in answer]


def _merged_away(context: AuditContext, judge: Verdicts, found: Lives) -> None:
    """Adds the merges that took a key out by taking the other side's file: git does not show them as changes."""
    gone = {
        path
        for life in found.values()
        if life.added and not (life.removed or life.said or life.head or life.tips)
        for _, path, _ in life.added
    }
    above = context.graph.parents
    merges = [oid for oid, parents in above.items() if len(parents) > 1] if gone else []
    asked = list(dict.fromkeys(oid for merge in merges for oid in (merge, *above[merge])))
    held = _having(context, judge, asked, gone)
    place = {oid: number for number, oid in enumerate(asked)}
    for merge in merges:
        parents = [place[parent] for parent in above[merge]]
        lost = [
            key
            for key, having in held.items()
            if not (having >> place[merge] & 1 or found[key].head) and any(having >> parent & 1 for parent in parents)
        ]
        for one in log.describe(context.repository.path, [merge]) if lost else ():
            for key in lost:
                found[key].removed.append(one)


def _having(
    context: AuditContext, judge: Verdicts, commits: Sequence[str], paths: Iterable[str]
) -> dict[lives.Key, int]:
    """For each key that stands at one of the paths, in which commits it does, in bits as of `trees.find_standing`."""
    held: dict[lives.Key, int] = {}
    for (path, oid), bits in trees.find_standing(
        context.repository, commits, paths, context.index.object_ids()
    ).items():
        for key in judge.keys(oid, path):
            held[key] = held.get(key, 0) | bits
    return held


def _not_committed(context: AuditContext, judge: Verdicts, found: Lives) -> Iterator[BlobKey]:
    """Notes what stands at HEAD, in the indexes, and in files that are not committed; yields all of it."""
    evidence = context.index
    for path, oid in context.state.head:
        if oid in evidence.objects:
            yield oid
            for key in judge.keys(oid, path):
                found[key].head[path] = oid
                found[key].contents.add(oid)
    for path, oid in indexed(context):
        if oid in evidence.objects:
            yield oid
            for key in judge.keys(oid, path):
                found[key].in_index = True
                found[key].contents.add(oid)
                found[key].staged[path] = oid
    for oid, several in context.state.loose.items():
        yield oid
        for path in several:
            for key in judge.keys(oid, path):
                found[key].in_worktree = True
                found[key].contents.add(oid)
                found[key].staged[path] = oid


def _at_tips(context: AuditContext, judge: Verdicts, found: Lives) -> None:
    """Notes the tips of refs that still have a key where it was brought in."""
    paths = {path for life in found.values() for _, path, _ in life.added}
    for key, bits in _having(context, judge, lives.tips(context.graph), paths).items():
        found[key].tips |= bits


def indexed(context: AuditContext) -> Iterator[tuple[str, str]]:
    """Path and name of every blob in the index, and in those of linked working trees."""
    common = context.repository.common_directory
    places = [context.repository.path, *(common / "worktrees" / name for name in list_worktrees(context.repository))]
    for place in [*places, *([common] if context.repository.linked else [])]:
        try:
            yield from index.list_blobs(place)
        except SourceError as error:
            if not layout.is_bare(context.repository.path):
                context.skip([Skipped("the index", str(error))])


def _places(life: lives.Life, graph: Graph) -> Iterator[Place]:
    """Where HEAD has the key; what is not committed; for every other path the commit that first brought it there."""
    for path, oid in sorted(life.head.items()):
        yield Place(oid, path, graph.head)
    for path, oid in sorted(life.staged.items()):
        if path not in life.head:
            yield Place(oid, path, "")
    seen = {*life.head, *life.staged}
    for commit, path, key in sorted(life.added, key=lambda one: one[0].time):
        if path not in seen:
            seen.add(path)
            yield Place(key, path, commit.oid)


def _elsewhere(context: AuditContext, verdicts: Verdicts, traced: KeyTrace, placed: set[BlobKey]) -> None:
    """Add the messages of commits and tags, the names of refs, and the blobs that no commit has."""
    index = context.index
    names = [oid for oid in index.messages if isinstance(oid, str) and not context.uncommitted(oid)]
    authors = {commit.oid: commit for commit in log.describe(context.repository.path, names)}
    for blob in index.objects:
        if blob in placed or blob in context.state.kept:
            continue
        path = _name(blob, index, authors)
        for key in verdicts.keys(blob, path):
            commit = _note_nameless(context, traced.found[key], key, blob, authors)
            if blob != FILE_NAMES or key not in traced.places:  # else its files are known
                traced.places.setdefault(key, []).append(Place(blob, path, commit))
    for blob, paths in context.state.kept.items():
        for key in verdicts.keys(blob, paths[0]) if blob in index.objects else ():
            if key not in traced.places:  # else it says how the key is held
                traced.found[key].contents.add(blob)
                traced.found[key].in_worktree = True
            traced.places.setdefault(key, []).append(Place(blob, paths[0], ""))


def _note_nameless(
    context: AuditContext, life: lives.Life, key: lives.Key, blob: BlobKey, authors: dict[str, log.Commit]
) -> str:
    """Note what a blob without a path says of the life of a key; return the commit to find it in, or nothing."""
    life.contents.add(blob)
    if isinstance(blob, str):
        life.refs |= set(context.graph.direct.get(blob, ()))
        author = authors.get(blob)
        if author:
            life.said = True
            life.added.append((author, MESSAGE, blob))
            return author.oid
    elif blob == REF_NAMES:
        life.refs |= {name for name in context.graph.refs if key[1] in name.encode("utf-8", "surrogateescape")}
    elif blob == FILE_NAMES and life.added:
        return min(life.added, key=lambda added: added[0].time)[0].oid
    return ""


def _name(oid: BlobKey, evidence: SweepIndex, authors: dict[str, log.Commit]) -> str:
    """What stands for a path where there is none."""
    if isinstance(oid, NoObject):
        return oid.path
    return UNKNOWN if oid not in evidence.messages else MESSAGE if oid in authors else TAG
