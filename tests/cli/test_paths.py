"""Paths in reports: as they read from where the command was started, and for code hosts from the repository's top."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., None]
Shown = Callable[..., Any]


@pytest.fixture
def repository(git: Git, tmp_path: Path, integration_key: str) -> Path:
    """One key in two files of one name."""
    place = tmp_path / "repo"
    for folder in ("a", "b"):
        (place / folder).mkdir(parents=True)
        (place / folder / "x.env").write_text(f"PAGERDUTY_TOKEN={integration_key}\n")
    git(place, "init", "-q")
    git(place, "add", ".")
    return place


def json_paths(report: bytes) -> list[str]:
    content = json.loads(report)
    return [place["path"] for finding in content["findings"] for place in finding["locations"]]


def sarif_paths(report: bytes) -> list[str]:
    places = [place for result in json.loads(report)["runs"][0]["results"] for place in result["locations"]]
    return [place["physicalLocation"]["artifactLocation"]["uri"] for place in places]


def gitlab_paths(report: bytes) -> list[str]:
    return [found["location"]["file"] for found in json.loads(report)["vulnerabilities"]]


def codeclimate_paths(report: bytes) -> list[str]:
    return [issue["location"]["path"] for issue in json.loads(report)]


def github_paths(report: bytes) -> list[str]:
    return re.findall(r"^::\w+ file=([^,]*)", report.decode(), re.MULTILINE)


def junit_paths(report: bytes) -> list[str]:
    return re.findall(r"^at: (.*?):\d+:\d+$", report.decode(), re.MULTILINE)


def text_paths(report: bytes) -> list[str]:
    return re.findall(r"(?:--> |also at: |, )([^ ,]*?):\d+:\d+", report.decode())


HOSTS = {
    "sarif": sarif_paths,
    "gitlab": gitlab_paths,
    "codeclimate": codeclimate_paths,
    "github": github_paths,
    "junit": junit_paths,
}


def test_two_targets_and_one_name_are_two_files(keysift: Keysift, repository: Path) -> None:
    for command in (["scan", "a", "b"], ["scan", str(repository / "a"), "b/x.env"], ["hook"]):
        assert json_paths(keysift(*command, "-f", "json", cwd=repository).stdout) == ["a/x.env", "b/x.env"]
        assert text_paths(keysift(*command, cwd=repository).stdout) == ["a/x.env", "b/x.env"]


def test_outside_of_git_too(keysift: Keysift, tmp_path: Path, integration_key: str) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.env").write_text(f"PAGERDUTY_TOKEN={integration_key}\n")
    assert json_paths(keysift("scan", "a", "b", "-f", "json").stdout) == ["a/x.env", "b/x.env"]
    assert sarif_paths(keysift("scan", "a", "b", "-f", "sarif").stdout) == [
        f"file://{tmp_path}/a/x.env",
        f"file://{tmp_path}/b/x.env",
    ]


@pytest.mark.parametrize("form", HOSTS)
@pytest.mark.parametrize("command", [["scan", "."], ["scan", "x.env"], ["scan", ".."], ["hook"]])
def test_code_hosts_read_from_the_top_of_the_repository(
    form: str, command: list[str], keysift: Keysift, repository: Path
) -> None:
    answer = keysift(*command, "-f", form, cwd=repository / "a")
    assert HOSTS[form](answer.stdout)[0] == "a/x.env"


@pytest.mark.parametrize("form", HOSTS)
def test_a_saved_report_tells_code_hosts_the_same(form: str, keysift: Keysift, repository: Path) -> None:
    inner = repository / "a"
    keysift("scan", "-f", "json", "-o", "saved.json", cwd=inner)
    assert json_paths((inner / "saved.json").read_bytes()) == [f"{repository}/a/x.env", f"{repository}/b/x.env"]
    assert HOSTS[form](keysift("report", "saved.json", "-f", form, cwd=inner).stdout)[0] == "a/x.env"


def test_what_a_branch_adds(keysift: Keysift, git: Git, repository: Path) -> None:
    git(repository, "commit", "-qm", "first", "--allow-empty", "--only")
    git(repository, "branch", "base")
    git(repository, "commit", "-qm", "second")
    command = ("gate", "--base", "base", "-f")
    assert json_paths(keysift(*command, "json", cwd=repository).stdout) == ["a/x.env", "b/x.env"]
    inner = repository / "a"
    assert json_paths(keysift(*command, "json", cwd=inner).stdout) == [
        f"{repository}/a/x.env",
        f"{repository}/b/x.env",
    ]
    assert sarif_paths(keysift(*command, "sarif", cwd=inner).stdout) == ["a/x.env", "b/x.env"]


def test_a_commit_message_keeps_its_name(keysift: Keysift, git: Git, repository: Path, integration_key: str) -> None:
    git(repository, "commit", "-qm", "first")
    git(repository, "branch", "base")
    git(repository, "commit", "-q", "--allow-empty", "-m", f"PAGERDUTY_TOKEN={integration_key}")
    answer = keysift("gate", "--base", "base", "-f", "json", cwd=repository / "a")
    assert json_paths(answer.stdout) == ["commit message"]


@pytest.mark.parametrize(("below", "target"), [("", "a"), ("", "a/x.env"), ("a", "."), ("a", "../b"), ("a", "..")])
def test_a_path_can_be_pasted_into_explain(below: str, target: str, keysift: Keysift, repository: Path) -> None:
    here = repository / below
    for path in text_paths(keysift("scan", target, cwd=here).stdout):
        assert b"verdict" in keysift("explain", f"{path}:1", cwd=here).stdout


@pytest.mark.parametrize("below", ["", "a", "b"])
@pytest.mark.parametrize(
    "text",
    [
        '[[ignore]]\npath = "/a/x.env"\nreason = "x"\n',
        '[[path]]\npattern = "a/"\ndisable = ["*"]\n',
    ],
)
def test_the_configuration_accepts_by_the_path_from_its_own_directory(
    below: str, text: str, keysift: Keysift, repository: Path
) -> None:
    (repository / ".keysift.toml").write_text(text)
    for target in (repository, repository / "a"):
        report = json.loads(keysift("scan", str(target), "-f", "json", cwd=repository / below).stdout)
        (accepted,) = report["suppressed"]
        assert [place.get("repository_path", place["path"]) for place in accepted["locations"]] == ["a/x.env"]
        assert len(report["findings"]) == (target == repository)


@pytest.mark.parametrize("below", ["", "a", "b"])
def test_the_configuration_excludes_by_the_path_from_its_own_directory(
    below: str, keysift: Keysift, repository: Path
) -> None:
    (repository / ".keysift.toml").write_text('exclude = ["/a/*.env"]\n')
    report = keysift("scan", str(repository), "-f", "json", cwd=repository / below).stdout
    assert [Path(path).parent.name for path in json_paths(report)] == ["b"]
    assert json_paths(keysift("scan", str(repository / "a"), "-f", "json", cwd=repository / below).stdout) == []


@pytest.mark.parametrize("below", ["", "a", "b"])
def test_the_baseline_accepts_by_the_path_from_its_own_directory(
    below: str, keysift: Keysift, repository: Path
) -> None:
    here = repository / below
    keysift("baseline", "create", "--path", "a/", "--why", "x", "..", cwd=repository / "a")
    entry = json.loads((repository / ".keysift-baseline").read_text().split("\n")[1])
    assert entry["seen"] == "a/x.env:1"
    report = keysift("scan", str(repository), "-f", "json", cwd=here).stdout
    assert [Path(path).parent.name for path in json_paths(report)] == ["b"]
    for folder in ("a", "b"):
        (repository / folder / "x.env").write_text("")
    gone = json.loads(keysift("scan", str(repository), "-f", "json", cwd=here).stdout)["gone"]
    assert [one.get("repository_path", one["path"]) for one in gone] == ["a/x.env"]


def test_a_tracked_file_is_known_to_the_baseline_wherever_it_was_made(
    keysift: Keysift, git: Git, repository: Path
) -> None:
    (repository / "a" / ".env").write_text("A=\n")
    git(repository, "add", "-f", ".")
    keysift("baseline", "create", "--why", "x", "..", cwd=repository / "a")
    for target, here in ((".", repository), ("a", repository), (".", repository / "a"), ("../a", repository / "b")):
        answer = keysift("scan", target, "-f", "json", cwd=here)
        assert json_paths(answer.stdout) == []
        assert answer.returncode == 0


def test_the_directories_above_make_no_test_of_a_file(keysift: Keysift, tmp_path: Path, integration_key: str) -> None:
    """Rules look at paths, and take what stands in tests less seriously."""
    for place in (tmp_path / "tests" / "plain", tmp_path / "plain"):
        place.mkdir(parents=True)
        (place / "x.env").write_text(f"SERVICE_PASSWORD={integration_key}\n")
    same = [keysift("scan", path, "-f", "json") for path in ("tests/plain", "plain")]
    told = [[found["confidence"] for found in json.loads(answer.stdout)["findings"]] for answer in same]
    assert told[0] == told[1] != []


def test_rules_judge_by_the_whole_path_in_a_repository(
    keysift: Keysift, repository: Path, integration_key: str
) -> None:
    (repository / "tests").mkdir()
    (repository / "tests" / "y.py").write_text(f"service_password = '{integration_key}'\n")
    told = [
        json.loads(keysift("scan", target, "-f", "json", "--exclude", "*.env", cwd=here).stdout)["findings"]
        for target, here in ((".", repository), ("tests", repository), (".", repository / "tests"))
    ]
    assert [[(found["confidence"], found["reasons"]) for found in each] for each in told[1:]] == 2 * [
        [(found["confidence"], found["reasons"]) for found in told[0]]
    ]
    assert told[0]


def test_a_pattern_of_posix_leaves_out_what_git_would(keysift: Keysift, repository: Path) -> None:
    (repository / ".keysift.toml").write_text('exclude = ["[[:alpha:]].env"]\n')
    answer = keysift("scan", cwd=repository)
    assert (answer.returncode, answer.stdout) == (0, b"")


@pytest.mark.parametrize(
    "text",
    [
        'exclude = ["ok", "[oops"]\n',
        '[[path]]\npattern = "[oops"\nfail-on = "never"\n',
        '[[ignore]]\npath = "[oops"\n',
    ],
)
def test_what_is_no_pattern_is_wrong_configuration(text: str, keysift: Keysift, repository: Path) -> None:
    (repository / ".keysift.toml").write_text(text)
    for command in ("scan", "hook"):
        answer = keysift(command, cwd=repository)
        assert answer.returncode == 2
        assert b".keysift.toml" in answer.stderr
        assert b"'[oops' is not a pattern: '[' without ']'" in answer.stderr
        assert b"help: " in answer.stderr


@pytest.mark.parametrize(
    "command", [["scan", "--exclude", "[oops"], ["audit", "--path", "[oops"], ["baseline", "create", "--path", "[oops"]]
)
def test_what_is_no_pattern_is_wrong_usage(command: list[str], keysift: Keysift, repository: Path) -> None:
    answer = keysift(*command, cwd=repository)
    assert answer.returncode == 2
    assert f"{command[-2]}: '[oops' is not a pattern: '[' without ']'".encode() in answer.stderr
