import functools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.processes import children

from keysift import pool
from keysift.detect.matcher import Matcher
from keysift.files import listing, reading
from keysift.model import Blob, Run, ScanResult, Skipped
from keysift.rules.generate import instance
from keysift.scan import contents, names, parallel
from keysift.scan.tally import tally

FILES = 400
LIMIT = 1 << 20


@functools.cache
def key(number: int) -> str:
    return instance("{{hex:32}}", str(number))[0]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A file in ten holds a key; one key stands in two files."""
    for number in range(FILES):
        text = f"nothing = {number}\n" if number % 10 else f"PAGERDUTY_TOKEN={key(number // 20)}\n"
        place = tmp_path / f"d{number % 7}" / f"{number:03}.env"
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    return tmp_path


def test_a_fault_in_a_name_loses_no_file(matcher: Matcher, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_: object) -> ScanResult:
        raise RuntimeError

    monkeypatch.setattr(names, "scan_names", faulty)
    for jobs in (1, 2) if sys.platform == "linux" else (1,):
        results = scanned(matcher, tree, jobs)
        assert len(results.findings) == FILES // 20
        assert {one.reason.split("(")[0] for one in results.skipped} == {
            "keysift failed on its name, or those of the 47 files after it, ",
            "keysift failed on its name, or those of the 15 files after it, ",
        }
        assert not results.complete


def run(results: list[ScanResult]) -> Run:
    whole = Run("scan", ("x",))
    tally(whole, results)
    return whole


def scanned(matcher: Matcher, tree: Path, jobs: int) -> Run:
    return run(list(parallel.scan_files(matcher, listing.files(str(tree)), limits=parallel.Limits(LIMIT), jobs=jobs)))


def keysift(tree: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "keysift", "scan", "-f", "json", *arguments, str(tree)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2] / "scanner"
    )


def test_one_process_and_two_find_the_same(matcher: Matcher, tree: Path) -> None:
    alone, pool = scanned(matcher, tree, 1), scanned(matcher, tree, 2)
    assert len(alone.findings) == FILES // 20
    assert all(len(finding.locations) == 2 for finding in alone.findings)
    assert pool.findings == alone.findings
    assert (
        (pool.blobs, pool.bytes, pool.skipped) == (alone.blobs, alone.bytes, alone.skipped) == (FILES, alone.bytes, [])
    )


def test_what_cannot_be_read_is_said_by_both(matcher: Matcher, tree: Path) -> None:
    files = list(listing.files(str(tree)))
    gone = [file for file in files if isinstance(file, reading.File)][3]
    (tree / gone.path).unlink()
    for jobs in (1, 2):
        results = run(
            list(parallel.scan_files(matcher, [*files, Skipped("x", "why")], limits=parallel.Limits(LIMIT), jobs=jobs))
        )
        assert [(one.path, one.reason) for one in results.skipped] == [
            (gone.path, "vanished during the scan"),
            ("x", "why"),
        ]
        assert results.blobs == FILES - 1


def test_a_fault_in_one_file_loses_that_file_alone(
    matcher: Matcher, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = contents.scan_blob

    def faulty(ready: Matcher, blob: Blob) -> ScanResult:
        if blob.path.endswith("000.env"):
            raise RuntimeError("PAGERDUTY_TOKEN and more")
        return real(ready, blob)

    monkeypatch.setattr(contents, "scan_blob", faulty)
    results = scanned(matcher, tree, 1)
    [lost] = results.skipped
    assert lost.path == "d0/000.env"
    assert "RuntimeError" in lost.reason
    assert "PAGERDUTY" not in lost.reason
    assert not results.complete
    assert sum(len(finding.locations) for finding in results.findings) == FILES // 10 - 1


@pytest.mark.skipif(sys.platform != "linux", reason="kills a forked worker")
def test_a_file_that_no_process_survives_is_lost_alone(
    matcher: Matcher, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = contents.scan_blob
    main = os.getpid()

    def deadly(ready: Matcher, blob: Blob) -> ScanResult:
        if blob.path in {"d6/398.env", "d0/000.env"} and os.getpid() != main:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(ready, blob)

    monkeypatch.setattr(contents, "scan_blob", deadly)
    results = scanned(matcher, tree, 2)
    assert {(one.path, one.reason) for one in results.skipped} == {
        ("d6/398.env", "not scanned: the processes that tried died"),
        ("d0/000.env", "not scanned: the processes that tried died"),
    }
    assert not results.complete
    assert results.blobs + len(results.skipped) == FILES
    assert sum(len(finding.locations) for finding in results.findings) == FILES // 10 - 1


@pytest.mark.skipif(sys.platform != "linux", reason="kills forked workers")
def test_processes_that_are_killed_at_random_lose_nothing(
    matcher: Matcher, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = contents.scan_blob
    main = os.getpid()

    def mortal(ready: Matcher, blob: Blob) -> ScanResult:
        if os.getpid() != main and random.SystemRandom().random() < 0.01:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(ready, blob)

    expected = scanned(matcher, tree, 1)
    monkeypatch.setattr(contents, "scan_blob", mortal)
    monkeypatch.setattr(pool, "TRIES", 20)
    results = scanned(matcher, tree, 2)
    assert results.findings == expected.findings
    assert (results.blobs, results.skipped) == (FILES, [])


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes seconds to scan."""
    place = tmp_path_factory.mktemp("big") / "big"
    with place.open("w") as out:
        for number in range(60_000):
            out.write(f"pagerduty routing_key {number:032x} pagerduty.com token {number} " * 12 + "\n")
    return place


def wait_until_opened(process: subprocess.Popen[str], path: Path) -> None:
    """Wait until a process, or a worker of it, has a file open, which it closes when it has scanned it."""
    while not any(has_open(pid, path) for pid in (process.pid, *children(process.pid))):
        assert process.poll() is None, "it was over before it could be interrupted"
        time.sleep(0.02)


def has_open(pid: int, path: Path) -> bool:
    """Return whether a process has a file open."""
    with suppress(OSError):  # it has ended, or closed a file just now
        return any(map(path.samefile, filter(Path.is_file, Path(f"/proc/{pid}/fd").iterdir())))
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
@pytest.mark.parametrize(("jobs", "how"), [(1, signal.SIGINT), (2, signal.SIGINT), (2, signal.SIGTERM)])
def test_ctrl_c_ends_the_run_with_what_was_found_so_far(jobs: int, how: signal.Signals, tree: Path, big: Path) -> None:
    os.link(big, tree / "d0" / "000.big")
    process = keysift(tree, "--jobs", str(jobs))
    wait_until_opened(process, big)
    began = time.monotonic()
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - began < 5, "it went on to the end of what it was reading"
    assert process.returncode == 130, err
    assert "Traceback" not in err
    report = json.loads(out)
    assert report["run"]["complete"] is False


def test_few_files_need_no_other_process(matcher: Matcher, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a pool was started")

    monkeypatch.setattr(parallel, "_pool", never)
    few = list(listing.files(str(tree)))[: parallel.FEW - 1]
    assert run(list(parallel.scan_files(matcher, few, limits=parallel.Limits(LIMIT), jobs=2))).blobs == parallel.FEW - 1
    with pytest.raises(AssertionError, match="a pool"):
        list(parallel.scan_files(matcher, list(listing.files(str(tree))), limits=parallel.Limits(LIMIT), jobs=2))


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few of the blobs are enough to fill a batch, and one for a pool."""
    monkeypatch.setattr(parallel, "LITTLE", 0)
    monkeypatch.setattr(parallel, "BATCH_BYTES", parallel.BATCH_BYTES // 10)


def blobs() -> Iterator[Blob]:
    """One of ten has a key; some are long enough to fill a batch."""
    for number in range(FILES):
        text = f"PAGERDUTY_TOKEN={key(number)}\n" if number % 10 == 0 else "nothing\n" * (1 + number % 97 * 50)
        yield Blob(f"{number:03}", text.encode())


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_blob_has_its_answer_in_its_place(matcher: Matcher, jobs: int) -> None:
    results = list(parallel.scan_blobs(matcher, blobs(), jobs=jobs))
    assert [one.bytes for one in results] == [len(blob.data) for blob in blobs()]
    assert [number for number, one in enumerate(results) if one.findings] == list(range(0, FILES, 10))


@pytest.mark.skipif(sys.platform != "linux", reason="kills a forked worker")
def test_a_blob_that_no_process_survives_is_lost_alone(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    real = contents.scan_blob

    def deadly(ready: Matcher, blob: Blob) -> ScanResult:
        if blob.path == "200":
            os.kill(os.getpid(), signal.SIGKILL)
        return real(ready, blob)

    monkeypatch.setattr(contents, "scan_blob", deadly)
    results = list(parallel.scan_blobs(matcher, blobs(), jobs=2))
    assert [number for number, one in enumerate(results) if one.skipped] == [200]
    assert results[200].skipped[0].reason == "not scanned: the processes that tried died"
    assert [one.bytes for one in results[201:]] == [len(blob.data) for blob in list(blobs())[201:]]
