"""`keysift scan` in repositories that GitPython builds: tracked and ignored files, from inside and outside."""

import json
import os
from pathlib import Path

import pytest
from tests import in_process

import git
from keysift.rules import generate


@pytest.fixture
def repository(tmp_path: Path) -> git.Repo:
    repo = git.Repo.init(tmp_path / "repo")
    with repo.config_writer() as config:
        config.set_value("user", "name", "a").set_value("user", "email", "a@b.c")
    return repo


def write(repo: git.Repo, name: str, template: str) -> Path:
    place = Path(repo.working_dir) / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(generate.instance(template, name)[0], encoding="utf-8")
    return place


def scan(repo: git.Repo, *arguments: str, below: str = "") -> tuple[int, dict]:
    place = Path(repo.working_dir) / below
    done = in_process.run("scan", "-f", "json", *arguments, cwd=place, environment=os.environ.copy())
    return done.returncode, json.loads(done.stdout)


def places(report: dict) -> set[tuple[str, str]]:
    return {
        (finding["rule_id"], location["path"]) for finding in report["findings"] for location in finding["locations"]
    }


KEY = "PAGERDUTY_INTEGRATION_KEY={{hex:32}}\n"


def test_given_nothing_it_scans_the_repository_around(repository: git.Repo) -> None:
    write(repository, "tracked.conf.txt", KEY)
    repository.index.add(["tracked.conf.txt"])
    repository.index.commit("first")
    write(repository, "deep/untracked.txt", KEY)
    write(repository, "ignored.txt", KEY)
    write(repository, ".gitignore", "ignored.txt\n")
    status, report = scan(repository, below="deep")
    assert status == 1
    found = {Path(path).name for _, path in places(report)}
    assert found == {"tracked.conf.txt", "untracked.txt"}


def test_a_tracked_env_file_is_a_finding_of_its_own(repository: git.Repo) -> None:
    write(repository, ".env", "eval $(vault read)\n")
    repository.index.add([".env"])
    repository.index.commit("oops")
    status, report = scan(repository)
    assert status == 1
    assert places(report) == {("tracked-secret-file", ".env")}
    assert "git rm --cached" in report["findings"][0]["revoke"]
    write(repository, ".keysift.toml", 'disable = ["tracked-secret-file"]\n')
    assert scan(repository)[0] == 0


def test_excluded_files_are_not_read_not_even_with_no_ignore(repository: git.Repo) -> None:
    write(repository, "vendor/a.txt", KEY)
    write(repository, "src/b.txt", KEY)
    _, report = scan(repository, "--no-ignore", "--exclude", "vendor/")
    assert {path for _, path in places(report)} == {"src/b.txt"}
    _, report = scan(repository, "--exclude", "/src", "--exclude", "!src")
    assert {path for _, path in places(report)} == {"src/b.txt", "vendor/a.txt"}
