"""The rules, ready to be used: once a process, for 1,200 of them take a tenth of a second.

And real repositories to try them on.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keysift import cache
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding, Rule
from keysift.rules import ruleset
from keysift.rules.generate import instance


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep byte code and the database of keywords in a place that all processes of the tests share.

    Each would compile them for itself where `PYTHONDONTWRITEBYTECODE` is set: half a second for the database alone.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "pycache"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(shared))
        patch.setattr(sys, "dont_write_bytecode", False)
        patch.setattr(sys, "pycache_prefix", str(shared))
        cache._place("database").parent.mkdir(parents=True, exist_ok=True)
        yield


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


@pytest.fixture(scope="session")
def git_configuration(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A configuration with which git starts no maintenance behind a commit, and copies no samples of hooks."""
    template = tmp_path_factory.mktemp("template")
    (template / "hooks").mkdir()
    (template / "info").mkdir()
    return f"[gc]\nauto = 0\n[maintenance]\nauto = false\n[init]\ntemplateDir = {template.as_posix()}\n"


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, git_configuration: str) -> Path:
    """A home without the configuration of whoever runs the tests."""
    place = tmp_path_factory.mktemp("home")
    (place / ".gitconfig").write_text(git_configuration, encoding="utf-8")
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
