"""The commits of a repository: who made each, when, and what it changed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from pathlib import Path

from keysift.errors import SourceError
from keysift.git import process
from keysift.git.diff import Change, parse_changes
from keysift.git.hardening import QUARANTINE
from keysift.git.objects import Object, ObjectReader
from keysift.model import Skipped
from keysift.records import dataclass

_LATEST = 1 << 40
"""Times beyond are nonsense: 36,000 years."""
_DIFF = ("--raw", "-r", "-c", "--root", "--no-abbrev", "--no-renames")
"""Of a merge only what differs from all parents; of the first commit everything."""
_OID = re.compile(rb"[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True)
class Commit:
    """Who made a commit, when, and as far as they were asked for, its changes."""

    oid: str
    author: str = ""
    """`Name <address>`, undecodable bytes as surrogates (PEP 383)."""
    time: int = 0
    """When it was committed, in seconds since 1970; 0 where it states no time."""
    changes: tuple[Change, ...] = ()


def parse_seconds(text: bytes) -> int:
    """Return a time as a commit states it, in seconds since 1970; 0 for what is none."""
    digits = text.strip()
    seconds = int(digits) if digits.isdigit() and len(digits) < 20 else 0
    return seconds if seconds < _LATEST else 0


def stamp(seconds: int) -> str:
    """Return seconds since 1970 as `2026-12-31T23:59:59Z` (RFC 3339); empty beyond what a calendar holds."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return ""


# --- What a branch or a push adds ------------------------------------------------------------------------------------


def list_commits(repo: Path, tip: str, without: Sequence[str]) -> list[str]:
    """Return the commits that `tip` has and none of `without` (ids, `--all`, `--remotes=...`), parents before children.

    Raises:
        SourceError: git cannot walk them.
    """
    arguments = ("--topo-order", "--reverse", tip, "--not", *without)
    return process.run(repo, "rev-list", *arguments, inherit=QUARANTINE).stdout.decode("ascii").split()


def is_cut(repo: Path, tip: str, base: str, commits: Sequence[str]) -> bool:
    """Return whether a shallow clone has too little history to tell what lies between `base` and `tip`.

    `commits` are those that it has between them.
    """
    answer = process.run(repo, "rev-parse", "--is-shallow-repository", "--git-path", "shallow").stdout
    shallow, path = os.fsdecode(answer).split("\n")[:2]
    if shallow != "true":
        return False
    ends = set(Path(repo, path).read_text(encoding="ascii").split())
    related = process.run(repo, "merge-base", base, tip, accept=(0, 1), inherit=QUARANTINE).returncode == 0
    return not related or not ends.isdisjoint(commits)


def list_changes(repo: Path, commits: Iterable[str]) -> list[Change]:
    """Return what each commit changes against its parents; of a merge only what differs from all of them.

    Raises:
        SourceError: git cannot compare them.
    """
    text = "".join(f"{commit}\n" for commit in commits).encode("ascii")
    answer = process.run(
        repo, "diff-tree", "--stdin", "-z", *_DIFF, stdin=text, inherit=QUARANTINE, most=process.LONGEST
    )
    return list(parse_changes(answer.stdout.split(b"\0")))


# --- What a history holds --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Untold:
    """What git cannot tell of a history."""

    skipped: list[Skipped] = field(default_factory=list)
    patience: int = 16
    """How many more lists of changes may be too long: looking for the commit that has them costs seconds each time."""


def find_touching(  # noqa: PLR0913 - one question
    repo: Path,
    commits: Sequence[str],
    blobs: Collection[str],
    untold: Untold,
    names: Sequence[str] = (),
    *,
    mentioned: set[bytes] | None = None,
) -> list[Commit]:
    """Return those of the commits that added or removed one of the blobs, with these changes; merges as in a diff.

    And those that changed what stands at a path with one of the names in it. Where git cannot tell the changes of a
    commit, for something is missing or they are too many, `untold` says so. `mentioned` takes the ids of all objects in
    these changes.
    """
    wanted = frozenset(blobs)
    written = frozenset(oid.encode() for oid in wanted)

    def concerns(text: bytes) -> bool:
        oids = _OID.findall(text)
        if mentioned is not None:
            mentioned.update(oids)
        return bool(names) or not written.isdisjoint(oids)

    try:
        logged = _log(repo, commits, *_DIFF, select=concerns)
    except SourceError as error:
        untold.patience -= isinstance(error, process.ExhaustingError)
        if len(commits) == 1 or untold.patience <= 0:
            more = f" and of {len(commits) - 1:,} more" if len(commits) > 1 else ""
            untold.skipped.append(Skipped(f"the changes of commit {commits[0]}{more}", str(error)))
            return []
        half = len(commits) // 2
        parts = (commits[:half], commits[half:])
        answers = (find_touching(repo, part, wanted, untold, names, mentioned=mentioned) for part in parts)
        return [commit for answer in answers for commit in answer]
    return select((replace(commit, changes=(*changes,)) for commit, changes in logged), wanted, names)


def select(commits: Iterable[Commit], blobs: Container[str], names: Sequence[str] = ()) -> list[Commit]:
    """Return those of the commits that added or removed one of the blobs, or what has a name in its path."""
    chosen = (replace(commit, changes=(*_select(commit.changes, blobs, names),)) for commit in commits)
    return [commit for commit in chosen if commit.changes]


def describe(repo: Path, reader: ObjectReader, oids: Iterable[str]) -> list[Commit]:
    """Return those of the objects that are commits, without their changes.

    Raises:
        SourceError: git cannot tell.
    """
    found = (answer for answer in reader.read_all(oids) if isinstance(answer, Object))
    commits = [answer.oid for answer in found if answer.kind == "commit"]
    return [commit for commit, _ in _log(repo, commits, "-s")] if commits else []


def _select(changes: Iterable[Change], blobs: Container[str], names: Sequence[str]) -> Iterator[Change]:
    """Yield the changes that add or remove one of the blobs, or whose path has one of the names in it."""
    for change in changes:
        concerned = change.after in blobs or any(oid in blobs for oid in change.before)
        if concerned or any(name in change.path for name in names):
            yield change


def _log(
    repo: Path, commits: Iterable[str], *options: str, select: Callable[[bytes], bool] | None = None
) -> Iterator[tuple[Commit, Iterator[Change]]]:
    """Return each commit with its changes, which `options` ask for and which are parsed as they are read.

    Few commits concern a search, and parsing takes as long as git does: `select` sees what git writes of each.

    Raises:
        SourceError: git cannot tell.
    """
    mark = os.urandom(16).hex()  # that no name of a file or an author can foresee
    answer = process.run(
        repo,
        *("log", "--no-walk=unsorted", "--stdin", "-z", f"--format=tformat:{mark}%H%x00%an <%ae>%x00%ct"),
        *options,
        stdin="".join(f"{commit}\n" for commit in commits).encode(),
        most=process.LONGEST,
    )
    texts = answer.stdout.split(mark.encode())[1:]
    return (_parse_commit(text.split(b"\0")) for text in filter(select, texts))


def _parse_commit(fields: Sequence[bytes]) -> tuple[Commit, Iterator[Change]]:
    """Return what git tells of a commit: id, author, time, changes."""
    oid, author, time, *changes = fields
    commit = Commit(oid.decode(), author.decode("utf-8", "surrogateescape"), parse_seconds(time))
    return commit, parse_changes(changes, commit.oid)
