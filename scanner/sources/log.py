"""The commits of a repository: what each changed, who made it, and what still leads to it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner import git
from scanner.errors import SourceError

_FORMAT = "--format=tformat:%x01%H%x00%an <%ae>%x00%ct"
_NOTHING = "0" * 64


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
    """Full name of each ref, and the commit at its tip."""
    head: str
    """The commit at HEAD; empty before the first."""
    reflog: frozenset[str]
    """The commits that reflogs name."""


def graph(repository: Path, known: Collection[str] = ()) -> Graph:
    """All commits, those that nothing leads to included, if they are among `known`.

    Raises:
        SourceError: git cannot read them.
    """
    refs = _refs(repository)
    head = git.run(repository, "rev-parse", "--verify", "--quiet", "HEAD", accept=(0, 1, 128)).stdout.decode().strip()
    reflog = frozenset(_lines(repository, "rev-list", "--reflog", "--no-walk=unsorted"))
    parents = dict(_walked(repository, "--all", *(["HEAD"] if head else []))) if refs or head else {}
    lost = [oid for oid in (*reflog, *known) if oid not in parents]
    if lost:
        more = dict(_walked(repository, "--stdin", stdin="\n".join(dict.fromkeys(lost)) + "\n"))
        parents = {oid: ends for oid, ends in more.items() if oid not in parents} | parents
        parents = _sorted(parents)
    return Graph(parents, refs, head, reflog)


def _refs(repository: Path) -> dict[str, str]:
    answer = git.run(repository, "for-each-ref", "--format=%(objectname) %(*objectname) %(objecttype) %(refname)")
    found = {}
    for line in os.fsdecode(answer.stdout).splitlines():
        tip, peeled, _, name = line.split(" ", 3)
        found[name] = peeled or tip
    return found


def _lines(repository: Path, *arguments: str) -> list[str]:
    try:
        return git.run(repository, *arguments).stdout.decode().splitlines()
    except SourceError:
        return []  # a reflog may name commits that are gone


def _walked(repository: Path, *arguments: str, stdin: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    answer = git.run(
        repository, "rev-list", "--topo-order", "--reverse", "--parents", *arguments, stdin=stdin.encode(),
    )  # fmt: skip
    for line in answer.stdout.decode().splitlines():
        oid, *parents = line.split(" ")
        yield oid, tuple(parents)


def _sorted(parents: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Parents before children again, after two lists were joined."""
    done: dict[str, tuple[str, ...]] = {}
    for start in parents:
        waiting = [start]
        while waiting:
            oid = waiting[-1]
            missing = [parent for parent in parents[oid] if parent in parents and parent not in done]
            if oid in done or not missing:
                done[oid] = parents[oid]
                waiting.pop()
            else:
                waiting += missing
    return done


def touching(repository: Path, commits: Sequence[str], blobs: Collection[str]) -> list[Commit]:
    """Of these commits those that added or removed one of the blobs, with these changes; merges as against all parents.

    Raises:
        SourceError: git cannot read them.
    """
    wanted = frozenset(blobs)
    answer = git.run(
        repository, "log", "--no-walk=unsorted", "--stdin", "--raw", "-c", "-r", "-z", "--root", "--no-abbrev",
        "--no-renames", _FORMAT, stdin=("\n".join(commits) + "\n").encode(),
    )  # fmt: skip
    return [commit for text in answer.stdout.split(b"\x01")[1:] if (commit := _commit(text, wanted))]


def described(repository: Path, oids: Collection[str]) -> list[Commit]:
    """Those of the objects that are commits, without their changes."""
    if not oids:
        return []
    answer = git.run(repository, "cat-file", "--batch-check", stdin=("\n".join(oids) + "\n").encode())
    names = [line.split(" ")[0] for line in answer.stdout.decode().splitlines() if " commit " in line]
    if not names:
        return []
    told = git.run(
        repository, "log", "--no-walk=unsorted", "--stdin", "-s", "-z", _FORMAT, stdin=("\n".join(names) + "\n").encode(),
    )  # fmt: skip
    rows = (text.split(b"\0") for text in told.stdout.split(b"\x01")[1:])
    return [Commit(row[0].decode(), row[1].decode("utf-8", "surrogateescape"), int(row[2]), ()) for row in rows]


def _commit(text: bytes, wanted: frozenset[str]) -> Commit | None:
    oid, author, time, *rest = text.split(b"\0")
    changes = tuple(_changes(rest, wanted))
    if not changes:
        return None
    return Commit(oid.decode(), author.decode("utf-8", "surrogateescape"), int(time), changes)


def _changes(parts: Iterable[bytes], wanted: frozenset[str]) -> Iterator[Change]:
    """`:mode mode old new M`, then the path; of merges `::`, a mode and an old name for each parent."""
    rows = iter(parts)
    for row in rows:
        start = row.find(b":")
        if start < 0:
            continue
        merged = len(row) - start - len(row[start:].lstrip(b":"))
        names = row[start + merged :].decode("ascii", "replace").split(" ")[merged + 1 : -1]
        path = next(rows, b"")
        if not wanted.isdisjoint(names):
            *old, new = ["" if _NOTHING.startswith(name) else name for name in names]
            yield Change(os.fsdecode(path), tuple(old), new)


def tree(repository: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Path and name of every blob of a commit. Raises SourceError."""
    answer = git.run(repository, "ls-tree", "-r", "-z", "--full-tree", commit)
    for row in os.fsdecode(answer.stdout).split("\0")[:-1]:
        head, path = row.split("\t", 1)
        yield path, head.split(" ")[2]


def index(repository: Path) -> Iterator[tuple[str, str]]:
    """Path and name of every blob in the index; none where there is no working tree."""
    if git.is_bare(repository):
        return
    answer = git.run(repository, "ls-files", "--stage", "-z", accept=(0, 128))
    for row in os.fsdecode(answer.stdout).split("\0")[:-1]:
        head, path = row.split("\t", 1)
        yield path, head.split(" ")[1]


def at_tips(repository: Path, tips: Sequence[str], paths: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """For each tip and path with something there: tip, path, name of the blob. Raises SourceError."""
    plain = [path for path in paths if "\n" not in path]
    asked = [(tip, path) for tip in tips for path in plain]
    if not asked:
        return
    text = b"".join(os.fsencode(f"{tip}:{path}\n") for tip, path in asked)
    answer = git.run(repository, "cat-file", "--batch-check=%(objectname) %(objecttype)", "--buffer", stdin=text)
    lines = answer.stdout.split(b"\n")
    if len(lines) != len(asked) + 1:
        return  # a path that git reads otherwise than it was meant: better nothing than something wrong
    for (tip, path), line in zip(asked, lines, strict=False):
        name, _, kind = line.rpartition(b" ")
        if kind == b"blob":
            yield tip, path, name.decode()
