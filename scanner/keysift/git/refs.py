"""What names stand for: refs, HEADs, and whatever else git can resolve."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.errors import SourceError
from keysift.git import hardening, process
from keysift.git.objects import identify
from keysift.git.repository import Repository, list_worktrees

if TYPE_CHECKING:
    import difflib
else:
    difflib = lazy.module("difflib")

_NAMED = ("refs/heads/", "refs/tags/", "refs/remotes/")
_PEELED = "%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)"
"""The object of a ref, and of a tag what it names; a tag of a tag is asked for by itself."""


def resolve(repo: Path, name: str, *, inherit: Collection[str] = ()) -> str:
    """Return the id of the object that a name stands for, whether or not it is there; empty where nothing is known.

    Raises:
        SourceError: git does not open the repository.
    """
    if name.startswith("-"):
        return ""
    answer = process.run(repo, "rev-parse", "--verify", "--quiet", name, accept=(0, 1, 128), inherit=inherit)
    return answer.stdout.decode("ascii", "replace").strip() if answer.returncode == 0 else ""


def resolve_commit(repo: Path, name: str) -> str:
    """Return the id of the commit that a name stands for, one being pushed included; empty where there is none."""
    return resolve(repo, f"{name}^{{commit}}", inherit=hardening.QUARANTINE)


def merge_base(repo: Path, one: str, other: str) -> str:
    """Return the newest commit that two commits have in common; empty where there is none."""
    answer = process.run(repo, "merge-base", one, other, accept=(0, 1), inherit=hardening.QUARANTINE)
    return answer.stdout.decode("ascii", "replace").strip()


def current_branch(repo: Path) -> str:
    """Return the short name of the branch that is checked out: `HEAD` where none is, empty where git cannot say."""
    try:
        answer = process.run(repo, "rev-parse", "--abbrev-ref", "HEAD", accept=(0, 128))
    except SourceError:
        return ""
    return answer.stdout.decode("utf-8", "replace").strip()


def list_names(repo: Path) -> list[str]:
    """Return the full names of all refs.

    Raises:
        SourceError: git cannot list them.
    """
    return [name for _, name in _list_refs(repo)]


def find_names(repo: Path, short: str) -> list[str]:
    """Return the full names that a short one may stand for, of those that are there.

    Raises:
        SourceError: git cannot list the refs.
    """
    every = set(list_names(repo))
    full = (short, *(f"refs/{kind}/{short}" for kind in ("heads", "tags", "remotes")))
    return [name for name in full if name in every]


def nearest_name(repo: Path, short: str) -> str:
    """Return the short name of a branch or tag that is most like one that is not there; empty if none is."""
    known = {name.split("/", 2)[2] for name in list_names(repo) if name.startswith(_NAMED)}
    return next(iter(difflib.get_close_matches(short, known, n=1)), "")


def list_tips(repo: Path) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the commit at the tip of each ref; and for objects that are no commits the refs that name them.

    A ref of an annotated tag is in both: it leads to a commit, and names the tag.

    Raises:
        SourceError: git cannot list the refs.
    """
    commits: dict[str, str] = {}
    direct: dict[str, list[str]] = {}
    for oid, name, tip in _list_peeled(repo):
        if tip:
            commits[name] = tip
        if tip != oid:
            direct.setdefault(oid, []).append(name)
    return commits, direct


def list_other_heads(repository: Repository) -> dict[str, str]:
    """Return where the HEADs of the other working trees stand: `worktrees/NAME/HEAD`, and `main-worktree/HEAD`."""
    names = [f"worktrees/{name}/HEAD" for name in list_worktrees(repository)]
    names += ["main-worktree/HEAD"] if repository.linked else []
    return {name: tip for name in names if (tip := resolve(repository.path, name))}


def _list_peeled(repo: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the object and the full name of each ref, and the commit that the object leads to; empty where none."""
    try:
        answer = process.run(repo, "for-each-ref", f"--format={_PEELED}").stdout
        refs = [row.split(" ", 4) for row in os.fsdecode(answer).split("\n") if row]
    except SourceError:  # an object is missing or damaged: then git says nothing of all others
        refs = [[oid, "", "", "", name] for oid, name in _list_refs(repo)]
    unknown = [oid for oid, kind, _, inner, _ in refs if not kind or inner == "tag"]
    found = identify(repo, (f"{oid}^{{commit}}" for oid in unknown))
    peeled = {oid: tip for oid, (tip, _) in zip(unknown, found, strict=True)}
    for oid, kind, inside, inner, name in refs:
        yield oid, name, oid if kind == "commit" else inside if inner == "commit" else peeled.get(oid, "")


def _list_refs(repo: Path) -> list[tuple[str, str]]:
    """Return the object and the full name of each ref."""
    answer = process.run(repo, "for-each-ref", "--format=%(objectname) %(refname)")
    rows = (line.partition(" ") for line in os.fsdecode(answer.stdout).split("\n") if line)
    return [(oid, name) for oid, _, name in rows]
