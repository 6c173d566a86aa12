"""`keysift hook` in real repositories."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keysift.git import diff
from keysift.rules.generate import instance

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., None]
pytestmark = pytest.mark.usefixtures("_unhooked")


@pytest.fixture
def _unhooked(environment: dict[str, str]) -> None:
    """As if no hook ran these tests."""
    for name in [name for name in environment if name.startswith("PRE_COMMIT")]:
        del environment[name]


@pytest.fixture
def repo(tmp_path: Path, git: Git) -> Path:
    git(tmp_path, "init", "-q", "-b", "main", "repo")
    return tmp_path / "repo"


@pytest.fixture
def leak_line(integration_key: str) -> str:
    return f"PAGERDUTY_TOKEN={integration_key}\n"


def another_leak(seed: str) -> str:
    return "PAGERDUTY_TOKEN=" + instance("{{hex:32}}", seed)[0] + "\n"


def commit(git: Git, repo: Path, **files: str) -> None:
    for name, content in files.items():
        (repo / name).write_text(content)
    git(repo, "add", "--all")
    git(repo, "commit", "-q", "--allow-empty", "-m", "x")


def places(answer: subprocess.CompletedProcess[bytes]) -> set[tuple[str, int]]:
    report: dict[str, Any] = json.loads(answer.stdout)
    assert answer.returncode == (1 if report["findings"] else 0)
    return {(place["path"], place["start_line"]) for found in report["findings"] for place in found["locations"]}


@pytest.fixture
def hook(keysift: Keysift, repo: Path) -> Callable[..., set[tuple[str, int]]]:
    """The places that it finds."""
    return lambda *arguments, cwd=repo: places(keysift("hook", "-f", "json", *arguments, cwd=cwd))


Hook = Callable[..., set[tuple[str, int]]]


def test_the_staged_bytes_not_the_working_copy(hook: Hook, repo: Path, git: Git, leak_line: str) -> None:
    commit(git, repo, a="1\n", b="1\n")
    (repo / "a").write_text("1\n" + leak_line)
    git(repo, "add", "a")
    (repo / "a").write_text("1\n")
    (repo / "b").write_text(leak_line)
    assert hook() == {("a", 2)}


def test_the_first_commit(hook: Hook, repo: Path, git: Git, leak_line: str) -> None:
    (repo / "a").write_text(leak_line)
    git(repo, "add", "a")
    assert hook() == {("a", 1)}


def test_a_file_of_which_a_part_is_staged(hook: Hook, repo: Path, git: Git, leak_line: str) -> None:
    commit(git, repo, a="first\n" + "middle\n" * 20 + "last\n")
    (repo / "a").write_text(leak_line + "middle\n" * 20 + another_leak("b"))
    patch = subprocess.run(["git", "diff", "a"], cwd=repo, capture_output=True, check=True).stdout
    (repo.parent / "first").write_bytes(patch[: patch.rindex(b"@@ -")])
    git(repo, "apply", "--cached", "../first")
    assert hook() == {("a", 1)}


def test_a_key_that_was_there_is_not_new(hook: Hook, repo: Path, git: Git, leak_line: str) -> None:
    commit(git, repo, a=leak_line)
    (repo / "a").write_text("more\n" + leak_line + another_leak("new"))
    git(repo, "add", "a")
    assert hook() == {("a", 3)}


def test_what_moves_is_not_new_but_a_copy_is(hook: Hook, repo: Path, git: Git, leak_line: str) -> None:
    commit(git, repo, a=leak_line, big="x\n" + another_leak("b"))
    git(repo, "mv", "a", "renamed")
    (repo / "renamed").write_text("and edited\n" * 20 + leak_line)
    (repo / "split").write_text(another_leak("b"))
    (repo / "big").write_text("x\n")
    git(repo, "add", "--all")
    assert hook() == set()
    git(repo, "commit", "-q", "-m", "x")
    (repo / "copy").write_text(leak_line)
    git(repo, "add", "--all")
    assert hook() == {("copy", 1)}


def test_another_mode_alone_is_nothing_new(hook: Hook, repo: Path, git: Git, leak_line: str) -> None:
    commit(git, repo, a=leak_line)
    git(repo, "update-index", "--chmod=+x", "a")
    assert hook() == set()


def test_of_a_merge_only_what_the_merge_brings(hook: Hook, repo: Path, git: Git, leak_line: str) -> None:
    commit(git, repo, a="base\n")
    git(repo, "checkout", "-q", "-b", "other")
    commit(git, repo, a="other\n", b=leak_line)
    git(repo, "checkout", "-q", "main")
    commit(git, repo, a="main\n")
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "merge", "-q", "other")
    (repo / "a").write_text("resolved\n" + another_leak("merge"))
    git(repo, "add", "a")
    assert hook() == {("a", 2)}


def test_files_limit_what_is_judged(hook: Hook, repo: Path, git: Git, leak_line: str) -> None:
    commit(git, repo)
    (repo / "deep").mkdir()
    for name in ("a", "b", "deep/c"):
        (repo / name).write_text(leak_line)
    git(repo, "add", "--all")
    assert hook("a") == {("a", 1)}
    assert hook("deep") == {("deep/c", 1)}
    assert hook("c", "../b", cwd=repo / "deep") == {(f"{repo}/b", 1), ("c", 1)}
    assert hook(".", cwd=repo / "deep") == {("c", 1)}
    assert hook("none") == set()


@pytest.mark.parametrize("name", ["./a", "deep/../a", "deep/", "deep//c", "./deep", "{repo}/a"])
def test_a_name_may_be_written_in_any_way(hook: Hook, repo: Path, git: Git, leak_line: str, name: str) -> None:
    commit(git, repo)
    (repo / "deep").mkdir()
    for file in ("a", "b", "deep/c"):
        (repo / file).write_text(leak_line)
    git(repo, "add", "--all")
    assert hook(name.format(repo=repo)) == {("deep/c", 1) if name.rstrip("/c").endswith("deep") else ("a", 1)}


def test_names_of_files_are_judged(keysift: Keysift, hook: Hook, repo: Path, git: Git) -> None:
    key, other = (instance("{{github:ghp¦_}}", seed)[0] for seed in ("name", "other"))
    (repo / f"{key}.txt").write_text("x\n")
    git(repo, "add", "--all")
    assert hook() == hook(f"{key}.txt") == {(hidden := f"{key[:7]}{'*' * 31}{key[-2:]}.txt", 1)}, "of a first commit"
    assert hook("none") == set()
    commit(git, repo)
    assert hook() == set(), "it was there"
    git(repo, "mv", f"{key}.txt", f"a-{key}")
    assert hook() == set(), "it only moves"
    (repo / f"{other}.txt").write_text("x\n")
    (repo / f"a-{key}").write_text(another_leak("x"))
    git(repo, "add", "--all")
    assert hook() == {(f"a-{hidden.removesuffix('.txt')}", 1), (f"{other[:7]}{'*' * 31}{other[-2:]}.txt", 1)}
    answer = keysift("hook", cwd=repo)
    assert key not in answer.stdout.decode() + answer.stderr.decode(), "nor is it printed"


def test_chunks_look_at_their_own_files_alone(
    hook: Hook, repo: Path, git: Git, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """pre-commit calls the hook with some thousands of the names at a time."""
    environment["PRE_COMMIT"] = "1"
    commit(git, repo, old="1\n")
    (repo / "d").mkdir()
    names = [f"d/{number:03}" for number in range(100)]
    for number, name in enumerate(names):
        (repo / name).write_text(another_leak(str(number)) if number % 50 == 7 else "x\n")
    git(repo, "add", "--all")
    parsed: list[str] = []
    real = diff.Change

    def counted(path: str, *rest: Any) -> diff.Change:  # noqa: ANN401 - what the class takes
        parsed.append(path)
        return real(path, *rest)

    monkeypatch.setattr(diff, "Change", counted)
    assert hook(*names[10:20]) == set()
    assert parsed == names[10:20]
    assert [hook(*names[start : start + 50]) for start in (0, 50)] == [{("d/007", 1)}, {("d/057", 1)}]


def test_a_link_is_its_text(hook: Hook, repo: Path, git: Git, integration_key: str) -> None:
    commit(git, repo)
    (repo / "link").symlink_to(f"PAGERDUTY_TOKEN={integration_key}")
    git(repo, "add", "link")
    assert hook() == {("link", 1)}


def test_configuration_and_comments_hold(keysift: Keysift, hook: Hook, repo: Path, git: Git, leak_line: str) -> None:
    (repo / ".keysift.toml").write_text('exclude = ["vendor/"]\n')
    (repo / "vendor").mkdir()
    (repo / "vendor" / "a").write_text(leak_line)
    (repo / "b").write_text(f"# keysift: ignore[pagerduty-*] a test account\n{leak_line}")
    git(repo, "add", "--all")
    assert hook() == set()
    assert len(json.loads(keysift("hook", "-f", "json", cwd=repo).stdout)["suppressed"]) == 1
    assert hook("vendor/a") == set()


def test_named_files_have_the_nearest_configuration_as_in_a_scan(
    keysift: Keysift, hook: Hook, repo: Path, git: Git
) -> None:
    settings = {
        ".keysift.toml": "disable = ['stripe-*']\n",
        "one/.keysift.toml": "exclude = ['vendor/']\n",
        "two/.keysift.toml": "disable = ['pagerduty-*']\n",
        "two/deep/.keysift.toml": "[[ignore]]\nrule = 'pagerduty-*'\nreason = 'deep'\n",
    }
    files = ["top", "one/a", "one/vendor/b", "two/c", "two/deep/d", "none/e"]
    for name in (*settings, *files):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(settings.get(name) or another_leak(name))
    git(repo, "add", "--all")
    expected = {("top", 1), ("one/a", 1), ("none/e", 1)}
    assert hook(*files) == expected
    assert places(keysift("scan", "-f", "json", *files, cwd=repo)) == expected
    assert hook("two") == places(keysift("scan", "-f", "json", "two", cwd=repo)) == set()
    assert hook("a", "vendor/b", cwd=repo / "one") == {("a", 1)}
    report = json.loads(keysift("hook", "-f", "json", "two/deep/d", cwd=repo).stdout)
    assert [one["suppressions"][0]["justification"] for one in report["suppressed"]] == ["deep"]
    assert hook() == {(name, 1) for name in files}, "without names, that of the top holds, as in a scan"


def test_a_link_brings_no_configuration_from_elsewhere(hook: Hook, repo: Path, git: Git, leak_line: str) -> None:
    (repo / "real").mkdir()
    (repo / "real" / "a").write_text(leak_line)
    git(repo, "add", "--all")
    (repo / "real").rename(repo.parent / "real")
    (repo.parent / "real" / ".keysift.toml").write_text("exclude = ['*']\n")
    (repo / "real").symlink_to("../real")
    assert hook("real/a") == {("real/a", 1)}


@pytest.mark.parametrize("command", ["hook", "scan"])
def test_exclude_holds_for_named_files_unless_forced(
    command: str, keysift: Keysift, repo: Path, git: Git, leak_line: str
) -> None:
    (repo / ".keysift.toml").write_text('exclude = ["vendor/"]\n')
    (repo / "vendor").mkdir()
    (repo / "vendor" / "a").write_text(leak_line)
    git(repo, "add", "--all")
    for name in ("vendor/a", "vendor", "./vendor/"):
        answer = keysift(command, name, cwd=repo)
        assert answer.returncode == 0
        said = f"left out by `exclude` of .keysift.toml; --force judges it all the same (1): {name.strip('./')}"
        assert said in " ".join(answer.stderr.decode().split())
        assert places(keysift(command, "--force", "-f", "json", name, cwd=repo)) == {("vendor/a", 1)}


def test_it_says_how_to_unstage_and_how_to_accept(keysift: Keysift, repo: Path, git: Git, leak_line: str) -> None:
    (repo / "it's\x1b[31m").write_text(leak_line)
    git(repo, "add", "--all")
    said = keysift("hook", cwd=repo).stderr.decode()
    assert "git rm --cached" in said
    assert "keysift: ignore[rule-id] reason" in said
    assert "\x1b" not in said
    commit(git, repo)
    (repo / "a b").write_text(another_leak("b"))
    git(repo, "add", "--all")
    assert "git restore --staged 'a b'" in keysift("hook", cwd=repo).stderr.decode()


def test_what_git_cannot_read_makes_it_incomplete(keysift: Keysift, repo: Path, git: Git) -> None:
    commit(git, repo)
    (repo / "a").write_text("x" * 100)
    git(repo, "add", "a")
    oid = subprocess.run(
        ["git", "rev-parse", ":a"], cwd=repo, capture_output=True, check=True, text=True
    ).stdout.strip()
    (repo / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    answer = keysift("hook", "-f", "json", cwd=repo)
    assert answer.returncode == 3
    assert json.loads(answer.stdout)["skipped"] == [
        {"path": "a", "reason": "missing, or damaged: `git fsck` says which", "expected": False, "object": oid},
    ]


def test_more_files_than_one_process_takes(hook: Hook, repo: Path, git: Git) -> None:
    commit(git, repo)
    for number in range(400):
        (repo / f"{number:03}").write_text(another_leak(str(number)) if number % 100 == 7 else "x\n")
    git(repo, "add", "--all")
    assert hook("--jobs", "2") == hook("--jobs", "1") == {(f"{number:03}", 1) for number in (7, 107, 207, 307)}


def test_long_files_are_said(keysift: Keysift, repo: Path, git: Git) -> None:
    (repo / "a").write_text("x" * 2000)
    git(repo, "add", "a")
    answer = keysift("hook", "-f", "json", "--max-file-size", "1k", cwd=repo)
    assert answer.returncode == 0
    assert "over the limit" in json.loads(answer.stdout)["skipped"][0]["reason"]


def test_outside_of_a_repository(keysift: Keysift, tmp_path: Path) -> None:
    answer = keysift("hook", cwd=tmp_path)
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert b"help: `keysift scan`" in answer.stderr


@pytest.mark.skipif(os.name == "nt", reason="the hook is a shell script")
def test_as_a_hook_of_git_itself(
    repo: Path, git: Git, leak_line: str, environment: dict[str, str], script: Path
) -> None:
    place = repo / ".git" / "hooks" / "pre-commit"
    place.write_text(f"#!/bin/sh\nexec {script} hook\n")
    place.chmod(0o755)
    (repo / "good").write_text("1\n")
    git(repo, "add", "good")
    git(repo, "commit", "-q", "-m", "good")
    (repo / "bad").write_text(leak_line)
    (repo / "good").write_text("2\n")
    git(repo, "add", "bad")
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-q", "-m", "x"]
    done = subprocess.run(command, cwd=repo, env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"pagerduty-integration-key" in done.stdout + done.stderr
    # Only one file is committed, from an index of its own: the staged key stays outside.
    done = subprocess.run([*command, "good"], cwd=repo, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    done = subprocess.run([*command, "--amend", "bad"], cwd=repo, env=environment, capture_output=True, check=False)
    assert done.returncode == 1
