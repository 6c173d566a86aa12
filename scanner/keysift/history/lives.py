"""The life of a key: which commits brought it in and took it out, where it still is, what keeps it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from keysift.git.graph import Graph
from keysift.git.log import Commit, stamp
from keysift.history.blob_key import BlobKey
from keysift.model import History

Key = tuple[str, bytes]
"""Rule and secret."""
Holds = Callable[[BlobKey, str], frozenset[Key]]
"""The keys in a blob, given its key and path."""

_DAY = 86_400


@dataclass(slots=True)
class Life:
    """What is known of one key."""

    added: list[tuple[Commit, str, BlobKey]] = field(default_factory=list)
    """Commit, path and blob."""
    removed: list[Commit] = field(default_factory=list)
    contents: set[BlobKey] = field(default_factory=set)
    head: dict[str, str] = field(default_factory=dict)
    """Where HEAD has it: path and blob."""
    tips: int = 0
    """The commits at the tips of refs that still have it, in bits as of `tips`: a set for each key would be large."""
    staged: dict[str, str] = field(default_factory=dict)
    """Where an index or the working tree has it, and HEAD not: path and blob."""
    in_index: bool = False
    in_worktree: bool = False
    said: bool = False
    """Whether the message of a commit has it: then no later commit takes it out."""
    refs: set[str] = field(default_factory=set)
    """The names of the refs that name an object with it, or that hold it themselves."""


def lives(commits: Iterable[Commit], holds: Holds) -> dict[Key, Life]:
    """The comings and goings of each key."""
    found: dict[Key, Life] = defaultdict(Life)
    for commit in commits:
        before: set[Key] = set()
        after: set[Key] = set()
        for change in commit.changes:
            new = holds(change.after, change.path) if change.after else frozenset()
            old: frozenset[Key] = frozenset().union(*(holds(one, change.path) for one in change.before))
            for key in new:
                found[key].contents.add(change.after)
            for key in new - old:
                found[key].added.append((commit, change.path, change.after))
            before |= old
            after |= new
        for key in before - after:
            found[key].removed.append(commit)
    return found


def tips(graph: Graph) -> list[str]:
    """The commits at the tips of refs, but for that at HEAD."""
    return sorted(set(graph.refs.values()) - {graph.head})


def reaching(graph: Graph, sources: Mapping[Key, Iterable[str]]) -> Iterator[tuple[Key, set[str]]]:
    """Each key with the commits at tips, at HEAD and in reflogs that have one of its commits in their history."""
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


def history(life: Life, reached: set[str], still: set[str], graph: Graph) -> History:
    """The life of a key in the words of the report; `still` are the commits of `Life.tips`."""
    added = sorted((commit for commit, _, _ in life.added), key=lambda commit: commit.time)
    removed = sorted(life.removed, key=lambda commit: commit.time)
    leading = life.refs.union(*_named(graph, reached))
    holders = reached if life.said else still | ({graph.head} if life.head else set())
    holding = life.refs.union(*_named(graph, holders))
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
        refs=tuple(sorted(holding)),
        kept_by=_kept_by(life, leading, reached, graph),
        exposed_days=max(0, end - first.time) // _DAY if first else 0,
        copies=max(1, len(life.contents)),
    )


def _named(graph: Graph, tips: Iterable[str]) -> Iterator[list[str]]:
    """The names of the refs with these tips."""
    return (graph.names[tip] for tip in tips if tip in graph.names)


def _kept_by(life: Life, leading: Collection[str], reached: set[str], graph: Graph) -> str:
    if graph.head in reached or any(name != "refs/stash" for name in leading):
        return "refs"
    if leading or reached & graph.stash:
        return "stash"
    if reached & graph.reflog:
        return "reflog"
    return "index" if life.in_index else "worktree" if life.in_worktree else "nothing"


def seconds(stamp: str) -> int:
    """A time of `History`, in seconds since 1970."""
    return int(datetime.fromisoformat(stamp).timestamp())
