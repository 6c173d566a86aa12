"""Several targets in one run: each has the configuration, the comments and the baseline of its own repository."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.rules.generate import instance

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., None]


@pytest.fixture(params=["scan", "audit"])
def command(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def repos(tmp_path: Path, git: Git) -> tuple[Path, Path]:
    """Two repositories, each with a key of its own and one that both have."""
    places = tmp_path / "one", tmp_path / "two"
    for place in places:
        git(tmp_path, "init", "-q", "-b", "main", place.name)
        own, shared = (instance("{{hex:32}}", seed)[0] for seed in (place.name, "shared"))
        (place / "a.conf").write_text(f"PAGERDUTY_TOKEN={own}\nPAGERDUTY_KEY={shared}\n")
        git(place, "add", "--all")
        git(place, "commit", "-q", "-m", "x")
    return places


def paths(answer: subprocess.CompletedProcess[bytes], part: str = "findings") -> list[list[str]]:
    report = json.loads(answer.stdout)
    return sorted(sorted(place["path"] for place in finding["locations"]) for finding in report[part])


def state(place: Path, settings: str, git: Git) -> None:
    (place / ".keysift.toml").write_text(settings)
    git(place, "add", "--all")
    git(place, "commit", "-q", "-m", "settings")


def test_each_is_remembered_by_itself(keysift: Keysift, git: Git, repos: tuple[Path, Path], tmp_path: Path) -> None:
    command = ("audit", "one", "two", "-f", "json", "--state", "state")
    first = keysift(*command)
    state(repos[1], "# nothing\n", git)
    second = keysift(*command)
    assert paths(second) == paths(first)
    assert len([*(tmp_path / "state").glob("*/repository.state")]) == 2
    said = [note.partition(";")[0] for note in json.loads(second.stdout)["run"]["notes"] if "objects" in note]
    assert said == ["0 objects are new, or are read again", "3 objects are new, or are read again"]
    assert not (tmp_path / "state").stat().st_mode & 0o077


@pytest.mark.parametrize("settings", ['disable = ["pagerduty-*"]', 'exclude = ["*.conf"]'])
def test_what_one_repository_turns_off_is_on_in_the_other(
    keysift: Keysift, git: Git, repos: tuple[Path, Path], command: str, settings: str
) -> None:
    state(repos[0], settings, git)
    for order in (("one", "two"), ("two", "one")):
        answer = keysift(command, *order, "-f", "json")
        assert paths(answer) == [["two/a.conf"], ["two/a.conf"]]
        assert answer.returncode == 1


def test_each_asks_for_its_own_confidence(keysift: Keysift, git: Git, repos: tuple[Path, Path]) -> None:
    for place in repos:
        (place / "a.conf").write_text(f"# for pagerduty\nTOKEN={instance('{{base64url:20}}', place.name)[0]}\n")
    state(repos[0], "min-confidence = 'high'\n", git)
    report = json.loads(keysift("scan", "one", "two", "-f", "json").stdout)
    below = {finding["locations"][0]["path"]: finding["below_threshold"] for finding in report["findings"]}
    assert below == {"one/a.conf": True, "two/a.conf": False}


def test_each_accepts_by_its_own_tables_and_baseline(
    keysift: Keysift, git: Git, repos: tuple[Path, Path], command: str
) -> None:
    state(repos[0], "[[ignore]]\nrule = 'pagerduty-*'\nreason = 'mine'\n", git)
    keysift("baseline", "create", "--why", "theirs", cwd=repos[1])
    report = json.loads(keysift(command, "one", "two", "-f", "json").stdout)
    assert report["findings"] == []
    reasons = {
        place["path"]: suppression["justification"]
        for finding in report["suppressed"]
        for place in finding["locations"]
        for suppression in finding["suppressions"]
        if len({suppression["justification"] for suppression in finding["suppressions"]}) == 1
    }
    assert reasons == {"one/a.conf": "mine", "two/a.conf": "theirs"}


def test_each_has_its_own_threshold(keysift: Keysift, git: Git, repos: tuple[Path, Path], command: str) -> None:
    state(repos[0], "fail-on = 'never'\n", git)
    assert keysift(command, "one").returncode == 0
    assert keysift(command, "one", "two").returncode == 1
    assert keysift(command, "two", "one").returncode == 1
    state(repos[1], "fail-on = 'secret'\n", git)
    assert keysift(command, "two", "one").returncode == 0
    assert keysift(command, "two", "one", "--fail-on", "sensitive").returncode == 1


def test_each_has_its_own_branch(keysift: Keysift, git: Git, repos: tuple[Path, Path], command: str) -> None:
    for place in repos:
        state(place, "[[branch]]\npattern = 'quiet'\nfail-on = 'never'\n", git)
    git(repos[0], "checkout", "-q", "-b", "quiet")
    assert keysift(command, "one").returncode == 0
    assert keysift(command, "one", "two").returncode == 1


def test_a_rule_of_one_repository_is_no_rule_of_the_other(
    keysift: Keysift, git: Git, repos: tuple[Path, Path], command: str
) -> None:
    own = (
        "provider: own\nrevoke: Ask.\nreferences: [x]\nrules:\n  - id: own-key\n    label: secret\n    name: own key\n"
        '    why: "It is."\n    pattern: "own_[0-9a-z]{24}"\n    keywords: ["own_"]\n'
    )
    key = instance("{{loweralnum:24}}", "own")[0]
    for place in repos:
        (place / "b.conf").write_text(f"own_{key}\n")
    (repos[0] / "own.yaml").write_text(own)
    state(repos[0], "rules = ['own.yaml']\n", git)
    git(repos[1], "add", "--all")
    git(repos[1], "commit", "-q", "-m", "b")
    report = json.loads(keysift(command, "two", "one", "-f", "json").stdout)
    found = {place["path"] for finding in report["findings"] for place in finding["locations"]
             if finding["rule_id"] == "own-key"}  # fmt: skip
    assert found == {"one/b.conf"}


def test_what_is_gone_is_told_for_each(keysift: Keysift, repos: tuple[Path, Path]) -> None:
    for place in repos:
        keysift("baseline", "create", "--why", "x", cwd=place)
        (place / "a.conf").write_text("nothing\n")
    report = json.loads(keysift("scan", "one", "two", "-f", "json").stdout)
    assert sorted(gone["path"] for gone in report["gone"]) == ["one/a.conf"] * 2 + ["two/a.conf"] * 2


def test_a_baseline_is_of_one_repository(keysift: Keysift, repos: tuple[Path, Path]) -> None:
    answer = keysift("baseline", "create", "--why", "x", "one", "two")
    assert answer.returncode == 2
    assert b"name those of one repository" in answer.stderr
    assert not (repos[0] / ".keysift-baseline").exists()


def test_files_of_one_directory_share_what_holds_for_it(keysift: Keysift, git: Git, repos: tuple[Path, Path]) -> None:
    state(repos[0], 'disable = ["pagerduty-*"]\n', git)
    answer = keysift("scan", "two/a.conf", "one/a.conf", "one/.keysift.toml", "-f", "json")
    assert {path for found in paths(answer) for path in found} == {"two/a.conf"}
