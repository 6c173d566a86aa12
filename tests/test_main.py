"""The process of the command: what happens before and after the command line."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keysift.version import VERSION


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_an_interrupt_while_modules_are_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text(f"import os\nos.kill(os.getpid(), {signal.SIGINT:d})\n", encoding="ascii")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    command = [sys.executable, "-P", "-m", "keysift", "scan"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"keysift: interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_an_interrupt_before_the_command_is_there_is_said_without_a_traceback(tmp_path: Path) -> None:
    early = f"import os, time\nos.kill(os.getpid(), {signal.SIGINT:d})\ntime.sleep(60)\n"
    (tmp_path / "resource.py").write_text(early, encoding="ascii")  # which `__main__` imports
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    command = [sys.executable, "-P", "-m", "keysift", "scan"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"keysift: interrupted\n")


def test_the_command_has_the_version_of_the_package() -> None:
    done = subprocess.run([sys.executable, "-P", "-m", "keysift", "--version"], capture_output=True, check=True)
    assert done.stdout.decode().split() == ["keysift", VERSION]


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_what_comes_when_all_is_written_changes_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("nothing\n")
    late = f"import atexit, os, signal; atexit.register(lambda: os.kill(os.getpid(), signal.{name}))"
    program = f"{late}\nimport sys; sys.argv = ['keysift', 'scan', 'a']\nfrom keysift.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
