"""Repositories are found without starting git."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.git import layout

Git = Callable[..., str]


def test_toplevel_is_found_without_a_process(
    repo: Path, git: Git, commit: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(a="a")
    deep = repo / "x" / "y"
    deep.mkdir(parents=True)
    git(repo, "worktree", "add", "-q", str(tmp_path / "linked"))
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "bare.git"), "sub")
    (tmp_path / "link").symlink_to(deep)
    monkeypatch.setenv("PATH", "")
    assert layout.toplevel(deep) == layout.toplevel(repo) == layout.toplevel(tmp_path / "link") == repo
    assert layout.toplevel(tmp_path / "linked") == tmp_path / "linked"
    assert layout.toplevel(repo / "sub") == repo / "sub"
    assert layout.toplevel(tmp_path / "bare.git" / "objects") == tmp_path / "bare.git"
    assert layout.is_bare(tmp_path / "bare.git")
    assert not layout.is_bare(repo)


def test_what_only_looks_like_a_repository_is_none(tmp_path: Path) -> None:
    (tmp_path / "a" / ".git").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / ".git").write_text("not a pointer")
    assert not layout.is_repository(tmp_path / "a")
    assert not layout.is_repository(tmp_path / "b")


def test_where_git_keeps_what_belongs_to_a_working_tree(
    repo: Path, git: Git, commit: Callable[..., str], tmp_path: Path
) -> None:
    commit()
    git(repo, "worktree", "add", "-q", str(tmp_path / "linked"))
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
    assert layout.git_directory(repo) == repo / ".git"
    assert layout.git_directory(tmp_path / "linked") == repo / ".git" / "worktrees" / "linked"
    assert layout.git_directory(tmp_path / "bare.git") == tmp_path / "bare.git"
