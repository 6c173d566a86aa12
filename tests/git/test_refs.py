"""What names stand for, in real repositories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from keysift.git import refs
from keysift.git.repository import open_repository

Git = Callable[..., str]


def test_names_of_commits(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    oid = commit()
    git(repo, "tag", "-a", "v1", "-m", "one")
    assert (
        refs.resolve_commit(repo, "main")
        == refs.resolve_commit(repo, "v1")
        == refs.resolve_commit(repo, oid[:8])
        == oid
    )
    for name in ("none", "--all", "-q", "", "HEAD:a", "1" * 40):
        assert refs.resolve_commit(repo, name) == ""


def test_what_is_not_there_may_have_a_name(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    oid = commit()
    assert refs.resolve(repo, "HEAD") == oid
    assert refs.resolve(repo, "1" * 40) == "1" * 40
    assert refs.resolve(repo, "none") == refs.resolve(repo, "--all") == ""
    git(repo, "checkout", "-q", "--orphan", "new")
    assert refs.resolve(repo, "HEAD") == ""


def test_the_branch_that_is_checked_out(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    commit()
    git(repo, "checkout", "-q", "-b", "topic/one")
    assert refs.current_branch(repo) == "topic/one"
    git(repo, "checkout", "-q", "--detach")
    assert refs.current_branch(repo) == "HEAD"


def test_full_names_of_a_short_one(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    commit()
    git(repo, "tag", "main")
    assert refs.list_names(repo) == ["refs/heads/main", "refs/tags/main"]
    assert refs.find_names(repo, "main") == ["refs/heads/main", "refs/tags/main"]
    assert refs.find_names(repo, "refs/tags/main") == ["refs/tags/main"]
    assert refs.find_names(repo, "other") == []


def test_tips_and_what_is_no_commit(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    assert refs.list_tips(repo) == ({}, {})
    oid = commit(a="a")
    git(repo, "tag", "-a", "v1", "-m", "one")
    git(repo, "tag", "blob", "HEAD:a")
    tag, blob = git(repo, "rev-parse", "v1").strip(), git(repo, "rev-parse", "HEAD:a").strip()
    commits, direct = refs.list_tips(repo)
    assert commits == {"refs/heads/main": oid, "refs/tags/v1": oid}
    assert direct == {tag: ["refs/tags/v1"], blob: ["refs/tags/blob"]}


def test_heads_of_other_working_trees(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    oid = commit()
    linked = repo.parent / "linked"
    git(repo, "worktree", "add", "-q", "--detach", str(linked))
    assert refs.list_other_heads(open_repository(repo)) == {"worktrees/linked/HEAD": oid}
    assert refs.list_other_heads(open_repository(linked)) == {"worktrees/linked/HEAD": oid, "main-worktree/HEAD": oid}
