"""Measures `keysift hook`: five staged files in a repository of 10,000, as whole processes.

    python tests/bench/hook.py [--keysift PROGRAM] [--rounds 25]

Run it with the Python of an environment where keysift is installed (not editable: a checkout looks whether its rules
are fresh). Prints the least and the median of each; the steps are processes that do as much and no more, so that the
difference between two lines is what a step costs.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

FILES, STAGED = 10_000, 5
_LOAD = """import keysift.cli.hook
from keysift.detect.matcher import Matcher
from keysift.rules import ruleset

Matcher(ruleset.load())"""


def main() -> None:
    """Make the repository, measure and print."""
    parser = argparse.ArgumentParser(description="Measures keysift hook.")
    parser.add_argument("--keysift", default=str(Path(sys.executable).with_name("keysift")))
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    contestants = {
        "git diff-index --cached": ["git", "diff-index", "--cached", "--raw", "-z", "HEAD"],
        "python": [sys.executable, "-c", ""],
        "python, click": [sys.executable, "-c", "import click"],
        "python, all imports of the hook": [sys.executable, "-c", "import keysift.cli.hook"],
        "python, all imports, rules": [sys.executable, "-c", _LOAD],
        "keysift hook": [options.keysift, "hook"],
    }
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        seconds = {
            name: [measure(command, folder) for _ in range(options.rounds)] for name, command in contestants.items()
        }
    print(f"{STAGED} staged files of {FILES:,}, milliseconds: least, median")
    for name, taken in seconds.items():
        print(f"{name:34}{min(taken) * 1000:7.0f}{statistics.median(taken) * 1000:7.0f}")


def build(place: Path) -> None:
    """Return a repository of source files, some of them changed and staged."""
    git(place, "init", "-q")
    for number in range(FILES):
        file = place / f"package{number // 100}" / f"module{number % 100}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(f"def function_{line}(token):\n    return {number * line}\n" for line in range(40)))
    git(place, "add", ".")
    git(place, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "x")
    for number in range(STAGED):
        with (place / f"package{number}" / "module1.py").open("a") as out:
            out.write("def added(password):\n    return password\n")
    git(place, "add", ".")


def git(place: Path, *arguments: str) -> None:
    """Git, in a place, to its end."""
    subprocess.run(["git", *arguments], cwd=place, check=True)


def measure(command: Sequence[str], folder: str) -> float:
    """Return seconds of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
