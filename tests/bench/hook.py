"""Measures `keysift hook`: five staged files in a repository of 10,000, as whole processes.

    python tests/bench/hook.py [--keysift PROGRAM] [--rounds 25]
    python tests/bench/hook.py --chunks [--keysift PROGRAM] [--rounds 3]

Run it with the Python of an environment where keysift is installed (not editable: a checkout looks whether its rules
are fresh). Prints the least and the median of each; the steps are processes that do as much and no more, so that the
difference between two lines is what a step costs. With `--chunks`, all of 20,000 files are staged, and the hook gets
their names as pre-commit hands them over, in chunks of 128 KiB: prints CPU seconds of all chunks, and without names.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

FILES, STAGED = 10_000, 5
MANY, CHUNK = 20_000, 131_072
_LOAD = """import keysift.cli.hook
from keysift.detect.matcher import Matcher
from keysift.rules import ruleset

Matcher(ruleset.load())"""


def main() -> None:
    """Make the repository, measure and print."""
    parser = argparse.ArgumentParser(description="Measures keysift hook.")
    parser.add_argument("--keysift", default=str(Path(sys.executable).with_name("keysift")))
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--chunks", action="store_true", help="Measure chunks of the names of many staged files.")
    options = parser.parse_args()
    if options.chunks:
        measure_chunks(options.keysift, options.rounds)
        return
    contestants = {
        "git diff-index --cached": ["git", "diff-index", "--cached", "--raw", "-z", "HEAD"],
        "python": [sys.executable, "-c", ""],
        "python, click": [sys.executable, "-c", "import click"],
        "python, all imports of the hook": [sys.executable, "-c", "import keysift.cli.hook"],
        "python, all imports, rules": [sys.executable, "-c", _LOAD],
        "keysift hook": [options.keysift, "hook"],
        "keysift scan, one small file": [options.keysift, "scan", "package0/module1.py"],
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


def measure_chunks(keysift: str, rounds: int) -> None:
    """Print the CPU seconds of the hook on many staged files, without names and in chunks."""
    with tempfile.TemporaryDirectory() as folder:
        names = build_many(Path(folder))
        chunks: list[list[str]] = []
        room = 0
        for name in names:
            room -= len(name) + 1
            if room < 0:
                chunks.append([])
                room = CHUNK - len(name) - 1
            chunks[-1].append(name)
        whole = statistics.median(cpu([keysift, "hook"], folder) for _ in range(rounds))
        parts = statistics.median(
            sum(cpu([keysift, "hook", *chunk], folder) for chunk in chunks) for _ in range(rounds)
        )
        one = statistics.median(cpu([keysift, "hook", names[0]], folder) for _ in range(rounds))
    print(f"{len(names):,} staged files, CPU seconds: without names {whole:.2f}, in {len(chunks)} chunks {parts:.2f}")
    print(f"(ratio {parts / whole:.2f}), one of them {one:.2f}")


def build_many(place: Path) -> list[str]:
    """Return the names of many small staged files."""
    git(place, "init", "-q")
    names = [f"packages/app-{number // 500:03}/src/components/component-file-{number:05}.ts" for number in range(MANY)]
    for number, name in enumerate(names):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(f"export const x = {number};\n")
    git(place, "add", ".")
    return names


def cpu(command: Sequence[str], folder: str) -> float:
    """Return the CPU seconds of a whole process with its children, as pre-commit starts it."""
    before = os.times()
    environment = {**os.environ, "PRE_COMMIT": "1"}
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


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
