"""The index of a working tree: what stands in it, and what the next commit adds, never the working copy."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import NamedTuple

from keysift.errors import SourceError
from keysift.git import hardening, layout, process, refs
from keysift.git.diff import SUBMODULE_MODE, Change, parse_changes
from keysift.git.repository import Repository

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SUBMODULE = SUBMODULE_MODE.encode()
_STATUS = re.compile(
    rb"  ctime: [^\n]*\n  mtime: (\d+):(\d+)\n  dev:[^\n]*\n  uid:[^\n]*\n  size: (\d+)\tflags:[^\n]*\n"
)


class Entry(NamedTuple):
    """What the index has at a path; while a merge is under way, one for each side."""

    path: str
    """From the top of the repository, undecodable bytes as surrogates (PEP 383)."""
    oid: str
    """A blob; of a submodule a commit of its own repository."""
    is_submodule: bool


class Status(NamedTuple):
    """What the index remembers of a file on the disk."""

    seconds: int
    """Of the last change, since 1970; `nanoseconds` more."""
    nanoseconds: int
    size: int
    """Bytes."""


class Summary(NamedTuple):
    """What an audit asks of an index before it reads anything."""

    submodules: list[str]
    """Their paths."""
    statuses: dict[str, Status]
    """By the paths of files that were changed before the index was written."""


def list_entries(place: Path, *, inherit: Collection[str] = ()) -> Iterator[Entry]:
    """Yield the entries of the index of a repository, or of a linked working tree.

    Raises:
        SourceError: git cannot list them.
    """
    answer = process.run(place, "ls-files", "--stage", "-z", inherit=inherit).stdout
    for row in os.fsdecode(answer).split("\0")[:-1]:
        head, _, path = row.partition("\t")
        mode, oid, _stage = head.split(" ")
        yield Entry(path, oid, mode == SUBMODULE_MODE)


def list_blobs(place: Path) -> Iterator[tuple[str, str]]:
    """Yield path and id of every blob in an index.

    Raises:
        SourceError: git cannot list them.
    """
    return ((entry.path, entry.oid) for entry in list_entries(place) if not entry.is_submodule)


def list_changes(repo: Path, among: Collection[str] = ()) -> list[Change]:
    """Return the paths where the index differs from HEAD, or while merging, from every parent of the commit to come.

    With `among`, only these paths and what is below them; `.` is the top.

    Raises:
        SourceError: git cannot say.
    """
    try:
        differing = [_compare(repo, parent, among) for parent in ("HEAD", *list_merged(repo))]
    except SourceError:
        if refs.resolve(repo, "HEAD"):
            raise
        return _list_everything(repo, among)
    return list(reduce(_intersect, differing).values())


def is_among(path: str, among: Collection[str]) -> bool:
    """Return True if a path is one of these, or below one of them that is a directory; `.` is the top."""
    if path in among or "." in among:
        return True
    end = path.rfind("/")
    while end > 0:
        if path[:end] in among:
            return True
        end = path.rfind("/", 0, end)
    return False


def list_merged(repo: Path) -> list[str]:
    """Return the commits that are being merged; none when no merge is under way. Starts no process.

    `git merge` writes MERGE_HEAD only when it stops; the hook before that finds them in variables.
    """
    try:
        content = (layout.git_directory(repo) / "MERGE_HEAD").read_text(encoding="ascii")
    except (OSError, ValueError):
        content = "\n".join(name.removeprefix("GITHEAD_") for name in os.environ if name.startswith("GITHEAD_"))
    return [line for line in content.splitlines() if _OID.fullmatch(line)]


def read_summary(repository: Repository) -> Summary:
    """Return the submodules in the index, and what it remembers of each file that it may trust.

    Of statuses there are none where git tells them in another way than the versions that are known; of neither any
    where git cannot list the index, or there is none.
    """
    try:
        written = (repository.git_directory / "index").stat().st_mtime_ns
        answer = process.run(repository.path, "ls-files", "--stage", "--debug", "-z").stdout
    except (OSError, SourceError):
        return Summary([], {})
    summary = Summary([], {})
    place = 0
    while (end := answer.find(b"\0", place)) >= 0:
        match = _STATUS.match(answer, end + 1)
        if match is None:
            return Summary([entry.path for entry in list_entries(repository.path) if entry.is_submodule], {})
        head, _, path = answer[place:end].partition(b"\t")
        status = Status(*map(int, match.groups()))
        if head.startswith(_SUBMODULE):
            summary.submodules.append(os.fsdecode(path))
        elif status.seconds * 10**9 + status.nanoseconds < written - 10**9:
            summary.statuses[os.fsdecode(path)] = status
        place = match.end()
    return summary


def _compare(repo: Path, parent: str, among: Collection[str]) -> dict[str, Change]:
    """Return the changes of the index against a commit, by path."""
    options = ("--raw", "-z", "--no-abbrev", "--no-renames")
    answer = process.run(repo, "diff-index", *options, parent, "--", inherit=hardening.INDEX, most=process.LONGEST)
    fields = answer.stdout.split(b"\0")
    if among:
        chosen = _chosen(fields[1::2], among)
        fields = [field for number in chosen for field in fields[2 * number : 2 * number + 2]]
    return {change.path: change for change in parse_changes(fields)}


def _chosen(paths: Sequence[bytes], among: Collection[str]) -> list[int]:
    """Return the numbers of the paths that are among these, or below them.

    Of many staged files pre-commit names some, again and again: so whoever names files alone pays only for those.
    """
    encoded = {*map(os.fsencode, among)}
    exact = [number for number, path in enumerate(paths) if path in encoded]
    if len(exact) == len(encoded):
        return exact
    return [number for number, path in enumerate(paths) if is_among(os.fsdecode(path), among)]


def _intersect(ours: dict[str, Change], theirs: dict[str, Change]) -> dict[str, Change]:
    """Return what differs from both parents, with what stood there in either."""
    return {
        path: replace(change, before=change.before + theirs[path].before)
        for path, change in ours.items()
        if path in theirs
    }


def _list_everything(repo: Path, among: Collection[str]) -> list[Change]:
    """Return the index as changes: the first commit of a repository adds all of it."""
    entries = [entry for entry in list_entries(repo, inherit=hardening.INDEX) if not entry.is_submodule]
    if among:
        entries = [entries[number] for number in _chosen([os.fsencode(entry.path) for entry in entries], among)]
    return [Change(entry.path, (), entry.oid) for entry in entries]
