"""`keysift gate` in real repositories."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from keysift.git import hardening
from keysift.rules.generate import instance

Answer = subprocess.CompletedProcess[bytes]
Keysift = Callable[..., Answer]
Git = Callable[..., None]
pytestmark = pytest.mark.usefixtures("_no_service")
_SERVICES = ("GITHUB_", "GITLAB_", "CI", "TF_", "SYSTEM_", "BITBUCKET_", "JENKINS_", "CHANGE_", "CIRCLE", "BUILDKITE")


@pytest.fixture
def _no_service(environment: dict[str, str]) -> None:
    """As if no CI service ran these tests."""
    for name in [name for name in environment if name.startswith((*_SERVICES, "KEYSIFT_BASE"))]:
        del environment[name]


def leak(seed: str = "test") -> str:
    return "PAGERDUTY_TOKEN=" + instance("{{hex:32}}", seed)[0] + "\n"


@pytest.fixture
def repo(tmp_path: Path, git: Git) -> Path:
    """On a branch `work` that has nothing new yet."""
    git(tmp_path, "init", "-q", "-b", "main", "repo")
    place = tmp_path / "repo"
    commit(git, place, **{"old.conf": leak("old"), "a": "1\n"})
    git(place, "checkout", "-q", "-b", "work")
    return place


def commit(git: Git, repo: Path, message: str = "x", /, **files: str) -> None:
    for name, content in files.items():
        (repo / name).write_text(content)
    git(repo, "add", "--all")
    git(repo, "commit", "-q", "--allow-empty", "-m", message)


def oid(repo: Path, name: str) -> str:
    command = ["git", "rev-parse", name]
    return subprocess.run(command, cwd=repo, capture_output=True, check=True, text=True).stdout.strip()


def found(answer: Answer) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = json.loads(answer.stdout)["findings"]
    assert answer.returncode == (1 if findings else 0)
    return findings


def places(answer: Answer) -> set[tuple[str, int, str]]:
    return {
        (place["path"], place["start_line"], place["commit"])
        for finding in found(answer)
        for place in finding["locations"]
    }


@pytest.fixture
def gate(keysift: Keysift, repo: Path) -> Callable[..., Answer]:
    return lambda *arguments, cwd=repo, stdin=b"": keysift("gate", "-f", "json", *arguments, cwd=cwd, stdin=stdin)


Gate = Callable[..., Answer]


def test_what_a_branch_adds(gate: Gate, repo: Path, git: Git) -> None:
    commit(git, repo, **{"old.conf": "edited\n" + leak("old"), "new.conf": leak()})
    answer = gate("--base", "main")
    assert places(answer) == {("new.conf", 1, oid(repo, "HEAD"))}
    assert b"main...HEAD: 1 commit\n" in answer.stderr
    [finding] = found(answer)
    assert finding["history"]["first_commit"] == oid(repo, "HEAD")
    assert finding["history"]["authors"] == ["A <a@example.org>"]
    assert finding["history"]["in_head"] is True


def test_a_key_that_a_later_commit_removes_is_leaked(gate: Gate, repo: Path, git: Git) -> None:
    commit(git, repo, new=leak())
    guilty = oid(repo, "HEAD")
    git(repo, "rm", "-q", "new")
    commit(git, repo)
    answer = gate("--base", "main")
    assert places(answer) == {("new", 1, guilty)}
    assert found(answer)[0]["history"]["in_head"] is False


def test_names_of_files(gate: Gate, repo: Path, git: Git) -> None:
    key = instance("{{github:ghp¦_}}", "name")[0]
    commit(git, repo, **{f"{key}.txt": "x\n"})
    guilty = oid(repo, "HEAD")
    git(repo, "mv", f"{key}.txt", f"{key}.md")
    commit(git, repo)
    git(repo, "rm", "-q", f"{key}.md")
    commit(git, repo, other="x\n")
    answer = gate("--base", "main")
    assert places(answer) == {
        (f"{key[:7]}{'*' * 31}{key[-2:]}.{end}", 1, commit)
        for end, commit in (("txt", guilty), ("md", oid(repo, "HEAD~1")))
    }
    assert found(answer)[0]["history"]["in_head"] is False
    assert key not in answer.stdout.decode() + answer.stderr.decode()


def test_commit_messages(gate: Gate, repo: Path, git: Git) -> None:
    commit(git, repo, f"subject\n\nwith {leak()}")
    assert places(gate("--base", "main")) == {("commit message", 3, oid(repo, "HEAD"))}


@pytest.mark.parametrize("name", ["author", "author-mail", "committer", "committer-mail"])
def test_names_of_people(name: str, gate: Gate, repo: Path, environment: dict[str, str]) -> None:
    key = instance("{{github:ghp¦_}}", "person")[0]
    who, what = name.split("-", maxsplit=1)[0].upper(), "EMAIL" if name.endswith("mail") else "NAME"
    people = {f"GIT_{one}_{part}": "a" for one in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    people[f"GIT_{who}_{what}"] = f"{key}@example.org" if what == "EMAIL" else key
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "x"], cwd=repo, env=environment | people, check=True)
    answer = gate("--base", "main")
    line = 3 if who == "AUTHOR" else 4
    assert places(answer) == {("commit header", line, oid(repo, "HEAD"))}
    assert key not in (answer.stdout + answer.stderr).decode()


def test_the_name_of_the_branch(gate: Gate, repo: Path, git: Git) -> None:
    key = instance("{{github:ghp¦_}}", "branch")[0]
    git(repo, "checkout", "-q", "-b", f"try-{key}")
    for arguments in ((), ("--head", f"try-{key}")):
        answer = gate("--base", "main", *arguments)
        assert places(answer) == {("(names of refs)", 1, None)}
        assert key not in (answer.stdout + answer.stderr).decode()


def test_the_merge_base_counts(gate: Gate, repo: Path, git: Git) -> None:
    git(repo, "checkout", "-q", "main")
    commit(git, repo, later=leak("later"))
    git(repo, "checkout", "-q", "work")
    commit(git, repo, mine="1\n")
    assert places(gate("--base", "main")) == set()
    git(repo, "merge", "-q", "-m", "x", "main")
    assert places(gate("--base", "main")) == set()


def test_of_a_merge_what_neither_parent_has(gate: Gate, repo: Path, git: Git) -> None:
    git(repo, "checkout", "-q", "main")
    commit(git, repo, a="2\n")
    git(repo, "checkout", "-q", "work")
    commit(git, repo, b="1\n")
    git(repo, "merge", "-q", "--no-commit", "main")
    commit(git, repo, evil=leak())
    assert places(gate("--base", "main")) == {("evil", 1, oid(repo, "HEAD"))}


def test_what_was_taken_out_and_comes_back_is_not_new(gate: Gate, repo: Path, git: Git) -> None:
    commit(git, repo, **{"old.conf": "nothing\n"})
    commit(git, repo, **{"old.conf": leak("old")})
    git(repo, "rm", "-q", "old.conf")
    commit(git, repo)
    commit(git, repo, moved=leak("old"))
    assert places(gate("--base", "main")) == set()


def test_head_may_be_named(gate: Gate, repo: Path, git: Git) -> None:
    commit(git, repo, new=leak())
    git(repo, "checkout", "-q", "main")
    assert places(gate("--base", "main")) == set()
    assert len(places(gate("--base", "main", "--head", "work"))) == 1


# --- By the rules of the base -----------------------------------------------------------------------------------------


def test_the_change_cannot_excuse_itself(gate: Gate, repo: Path, git: Git) -> None:
    files = {
        ".keysift.toml": 'exclude = ["*"]\ndisable = ["*"]\n',
        "pyproject.toml": '[tool.keysift]\nexclude = ["*"]\n',
        "new": "# keysift: ignore a test account\n" + leak(),
    }
    commit(git, repo, **files)
    answer = gate("--base", "main")
    assert places(answer) == {("new", 2, oid(repo, "HEAD"))}
    assert any("counts only once it is in the base" in reason for reason in found(answer)[0]["reasons"])
    said = answer.stderr.decode()
    assert "note: 1 finding: a comment in the change asks to ignore it" in said
    assert "note: the change touches .keysift.toml; the version in the base was used" in said
    assert "note: the change touches pyproject.toml; the version in the base was used" in said


def test_the_configuration_of_the_base_holds(gate: Gate, repo: Path, git: Git) -> None:
    git(repo, "checkout", "-q", "main")
    commit(git, repo, **{"pyproject.toml": '[tool.keysift]\nexclude = ["vendor*"]\n'})
    git(repo, "checkout", "-q", "work")
    (repo / ".keysift.toml").write_text("no = toml = at all")
    commit(git, repo, vendored=leak(), mine=leak("mine"))
    assert {path for path, _, _ in places(gate("--base", "main"))} == {"mine"}
    (repo / "other.toml").write_text('disable = ["pagerduty-*"]\n')
    assert places(gate("--base", "main", "--config", "other.toml")) == set()


def test_a_project_file_that_does_not_speak_of_keysift_is_no_configuration(gate: Gate, repo: Path, git: Git) -> None:
    commit(git, repo, **{"pyproject.toml": "[project]\n"})
    assert b"note" not in gate("--base", "main").stderr


# --- Which base -------------------------------------------------------------------------------------------------------


def test_without_any_base(gate: Gate) -> None:
    answer = gate()
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert b"help: keysift gate --base" in answer.stderr


@pytest.mark.parametrize("arguments", [("--base", "none"), ("--base", "-x"), ("--base", "main", "--head", "none")])
def test_a_commit_that_is_not_there(gate: Gate, arguments: tuple[str, ...]) -> None:
    answer = gate(*arguments)
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert b"not in this clone" in answer.stderr
    assert b"help: git fetch" in answer.stderr


def test_a_shallow_clone_says_what_mends_it(
    gate: Gate, repo: Path, git: Git, environment: dict[str, str], tmp_path: Path
) -> None:
    commit(git, repo, b="1\n")
    commit(git, repo, c=leak())
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--no-local", "--depth", "1", "-b", "work", str(repo), "clone")
    environment |= {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"}
    answer = gate(cwd=clone)
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert b"the base is not in this clone: origin/main" in answer.stderr
    assert b"git fetch origin main:refs/remotes/origin/main" in answer.stderr
    assert b"`fetch-depth: 0`" in answer.stderr
    git(clone, "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    answer = gate(cwd=clone)
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert b"too shallow to compare origin/main...HEAD" in answer.stderr
    assert b"help: git fetch --unshallow" in answer.stderr
    git(clone, "fetch", "-q", "--unshallow")
    assert places(gate(cwd=clone)) == {("c", 1, oid(repo, "work"))}


def test_the_base_by_an_event_of_github(
    gate: Gate, repo: Path, git: Git, environment: dict[str, str], tmp_path: Path
) -> None:
    event = tmp_path / "event.json"
    environment |= {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event)}
    commit(git, repo, b=leak("b"))
    event.write_text(json.dumps({"before": oid(repo, "HEAD")}))
    commit(git, repo, c=leak("c"))
    assert {path for path, _, _ in places(gate())} == {"c"}
    event.write_text("no JSON")
    assert gate().returncode == 2


def test_the_base_by_a_variable(gate: Gate, repo: Path, git: Git, environment: dict[str, str]) -> None:
    commit(git, repo, b=leak())
    environment["KEYSIFT_BASE"] = "main"
    assert len(places(gate())) == 1
    environment["KEYSIFT_BASE"] = ""
    environment |= {"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": oid(repo, "main")}
    assert len(places(gate())) == 1


@pytest.mark.parametrize("service", ["github", "gitlab", "jenkins"])
def test_an_earlier_push_sets_no_rules_for_the_next(
    service: str, gate: Gate, repo: Path, git: Git, environment: dict[str, str]
) -> None:
    git(repo, "update-ref", "refs/remotes/origin/main", "main")
    git(repo, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    commit(git, repo, **{".keysift.toml": 'exclude = ["*"]\n'})
    before = oid(repo, "HEAD")
    commit(git, repo, b=leak("b"))
    event = repo.parent / "event.json"
    event.write_text(json.dumps({"before": before, "repository": {"default_branch": "main"}}))
    environment |= {
        "github": {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event)},
        "gitlab": {"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": before, "CI_DEFAULT_BRANCH": "main"},
        "jenkins": {"JENKINS_URL": "x", "GIT_PREVIOUS_SUCCESSFUL_COMMIT": before},
    }[service]
    assert {path for path, _, _ in places(gate())} == {"b"}
    git(repo, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert places(gate()) == set(), "a push to the default branch itself: what was there before counts"


def test_histories_without_a_common_commit(gate: Gate, repo: Path, git: Git) -> None:
    git(repo, "checkout", "-q", "--orphan", "alone")
    git(repo, "rm", "-rfq", ".")
    commit(git, repo, b=leak())
    assert len(places(gate("--base", "main"))) == 1


# --- pre-receive ------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(repo: Path, git: Git, script: Path) -> Path:
    """A bare repository that judges what is pushed to it."""
    git(repo.parent, "clone", "-q", "--bare", str(repo), "server.git")
    git(repo.parent / "server.git", "symbolic-ref", "HEAD", "refs/heads/main")
    hook = repo.parent / "server.git" / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\nexec {script} gate --pre-receive\n")
    hook.chmod(0o755)
    git(repo, "remote", "add", "server", str(hook.parent.parent))
    return hook.parent.parent


def push(repo: Path, environment: dict[str, str], *refs: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "push", "server", *refs]
    return subprocess.run(command, cwd=repo, env=environment, capture_output=True, check=False, text=True)


@pytest.mark.usefixtures("server")
def test_a_push_is_refused(repo: Path, git: Git, environment: dict[str, str]) -> None:
    commit(git, repo, b="1\n")
    assert push(repo, environment, "work").returncode == 0
    commit(git, repo, **{"old.conf": "edited\n" + leak("old")})
    assert push(repo, environment, "work").returncode == 0
    commit(git, repo, c=leak())
    for ref in ("work", "work:new-branch", "work:refs/heads/main"):
        done = push(repo, environment, ref)
        assert done.returncode != 0
        assert "pagerduty-integration-key" in done.stderr
        assert oid(repo, "HEAD")[:12] in done.stderr
    assert push(repo, environment, ":work", "main:refs/heads/other").returncode == 0


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("place", ["refs/heads/", "refs/tags/", "refs/other/"])
def test_the_name_of_a_pushed_ref(place: str, repo: Path, environment: dict[str, str]) -> None:
    key = instance("{{github:ghp¦_}}", "ref")[0]
    done = push(repo, environment, f"main:{place}{key}")
    assert done.returncode != 0
    ours = [line for line in done.stderr.splitlines() if line.startswith("remote:")]
    assert any("(names of refs)" in line for line in ours)
    assert not any(key in line for line in ours)
    assert push(repo, environment, f"main:{place}harmless").returncode == 0


@pytest.mark.usefixtures("server")
def test_who_tagged(repo: Path, git: Git, environment: dict[str, str]) -> None:
    key = instance("{{github:ghp¦_}}", "tagger")[0]
    git(repo, "-c", f"user.name={key}", "tag", "-a", "v2", "-m", "x")
    done = push(repo, environment, "v2")
    assert done.returncode != 0
    assert "tag header:4:8" in done.stderr
    assert key not in done.stderr


@pytest.mark.usefixtures("server")
def test_a_pushed_tag_is_read(repo: Path, git: Git, environment: dict[str, str]) -> None:
    git(repo, "tag", "-a", "v1", "-m", leak())
    done = push(repo, environment, "v1")
    assert done.returncode != 0
    assert "tag message" in done.stderr
    (repo / "loose").write_text(leak("loose"))
    git(
        repo,
        "tag",
        "blob",
        subprocess.run(
            ["git", "hash-object", "-w", "loose"], cwd=repo, capture_output=True, check=True, text=True
        ).stdout.strip(),
    )
    done = push(repo, environment, "blob")
    assert done.returncode != 0
    assert "tagged blob" in done.stderr


def test_the_server_judges_by_what_it_has(repo: Path, git: Git, environment: dict[str, str], server: Path) -> None:
    commit(git, repo, **{".keysift.toml": 'disable = ["pagerduty-*"]\n', "b": leak()})
    assert push(repo, environment, "work").returncode != 0
    git(repo, "rm", "-q", "--cached", "b")
    git(repo, "commit", "-q", "--amend", "-m", "x")
    assert push(repo, environment, "work").returncode == 0
    commit(git, repo, b=leak())
    assert push(repo, environment, "work").returncode != 0, "nobody has reviewed the push before"
    git(server, "update-ref", "refs/heads/main", oid(repo, "HEAD~1"))
    assert push(repo, environment, "work").returncode == 0, "by now its configuration is in the default branch"
    assert oid(server, "work") == oid(repo, "work")


def test_lines_of_another_form(gate: Gate) -> None:
    answer = gate("--pre-receive", stdin=b"nonsense\n")
    assert answer.returncode == 2
    assert b"<old> <new> <ref>" in answer.stderr


# --- Strangers --------------------------------------------------------------------------------------------------------


def test_names_of_all_kinds(gate: Gate, repo: Path, git: Git) -> None:
    names = ["new\nline", 'quo"te', "esc\x1b[31m", ":(glob)*", "-m", "\udcff"]
    commit(git, repo, **{name: leak(name.encode("ascii", "replace").decode()) for name in names})
    shown = {path for path, _, _ in places(gate("--base", "main"))}
    assert shown == {*names[:-1], "\\xff"}
    assert b"\x1b" not in gate("--base", "main", "-f", "text").stdout


def test_a_missing_blob_makes_it_incomplete(gate: Gate, repo: Path, git: Git) -> None:
    commit(git, repo, b="x" * 50)
    name = oid(repo, "HEAD:b")
    (repo / ".git" / "objects" / name[:2] / name[2:]).unlink()
    answer = gate("--base", "main")
    assert answer.returncode == 3
    assert json.loads(answer.stdout)["skipped"][0]["path"] == "b"


@pytest.mark.parametrize("command", [("gate", "--base", "main"), ("hook",)])
def test_nothing_of_the_repository_runs(
    keysift: Keysift, repo: Path, git: Git, tmp_path: Path, command: tuple[str, ...]
) -> None:
    marker, planted = tmp_path / "marker", tmp_path / "planted"
    planted.write_text(f"#!/bin/sh\necho ran >> '{marker}'\n")
    planted.chmod(0o755)
    commit(git, repo, **{".gitattributes": "* filter=evil diff=evil merge=evil\n", "b": leak()})
    (repo / "c").write_text(leak("c"))
    git(repo, "add", "c")
    for key in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "core.alternateRefsCommand", "diff.external",
        "diff.evil.command", "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
        "gpg.program", "credential.helper", "uploadpack.packObjectsHook", "merge.evil.driver",
    ):  # fmt: skip
        git(repo, "config", key, str(planted))
    for hook in ("post-index-change", "reference-transaction", "pre-commit", "fsmonitor-watchman"):
        (repo / ".git" / "hooks" / hook).write_text(planted.read_text())
        (repo / ".git" / "hooks" / hook).chmod(0o755)
    marker.unlink(missing_ok=True)
    assert keysift(*command, cwd=repo).returncode == 1
    assert not marker.exists()


# --- A repository that git does not open ------------------------------------------------------------------------------


@pytest.fixture
def _of_someone_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if another user owned every repository."""
    usual = hardening.environment

    def environment(inherit: Collection[str] = ()) -> dict[str, str]:
        return {**usual(inherit), "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}

    monkeypatch.setattr(hardening, "environment", environment)


@pytest.mark.usefixtures("_of_someone_else")
@pytest.mark.parametrize("arguments", [["--base", "main"], ["--base", "main", "--head", "main"]])
def test_a_repository_of_someone_else_is_named_as_the_cause(keysift: Keysift, repo: Path, arguments: list[str]) -> None:
    answer = keysift("gate", *arguments, cwd=repo)
    assert answer.returncode == 3
    assert b"dubious ownership" in answer.stderr
    assert f"--add safe.directory '{repo}'".encode() in answer.stderr


@pytest.mark.usefixtures("_of_someone_else")
def test_a_push_to_a_repository_of_someone_else_fails_closed(keysift: Keysift, repo: Path) -> None:
    line = f"{oid(repo, 'main')} {oid(repo, 'work')} refs/heads/main\n"
    answer = keysift("gate", "--pre-receive", stdin=line.encode(), cwd=repo)
    assert answer.returncode == 3
    assert b"safe.directory" in answer.stderr


def test_a_broken_configuration_of_git_is_named_as_the_cause(keysift: Keysift, repo: Path) -> None:
    (repo / ".git" / "config").write_text("[core\n")
    answer = keysift("gate", "--base", "main", cwd=repo)
    assert answer.returncode == 3
    assert b"bad config line 1" in answer.stderr
