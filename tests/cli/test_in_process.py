"""A command that runs in the process of the tests answers as in a process of its own, and leaves nothing behind."""

import gc
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def process(environment: dict[str, str], tmp_path: Path) -> Keysift:
    """Run it in a process of its own; `python -m` would put another name into the usage line."""
    (tmp_path / "empty").touch()
    program = [sys.executable, "-c", "import sys; sys.argv[0] = 'keysift'; from keysift.cli import main; main()"]

    def run(*arguments: str, stdin: bytes) -> subprocess.CompletedProcess[bytes]:
        command = [*program, *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, check=False, cwd=tmp_path, env=environment)

    return run


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (("scan", "empty"), b"", 0),
        (("scan", "a.conf"), b"", 1),
        (("scan", "-f", "json", "--stdin-name", "\udcff", "-"), b"PAGERDUTY_TOKEN=none\n", 0),
        (("scan", "--color", "always", "a.conf"), b"", 1),
        (("scan", "--nothing"), b"", 2),
        (("rules", "show", "none"), b"", 2),
        (("scan", "none.txt"), b"", 2),
        (("audit", "nowhere"), b"", 2),
        (("--version",), b"", 0),
    ],
)
@pytest.mark.usefixtures("leak")
def test_the_answer_is_that_of_a_process(
    arguments: tuple[str, ...], stdin: bytes, code: int, keysift: Keysift, process: Keysift
) -> None:
    here, there = keysift(*arguments, stdin=stdin), process(*arguments, stdin=stdin)
    assert (here.returncode, there.returncode) == (code, code)
    assert without_times(here.stdout) == without_times(there.stdout)
    assert without_times(here.stderr) == without_times(there.stderr)


def without_times(output: bytes) -> bytes:
    """The output, but for what two runs cannot agree on: when they started, and how long they took."""
    return re.sub(rb'"(?:started|duration_s)": [^,]+|\b[\d.]+ s\b', b"", output)


def test_nothing_is_left_behind(keysift: Keysift, environment: dict[str, str], tmp_path: Path) -> None:
    def state() -> list[object]:
        return [
            os.environ.copy(), Path.cwd(), sys.argv, sys.stdin, sys.stdout, sys.stderr, gc.get_threshold(),
            *map(signal.getsignal, (signal.SIGINT, signal.SIGTERM)), *map(os.fstat, range(3)),
        ]  # fmt: skip

    before = state()
    environment["KEYSIFT_TEST"] = "x"
    (tmp_path / "sub").mkdir()
    assert keysift("scan", "-", stdin=b"x", cwd=tmp_path / "sub").returncode == 0
    assert keysift("scan", "--nothing").returncode == 2
    assert state() == before
