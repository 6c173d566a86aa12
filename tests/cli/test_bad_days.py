"""The system is short of something, or ends a run: no traceback, and nothing is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.git.test_process import plain
from tests.processes import children

from keysift import cli, shortage
from keysift.accept import acceptances
from keysift.cli import unexpected
from keysift.model import Run, ScanResult
from keysift.scan.tally import tally

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and signals of Linux")
KEYSIFT = [sys.executable, "-P", "-m", "keysift"]
VALUE = "Xk29-fjQpa" + "_77zLmB"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of some hundred files, one of them with a password."""
    place = tmp_path_factory.mktemp("repo")
    plain(place, "init", "-q", "-b", "main")
    for number in range(300):
        (place / f"{number}.txt").write_text(f"number {number}\n" * 50)
    (place / "a.env").write_text(f"DB_PASSWORD={VALUE}\n")
    plain(place, "add", ".")
    plain(place, "commit", "-q", "-m", "first")
    return place


@pytest.mark.parametrize("command", ["scan", "audit"])
@pytest.mark.parametrize("descriptors", [12, 16, 20, 24])
def test_few_descriptors_are_no_finding_and_no_traceback(command: str, descriptors: int, repo: Path) -> None:
    limited = ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh", *KEYSIFT, command, "--jobs", "2", "-f", "json"]
    done = subprocess.run(limited, cwd=repo, capture_output=True, text=True, timeout=100, check=False)
    assert "Traceback" not in done.stderr
    if done.returncode == 1:
        assert json.loads(done.stdout)["findings"]
    else:
        assert (done.returncode, "too many open files" in done.stderr) == (3, True), done.stderr
    if descriptors == 24:
        assert done.returncode == 1


def under(limits: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run keysift after a line of the shell."""
    command = ["sh", "-c", limits.replace("RUN", '"$@"'), "sh", *KEYSIFT, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.parametrize("command", ["scan", "audit"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_report_for_a_closed_output_is_an_error(command: str, form: str, repo: Path) -> None:
    done = under("RUN >&- <&-", command, "-f", form, cwd=repo)
    assert done.returncode == 3, done.stderr
    assert "keysift: cannot write the report to standard output: Bad file descriptor\nhelp: " in done.stderr
    assert "ignored" not in done.stderr


@pytest.mark.parametrize("closed", ["2>&-", "2>&- <&-"])
def test_what_is_said_into_a_closed_stream_is_lost_alone(closed: str, repo: Path) -> None:
    done = under(f"RUN {closed}", "scan", "-f", "json", cwd=repo)
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["findings"]) == 1


@pytest.mark.parametrize("command", ["scan", "audit"])
def test_a_file_that_may_not_grow_is_no_fault(command: str, repo: Path) -> None:
    done = under("ulimit -f 0; RUN", command, "-f", "json", "--jobs", "2", cwd=repo)
    assert done.returncode == (1 if command == "scan" else 3), done.stderr  # git's warnings go to a file
    assert "nobody foresaw" not in done.stderr
    assert command == "scan" or "no directory for temporary files (set TMPDIR" in done.stderr.replace("\n    ", " ")


@pytest.mark.parametrize("command", ["scan", "audit", "hook"])
def test_a_git_that_is_no_program_is_said(command: str, repo: Path, tmp_path: Path) -> None:
    fake = tmp_path / "git"
    fake.write_bytes(b"\0no program")
    fake.chmod(0o700)
    done = under(f"PATH={tmp_path}; export PATH; RUN", command, cwd=repo)
    assert done.returncode == 3, done.stderr
    assert f"{fake} cannot be started: exec format error" in done.stderr


def test_what_was_found_before_the_system_ran_short_is_kept() -> None:
    def results() -> Iterator[ScanResult]:
        yield ScanResult(blobs=1)
        raise MemoryError

    tally(run := Run("scan", ()), results())
    assert (run.blobs, run.stopped, run.complete) == (1, True, False)
    assert [skipped.reason for skipped in run.skipped] == ["not scanned: out of memory (--jobs 1 needs less)"]


def test_a_library_that_finds_no_memory_is_one() -> None:
    short = shortage.of(ImportError("x.so: failed to map segment from shared object"))
    assert short is not None
    assert short.reason == "out of memory"
    assert shortage.of(ImportError("No module named 'x'")) is None


def test_other_errors_of_the_system_are_no_shortage() -> None:
    assert shortage.of(PermissionError(13, "Permission denied")) is None
    assert shortage.of(RuntimeError("another")) is None


def test_an_error_that_nobody_foresaw_quotes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError(VALUE)

    monkeypatch.setattr("keysift.cli.scan.targets.check", fail)
    for debug in ([], ["--debug"]):
        monkeypatch.setattr(sys, "argv", ["keysift", *debug, "scan", str(tmp_path)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr().err
        assert ended.value.code == 2
        assert "ValueError in cli/scan.py:" in said
        assert VALUE not in said
        assert ("in fail" in said) == bool(debug)


def test_the_way_to_an_error_of_a_worker_quotes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    class _RemoteTraceback(Exception):  # noqa: N818 - as the library names it
        pass

    error = KeyError(VALUE)
    error.__cause__ = _RemoteTraceback(f'Traceback:\n  File "x.py", line 3, in y\nKeyError: {VALUE}\n')
    assert unexpected.report(error, debug=True) == 2
    said = capsys.readouterr().err
    assert '  File "x.py", line 3, in y' in said
    assert VALUE not in said


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of so many files that processes are started for them, and of one that takes them half a minute."""
    place = tmp_path_factory.mktemp("large")
    lines = b"the quick brown fox number 1 jumps over the lazy dog\n" * 400
    for number in range(3_000):
        (place / f"{number}.txt").write_bytes(b"%d\n" % number + lines)
    with (place / "slow.log").open("w") as slow:
        for number in range(10_000):
            slow.write(f"pagerduty routing_key {number:032x} pagerduty.com token {number} " * 12 + "\n")
    return place


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT", "SIGKILL"])
def test_whoever_is_ended_leaves_no_process_and_no_half_of_a_file(name: str, large: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [*KEYSIFT, "scan", str(large), "--jobs", "2", "-f", "json", "-o", str(report)]
    started = {"stderr": subprocess.DEVNULL, "start_new_session": True, "preexec_fn": _heed}
    with subprocess.Popen(command, **started) as process:
        workers = _wait_for_children(process)
        process.send_signal(signal.SIGSTOP)  # so that it is not done before it is ended
        process.send_signal(getattr(signal, name))
        process.send_signal(signal.SIGCONT)
        code = process.wait(timeout=60)
    assert workers
    assert code == (-signal.SIGKILL if name == "SIGKILL" else 130)
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{child}").exists() for child in workers):
        assert time.monotonic() < deadline, "a worker outlives its parent"
        time.sleep(0.05)
    assert [path.name for path in tmp_path.iterdir()] == ([] if name == "SIGKILL" else ["report.json"])
    if report.exists():
        assert json.loads(report.read_text())["run"]["interrupted"]


def _heed() -> None:
    """Heed the signals that a shell lets what it starts in the background ignore."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def _wait_for_children(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes that a process has started, once there are any, or it has ended."""
    while not (found := children(process.pid)) and process.poll() is None:
        time.sleep(0.01)
    return found


@pytest.mark.parametrize("command", ["scan", "audit"])
def test_ctrl_c_between_the_scan_and_its_report_loses_nothing(
    command: str, repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def close(*given: object, **options: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        real(*given, **options)

    real: Callable[..., None] = acceptances.close
    monkeypatch.setattr(acceptances, "close", close)
    monkeypatch.setattr(sys, "argv", ["keysift", command, str(repo), "-f", "json"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    report = json.loads(capsys.readouterr().out)
    assert (ended.value.code, report["run"]["interrupted"], len(report["findings"])) == (130, True, 1)


def test_a_file_whose_device_fails_is_said() -> None:
    # The first byte of its memory is nobody's: reading it fails as a broken disk does.
    done = subprocess.run(
        [*KEYSIFT, "scan", "/proc/self/mem"], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 3
    assert "input/output error" in done.stderr
