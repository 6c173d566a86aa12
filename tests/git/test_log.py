"""What commits add and say of themselves, in real repositories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.git import log

Git = Callable[..., str]


def paths(repo: Path, *oids: str) -> list[tuple[str, str]]:
    return [(change.commit, change.path) for change in log.list_changes(repo, oids) if change.arrives]


def test_parents_come_before_children(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    base = commit()
    first, second = commit(), commit()
    assert log.list_commits(repo, "HEAD", (base,)) == [first, second]
    git(repo, "branch", "other", first)
    assert log.list_commits(repo, second, ("--all",)) == []
    git(repo, "update-ref", "-d", "refs/heads/main")
    assert log.list_commits(repo, second, ("--all",)) == [second]


def test_changes_of_commits(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    root = commit(a="a", b="b")
    second = commit(a="A")
    git(repo, "rm", "-q", "a")
    third = commit()
    assert paths(repo, root, second, third) == [(root, "a"), (root, "b"), (second, "a")]
    assert [change.after for change in log.list_changes(repo, [third])] == [""]


def test_of_a_merge_only_what_neither_parent_has(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    commit(both="base", one="1")
    git(repo, "checkout", "-q", "-b", "other")
    commit(one="2")
    git(repo, "checkout", "-q", "main")
    commit(two="2")
    git(repo, "merge", "-q", "--no-commit", "other")
    (repo / "evil").write_text("x")
    merge = commit()
    assert paths(repo, merge) == [(merge, "evil")]


@pytest.mark.parametrize(("depth", "cut"), [(1, True), (3, True), (4, False), (99, False)])
def test_a_shallow_clone(repo: Path, git: Git, commit: Callable[..., str], *, depth: int, cut: bool) -> None:
    base = commit()
    for _ in range(3):
        commit()
    git(repo, "branch", "base", base)
    clone = repo.parent / "clone"
    git(repo, "clone", "-q", "--no-local", "--depth", str(depth), str(repo), str(clone))
    git(clone, "fetch", "-q", "--depth", "1", "origin", "base:base")
    found = log.list_commits(clone, "HEAD", ("base",))
    assert log.is_cut(clone, "HEAD", "base", found) is cut
    git(clone, "fetch", "-q", "--unshallow")
    assert not log.is_cut(clone, "HEAD", "base", log.list_commits(clone, "HEAD", ("base",)))
