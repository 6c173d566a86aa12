"""Our hook under the real pre-commit, in real repositories: at a commit, on all files, on a range, before a push.

pre-commit takes the hook from a repository that holds our `.pre-commit-hooks.yaml` with one line changed: it is not to
install keysift (for minutes, from the network), but to run the one under test.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.rules.generate import instance

pytest.importorskip("pre_commit", reason="pre-commit is not installed")
if os.name == "nt":
    pytest.skip("the script in the tests is one of a POSIX shell", allow_module_level=True)

ROOT = Path(__file__).parent.parent.parent
Git = Callable[..., None]
Run = Callable[..., subprocess.CompletedProcess[str]]


def leak(seed: str = "test") -> str:
    return "PAGERDUTY_TOKEN=" + instance("{{hex:32}}", seed)[0] + "\n"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository from which pre-commit takes the hook, and pre-commit's home; it clones the one into the other."""
    place = tmp_path_factory.mktemp("prepared") / "hooks"
    place.mkdir()
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    changed = text.replace("language: python\n  language_version: python3", "language: system")
    assert changed != text
    (place / ".pre-commit-hooks.yaml").write_text(changed)
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for command in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "x"), ("tag", "v1")):
        subprocess.run(["git", "-C", str(place), *command], check=True, capture_output=True)
    return place.parent


@pytest.fixture
def repo(tmp_path: Path, git: Git, prepared: Path) -> Path:
    """With pre-commit set up, and an old key in `old.conf`; its remote is empty."""
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(tmp_path, "init", "-q", "-b", "main", "repo")
    place, hooks = tmp_path / "repo", prepared / "hooks"
    (place / ".pre-commit-config.yaml").write_text(
        f"default_install_hook_types: [pre-commit, pre-merge-commit, pre-push, commit-msg]\n"
        f"repos: [{{repo: {hooks}, rev: v1, hooks: [{{id: keysift, verbose: true}}, {{id: keysift-message}}]}}]\n"
    )
    (place / "old.conf").write_text(leak("old"))
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "old")
    git(place, "remote", "add", "origin", "../remote.git")
    return place


@pytest.fixture
def run(repo: Path, environment: dict[str, str], script: Path, prepared: Path) -> Run:
    """Starts git or pre-commit in the repository."""
    for name in [name for name in environment if name.startswith(("PRE_COMMIT", "SKIP"))]:
        del environment[name]
    environment["PRE_COMMIT_HOME"] = str(prepared / "home")
    environment["PATH"] = os.pathsep.join([str(script.parent), environment["PATH"]])
    for kind in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{kind}_NAME": "A", f"GIT_{kind}_EMAIL": "a@example.org"}

    def start(*command: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "pre_commit", *command[1:]] if command[0] == "pre-commit" else command
        return subprocess.run(words, cwd=repo, env=environment, capture_output=True, check=False, text=True)

    assert start("pre-commit", "install").returncode == 0
    return start


def said(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


def test_a_commit(run: Run, repo: Path) -> None:
    (repo / "old.conf").write_text("edited\n" + leak("old"))
    (repo / "new.conf").write_text("nothing\n")
    run("git", "add", ".")
    done = run("git", "commit", "-m", "good")
    assert done.returncode == 0, said(done)
    assert "no leaked keys found in 2 files" in said(done)
    (repo / "new.conf").write_text(leak())
    run("git", "add", ".")
    (repo / "new.conf").write_text("the key is in the index only\n")
    done = run("git", "commit", "-m", "bad")
    assert done.returncode == 1
    assert "--> new.conf:1:17" in said(done)
    assert "git restore --staged new.conf" in said(done)


def test_all_files_are_judged_as_they_stand(run: Run) -> None:
    done = run("pre-commit", "run", "--all-files")
    assert done.returncode == 1
    assert "--> old.conf:1:17" in said(done)
    assert "unstage" not in said(done)


def test_merges(run: Run, repo: Path) -> None:
    for branch in ("one", "two"):
        run("git", "checkout", "-q", "-b", branch, "main")
        (repo / "both").write_text(f"{branch}\n")
        run("git", "add", ".")
        run("git", "commit", "--no-verify", "-m", "x")
    run("git", "merge", "one")
    (repo / "both").write_text("one\n")
    run("git", "add", ".")
    done = run("git", "commit", "--no-edit")
    assert done.returncode == 0, said(done)
    run("git", "checkout", "-q", "-b", "three", "main")
    (repo / "third").write_text(leak())
    run("git", "add", ".")
    run("git", "commit", "--no-verify", "-m", "x")
    run("git", "checkout", "-q", "two")
    done = run("git", "merge", "--no-edit", "three")
    assert done.returncode == 0, "the merge itself adds nothing that its parents lack: " + said(done)


def test_a_message(run: Run, repo: Path) -> None:
    (repo / "new.conf").write_text("nothing\n")
    run("git", "add", ".")
    done = run("git", "commit", "-m", "subject", "-m", f"it is {leak()}")
    assert done.returncode == 1
    assert "commit message:3:" in said(done)
    assert "git commit --edit" in said(done)
    assert leak() not in said(done)
    assert run("git", "commit", "-m", "subject").returncode == 0


def test_what_git_drops_of_a_message_is_not_judged(run: Run, repo: Path, environment: dict[str, str]) -> None:
    (repo / "editor").write_text(f'#!/bin/sh\nsed -i "1s/.*/subject/; s/^# Please/# {leak().strip()}/" "$1"\n')
    (repo / "editor").chmod(0o755)
    environment["GIT_EDITOR"] = str(repo / "editor")
    run("git", "add", "editor")
    assert run("git", "commit", "--no-verify", "-m", "x").returncode == 0
    (repo / "old.conf").write_text(f"edited\n{leak('old')}")
    done = run("git", "commit", "-a", "--verbose")  # whose diff shows the old key
    assert done.returncode == 0, said(done)
    assert run("git", "log", "-1", "--format=%B").stdout == "subject\n\n"
    done = run("git", "commit", "--allow-empty", "--cleanup=scissors", "--verbose")
    assert done.returncode == 0, said(done)


def test_a_push(run: Run, repo: Path) -> None:
    done = run("git", "push", "origin", "main")
    assert done.returncode == 1, "all of a branch is new to an empty remote"
    assert "old.conf:1:17" in said(done)
    assert run("git", "push", "--no-verify", "origin", "main").returncode == 0
    (repo / "old.conf").write_text("edited\n" + leak("old"))
    run("git", "commit", "--no-verify", "-am", "good")
    done = run("git", "push", "origin", "main")
    assert done.returncode == 0, said(done)
    (repo / "gone").write_text(leak())
    run("git", "add", ".")
    run("git", "commit", "--no-verify", "-m", "bad")
    run("git", "rm", "-q", "gone")
    (repo / "other").write_text("1\n")
    run("git", "add", ".")
    run("git", "commit", "--no-verify", "-m", "too late")
    for target in ("main", "main:refs/heads/new"):
        done = run("git", "push", "origin", target)
        assert done.returncode == 1
        assert "gone:1:17" in said(done)
        assert "old.conf" not in said(done)
        assert "git rebase -i" in said(done)


def test_a_push_that_leaves_no_file(run: Run, repo: Path) -> None:
    assert run("git", "push", "--no-verify", "origin", "main").returncode == 0
    (repo / "gone").write_text(leak())
    run("git", "add", ".")
    run("git", "commit", "--no-verify", "-m", "bad")
    run("git", "rm", "-q", "gone")
    run("git", "commit", "--no-verify", "-m", "too late")
    done = run("git", "push", "origin", "main")
    assert done.returncode == 1, said(done)
    assert "gone:1:17" in said(done)


def test_a_range(run: Run, repo: Path) -> None:
    (repo / "new").write_text(leak())
    run("git", "add", ".")
    run("git", "commit", "--no-verify", "-m", "x")
    done = run("pre-commit", "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert done.returncode == 1
    assert "new:1:17" in said(done)
    assert "old.conf" not in said(done)
