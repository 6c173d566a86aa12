"""The rules, ready to be used: once a process, for 1,200 of them take a tenth of a second.

And real repositories to try them on.
"""

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from tests.report.browser import Browser

from keysift.detect import confirm
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding, Rule, Span
from keysift.rules import ruleset
from keysift.rules.generate import instance

# A deadline would fail on a busy machine what is right. `.ci/run` tries four times as many examples as one waits for.
settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=100)
settings.load_profile("quick")


def pytest_configure(config: pytest.Config) -> None:
    """Keep byte code and what keysift compiles in pytest's cache, where Python may not keep byte code.

    Otherwise each of the processes that the tests start compiles them for itself, which takes more than a second.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A job in the background starts so, and what it starts: the tests that interrupt keysift could not.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.set_threshold(100_000)  # as the command line does: the rules are many objects, none of them garbage
    if hasattr(config, "cache"):
        place = str(config.cache.mkdir("compiled"))
    else:
        place = tempfile.mkdtemp()
        config.add_cleanup(lambda: shutil.rmtree(place))
    os.environ["KEYSIFT_CACHE_DIR"] = place  # whatever home a test has
    if sys.dont_write_bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = place
        sys.dont_write_bytecode = False


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
MakeSlow = Callable[..., None]
"""Takes the id of a rule, and how many times it is slow."""


@pytest.fixture
def make_slow(monkeypatch: pytest.MonkeyPatch) -> MakeSlow:
    """Return a function that lets a rule take too long wherever it is tried, or only so many times."""
    real = confirm._spans

    def make(rule_id: str, times: int = 1_000_000) -> None:
        slow = iter(range(times))

        def spans(rule: Rule, data: bytes, low: int, high: int, limit: int) -> list[Span]:
            if rule.id == rule_id and next(slow, None) is not None:
                raise confirm.RuleTimeoutError(f"rule {rule_id} took longer than 5 s")
            return real(rule, data, low, high, limit)

        monkeypatch.setattr(confirm, "_spans", spans)

    return make


@pytest.fixture(scope="session")
def git_configuration(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A configuration with which git starts no maintenance, waits for no disk, and copies no samples of hooks."""
    template = tmp_path_factory.mktemp("template")
    (template / "hooks").mkdir()
    (template / "info").mkdir()
    settings = f"[gc]\nauto = 0\n[maintenance]\nauto = false\n[init]\ntemplateDir = {template.as_posix()}\n"
    return settings + "[core]\nfsync = none\n"


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


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser for the tests of one file."""
    with Browser(tmp_path_factory.mktemp("browser")) as found:
        yield found
