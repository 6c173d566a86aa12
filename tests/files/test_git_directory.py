"""What stands in `.git` beside the objects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.files import git_directory
from keysift.model import Blob, Skipped

Git = Callable[..., str]


def contents(repo: Path) -> dict[str, bytes]:
    found = list(git_directory.repository_files(str(repo / ".git")))
    assert [one for one in found if isinstance(one, Skipped)] == []
    return {one.path: one.data for one in found if isinstance(one, Blob)}


def test_configuration_hooks_and_logs(repo: Path, git: Git) -> None:
    git(repo, "remote", "add", "origin", "https://user:word@example.org/x.git")
    git(repo, "commit", "-q", "--allow-empty", "-m", "a message")
    hook = repo / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n")
    (hook.parent / "pre-commit.sample").write_text("#!/bin/sh\n")
    found = contents(repo)
    assert b"https://user:word@example.org/x.git" in found[".git/config"]
    assert found[".git/hooks/pre-push"] == b"#!/bin/sh\n"
    assert b"a message" in found[".git/logs/HEAD"]
    assert b"a message" in found[".git/COMMIT_EDITMSG"]
    assert not [path for path in found if path.startswith(".git/objects") or path.endswith((".sample", "/index"))]


def test_submodules_and_packed_refs(repo: Path, git: Git) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "x")
    git(repo, "pack-refs", "--all")
    module = repo / ".git" / "modules" / "lib"
    (module / "objects" / "ab").mkdir(parents=True)
    (module / "objects" / "ab" / "cd").write_text("object")
    (module / "config").write_text("[remote]\n")
    (module / "HEAD").write_text("ref: refs/heads/main\n")
    git(repo, "branch", "objects")
    found = contents(repo)
    assert b"refs/heads/main" in found[".git/packed-refs"]
    assert found[".git/modules/lib/config"] == b"[remote]\n"
    assert ".git/modules/lib/objects/ab/cd" not in found
    assert ".git/logs/refs/heads/objects" in found


def test_links_are_not_followed(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret")
    (repo / ".git" / "info").mkdir(exist_ok=True)
    (repo / ".git" / "info" / "link").symlink_to(tmp_path / "outside")
    (repo / ".git" / "loop").symlink_to(".")
    assert not [path for path in contents(repo) if "link" in path or "loop" in path]


def test_what_is_too_large_or_gone_is_said(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_directory, "LARGEST", 10)
    found = list(git_directory.repository_files(str(repo / ".git")))
    assert any(isinstance(one, Skipped) and not one.expected and "over the limit" in one.reason for one in found)
    [gone] = git_directory.repository_files(str(repo / "nothing"))
    assert isinstance(gone, Skipped)
