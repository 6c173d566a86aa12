"""Measures how long small files can make a scan take: bombs of every container, and the worst bytes for detection.

    python tests/bench/bombs.py [--only NAME] [--start NAME] [--size 10] [--longest 1200] [--list]

Each input has at most 10 MB. It is scanned by a process of its own; printed are seconds of CPU, and the most memory of
any of its processes. A limit on CPU ends what does not end by itself.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import bombs_detection
import bombs_files
import bombs_made

ROOT = Path(__file__).parents[2]
Make = Callable[[int], bytes]


def measure(path: Path, longest: int) -> tuple[float, float, int, str]:
    """Scan a file: seconds of CPU, seconds of wall, kilobytes of memory, and what was said."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scanner")}
    command = [sys.executable, "-m", "keysift", "scan", str(path), "-f", "json", "-o", os.devnull, "--jobs", "1"]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (longest, longest))

    started = os.times().elapsed
    child = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, preexec_fn=limit, cwd=path.parent)  # noqa: PLW1509
    assert child.stderr
    said = child.stderr.read().decode(errors="replace")
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = os.times().elapsed - started
    notes = [line.strip() for line in said.splitlines() if "not " in line and "scan" in line]
    return used.ru_utime + used.ru_stime, wall, used.ru_maxrss, f"{child.returncode} {' / '.join(notes)[:110]}"


def main() -> None:
    """See the head of this file."""
    options = argparse.ArgumentParser()
    options.add_argument("--only", default="")
    options.add_argument("--start", default="", help="leave out what comes before this one")
    options.add_argument("--size", type=float, default=10)
    options.add_argument("--longest", type=int, default=1200, help="seconds of CPU after which an input is given up")
    options.add_argument("--list", action="store_true")
    chosen = options.parse_args()
    made: dict[str, Make] = {**bombs_made.BOMBS, **bombs_files.BOMBS, **bombs_detection.WORST}
    names = [name for name in made if chosen.only in name]
    names = names[names.index(chosen.start) :] if chosen.start else names
    if chosen.list:
        print("\n".join(names))
        return
    with tempfile.TemporaryDirectory(prefix="bombs-") as folder:
        for name in names:
            data = made[name](int(chosen.size * 1_000_000))
            place = Path(folder) / name.replace(" ", "-").replace("/", "-")
            place.write_bytes(data)
            cpu, wall, memory, said = measure(place, chosen.longest)
            place.unlink()
            print(
                f"{name:36} {len(data) / 1e6:7.3f} MB {cpu:8.1f} s CPU {wall:8.1f} s {memory / 1024:7.0f} MB  {said}",
                flush=True,
            )


if __name__ == "__main__":
    main()
