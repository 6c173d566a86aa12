"""What commits add: those that one tip has and others have not, their changes and their messages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from keysift.git import process
from keysift.git.changes import Change, changes
from keysift.git.objects import Object, Objects
from keysift.model import Blob, Skipped

INHERIT = ("GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
"""Where git keeps what is being pushed, until a pre-receive hook has accepted it."""
MESSAGE = "commit message"
"""The path of what a commit says."""
TAG = "tag message"
"""Likewise of an annotated tag."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Who made it, and when."""

    oid: str
    author: str = ""
    """`Name <address>`."""
    time: str = ""
    """When it was committed: RFC 3339, UTC."""


def resolve(repo: Path, name: str) -> str:
    """The full id of the commit that a name stands for; empty where there is none."""
    if name.startswith("-"):
        return ""
    answer = process.run(
        repo, "rev-parse", "--quiet", "--verify", f"{name}^{{commit}}", accept=(0, 1, 128), inherit=INHERIT
    )
    return answer.stdout.decode("ascii", "replace").strip() if answer.returncode == 0 else ""


def between(repo: Path, tip: str, without: Sequence[str]) -> list[str]:
    """The commits that `tip` has and none of `without` (ids, `--all`, `--remotes=...`); parents before children."""
    arguments = ("--topo-order", "--reverse", tip, "--not", *without)
    return process.run(repo, "rev-list", *arguments, inherit=INHERIT).stdout.decode("ascii").split()


def is_cut(repo: Path, tip: str, base: str, found: Sequence[str]) -> bool:
    """Whether a shallow clone has too little history to tell what lies between `base` and `tip` (`found` so far)."""
    answer = process.run(repo, "rev-parse", "--is-shallow-repository", "--git-path", "shallow").stdout
    shallow, path = os.fsdecode(answer).split("\n")[:2]
    if shallow != "true":
        return False
    ends = set(Path(repo, path).read_text(encoding="ascii").split())
    related = process.run(repo, "merge-base", base, tip, accept=(0, 1), inherit=INHERIT).returncode == 0
    return not related or not ends.isdisjoint(found)


def changed(repo: Path, commits: Iterable[str]) -> list[Change]:
    """What each commit changes against its parents; of a merge only what differs from all of them."""
    arguments = ("-r", "-c", "--root", "--raw", "-z", "--no-abbrev", "--no-renames")
    asked = "".join(f"{commit}\n" for commit in commits).encode("ascii")
    return list(changes(process.run(repo, "diff-tree", "--stdin", *arguments, stdin=asked, inherit=INHERIT).stdout))


def tree(repo: Path, commit: str) -> dict[str, str]:
    """Which blob stands at each path of a commit."""
    answer = process.run(repo, "ls-tree", "-r", "-z", "--full-tree", commit, inherit=INHERIT).stdout
    entries = (entry.partition(b"\t") for entry in answer.split(b"\0") if entry)
    return {os.fsdecode(path): meta.split()[2].decode("ascii") for meta, _, path in entries}


def messages(objects: Objects, commits: Iterable[str]) -> Iterator[tuple[Commit, Blob | Skipped]]:
    """Each commit with its message, whose lines count from the subject."""
    for oid in commits:
        answer = objects.read(oid)
        if isinstance(answer, Object):
            header, _, text = answer.data.partition(b"\n\n")
            yield _commit(oid, header), Blob(MESSAGE, text, oid=oid)
        else:
            yield Commit(oid), Skipped(f"{MESSAGE} of {oid}", answer.reason, answer.expected)


def _commit(oid: str, header: bytes) -> Commit:
    lines = dict(line.partition(b" ")[::2] for line in reversed(header.split(b"\n")))
    return Commit(oid, _who(lines.get(b"author", b"")), _when(lines.get(b"committer", b"")))


def _who(line: bytes) -> str:
    """`Name <address> 1700000000 +0100` without the time."""
    return (line[: line.rfind(b">") + 1]).decode("utf-8", "replace")


def _when(line: bytes) -> str:
    """The time of such a line; empty where it has none, or one beyond what a calendar holds."""
    try:
        return stamp(int(line[line.rfind(b">") + 1 :].split()[0]))
    except (IndexError, ValueError):
        return ""


def stamp(seconds: int) -> str:
    """Seconds since 1970 as `2026-12-31T23:59:59Z`; empty beyond what a calendar holds."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return ""


def tags(objects: Objects, oid: str) -> Iterator[Blob | Skipped]:
    """What stands in an annotated tag: its message, that of a tag which it names in turn, and a blob at the end."""
    answer = objects.read(oid)
    while isinstance(answer, Object) and answer.kind == "tag":
        header, _, text = answer.data.partition(b"\n\n")
        yield Blob(TAG, text, oid=answer.oid)
        answer = objects.read(header.split(b"\n")[0].removeprefix(b"object ").decode("ascii", "replace"))
    if not isinstance(answer, Object):
        yield Skipped(f"tag {oid}", answer.reason, answer.expected)
    elif answer.kind == "blob":
        yield Blob("tagged blob", answer.data, oid=answer.oid)
    elif answer.kind == "tree":
        yield Skipped(f"tree {answer.oid}", "a directory with a tag, but in no commit")
