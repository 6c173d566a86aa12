"""`keysift rules package`, and the options that point at one."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import ROOT, Keysift
from tests.rules.test_package import Signer

from keysift.rules import package


@pytest.fixture
def key() -> str:
    package.load.cache_clear()
    return Signer(3).public


@pytest.fixture
def place(tmp_path: Path, keysift: Keysift) -> Path:
    """A signed package of one of our files."""
    (tmp_path / "rules").mkdir()
    shutil.copy(ROOT / "rules/pagerduty.yaml", tmp_path / "rules")
    done = keysift("rules", "package", "--directory", "rules", "--as", "2026.12.1", "-o", "a.rules")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"sha256 ")
    assert b"minisign -S -m a.rules" in done.stderr
    Signer(3).sign(tmp_path / "a.rules")
    return tmp_path / "a.rules"


def test_a_scan_looks_for_the_keys_of_a_package(
    keysift: Keysift, place: Path, key: str, leak: Path, rest_key: str
) -> None:
    leak.write_text(f"{leak.read_text()}password = '{rest_key}'\n")
    usual = json.loads(keysift("scan", "-f", "json", "a.conf").stdout)
    assert {found["rule_id"] for found in usual["findings"]} == {"pagerduty-integration-key", "generic-password"}
    assert "rules_package" not in usual["tool"]
    done = keysift("scan", "-f", "json", "a.conf", "--rules-package", str(place), "--rules-key", key)
    report = json.loads(done.stdout)
    assert [found["rule_id"] for found in report["findings"]] == ["pagerduty-integration-key"], done.stderr
    assert report["tool"]["rules_package"] == "2026.12.1"


def test_all_that_judge_take_one(  # noqa: PLR0913, PLR0917 - fixtures
    keysift: Keysift, place: Path, key: str, leak: Path, git: Callable[..., None], tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "a")
    git(tmp_path, "branch", "base")
    git(tmp_path, "add", str(leak))
    options = ("--rules-package", str(place), "--rules-key", key)
    judging = {"hook": 1, "explain a.conf": 0, "redact a.conf": 0, "rules list": 0, "audit": 1}
    for words, code in judging.items():
        wrong = keysift(*words.split(), "--rules-package", str(leak), "--rules-key", key)
        assert (wrong.returncode, b"it is not signed" in wrong.stderr) == (2, True), words
        assert keysift(*words.split(), *options).returncode == code, words
    git(tmp_path, "commit", "-qm", "b")
    assert keysift("gate", "--base", "base", *options).returncode == 1
    assert b"pagerduty-integration-key" in keysift("rules", "show", "pagerduty-integration-key", *options).stdout


def test_the_environment_may_name_one(
    keysift: Keysift, place: Path, key: str, leak: Path, environment: dict[str, str]
) -> None:
    environment |= {"KEYSIFT_RULES_PACKAGE": str(place), "KEYSIFT_RULES_KEY": key}
    assert json.loads(keysift("scan", "-f", "json", str(leak)).stdout)["tool"]["rules_package"] == "2026.12.1"


@pytest.mark.parametrize("name", ["rules-package", "rules-key"])
def test_a_repository_may_not(keysift: Keysift, leak: Path, name: str, tmp_path: Path) -> None:
    (tmp_path / ".keysift.toml").write_text(f'{name} = "a.rules"\n')
    done = keysift("scan", str(leak))
    assert done.returncode == 2
    assert f"'{name}'".encode() in done.stderr


def test_a_repository_changes_rules_of_a_package(
    keysift: Keysift, place: Path, key: str, leak: Path, tmp_path: Path
) -> None:
    (tmp_path / ".keysift.toml").write_text('disable = ["pagerduty-*"]\n')
    done = keysift("scan", str(leak), "--rules-package", str(place), "--rules-key", key)
    assert done.returncode == 0, done.stdout


def test_an_installation_has_no_rule_files(keysift: Keysift, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keysift.rules.ruleset.is_checkout", lambda: False)
    done = keysift("rules", "package", "-o", "a.rules")
    assert done.returncode == 2
    assert b"--directory rules" in done.stderr
