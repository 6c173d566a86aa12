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


def standing(case: AuditContext, judge: Verdicts) -> KeyTrace:
    """Where all keys stand."""
    named = {os.fsdecode(key[1]): key for key in judge.keys(FILE_NAMES, FILE_NAMES.path)}
    touching = _touching(case, list(named))
    judge.look_ahead(_places_in(touching), case.jobs)
    found = lives.lives(touching, lambda oid, path: judge.keys(oid, path) | _in_name(named, path))
    for path, oid in case.aside.head if named else ():
        for key in _in_name(named, path):
            found[key].head[path] = oid
    placed: set[BlobKey] = {oid for oid, _ in _places_in(touching)}
    placed |= set(_not_committed(case, judge, found))
    _at_tips(case, judge, found)
    known = KeyTrace(touching, found, {key: list(_places(life, case.graph)) for key, life in found.items()})
    _elsewhere(case, judge, known, placed)
    _merged_away(case, judge, found)
    return known


def _places_in(commits: Iterable[log.Commit]) -> Iterator[tuple[str, str]]:
    """Each blob that was there before or after one of the changes, with its path."""
    for commit in commits:
        for change in commit.changes:
            yield from ((oid, change.path) for oid in (*change.before, change.after))


def _in_name(named: dict[str, lives.Key], path: str) -> frozenset[lives.Key]:
    """The keys that stand in a path."""
    return frozenset(key for name, key in named.items() if name in path) if named else frozenset()


def _touching(case: AuditContext, names: Sequence[str]) -> list[log.Commit]:
    """The commits that added or removed one of the blobs; git looks for them in several processes."""
    every = list(case.graph.parents)
    wanted = case.evidence.object_ids()
    share = min(len(every) // case.jobs + 1, MOST_COMMITS)
    parts = [every[start : start + share] for start in range(0, len(every), share)]
    skipped: list[Skipped] = []
    answers: list[list[log.Commit]] = [[] for _ in parts]

    def ask(first: int) -> None:
        for number in range(first, len(parts), case.jobs):
            answers[number] = log.find_touching(case.store.path, parts[number], wanted, skipped, names)

    for asked in [pool.BackgroundCall(partial(ask, first)) for first in range(case.jobs)]:
        asked.answer()
    case.skip(skipped)
    return [commit for answer in answers for commit in answer]


def _merged_away(case: AuditContext, judge: Verdicts, found: Lives) -> None:
    """Adds the merges that took a key out by taking the other side's file: git does not show them as changes."""
    gone = {
        path
        for life in found.values()
        if life.added and not (life.removed or life.said or life.head or life.tips)
        for _, path, _ in life.added
    }
    above = case.graph.parents
    merges = [oid for oid, parents in above.items() if len(parents) > 1] if gone else []
    asked = list(dict.fromkeys(oid for merge in merges for oid in (merge, *above[merge])))
    held = _having(case, judge, asked, gone)
    place = {oid: number for number, oid in enumerate(asked)}
    for merge in merges:
        parents = [place[parent] for parent in above[merge]]
        lost = [
            key
            for key, having in held.items()
            if not (having >> place[merge] & 1 or found[key].head) and any(having >> parent & 1 for parent in parents)
        ]
        for one in log.describe(case.store.path, [merge]) if lost else ():
            for key in lost:
                found[key].removed.append(one)


def _having(case: AuditContext, judge: Verdicts, commits: Sequence[str], paths: Iterable[str]) -> dict[lives.Key, int]:
    """For each key that stands at one of the paths, in which commits it does, in bits as of `trees.find_standing`."""
    held: dict[lives.Key, int] = {}
    for (path, oid), bits in trees.find_standing(case.store, commits, paths, case.evidence.object_ids()).items():
        for key in judge.keys(oid, path):
            held[key] = held.get(key, 0) | bits
    return held


def _not_committed(case: AuditContext, judge: Verdicts, found: Lives) -> Iterator[BlobKey]:
    """Notes what stands at HEAD, in the indexes, and in files that are not committed; yields all of it."""
    evidence = case.evidence
    for path, oid in case.aside.head:
        if oid in evidence.objects:
            yield oid
            for key in judge.keys(oid, path):
                found[key].head[path] = oid
                found[key].contents.add(oid)
    for path, oid in indexed(case):
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


def _at_tips(case: AuditContext, judge: Verdicts, found: Lives) -> None:
    """Notes the tips of refs that still have a key where it was brought in."""
    paths = {path for life in found.values() for _, path, _ in life.added}
    for key, bits in _having(case, judge, lives.tips(case.graph), paths).items():
        found[key].tips |= bits


def indexed(case: AuditContext) -> Iterator[tuple[str, str]]:
    """Path and name of every blob in the index, and in those of linked working trees."""
    common = case.store.common_directory
    places = [case.store.path, *(common / "worktrees" / name for name in list_worktrees(case.store))]
    for place in [*places, *([common] if case.store.linked else [])]:
        try:
            yield from index.list_blobs(place)
        except SourceError as error:
            if not layout.is_bare(case.store.path):
                case.skip([Skipped("the index", str(error))])


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


def _elsewhere(case: AuditContext, judge: Verdicts, known: KeyTrace, placed: set[BlobKey]) -> None:
    """Adds the messages of commits and tags, the names of refs, and the blobs that no commit has."""
    evidence, graph, found, places = case.evidence, case.graph, known.found, known.places
    names = [oid for oid in evidence.messages if isinstance(oid, str) and not case.uncommitted(oid)]
    authors = {one.oid: one for one in log.describe(case.store.path, names)}
    for oid in evidence.objects:
        if oid in placed or oid in case.aside.kept:
            continue
        for key in judge.keys(oid, _name(oid, evidence, authors)):
            life = found[key]
            life.contents.add(oid)
            if isinstance(oid, str):
                life.refs |= set(graph.direct.get(oid, ()))
            if oid == REF_NAMES:
                life.refs |= {name for name in graph.refs if key[1] in name.encode("utf-8", "surrogateescape")}
            author = authors.get(oid) if isinstance(oid, str) else None
            if author:
                life.said = True
                life.added.append((author, MESSAGE, oid))
            first = min(life.added, key=lambda one: one[0].time)[0].oid if oid == FILE_NAMES and life.added else ""
            commit = author.oid if author else first
            places.setdefault(key, []).append(Place(oid, _name(oid, evidence, authors), commit))

    for oid, paths in case.aside.kept.items():
        for key in judge.keys(oid, paths[0]) if oid in evidence.objects else ():
            if key not in places:  # else it says how the key is held
                found[key].contents.add(oid)
                found[key].in_worktree = True
            places.setdefault(key, []).append(Place(oid, paths[0], ""))


def _name(oid: BlobKey, evidence: SweepIndex, authors: dict[str, log.Commit]) -> str:
    """What stands for a path where there is none."""
    if isinstance(oid, NoObject):
        return oid.path
    return UNKNOWN if oid not in evidence.messages else MESSAGE if oid in authors else TAG
