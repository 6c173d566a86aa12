"""`keysift audit` as its users call it: reports, exit codes, signals, the progress bar."""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.bench import containers
from tests.processes import children

from keysift.history import audit
from keysift.history.context import AuditContext
from keysift.history.progress import Progress
from keysift.model import ScanResult
from keysift.rules.generate import instance

SOURCES = Path(__file__).parents[2] / "scanner"
Keysift = Callable[..., subprocess.CompletedProcess[bytes]]

Git = Callable[..., None]
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and terminals of POSIX")

SLOW = """
import sys, time
from keysift.history.worker import SweepWorker
import keysift.cli

sweep = SweepWorker.sweep

def slowly(self, number):
    result = sweep(self, number)
    if not result.objects:
        time.sleep(600 if {forever} else 0.1)
    return result

SweepWorker.sweep = slowly
keysift.cli.main()
"""
"""Workers that hang wherever they have found nothing."""


def token(seed: str) -> str:
    return instance("{{github:ghp_}}", seed)[0]


@pytest.fixture
def repo(tmp_path: Path, git: Git) -> Path:
    """A repository whose HEAD has one key, and whose history another."""
    place = tmp_path / "repo"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    for text in (token("old"), token("new")):
        (place / "file").write_text(f"{text}\n")
        for number in range(30):
            (place / f"filler{number}").write_text(f"{text[:4]} {number}\n" * 50)
        git(place, "add", "-A")
        git(place, "commit", "-q", "-m", "change")
    return place


def test_the_report_tells_lives(keysift: Keysift, repo: Path) -> None:
    done = keysift("audit", str(repo), "-f", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert [finding["history"]["in_head"] for finding in report["findings"]] == [True, False]
    assert token("old").encode() not in done.stdout + done.stderr
    text = keysift("audit", cwd=repo)
    assert text.returncode == 1
    assert b"still in HEAD" in text.stdout
    assert b"objects" in text.stderr
    assert b"\x1b" not in text.stdout + text.stderr
    assert text.stdout.index(b"still in HEAD") < text.stdout.index(b"not in HEAD")


def test_damage_makes_the_exit_code_three(keysift: Keysift, repo: Path, git: Git) -> None:
    git(repo, "rm", "-q", "--cached", "file")
    oid = subprocess.run(
        ["git", "-C", str(repo), "rev-parse", "HEAD:filler1"], capture_output=True, check=True, text=True
    ).stdout.strip()
    (repo / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    done = keysift("audit", str(repo), "--fail-on", "never")
    assert done.returncode == 3
    assert b"missing" in done.stderr
    assert b"incomplete" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("audit", "nowhere"), 2, b"no such directory: nowhere"),
        (("audit", "repo", "--since", "soon"), 2, b"no date: soon"),
        (("audit", "repo", "--since", "2 weaks ago"), 2, b"did you mean weeks?"),
        (("audit", "repo", "--branch", "x"), 2, b"no branch or tag: x"),
        (("audit", "repo", "--branch", "mian"), 2, b"did you mean main?"),
    ],
)
def test_errors_are_said_with_help(
    keysift: Keysift, repo: Path, arguments: tuple[str, ...], code: int, said: bytes
) -> None:
    assert repo.name == "repo"
    done = keysift(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert b"help: " in done.stderr


def test_several_repositories(keysift: Keysift, repo: Path, tmp_path: Path, git: Git) -> None:
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(repo), str(other))
    report = json.loads(keysift("audit", "repo", "other", "-f", "json").stdout)
    alone = json.loads(keysift("audit", "repo", "-f", "json").stdout)
    places = {place["path"] for finding in report["findings"] for place in finding["locations"]}
    expected = {place["path"] for finding in alone["findings"] for place in finding["locations"]}
    assert places == expected | {path.replace("repo/", "other/", 1) for path in expected}


def test_the_configuration_accepts(keysift: Keysift, repo: Path) -> None:
    (repo / ".keysift.toml").write_text('[[ignore]]\nrule = "github-*"\npath = "file"\nreason = "made up"\n')
    report = json.loads(keysift("audit", "repo", "-f", "json").stdout)
    assert (len(report["findings"]), len(report["suppressed"])) == (0, 2)
    report = json.loads(keysift("audit", "repo", "-f", "json", "--no-repo-config").stdout)
    assert (len(report["findings"]), len(report["suppressed"])) == (2, 0)


def test_the_replacements_take_the_keys_out_of_the_history(
    keysift: Keysift, repo: Path, git: Git, environment: dict[str, str]
) -> None:
    in_message, encoded = token("message"), token("encoded")
    (repo / "encoded").write_text(f'data = "{base64.b64encode(encoded.encode()).decode()}"\n')
    (repo / "a.zip").write_bytes(containers.zipped("a.env", f"TOKEN={token('zip')}\n".encode()))
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", f"use {in_message}")
    git(repo, "commit", "-q", "--allow-empty", "-m", "nothing")
    done = keysift("audit", str(repo), "--write-replacements", "keys.txt", "-f", "json")
    assert done.returncode == 1
    assert b"--replace-message keys.txt" in done.stderr
    assert b"--path drops them: a.zip" in done.stderr
    keys = repo.parent / "keys.txt"
    assert os.name == "nt" or stat.S_IMODE(keys.stat().st_mode) == 0o600
    program = Path(sys.executable).parent / "git-filter-repo"
    command = [sys.executable, program, "--force", "--replace-text", keys, "--replace-message", keys]
    subprocess.run(command, check=True, capture_output=True, cwd=repo, env=environment)
    report = json.loads(keysift("audit", str(repo), "-f", "json").stdout)
    assert [one["locations"][0]["path"] for one in report["findings"]] == ["repo/a.zip"]
    assert b"REMOVED" in (repo / "encoded").read_bytes()


def test_replacements_that_cannot_be_written_are_said(keysift: Keysift, repo: Path) -> None:
    done = keysift("audit", str(repo), "--write-replacements", "nowhere/keys.txt")
    assert done.returncode == 3
    assert b"nowhere/keys.txt" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no full disk at hand")
def test_a_full_disk_is_said(repo: Path, environment: dict[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "keysift", "audit", str(repo)],
            stdout=full, stderr=subprocess.PIPE, check=False, env=environment, cwd=SOURCES,
        )  # fmt: skip
    assert done.returncode == 3
    assert b"cannot write the report to standard output" in done.stderr
    assert b"Traceback" not in done.stderr


@POSIX
def test_a_reader_that_goes_away_is_no_drama(repo: Path, environment: dict[str, str]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-m", "keysift", "audit", str(repo), "-f", "json"],
        stdout=theirs, stderr=subprocess.PIPE, check=False, env=environment, cwd=SOURCES,
    )  # fmt: skip
    os.close(theirs)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


@POSIX
def test_a_repository_that_changes_meanwhile(repo: Path, git: Git, environment: dict[str, str]) -> None:
    """Objects move from files to packs, and files go, while they are read."""
    for number in range(300):
        (repo / f"more{number}").write_text(f"{number}\n")
    process = started(SLOW.format(forever=False), repo, environment)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "more")
    git(repo, "gc", "-q", "--prune=now")
    for number in range(300):
        (repo / f"more{number}").unlink()
    out, err = process.communicate(timeout=60)
    assert b"Traceback" not in err
    assert {finding["rule_id"] for finding in json.loads(out)["findings"]} == {"github-personal-access-token"}
    assert process.returncode == 1


def test_what_is_excluded_need_not_be_opened(keysift: Keysift, repo: Path, git: Git) -> None:
    for name in ("a.rar", "b.rar"):
        (repo / name).write_bytes(b"Rar!\x1a\x07\x01\x00" + name.encode())
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "archives")
    (repo / ".keysift.toml").write_text('exclude = ["b.rar"]\n')
    done = keysift("audit", "repo", "-f", "json", "--fail-on", "never")
    assert [one["path"] for one in json.loads(done.stdout)["skipped"]] == ["repo/a.rar"]
    assert done.returncode == 3


def started(program: str, repo: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", program, "audit", str(repo), "-f", "json", "--jobs", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=SOURCES,
    )  # fmt: skip


def wait_until(holds: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for what happens soon, unless the machine is busy."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not holds():
        time.sleep(0.05)
    assert holds()


@POSIX
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the system does not list the children of a process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_audit_leaves_no_processes(
    repo: Path, environment: dict[str, str], number: signal.Signals
) -> None:
    process = started(SLOW.format(forever=True), repo, environment)
    wait_until(lambda: len(children(process.pid)) >= 2)
    workers = children(process.pid)
    process.send_signal(number)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert json.loads(out)["run"]["complete"] is False
    wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))


Event = ScanResult | Progress
Step = Callable[..., Iterator[Event]]
Holds = Callable[[AuditContext, Event], bool]


def interrupting(step: Step, prefix: str, holds: Holds) -> Step:
    """Ctrl-C in a step of the audit of one repository, once a condition is true."""

    def run(context: AuditContext, *rest: object) -> Iterator[Event]:
        for event in step(context, *rest):
            yield event
            if context.prefix == prefix and holds(context, event):
                os.kill(os.getpid(), signal.SIGINT)

    return run


SWEPT: tuple[str, Holds] = "_sweep", lambda context, _: bool(context.index.objects)
JUDGED: tuple[str, Holds] = "build_results", lambda _, event: isinstance(event, ScanResult) and bool(event.findings)


@pytest.fixture
def nested(repo: Path, tmp_path: Path, git: Git) -> Path:
    """A repository with a key of its own, which has `repo` as a submodule."""
    place = tmp_path / "nested"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    (place / "own").write_text(f"{token('own')}\n")
    git(place, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repo), "sub")
    git(place, "add", "-A")
    git(place, "commit", "-q", "-m", "all")
    return place


@POSIX
@pytest.mark.parametrize(
    ("step", "prefix", "expected"),
    [
        (SWEPT, "", {("own", False)}),
        (JUDGED, "", {("own", True)}),
        (SWEPT, "sub", {("own", True), ("in sub", False)}),
        (JUDGED, "sub", {("own", True), ("in sub", True), ("in sub", False)}),
    ],
)
def test_an_interrupted_audit_reports_what_it_has(  # noqa: PLR0913, PLR0917 - a table
    nested: Path,
    keysift: Keysift,
    monkeypatch: pytest.MonkeyPatch,
    step: tuple[str, Holds],
    prefix: str,
    expected: set[tuple[str, bool]],
) -> None:
    name, holds = step
    monkeypatch.setattr(audit, name, interrupting(getattr(audit, name), prefix, holds))
    done = keysift("audit", str(nested), "-f", "json", "--jobs", "2", cwd=SOURCES)
    report = json.loads(done.stdout)
    assert done.returncode == 130
    assert report["run"]["complete"] is False
    found = {(finding["locations"][0]["path"], "history" in finding) for finding in report["findings"]}
    assert {("own" if path.endswith("nested/own") else "in sub", has_life) for path, has_life in found} == expected


@POSIX
def test_the_bar_is_for_terminals(repo: Path, environment: dict[str, str]) -> None:
    import pty  # noqa: PLC0415 - not on every platform

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW.format(forever=False), "audit", str(repo), "--jobs", "1"],
        stdout=subprocess.DEVNULL, stderr=theirs, env=environment, cwd=SOURCES,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait() == 1
    assert b"sweeping  [" in shown
    assert b"100%" not in shown
    assert b"tracing lives ..." in shown
    assert b"\r\x1b[K" in shown
    silent = subprocess.run(
        [sys.executable, "-c", SLOW.format(forever=False), "audit", str(repo), "--jobs", "1"],
        capture_output=True, check=False, env=environment, cwd=SOURCES,
    )  # fmt: skip
    assert b"sweeping" not in silent.stderr
