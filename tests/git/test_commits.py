"""What commits add, in real repositories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.git import commits
from keysift.git.objects import Objects
from keysift.model import Blob, Skipped

Git = Callable[..., str]


@pytest.fixture
def commit(repo: Path, git: Git) -> Callable[..., str]:
    def make(message: str = "x", **files: str) -> str:
        for name, content in files.items():
            (repo / name).write_text(content)
        git(repo, "add", "--all")
        git(repo, "commit", "-q", "--allow-empty", "-m", message)
        return git(repo, "rev-parse", "HEAD").strip()

    return make


def paths(repo: Path, *oids: str) -> list[tuple[str, str]]:
    return [(change.commit, change.path) for change in commits.changed(repo, oids) if change.arrives]


def test_names_of_commits(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    oid = commit()
    git(repo, "tag", "-a", "v1", "-m", "one")
    assert commits.resolve(repo, "main") == commits.resolve(repo, "v1") == commits.resolve(repo, oid[:8]) == oid
    for name in ("none", "--all", "-q", "", "HEAD:a", "1" * 40):
        assert commits.resolve(repo, name) == ""


def test_parents_come_before_children(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    base = commit()
    first, second = commit(), commit()
    assert commits.between(repo, "HEAD", (base,)) == [first, second]
    git(repo, "branch", "other", first)
    assert commits.between(repo, second, ("--all",)) == []
    git(repo, "update-ref", "-d", "refs/heads/main")
    assert commits.between(repo, second, ("--all",)) == [second]


def test_changes_of_commits(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    root = commit(a="a", b="b")
    second = commit(a="A")
    git(repo, "rm", "-q", "a")
    third = commit()
    assert paths(repo, root, second, third) == [(root, "a"), (root, "b"), (second, "a")]
    assert [change.after for change in commits.changed(repo, [third])] == [""]


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


def test_who_and_when(repo: Path, commit: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0530")
    oid = commit("subject\n\nbody\n")
    with Objects(repo) as objects:
        [(facts, text)] = commits.messages(objects, [oid])
    assert facts == commits.Commit(oid, "A <a@example.org>", "2023-11-14T22:13:20Z")
    assert text == Blob(commits.MESSAGE, b"subject\n\nbody\n", oid=oid)


def test_a_commit_with_nonsense_in_its_header(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    commit()
    tree = git(repo, "rev-parse", "HEAD^{tree}").strip()
    text = f"tree {tree}\nauthor nobody\ncommitter A <a> 99999999999999999999 +0000\nencoding none\n\nm"
    oid = git(repo, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text).strip()
    with Objects(repo) as objects:
        [(facts, blob)] = commits.messages(objects, [oid])
        assert facts == commits.Commit(oid, "", "")
        assert isinstance(blob, Blob)
        [(_, missing)] = commits.messages(objects, ["1" * 40])
        assert isinstance(missing, Skipped)


def test_tags(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    commit(a="content")
    git(repo, "tag", "-a", "one", "-m", "first message")
    git(repo, "tag", "-a", "two", "-m", "second message", "one")
    git(repo, "tag", "-a", "blob", "-m", "third message", "HEAD:a")
    git(repo, "tag", "tree", "HEAD^{tree}")
    with Objects(repo) as objects:

        def texts(name: str) -> list[bytes | str]:
            return [
                text.data if isinstance(text, Blob) else text.reason
                for text in commits.tags(objects, git(repo, "rev-parse", name).strip())
            ]

        assert texts("main") == []
        assert texts("two") == [b"second message\n", b"first message\n"]
        assert texts("blob") == [b"third message\n", b"content"]
        assert texts("tree") == ["a directory with a tag, but in no commit"]


def test_the_tree_of_a_commit(repo: Path, commit: Callable[..., str]) -> None:
    (repo / "new\nline").write_text("x")
    (repo / "deep").mkdir()
    (repo / "deep" / "er").write_text("y")
    oid = commit()
    assert commits.tree(repo, oid).keys() == {"new\nline", "deep/er"}


@pytest.mark.parametrize(("depth", "cut"), [(1, True), (3, True), (4, False), (99, False)])
def test_a_shallow_clone(repo: Path, git: Git, commit: Callable[..., str], *, depth: int, cut: bool) -> None:
    base = commit()
    for _ in range(3):
        commit()
    git(repo, "branch", "base", base)
    clone = repo.parent / "clone"
    git(repo, "clone", "-q", "--no-local", "--depth", str(depth), str(repo), str(clone))
    git(clone, "fetch", "-q", "--depth", "1", "origin", "base:base")
    found = commits.between(clone, "HEAD", ("base",))
    assert commits.is_cut(clone, "HEAD", "base", found) is cut
    git(clone, "fetch", "-q", "--unshallow")
    assert not commits.is_cut(clone, "HEAD", "base", commits.between(clone, "HEAD", ("base",)))
