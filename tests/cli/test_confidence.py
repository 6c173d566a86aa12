"""The threshold of confidence and the choice of rules, in every command that looks for keys."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from keysift.rules.generate import instance

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., None]
COMMANDS = {
    "scan": ("scan",),
    "hook": ("hook",),
    "gate": ("gate", "--base", "main"),
    "audit": ("audit",),
}
NOTE = "1 low-confidence finding not shown; --min-confidence low"


@pytest.fixture(params=COMMANDS)
def command(request: pytest.FixtureRequest) -> Sequence[str]:
    return COMMANDS[request.param]


@pytest.fixture
def damaged() -> str:
    """A token whose checksum is wrong, which is of low confidence."""
    return "gh" + "p_" + instance("{{alnum:36}}", "damaged")[0]


@pytest.fixture
def repo(tmp_path: Path, git: Git, environment: dict[str, str], damaged: str) -> Path:
    """On a branch that adds an unsure key, staged and committed, so that every command meets it."""
    for name in [name for name in environment if name.startswith(("GITHUB_", "GITLAB_", "CI", "KEYSIFT_BASE"))]:
        del environment[name]
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "first")
    git(tmp_path, "checkout", "-q", "-b", "work")
    (tmp_path / "a.txt").write_text(f"{damaged}\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "-q", "-m", "second")
    (tmp_path / "b.txt").write_text(f"{damaged}\n")
    git(tmp_path, "add", "--all")
    return tmp_path


def findings(answer: subprocess.CompletedProcess[bytes]) -> list[tuple[str, str, bool]]:
    report: list[dict[str, Any]] = json.loads(answer.stdout)["findings"]
    return [(finding["rule_id"], finding["confidence"], finding["below_threshold"]) for finding in report]


@pytest.mark.usefixtures("repo")
def test_what_is_unsure_fails_no_run_and_is_counted(keysift: Keysift, command: Sequence[str]) -> None:
    answer = keysift(*command)
    assert (answer.returncode, answer.stdout) == (0, b"")
    assert NOTE in answer.stderr.decode().splitlines()
    answer = keysift(*command, "-f", "json")
    assert findings(answer) == [("github-personal-access-token", "low", True)]
    assert answer.returncode == 0


@pytest.mark.usefixtures("repo")
def test_the_command_line_lowers_the_threshold(keysift: Keysift, command: Sequence[str]) -> None:
    answer = keysift(*command, "--min-confidence", "low", "-f", "json")
    assert findings(answer) == [("github-personal-access-token", "low", False)]
    assert answer.returncode == 1
    assert b"not shown" not in answer.stderr


def test_the_configuration_lowers_the_threshold(keysift: Keysift, git: Git, repo: Path, command: Sequence[str]) -> None:
    settings = "[[path]]\npattern = '/*.txt'\nmin-confidence = 'low'\n"
    git(repo, "stash", "-q")
    git(repo, "checkout", "-q", "main")
    (repo / ".keysift.toml").write_text(settings)
    git(repo, "add", "--all")
    git(repo, "commit", "-q", "-m", "settings")
    git(repo, "checkout", "-q", "work")
    git(repo, "rebase", "-q", "main")
    git(repo, "stash", "pop", "-q", "--index")
    assert keysift(*command).returncode == 1
    assert keysift(*command, "--min-confidence", "medium").returncode == 0


@pytest.mark.usefixtures("repo")
def test_a_branch_may_ask_for_less(keysift: Keysift, repo: Path) -> None:
    (repo / ".keysift.toml").write_text("[[branch]]\npattern = 'work'\nmin-confidence = 'low'\n")
    assert keysift("scan").returncode == 1
    shown = keysift("config", "show").stdout.decode()
    assert 'min-confidence = "low"  ' in shown
    assert "[[branch]]" in shown


@pytest.mark.usefixtures("repo")
def test_rules_are_chosen_on_the_command_line(keysift: Keysift, command: Sequence[str]) -> None:
    low = [*command, "--min-confidence", "low"]
    assert keysift(*low, "--rule", "github-*").returncode == 1
    assert keysift(*low, "--rule", "slack-*", "--rule", "stripe-*").returncode == 0
    assert keysift(*low, "--disable", "github-personal-access-token").returncode == 0
    assert keysift(*low, "--rule", "github-*", "--disable", "github-p*").returncode == 0


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("option", ["--rule", "--disable"])
def test_a_rule_that_does_not_exist_is_an_error(keysift: Keysift, command: Sequence[str], option: str) -> None:
    answer = keysift(*command, option, "github-personal-acces-token")
    assert answer.returncode == 2
    [error, advice] = answer.stderr.decode().splitlines()
    assert error == f"keysift: {option} github-personal-acces-token: keysift has no such rule"
    assert advice.startswith("help: did you mean github-personal-access-token")


def test_a_table_that_names_no_rule_is_an_error(keysift: Keysift, repo: Path) -> None:
    (repo / ".keysift.toml").write_text("[[ignore]]\nrule = 'github-personal-acces-token'\n")
    answer = keysift("scan")
    assert answer.returncode == 2
    assert b"[[ignore]] number 1: rule 'github-personal-acces-token': keysift has no such rule" in answer.stderr


@pytest.mark.usefixtures("repo")
def test_a_saved_report_keeps_the_threshold_until_told_otherwise(keysift: Keysift) -> None:
    keysift("scan", "-f", "json", "-o", "one.json")
    keysift("scan", "-f", "json", "-o", "two.json")
    for files in (["one.json"], ["one.json", "two.json"]):
        answer = keysift("report", *files, "--fail-on", "sensitive")
        assert (answer.returncode, answer.stdout) == (0, b"")
        assert NOTE in answer.stderr.decode()
        assert keysift("report", *files, "--fail-on", "sensitive", "--min-confidence", "low").returncode == 1


def test_a_key_that_one_run_counts_counts_in_the_merged_report(keysift: Keysift, repo: Path) -> None:
    keysift("scan", "-f", "json", "-o", "one.json")
    keysift("scan", "-f", "json", "-o", "two.json", "--min-confidence", "low")
    merged = keysift("report", "one.json", "two.json", "-f", "json")
    assert findings(merged) == [("github-personal-access-token", "low", False)]
    assert repo.exists()


def test_the_baseline_accepts_what_is_at_or_above_the_threshold(keysift: Keysift, repo: Path) -> None:
    keysift("baseline", "create", "--why", "known")
    assert len((repo / ".keysift-baseline").read_bytes().splitlines()) == 1
    keysift("baseline", "update", "--why", "known", "--min-confidence", "low")
    assert len((repo / ".keysift-baseline").read_bytes().splitlines()) == 2
    assert keysift("scan", "--min-confidence", "low").returncode == 0


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("form", ["sarif", "github", "gitlab", "junit", "markdown"])
def test_other_formats_say_that_something_is_not_shown(keysift: Keysift, form: str, damaged: str) -> None:
    report = keysift("scan", "-f", form).stdout.decode()
    assert "not shown" in report
    assert damaged[:8] not in report


@pytest.mark.usefixtures("repo")
def test_a_table_for_people_has_what_is_below_the_threshold(keysift: Keysift) -> None:
    rows = keysift("scan", "-f", "csv").stdout.decode().splitlines()[1:]
    assert len(rows) == 2
    assert all("below threshold" in row for row in rows)
