"""Whoever is ended, at whatever moment, leaves no process, no half of a file, and says by its exit code what happened.

The moments are drawn at random; what is asked holds at all of them, on a busy machine as well as on an idle one.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.git.test_process import plain

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc of Linux")
VALUE = "Xk29-fjQpa" + "_77zLmB"
SIGNALS = ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT", "SIGKILL")
COMMANDS = (("scan", "."), ("audit",), ("scan", ".", "--show-secrets"))
MOMENTS = 30
USUAL = 6
"""So many moments are tried always, one with a cache that is empty; the others are thorough."""
PATIENCE = 120
"""Seconds after which something hangs: no machine is so busy."""


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository for which processes are started."""
    place = tmp_path_factory.mktemp("repo")
    plain(place, "init", "-q", "-b", "main")
    for number in range(400):
        (place / f"{number}.txt").write_text(f"number {number}\n" * 300)
    (place / "a.env").write_text(f"DB_PASSWORD={VALUE}\n")
    plain(place, "add", ".")
    plain(place, "commit", "-q", "-m", "first")
    return place


@pytest.fixture(scope="module")
def duration(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    """Seconds that a run takes if nobody ends it; only for the choice of moments."""
    place = tmp_path_factory.mktemp("whole")
    started = time.monotonic()
    with _started(COMMANDS[0], repo, place, Path(os.environ["KEYSIFT_CACHE_DIR"])) as process:
        assert process.stderr
        said = process.stderr.read().decode()
        assert process.wait(PATIENCE) == 1, said
    return time.monotonic() - started


def _started(command: tuple[str, ...], repo: Path, place: Path, cache: Path | None = None) -> subprocess.Popen[bytes]:
    """Start keysift in a session of its own, with its own temporary files, report and, unless given, cache."""
    for name in ("out", "tmp", "cache"):
        (place / name).mkdir()
    environment = {**os.environ, "TMPDIR": str(place / "tmp"), "KEYSIFT_CACHE_DIR": str(cache or place / "cache")}
    words = [sys.executable, "-P", "-m", "keysift", *command, "--jobs", "2", "-f", "json"]
    return subprocess.Popen(
        [*words, "-o", str(place / "out" / "report.json")], cwd=repo, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def _living(session: int) -> list[str]:
    """Return the processes of a session that have not ended."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[3] == str(session) and fields[0] not in "ZX":
            found.append(place.parent.name)
    return found


@pytest.mark.parametrize(
    "moment", [*range(USUAL), *(pytest.param(moment, marks=pytest.mark.thorough) for moment in range(USUAL, MOMENTS))]
)
def test_nothing_is_left_at_any_moment(moment: int, repo: Path, duration: float, tmp_path: Path) -> None:
    chance = random.Random(moment)
    name, command = SIGNALS[moment % len(SIGNALS)], COMMANDS[moment % len(COMMANDS)]
    number = getattr(signal, name)
    cache = tmp_path / "cache" if moment % 6 == 0 else Path(os.environ["KEYSIFT_CACHE_DIR"])
    with _started(command, repo, tmp_path, cache) as process:
        time.sleep(chance.random() ** 1.5 * duration * 1.2)
        process.send_signal(number)
        assert process.stderr
        said = process.stderr.read().decode()
        code = process.wait(PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while _living(process.pid):
        assert time.monotonic() < deadline, "a process outlives its parent"
        time.sleep(0.05)
    # Ended, before keysift ran at all, or when it was done. Python ends by SIGINT, which is 130 to a shell, if the
    # interrupt came within a piece of code that a library made as text: run_eval_code_obj of CPython's pythonrun.c.
    assert code in {130, -number, -signal.SIGINT, 1}, said
    assert VALUE not in said
    report = tmp_path / "out" / "report.json"
    assert [path.name for path in (tmp_path / "out").iterdir()] in ([], ["report.json"])
    if report.exists():
        run = json.loads(report.read_text())
        assert run["findings"] or run["run"]["interrupted"]
    if code == 1 and not report.exists():
        # Python itself ends so if it is interrupted while it starts.
        assert "KeyboardInterrupt" in said
        assert "keysift" not in said
    assert not [*(tmp_path / "tmp").iterdir()]
    if name != "SIGKILL":
        assert not [path for path in cache.rglob("*") if path.name.endswith(".tmp")]
