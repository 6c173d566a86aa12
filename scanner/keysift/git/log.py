"""The commits of a repository: what each changed, who made it, and what still leads to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keysift.errors import SourceError
from keysift.git import process
from keysift.git import store as objects
from keysift.model import Skipped

_NOTHING = "0" * 64
_LATEST = 1 << 40
"""Times beyond are nonsense: 36,000 years."""


@dataclass(frozen=True, slots=True)
class Change:
    """A path in a commit: the blob that is there now, and those that its parents have there; empty where none."""

    path: str
    old: tuple[str, ...]
    new: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that touched what was asked about."""

    oid: str
    author: str
    time: int
    """When it was committed, in seconds since 1970."""
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """The commits, parents before children."""

    parents: dict[str, tuple[str, ...]]
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


def graph(store: objects.Store, known: Collection[str] = ()) -> Graph:
    """All commits, those that nothing leads to included, if they are among `known`.

    Where git cannot walk them, for some are missing or damaged, those that can be read.
    """
    repository = store.repository
    refs, direct = _refs(repository)
    refs |= _other_heads(store, refs)
    head = resolved(repository, "HEAD")
    reflog = frozenset(_lines(repository, "rev-list", "--reflog", "--no-walk=unsorted"))
    stash = (
        frozenset(_lines(repository, "log", "-g", "--format=%H", "refs/stash"))
        if "refs/stash" in refs
        else reflog & {""}
    )
    skipped: list[Skipped] = []
    try:
        parents = _reached(repository, refs, head, [*reflog, *known])
    except SourceError as error:
        parents = dict(_readable(repository, [*known, *refs.values(), head, *reflog], skipped))
        parents = _sorted(parents)
        if not skipped:
            skipped.append(Skipped("the graph of commits", f"read without git's help: {error}"))
    return Graph(parents, refs, head, reflog, frozenset(stash), direct, tuple(skipped))


def _reached(repository: Path, refs: dict[str, str], head: str, more: Collection[str]) -> dict[str, tuple[str, ...]]:
    tips = ["--all", *(["HEAD"] if head else [])]
    parents = dict(_walked(repository, *tips)) if refs or head else {}
    lost = [oid for oid in more if oid not in parents]
    if not lost:
        return parents
    found = dict(_walked(repository, "--stdin", stdin="\n".join(dict.fromkeys(lost)) + "\n"))
    return _sorted({oid: ends for oid, ends in found.items() if oid not in parents} | parents)


def _readable(repository: Path, oids: Iterable[str], skipped: list[Skipped]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The commits among these objects and all that they descend from, each read by itself."""
    seen: set[str] = set()
    waiting = {oid for oid in oids if oid}
    while waiting:
        seen |= waiting
        asked, waiting = sorted(waiting), set()
        for found in objects.read(repository, asked, objects.LONGEST_SHOWN):
            if isinstance(found, Skipped):
                skipped.append(found)
            elif found.kind == "commit":
                lines = found.data.partition(b"\n\n")[0].split(b"\n")
                parents = tuple(line[7:].decode("ascii", "replace") for line in lines if line.startswith(b"parent "))
                waiting |= set(parents) - seen
                yield found.oid, parents


def _refs(repository: Path) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The commit at the tip of each ref; and of what is no commit the refs that name it."""
    answer = process.run(repository, "for-each-ref", "--format=%(objectname) %(refname)")
    rows = [line.split(" ", 1) for line in os.fsdecode(answer.stdout).split("\n") if line]
    text = "".join(f"{oid}^{{commit}}\n" for oid, _ in rows).encode()
    peeled = process.run(
        repository, "cat-file", "--batch-check=%(objectname)", "--buffer", stdin=text, accept=range(256)
    )
    tips = peeled.stdout.decode("ascii", "replace").split("\n")
    commits: dict[str, str] = {}
    direct: dict[str, list[str]] = {}
    for (oid, name), tip in zip(rows, tips, strict=False):
        if tip and not tip.endswith((" missing", " ambiguous")):
            commits[name] = tip
        if tip != oid:
            direct.setdefault(oid, []).append(name)
    return commits, direct


def resolved(repository: Path, name: str) -> str:
    """The object that a name stands for; empty where there is none."""
    answer = process.run(repository, "rev-parse", "--verify", "--quiet", name, accept=(0, 1, 128))
    return answer.stdout.decode().strip()


def _other_heads(store: objects.Store, refs: dict[str, str]) -> dict[str, str]:
    """Where the HEADs of the other working trees stand, if no ref leads there."""
    names = [f"worktrees/{name}/HEAD" for name in worktrees(store)] + (["main-worktree/HEAD"] if store.linked else [])
    tips = {name: resolved(store.repository, name) for name in names}
    known = set(refs.values())
    return {name: tip for name, tip in tips.items() if tip and tip not in known}


def worktrees(store: objects.Store) -> list[str]:
    """The names of the linked working trees."""
    try:
        return sorted(os.listdir(store.common_directory / "worktrees"))  # noqa: PTH208 - names alone
    except OSError:
        return []


def ref_names(repository: Path) -> list[str]:
    """The full names of all refs. Raises SourceError."""
    answer = process.run(repository, "for-each-ref", "--format=%(refname)")
    return [name for name in os.fsdecode(answer.stdout).split("\n") if name]


def names_of(repository: Path, short: str) -> list[str]:
    """The full names that a short one may stand for, of those that are there."""
    every = set(ref_names(repository))
    return [
        name for name in (short, *(f"refs/{kind}/{short}" for kind in ("heads", "tags", "remotes"))) if name in every
    ]


def _lines(repository: Path, *arguments: str) -> list[str]:
    try:
        return process.run(repository, *arguments).stdout.decode().splitlines()
    except SourceError:
        return []  # a reflog may name commits that are gone


def _walked(repository: Path, *arguments: str, stdin: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    answer = process.run(
        repository, "rev-list", "--topo-order", "--reverse", "--parents", *arguments, stdin=stdin.encode(),
    )  # fmt: skip
    for line in answer.stdout.decode().splitlines():
        oid, *parents = map(sys.intern, line.split(" "))  # each name stands there twice or more
        yield oid, tuple(parents)


def _sorted(parents: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Parents before children again, after two lists were joined."""
    done: dict[str, tuple[str, ...]] = {}
    for start in parents:
        waiting = [start]
        while waiting:
            oid = waiting[-1]
            if oid in done:
                waiting.pop()
                continue
            missing = [parent for parent in parents[oid] if parent in parents and parent not in done]
            if not missing:
                done[oid] = parents[oid]
                waiting.pop()
            else:
                waiting += missing
    return done


def touching(
    repository: Path,
    commits: Sequence[str],
    blobs: Collection[str],
    skipped: list[Skipped],
    names: Sequence[str] = (),
) -> list[Commit]:
    """Of these commits those that added or removed one of the blobs, with these changes; merges as against all parents.

    And those that changed what stands at a path with one of the names in it.
    A commit whose changes git cannot tell, for something is missing, is skipped.
    """
    wanted, told = frozenset(blobs), tuple(map(os.fsencode, names))
    try:
        rows = _logged(
            repository, commits, "--raw", "-c", "-r", "--root", "--no-abbrev", "--no-renames",
        )  # fmt: skip
    except SourceError as error:
        if len(commits) == 1:
            skipped.append(Skipped(f"the changes of commit {commits[0]}", str(error)))
            return []
        half = len(commits) // 2
        parts = (commits[:half], commits[half:])
        return [commit for part in parts for commit in touching(repository, part, wanted, skipped, names)]
    return [commit for row in rows if (commit := _commit(row, wanted, told)).changes]


def described(repository: Path, oids: Collection[str]) -> list[Commit]:
    """Those of the objects that are commits, without their changes."""
    if not oids:
        return []
    text = ("\n".join(oids) + "\n").encode()
    answer = process.run(repository, "cat-file", "--batch-check", stdin=text, accept=range(256))
    names = [line.split(" ")[0] for line in answer.stdout.decode().splitlines() if " commit " in line]
    return [_commit(row, frozenset()) for row in _logged(repository, names, "-s")] if names else []


def _logged(repository: Path, commits: Sequence[str], *options: str) -> Iterable[list[bytes]]:
    """What git tells of each commit: name, author, time, changes. Raises SourceError."""
    mark = os.urandom(16).hex()  # that no name of a file or an author can foresee
    answer = process.run(
        repository, "log", "--no-walk=unsorted", "--stdin", "-z", f"--format=tformat:{mark}%H%x00%an <%ae>%x00%ct",
        *options, stdin=("\n".join(commits) + "\n").encode(),
    )  # fmt: skip
    return (text.split(b"\0") for text in answer.stdout.split(mark.encode())[1:])


def _commit(row: Sequence[bytes], wanted: frozenset[str], told: tuple[bytes, ...] = ()) -> Commit:
    oid, author, time, *rest = row
    name = author.decode("utf-8", "surrogateescape")
    return Commit(oid.decode(), name, _seconds(time), tuple(_changes(rest, wanted, told)))


def _seconds(text: bytes) -> int:
    """A time as a commit states it; 0 for what is none."""
    digits = text.strip()
    found = int(digits) if digits.isdigit() and len(digits) < 20 else 0
    return found if found < _LATEST else 0


def _changes(parts: Iterable[bytes], wanted: frozenset[str], told: tuple[bytes, ...]) -> Iterator[Change]:
    """`:mode mode old new M`, then the path; of merges `::`, a mode and an old name for each parent."""
    rows = iter(parts)
    for row in rows:
        start = row.find(b":")
        if start < 0:
            continue
        merged = len(row) - start - len(row[start:].lstrip(b":"))
        names = row[start + merged :].decode("ascii", "replace").split(" ")[merged + 1 : -1]
        path = next(rows, b"")
        if not wanted.isdisjoint(names) or any(name in path for name in told):
            *old, new = ["" if _NOTHING.startswith(name) else name for name in names]
            yield Change(os.fsdecode(path), tuple(old), new)


def tree(repository: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Path and name of every blob of a commit. Raises SourceError."""
    yield from _listed(process.run(repository, "ls-tree", "-r", "-z", "--full-tree", commit).stdout, 2)


def index(place: Path) -> Iterator[tuple[str, str]]:
    """Path and name of every blob in the index of a repository, or of a linked working tree. Raises SourceError."""
    yield from _listed(process.run(place, "ls-files", "--stage", "-z").stdout, 1)


def gitlinks(repository: Path) -> list[str]:
    """The paths of the submodules in the index."""
    try:
        rows = os.fsdecode(process.run(repository, "ls-files", "--stage", "-z").stdout).split("\0")
    except SourceError:
        return []
    return [row.split("\t", 1)[1] for row in rows if row.startswith("160000 ")]


def _listed(answer: bytes, column: int) -> Iterator[tuple[str, str]]:
    for row in os.fsdecode(answer).split("\0")[:-1]:
        head, path = row.split("\t", 1)
        if not head.startswith("160000 "):
            yield path, head.split(" ")[column]
