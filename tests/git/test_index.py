"""What the next commit adds, of real repositories."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.errors import SourceError
from keysift.git import index

Git = Callable[..., str]


def arriving(repo: Path) -> set[str]:
    return {change.path for change in index.list_changes(repo) if change.arrives}


def commit(repo: Path, git: Git, **files: str) -> None:
    for name, content in files.items():
        (repo / name).write_text(content)
    git(repo, "add", "--all")
    git(repo, "commit", "-q", "--allow-empty", "-m", "x")


def test_the_first_commit_adds_everything(repo: Path, git: Git) -> None:
    (repo / "a").write_text("a")
    (repo / "b").write_text("b")
    git(repo, "add", "a")
    assert arriving(repo) == {"a"}


def test_sha256(tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256", "repo")
    repo = tmp_path / "repo"
    (repo / "a").write_text("a")
    git(repo, "add", "a")
    assert arriving(repo) == {"a"}
    commit(repo, git, a="b")
    assert index.list_changes(repo) == []


def test_only_what_is_staged(repo: Path, git: Git) -> None:
    commit(repo, git, a="a", b="b", c="c")
    (repo / "a").write_text("staged")
    git(repo, "add", "a")
    (repo / "a").write_text("not staged")
    (repo / "b").write_text("not staged")
    git(repo, "rm", "-q", "c")
    changes = {change.path: change for change in index.list_changes(repo)}
    assert changes.keys() == {"a", "c"}
    assert git(repo, "cat-file", "blob", changes["a"].after) == "staged"
    assert git(repo, "cat-file", "blob", *changes["a"].before) == "a"
    assert changes["c"].after == ""


def test_another_mode_alone_adds_nothing(repo: Path, git: Git) -> None:
    commit(repo, git, a="a")
    git(repo, "update-index", "--chmod=+x", "a")
    assert len(index.list_changes(repo)) == 1
    assert arriving(repo) == set()


def test_links_and_submodules(repo: Path, git: Git, tmp_path: Path) -> None:
    commit(repo, git, a="a")
    other = tmp_path / "other"
    git(tmp_path, "init", "-q", "other")
    commit(other, git, b="b")
    (repo / "link").symlink_to("target")
    git(repo, "add", "link")
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    changes = {change.path: change for change in index.list_changes(repo)}
    assert git(repo, "cat-file", "blob", changes["link"].after) == "target"
    assert changes["sub"].after == ""


@pytest.fixture
def merging(repo: Path, git: Git) -> Path:
    """A merge with a conflict in `both`; `ours` and `theirs` were changed on one side alone."""
    commit(repo, git, both="base\n", ours="base\n", theirs="base\n")
    git(repo, "checkout", "-q", "-b", "other")
    commit(repo, git, both="other\n", theirs="other\n")
    git(repo, "checkout", "-q", "main")
    commit(repo, git, both="main\n", ours="main\n")
    with pytest.raises(Exception, match="merge"):
        git(repo, "merge", "-q", "other")
    return repo


def test_a_merge_adds_only_what_neither_parent_has(merging: Path, git: Git) -> None:
    (merging / "both").write_text("resolved\n")
    git(merging, "add", "both")
    [change] = index.list_changes(merging)
    assert change.path == "both"
    assert {git(merging, "cat-file", "blob", oid) for oid in change.before} == {"main\n", "other\n"}
    (merging / "both").write_text("main\n")
    git(merging, "add", "both")
    assert index.list_changes(merging) == []


def test_a_merge_in_a_linked_working_tree(merging: Path, git: Git, tmp_path: Path) -> None:
    git(merging, "merge", "--abort")
    linked = tmp_path / "linked"
    git(merging, "worktree", "add", "-q", str(linked), "-b", "third")
    with pytest.raises(Exception, match="merge"):
        git(linked, "merge", "-q", "other")
    assert index.list_merged(linked) == [git(merging, "rev-parse", "other").strip()]
    assert index.list_merged(merging) == []


def test_the_index_that_a_hook_is_told(repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(repo, git, a="a")
    (repo / "b").write_text("b")
    monkeypatch.chdir(repo)
    monkeypatch.setenv("GIT_INDEX_FILE", os.path.join(".git", "next-index"))  # noqa: PTH118 - as git writes it
    git(repo, "read-tree", "HEAD")
    git(repo, "add", "b")
    assert arriving(repo) == {"b"}
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert arriving(repo) == set()


def test_names_of_all_kinds(repo: Path, git: Git) -> None:
    commit(repo, git)
    names = [b"new\nline", b'quo"te', b"\xff\xfe", b"esc\x1b[31m", b":(glob)*", b"-m", b" "]
    for name in names:
        Path(os.fsdecode(os.fsencode(repo) + b"/" + name)).write_text("x")
    git(repo, "add", "--all")
    assert arriving(repo) == {os.fsdecode(name) for name in names}


def test_a_damaged_repository_is_an_error(repo: Path, git: Git) -> None:
    commit(repo, git, a="a")
    (repo / ".git" / "index").write_bytes(b"DIRC nonsense")
    with pytest.raises(SourceError, match="diff-index"):
        index.list_changes(repo)


def test_a_merge_that_does_not_stop(merging: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    other = git(merging, "rev-parse", "other").strip()
    git(merging, "merge", "--abort")
    monkeypatch.setenv(f"GITHEAD_{other}", "other")
    monkeypatch.setenv("GITHEAD_--all", "nonsense")
    assert index.list_merged(merging) == [other]
