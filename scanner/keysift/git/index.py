"""What the next commit adds: the staged bytes, never the working copy."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from pathlib import Path

from keysift.errors import SourceError
from keysift.git import process
from keysift.git.changes import Change, changes

INHERIT = ("GIT_INDEX_FILE",)
"""Git gives a hook another index than the usual one when only some files are committed."""
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def staged(repo: Path) -> list[Change]:
    """The paths where the index differs from HEAD, or while merging, from every parent of the commit to come.

    Raises:
        SourceError: git cannot say.
    """
    try:
        differing = [_against(repo, parent) for parent in ("HEAD", *merged(repo))]
    except SourceError:
        if process.run(repo, "rev-parse", "--quiet", "--verify", "HEAD", accept=(0, 1)).returncode == 0:
            raise
        return _everything(repo)
    return list(reduce(_common, differing).values())


def merged(repo: Path) -> list[str]:
    """The commits that are being merged; none when no merge is under way. Starts no process.

    `git merge` writes MERGE_HEAD only when it stops; the hook before that finds them in variables.
    """
    try:
        content = (process.directory(repo) / "MERGE_HEAD").read_text(encoding="ascii")
    except (OSError, ValueError):
        content = "\n".join(name.removeprefix("GITHEAD_") for name in os.environ if name.startswith("GITHEAD_"))
    return [line for line in content.splitlines() if _OID.fullmatch(line)]


def _against(repo: Path, parent: str) -> dict[str, Change]:
    answer = process.run(
        repo, "diff-index", "--raw", "-z", "--no-abbrev", "--no-renames", parent, "--", inherit=INHERIT
    )
    return {change.path: change for change in changes(answer.stdout)}


def _common(one: dict[str, Change], other: dict[str, Change]) -> dict[str, Change]:
    """What differs from both parents, with what stood there in either."""
    return {
        path: replace(change, before=change.before + other[path].before)
        for path, change in one.items()
        if path in other
    }


def _everything(repo: Path) -> list[Change]:
    """The whole index: the first commit of a repository adds all of it."""
    answer = process.run(repo, "ls-files", "--stage", "-z", inherit=INHERIT).stdout
    entries = (entry.partition(b"\t") for entry in answer.split(b"\0") if entry)
    return [
        Change(os.fsdecode(path), (), oid) for meta, _, path in entries for oid in _blobs(meta.decode("ascii").split())
    ]


def _blobs(meta: list[str]) -> Iterable[str]:
    """The blob of an entry of the index (mode, object, stage); a submodule has none."""
    return () if meta[0] == "160000" else (meta[1],)
