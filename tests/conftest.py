"""The rules, ready to be used: once a process, for 1,200 of them take a tenth of a second.

And real repositories to try them on.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding, Rule
from keysift.rules import ruleset
from keysift.rules.generate import instance


@pytest.fixture(scope="session")
def all_rules() -> tuple[Rule, ...]:
    return tuple(ruleset.load())


@pytest.fixture(scope="session")
def matcher() -> Matcher:
    ready = Matcher(ruleset.load())
    ready.prefilter.prepare()
    return ready


@pytest.fixture(scope="session")
def find(matcher: Matcher) -> Callable[..., list[Finding]]:
    """What is found in a text; `{{hex:32}}` and the like are filled in, so that no key stands in a test."""

    def found(template: str, path: str = "example.txt", seed: str = "test") -> list[Finding]:
        text, _ = instance(template, seed)
        return list(scan_blob(matcher, Blob(path, text.encode())).findings)

    return found


Git = Callable[..., str]


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without the configuration of whoever runs the tests."""
    place = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def git() -> Git:
    """Git as anyone starts it, to build what is to be scanned."""

    def run(directory: Path, *arguments: str, stdin: str = "") -> str:
        command = ["git", "-C", str(directory), "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
        return subprocess.run(command, input=stdin, check=True, capture_output=True, text=True).stdout

    return run


@pytest.fixture
def repo(tmp_path: Path, git: Git) -> Path:
    """A repository without a commit."""
    place = tmp_path / "repo"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    return place


@pytest.fixture
def without_git(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has no git."""
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))
