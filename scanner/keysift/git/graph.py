"""The graph of all commits: which are whose parents, and what still leads to each."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import field, replace
from itertools import chain
from pathlib import Path

from keysift.errors import SourceError
from keysift.git import process, refs
from keysift.git.objects import Object, ObjectReader
from keysift.git.repository import Repository
from keysift.model import Skipped
from keysift.records import dataclass

_STASH = "refs/stash"
Parents = dict[str, tuple[str, ...]]
"""The parents of each commit."""


@dataclass(frozen=True, slots=True)
class Graph:
    """All commits, with the refs and reflogs that lead to them."""

    parents: Parents
    """Parents stand before children."""
    refs: dict[str, str]
    """Full name of each ref, and the commit at its tip; `worktrees/NAME/HEAD` where only that leads to a commit."""
    head: str
    """The commit at HEAD; empty before the first."""
    reflog: frozenset[str]
    """The commits that reflogs name."""
    stash: frozenset[str] = frozenset()
    """Those of them that are stashes."""
    direct: dict[str, list[str]] = field(default_factory=dict)
    """For objects other than commits, the refs that name them: tags, first of all."""
    skipped: tuple[Skipped, ...] = ()
    names: dict[str, list[str]] = field(init=False)
    """By the commits at their tips, the refs."""

    def __post_init__(self) -> None:
        names: dict[str, list[str]] = {}
        for name, tip in self.refs.items():
            names.setdefault(tip, []).append(name)
        object.__setattr__(self, "names", names)


NO_GRAPH = Graph({}, {}, "", frozenset())


def read_graph(repository: Repository, known: Collection[str] = (), *, remembered: Parents | None = None) -> Graph:
    """Return all commits, those that nothing leads to included, if they are among `known`.

    Where git cannot walk them, for some are missing or damaged, those that can be read. With `remembered` only these
    are in the graph, and git walks nothing.

    Raises:
        SourceError: git cannot list the refs.
    """
    repo = repository.path
    tips, direct = refs.list_tips(repo)
    reached = set(tips.values())
    tips |= {name: tip for name, tip in refs.list_other_heads(repository).items() if tip not in reached}
    head = refs.resolve(repo, "HEAD")
    reflog = frozenset(_list(repo, "rev-list", "--reflog", "--no-walk=unsorted"))
    stash = frozenset(_list(repo, "log", "-g", "--format=%H", _STASH) if _STASH in tips else ())
    if remembered is not None:
        return Graph(remembered, tips, head, reflog, stash, direct)
    skipped: list[Skipped] = []
    try:
        starts = ["--all", *(["HEAD"] if head else [])] if tips or head else []
        parents = _walk_all(repo, starts, [*reflog, *known])
    except SourceError as error:
        parents = _sort(dict(_read_each(repo, [*known, *tips.values(), head, *reflog], skipped)))
        if not skipped:
            skipped.append(Skipped("the graph of commits", f"read without git's help: {error}"))
    return Graph(parents, tips, head, reflog, stash, direct, tuple(skipped))


def extend(repository: Repository, graph: Graph, commits: Iterable[str]) -> Graph | None:
    """Return the graph with these commits as well; None if it then lacks one that a commit or a ref leads to."""
    skipped: list[Skipped] = []
    parents = graph.parents | dict(_read_each(repository.path, commits, skipped, follow=False))
    ends = (oid for oid in (*graph.refs.values(), graph.head, *graph.reflog) if oid)
    if skipped or not all(oid in parents for oid in chain(ends, *parents.values())):
        return None
    return replace(graph, parents=_sort(parents))


def measure_depths(parents: Parents) -> dict[str, int]:
    """Return for each commit, which stands behind its parents, the length of the longest way to one without any."""
    depths: dict[str, int] = {}
    for oid, above in parents.items():
        depths[oid] = 1 + max((depths.get(parent, 0) for parent in above), default=0)
    return depths


def _walk_all(repo: Path, starts: Sequence[str], more: Iterable[str]) -> Parents:
    """Return the commits that `starts` lead to, and those that `more` leads to."""
    parents = dict(_walk(repo, *starts)) if starts else {}
    lost = dict.fromkeys(oid for oid in more if oid not in parents)
    if not lost:
        return parents
    found = dict(_walk(repo, "--stdin", stdin="".join(f"{oid}\n" for oid in lost)))
    return _sort({oid: above for oid, above in found.items() if oid not in parents} | parents)


def _walk(repo: Path, *arguments: str, stdin: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each commit with its parents, which stand before it."""
    options = ("--topo-order", "--reverse", "--parents")
    answer = process.run(repo, "rev-list", *options, *arguments, stdin=stdin.encode())
    for line in answer.stdout.decode().splitlines():
        oid, *parents = map(sys.intern, line.split(" "))  # each id stands there twice or more
        yield oid, tuple(parents)


def _read_each(
    repo: Path, oids: Iterable[str], skipped: list[Skipped], *, follow: bool = True
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the commits among these objects and, unless `follow` is false, all that they descend from; one by one."""
    seen: set[str] = set()
    waiting = {oid for oid in oids if oid}
    with ObjectReader(repo) as reader:
        while waiting:
            seen |= waiting
            asked, waiting = sorted(waiting), set()
            for answer in reader.read_all(asked):
                if isinstance(answer, Skipped):
                    skipped.append(answer)
                elif answer.kind == "commit":
                    parents = _parse_parents(answer)
                    waiting |= set(parents) - seen if follow else set()
                    yield answer.oid, parents


def _parse_parents(commit: Object) -> tuple[str, ...]:
    lines = commit.data.partition(b"\n\n")[0].split(b"\n")
    words = (line.partition(b" ") for line in lines)
    return tuple(oid.decode("ascii", "replace") for word, _, oid in words if word == b"parent")


def _list(repo: Path, *arguments: str) -> list[str]:
    try:
        return process.run(repo, *arguments).stdout.decode().splitlines()
    except SourceError:
        return []  # a reflog may name commits that are gone


def _sort(parents: Parents) -> Parents:
    """Return the same with parents before children, after two lists were joined."""
    done: Parents = {}
    for start in parents:
        waiting = [start]
        while waiting:
            oid = waiting[-1]
            missing = [parent for parent in parents[oid] if parent in parents and parent not in done]
            if missing and oid not in done:
                waiting += missing
            else:
                done.setdefault(oid, parents[oid])
                waiting.pop()
    return done
