"""`keysift` in a home of its own, run in the process of the tests."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests import in_process

from keysift.rules.generate import instance

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]
ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "scanner"


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory, git_configuration: str) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(git_configuration, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "NO_COLOR", "XDG_"))}
    return {
        **kept,
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONPATH": str(SOURCES),
        "PYTHONUTF8": "1",
        "TERM": "xterm",
    }


@pytest.fixture
def keysift(environment: dict[str, str], tmp_path: Path) -> Keysift:
    """Run it in `tmp_path`; the answer has returncode, stdout and stderr."""

    def run(*arguments: str | bytes, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
        return in_process.run(*arguments, stdin=stdin, cwd=cwd or tmp_path, environment=environment)

    return run


@pytest.fixture
def git(environment: dict[str, str]) -> Callable[..., None]:
    def run(directory: Path, *arguments: str) -> None:
        command = ["git", "-C", str(directory), "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
        subprocess.run(command, check=True, capture_output=True, env=environment)

    return run


@pytest.fixture
def integration_key() -> str:
    return instance("{{hex:32}}", "integration")[0]


@pytest.fixture
def rest_key() -> str:
    return instance("{{base64url:20}}", "rest")[0]


@pytest.fixture
def leak(tmp_path: Path, integration_key: str) -> Path:
    """A file with one sensitive key."""
    place = tmp_path / "a.conf"
    place.write_text(f"PAGERDUTY_TOKEN={integration_key}\n")
    return place


@pytest.fixture
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An executable `keysift`, as an installation has one."""
    place = tmp_path_factory.mktemp("bin") / "keysift"
    place.write_text(f'#!/bin/sh\nPYTHONPATH="{SOURCES}" exec "{sys.executable}" -m keysift "$@"\n')
    place.chmod(0o755)
    return place
