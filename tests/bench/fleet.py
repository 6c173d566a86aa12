"""How a fleet scales: made repositories, on one worker and on two, and what the driver and the scheduler take of it.

    python tests/bench/fleet.py FOLDER [REPOSITORIES]

makes the repositories in FOLDER, once, and prints a table: seconds, CPU seconds of workers, driver and scheduler, the
efficiency of the second worker, and how many workers one driver and one scheduler could feed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import fleet_cluster
import psutil

COMMITS, FILES = 12, 25
_SETTINGS = (
    'store = "{store}"\nwork = "{work}"\n[[source]]\nkind = "directory"\npath = "{path}"\ninclude = ["{include}"]\n'
)


@dataclass
class Took:
    """What one run took."""

    seconds: float
    of_driver: float
    """CPU seconds of the driver."""
    of_scheduler: float
    of_workers: float
    busy: float
    """The part of the time in which a worker had a task; what else runs here hardly changes it."""


def make(folder: Path, number: int) -> None:
    """Make bare repositories of files of Python's library, changed in a dozen commits, each with a key."""
    library = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    for index in range(number):
        place = folder / f"r{index:03}.git"
        if not place.exists():
            subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(place)], check=True)
            commits = "".join(_commits(random.Random(index), library))
            subprocess.run(["git", "-C", str(place), "fast-import", "--quiet"], input=commits.encode(), check=True)


def _commits(chance: random.Random, library: list[Path]) -> list[str]:
    texts = {file.name: file.read_text(encoding="utf-8") for file in chance.sample(library, FILES)}
    texts["deploy.env"] = f"DB_PASSWORD={chance.randbytes(16).hex()}\n"
    commits = []
    for number in range(COMMITS):
        changed = list(texts) if not number else chance.sample(sorted(texts), 5)
        commits.append(f"commit refs/heads/main\ncommitter A <a@b.example> {1700000000 + number} +0000\ndata 1\nx\n")
        for name in changed:
            lines = texts[name].splitlines(keepends=True)
            lines.insert(chance.randrange(len(lines) + 1), f"# changed {chance.randbytes(4).hex()}\n")
            texts[name] = "".join(lines)
            commits.append(f"M 100644 inline {name}\ndata {len(texts[name].encode())}\n{texts[name]}\n")
    return commits


def run(folder: Path, workers: int, part: str = "*") -> Took:
    """Run the fleet anew, as far as names match, with so many workers and a scheduler, each a process of its own."""
    store, settings = folder / "reports", folder / "fleet.toml"
    shutil.rmtree(store, ignore_errors=True)
    stated = {"store": store, "work": folder / "work", "path": folder / "repositories", "include": part}
    settings.write_text(_SETTINGS.format(**stated))
    place = Path(tempfile.mkdtemp(dir=folder))
    with fleet_cluster.running(place, workers, {}) as cluster:
        while len(list(place.glob("dask-*/worker-*"))) < workers:
            time.sleep(0.1)
        before = [_cpu(process) for process in (cluster.scheduler, *cluster.workers)]
        words = ["fleet", "run", str(settings), "--engine", cluster.address, "--fail-on", "never"]
        began = time.monotonic()
        with subprocess.Popen([sys.executable, "-m", "keysift", *words], env=cluster.environment) as process:
            own = 0.0
            while process.poll() is None:
                own = _cpu(process) or own
                time.sleep(0.2)
        seconds = time.monotonic() - began
        after = [_cpu(process) for process in (cluster.scheduler, *cluster.workers)]
    scheduler, *others = (now - then for now, then in zip(after, before, strict=True))
    return Took(seconds, own, scheduler, sum(others), _busy(store, workers))


def _cpu(process: subprocess.Popen[bytes]) -> float:
    """Return the CPU seconds of a process so far; 0 if it has ended."""
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _busy(store: Path, workers: int) -> float:
    outcomes = [json.loads(file.read_bytes()) for file in (store / "repositories").iterdir()]
    ends = [datetime.fromisoformat(outcome["when"]).timestamp() for outcome in outcomes]
    seconds = [float(outcome["seconds"]) for outcome in outcomes]
    first = min(end - each for end, each in zip(ends, seconds, strict=True))
    return sum(seconds) / (workers * (max(ends) - first))


def main() -> None:
    """See the head of this file."""
    folder, number = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 300
    (folder / "repositories").mkdir(parents=True, exist_ok=True)
    make(folder / "repositories", number)
    print(f"{number} repositories, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("workers  seconds  CPU: workers  driver  scheduler  busy", flush=True)
    few, alone, both = run(folder, 2, "r00*"), run(folder, 1), run(folder, 2)
    for workers, took in ((1, alone), (2, both)):
        cpu = f"{took.of_workers:13.1f} {took.of_driver:7.1f} {took.of_scheduler:10.1f}"
        print(f"{workers:7} {took.seconds:8.1f} {cpu} {took.busy:5.0%}")
    print(f"efficiency of the second worker: {alone.seconds / both.seconds / 2:.0%}")
    # A driver has much to import; what each further task costs is the difference between many and few.
    more = number - 10
    task = (both.of_workers - few.of_workers) / more
    costs = {"driver": both.of_driver - few.of_driver, "scheduler": both.of_scheduler - few.of_scheduler}
    for name, cost in costs.items():
        each = cost / more
        print(f"a task of {task:.2f} CPU s costs the {name} {each * 1000:.1f} ms: it feeds {task / each:.0f} workers")


if __name__ == "__main__":
    main()
