"""The life of a key: the commits that introduced and removed it, where it still is, and what keeps it."""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from typing import TypeAlias

from keysift.git.graph import Graph
from keysift.git.log import Commit, stamp
from keysift.history.blob_key import BlobKey
from keysift.model import History
from keysift.records import dataclass

Key: TypeAlias = tuple[str, bytes]
"""Rule and secret."""

_DAY = 86_400
"""Seconds."""
_TELLING = ("refs/heads/main/", "refs/heads/master/", "refs/heads/", "refs/tags/", "refs/remotes/")


@dataclass(slots=True)
class Life:
    """The life of one key, as far as it is known."""

    added: list[tuple[Commit, str, BlobKey]] = field(default_factory=list)
    """Commit, path and blob."""
    removed: list[Commit] = field(default_factory=list)
    contents: set[BlobKey] = field(default_factory=set)
    """The different blobs that have it."""
    head: dict[str, str] = field(default_factory=dict)
    """By path, the blobs at HEAD that have it."""
    tips: int = 0
    """The commits at the tips of refs that still have it, in bits as of `list_tips`: a set for each key would be large.
    """
    staged: dict[str, str] = field(default_factory=dict)
    """By path, the blobs in an index or the working tree that have it where HEAD has not."""
    in_index: bool = False
    in_worktree: bool = False
    in_message: bool = False
    """True if the message of a commit has it: no later commit removes it."""
    refs: set[str] = field(default_factory=set)
    """The names of the refs that point at an object with it, or whose names contain it."""

    def first_commit(self) -> str:
        """Return the id of the commit that introduced it; empty if none is known."""
        return min(self.added, key=lambda added: added[0].time)[0].oid if self.added else ""


Lives: TypeAlias = dict[Key, Life]


def trace_lives(commits: Iterable[Commit], find_keys: Callable[[BlobKey, str], frozenset[Key]]) -> Lives:
    """Return for each key the commits that added and removed it; `find_keys` returns the keys of a blob at a path."""
    lives: Lives = defaultdict(Life)
    for commit in commits:
        before: set[Key] = set()
        after: set[Key] = set()
        for change in commit.changes:
            new = find_keys(change.after, change.path) if change.after else frozenset()
            old: frozenset[Key] = frozenset().union(*(find_keys(oid, change.path) for oid in change.before))
            for key in new:
                lives[key].contents.add(change.after)
            for key in new - old:
                lives[key].added.append((commit, change.path, change.after))
            before |= old
            after |= new
        for key in before - after:
            lives[key].removed.append(commit)
    return lives


def list_tips(graph: Graph) -> list[str]:
    """Return the ids of the commits at the tips of refs, without that at HEAD."""
    return sorted(set(graph.refs.values()) - {graph.head})


def find_reaching(graph: Graph, sources: Mapping[Key, Iterable[str]]) -> Iterator[tuple[Key, set[str]]]:
    """Yield each key with the commits at tips, at HEAD and in reflogs whose history has one of the key's commits."""
    bits: dict[str, int] = defaultdict(int)
    for number, oids in enumerate(sources.values()):
        for oid in oids:
            bits[oid] |= 1 << number
    carried: dict[str, int] = {}
    for oid, parents in graph.parents.items():
        value = bits.get(oid, 0)
        for parent in parents:
            value |= carried.get(parent, 0)
        carried[oid] = value
    ends: dict[int, list[str]] = defaultdict(list)  # thousands of tips carry the same keys
    for oid in {*graph.refs.values(), graph.head, *graph.reflog}:
        ends[carried.get(oid, 0)].append(oid)
    for number, key in enumerate(sources):
        yield key, set().union(*(oids for value, oids in ends.items() if value >> number & 1))


def find_ancestors(graph: Graph) -> set[str]:
    """Return the ids of the commits in the history of HEAD."""
    found = {graph.head}
    for oid, parents in reversed(graph.parents.items()):  # children come before their parents
        if oid in found:
            found.update(parents)
    return found


def build_history(life: Life, reached: set[str], still: set[str], graph: Graph, ancestors: set[str]) -> History:
    """Return the life of a key as reports show it.

    `reached` are the commits of `find_reaching`, `still` those of `Life.tips`, `ancestors` those of `find_ancestors`.
    """
    added = sorted((commit for commit, _, _ in life.added), key=lambda commit: commit.time)
    removed = sorted(life.removed, key=lambda commit: commit.time)
    leading = life.refs.union(*_ref_names(graph, reached))
    holders = reached if life.in_message else still | ({graph.head} if life.head else set())
    holding = life.refs.union(*_ref_names(graph, holders))
    live = bool(life.head or life.tips or life.refs or life.in_index or life.in_worktree)
    first = added[0] if added else None
    last = removed[-1] if removed and not live else None
    end = last.time if last else int(time.time())
    return History(
        first_commit=first.oid if first else "",
        first_seen=stamp(first.time) if first else "",
        authors=tuple(dict.fromkeys(commit.author for commit in added)),
        last_commit=last.oid if last else "",
        last_seen=stamp(last.time) if last else "",
        in_head=bool(life.head),
        refs=tuple(sorted(holding, key=_telling)),
        kept_by=_kept_by(life, leading, reached, graph),
        exposed_days=max(0, end - first.time) // _DAY if first else 0,
        copies=max(1, len(life.contents)),
        left_head=_left_head(life, removed, ancestors),
    )


def _left_head(life: Life, removed: list[Commit], ancestors: set[str]) -> str:
    """Return when the history of HEAD lost a key; `removed` is in the order of time."""
    if life.head or not any(commit.oid in ancestors for commit, _, _ in life.added):
        return ""
    return next((stamp(commit.time) for commit in reversed(removed) if commit.oid in ancestors), "")


@functools.lru_cache(maxsize=1 << 16)  # every key of a branch has all of its refs
def _telling(ref: str) -> tuple[int, str]:
    """Sort refs by what they tell a reader: branches, the usual first ones first; tags; remotes' branches; others."""
    return next((rank for rank, start in enumerate(_TELLING) if f"{ref}/".startswith(start)), len(_TELLING)), ref


def _ref_names(graph: Graph, tips: Iterable[str]) -> Iterator[list[str]]:
    return (graph.names[tip] for tip in tips if tip in graph.names)


def _kept_by(life: Life, leading: Collection[str], reached: set[str], graph: Graph) -> str:
    """Return the strongest of what keeps git from deleting a key."""
    if graph.head in reached or any(name != "refs/stash" for name in leading):
        return "refs"
    if leading or reached & graph.stash:
        return "stash"
    if reached & graph.reflog:
        return "reflog"
    return "index" if life.in_index else "worktree" if life.in_worktree else "nothing"


def to_seconds(time_stamp: str) -> int:
    """Return a time of a `History` in seconds since 1970."""
    return int(datetime.fromisoformat(time_stamp).timestamp())
