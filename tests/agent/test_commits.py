"""Before an agent commits or pushes, what that would add is judged."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.agent.conftest import Ask

Git = Callable[..., None]


@pytest.fixture
def repo(tmp_path: Path, git: Git, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "PYTHONPATH", "GIT_CONFIG_NOSYSTEM"):
        monkeypatch.setenv(name, environment[name])
    place = tmp_path / "repo"
    place.mkdir()
    git(place, "init", "-q")
    (place / "a.txt").write_text("A=1\n")
    git(place, "add", ".")
    git(place, "commit", "-qm", "first")
    return place


def command(text: str, cwd: Path) -> dict[str, object]:
    return {"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": text}, "cwd": str(cwd)}


def leaks(answer: str) -> str:
    decision = json.loads(answer)["hookSpecificOutput"] if answer else {}
    reason = decision.get("permissionDecisionReason", "")
    assert not reason or decision["permissionDecision"] == "deny"
    return str(reason)


def test_a_staged_key_is_not_committed(ask: Ask, repo: Path, git: Git, key: str) -> None:
    (repo / "prod.env").write_text(f"PAGERDUTY_TOKEN={key}\n")
    assert ask("claude", command("git commit -m x", repo)).out == ""
    git(repo, "add", ".")
    said = leaks(ask("claude", command("git commit -m x", repo)).out)
    assert "prod.env:1:17: sensitive[pagerduty-integration-key]" in said
    assert key[4:-4] not in said


@pytest.mark.parametrize(
    "text", ["git add -A && git commit -m x", "git commit -am x", "git commit --all -m x", "git commit -m x a.txt"]
)
def test_what_the_command_stages_itself_is_judged(text: str, ask: Ask, repo: Path, key: str) -> None:
    (repo / "a.txt").write_text(f"A=1\nPAGERDUTY_TOKEN={key}\n")
    said = leaks(ask("claude", command(text, repo)).out)
    assert "(pagerduty-integration-key, sensitive) in a.txt, line 2" in said


def test_a_key_that_was_there_before_stops_nothing(ask: Ask, repo: Path, git: Git, key: str) -> None:
    (repo / "a.txt").write_text(f"PAGERDUTY_TOKEN={key}\n")
    git(repo, "commit", "-qam", "second")
    (repo / "a.txt").write_text(f"PAGERDUTY_TOKEN={key}\nB=2\n")
    assert ask("claude", command("git commit -am x", repo)).out == ""


def test_a_push_is_judged_with_all_of_its_commits(ask: Ask, repo: Path, git: Git, key: str, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "remote")
    git(repo, "remote", "add", "origin", str(tmp_path / "remote"))
    git(repo, "push", "-q", "origin", "HEAD")
    assert ask("claude", command("git push", repo)).out == ""
    (repo / "a.txt").write_text(f"PAGERDUTY_TOKEN={key}\n")
    git(repo, "commit", "-qam", "second")
    (repo / "a.txt").write_text("A=1\n")
    git(repo, "commit", "-qam", "third")
    assert "pagerduty-integration-key" in leaks(ask("claude", command("git push", repo)).out)


@pytest.mark.parametrize(
    "text", ["cd {repo} && git commit -m x", "git -C {repo} commit -m x", "(cd '{repo}'; git commit -m x)"]
)
def test_the_repository_is_the_one_that_the_command_means(text: str, ask: Ask, repo: Path, git: Git, key: str) -> None:
    (repo / "prod.env").write_text(f"PAGERDUTY_TOKEN={key}\n")
    git(repo, "add", ".")
    assert leaks(ask("claude", command(text.replace("{repo}", str(repo)), repo.parent)).out)


@pytest.mark.parametrize("text", ["git log --grep commit", "echo git commit", "git status", "ls # commit"])
def test_other_commands_are_not_judged_so(text: str, ask: Ask, repo: Path, git: Git, key: str) -> None:
    (repo / "prod.env").write_text(f"PAGERDUTY_TOKEN={key}\n")
    git(repo, "add", ".")
    out = ask("claude", command(text, repo)).out
    assert out == "" or text == "echo git commit"


def test_outside_of_a_repository_nothing_is_judged(ask: Ask, tmp_path: Path) -> None:
    assert ask("claude", command("git commit -m x", tmp_path)).out == ""


def test_what_cannot_be_judged_is_stopped(ask: Ask, repo: Path) -> None:
    (repo / ".keysift.toml").write_text("broken = [\n")
    said = leaks(ask("claude", command("git commit -m x", repo)).out)
    assert "`keysift hook` failed" in said
