"""What kind of repository it is, and where its objects lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from keysift.errors import SourceError
from keysift.git import repository
from keysift.git.repository import open_repository

Git = Callable[..., str]


def test_a_plain_repository(repo: Path, commit: Callable[..., str]) -> None:
    commit()
    found = open_repository(repo)
    assert (found.path, found.git_directory, found.common_directory) == (repo, repo / ".git", repo / ".git")
    assert found.object_directories == (repo / ".git" / "objects",)
    assert (found.digest, found.oid_bytes, found.linked, found.shallow, found.partial) == (
        "sha1",
        20,
        False,
        False,
        False,
    )


def test_a_linked_working_tree(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    commit()
    linked = repo.parent / "linked"
    git(repo, "worktree", "add", "-q", str(linked))
    found = open_repository(linked)
    assert found.linked
    assert found.common_directory == repo / ".git"
    assert repository.list_worktrees(found) == repository.list_worktrees(open_repository(repo)) == ["linked"]


def test_objects_that_are_borrowed(repo: Path, git: Git, commit: Callable[..., str], tmp_path: Path) -> None:
    commit(a="a")
    git(tmp_path, "clone", "-q", "--shared", str(repo), "borrower")
    found = open_repository(tmp_path / "borrower")
    assert found.object_directories == (tmp_path / "borrower" / ".git" / "objects", repo / ".git" / "objects")
    assert len([*repository.list_loose(found)]) == 3


def test_shallow_and_partial_clones(repo: Path, git: Git, commit: Callable[..., str], tmp_path: Path) -> None:
    commit(a="a")
    commit(a="b")
    git(repo, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-local", "--depth=1", "--filter=blob:none", f"file://{repo}", "clone")
    found = open_repository(tmp_path / "clone")
    assert (found.shallow, found.partial) == (True, True)


def test_sha256(tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256", "repo")
    found = open_repository(tmp_path / "repo")
    assert (found.digest, found.oid_bytes) == ("sha256", 32)


def test_what_is_no_repository_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not a git repository"):
        open_repository(tmp_path)


def test_packs_are_listed_by_size(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    for name, size in (("a.pack", 1), ("b.pack", 3), ("c.pack", 2), ("b.idx", 9)):
        (tmp_path / "pack" / name).write_bytes(b"x" * size)
    found = replace(open_repository(repo), object_directories=(tmp_path / "none", tmp_path))
    assert [path.name for path in repository.list_packs(found)] == ["b.pack", "c.pack", "a.pack"]
