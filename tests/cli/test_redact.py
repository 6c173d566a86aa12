"""`keysift redact`: what it copies, rewrites, follows and refuses, and its exit codes."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from tests.cli.conftest import Keysift

from keysift.rules.generate import instance
from keysift.streams import rewriting
from keysift.streams.redactor import StreamRedactor

LINE, [KEY] = instance("PAGERDUTY_TOKEN={{hex:32}}\n", "cli-redact")
MASKED = LINE.replace(KEY, f"{KEY[:3]}{'*' * 27}{KEY[-2:]}")
PROGRAM = [sys.executable, "-P", "-m", "keysift", "redact"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "app.log"
    file.write_text(f"first\n{LINE}then {KEY}\n")
    return file


def test_standard_input_and_files_are_copied(keysift: Keysift, log: Path) -> None:
    done = keysift("redact", stdin=LINE.encode())
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, MASKED, b"")
    done = keysift("redact", "app.log", "-", "app.log", stdin=b"between\n")
    copy = log.read_text().replace(KEY, MASKED[16:-1])
    assert done.stdout.decode() == f"{copy}between\n{copy}"


def test_tags_are_the_same_in_all_files_of_a_run(keysift: Keysift, log: Path) -> None:
    done = keysift("redact", "--style", "tag", "app.log", "app.log")
    tags = {word for word in done.stdout.decode().replace("=", " ").split() if word.startswith("[")}
    assert len(tags) == 1
    assert tags.pop().startswith("[sensitive:pagerduty-integration-key:")
    assert KEY in log.read_text()


def test_hashes_are_the_same_in_all_runs(keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / "hash.key").write_bytes(b"k" * 32)
    first, second = (
        keysift("redact", "--style", "hash", "--key-file", "hash.key", stdin=LINE.encode()).stdout for _ in range(2)
    )
    assert first == second
    assert b"[sensitive:pagerduty-integration-key:" in first
    (tmp_path / "hash.key").write_bytes(b"short")
    for arguments in (["--style", "hash"], ["--key-file", "hash.key"], ["--style", "hash", "--key-file", "hash.key"]):
        done = keysift("redact", *arguments)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"help: " in done.stderr


def test_check_says_by_its_exit_code_alone(keysift: Keysift, log: Path) -> None:
    (log.parent / "clean.log").write_text("nothing\n")
    for arguments, code in ((["app.log"], 1), (["clean.log", "app.log"], 1), (["clean.log"], 0)):
        done = keysift("redact", "--check", *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


def test_labels_rules_and_confidence_choose(keysift: Keysift) -> None:
    def is_masked(*arguments: str) -> bool:
        return keysift("redact", "--check", *arguments, stdin=LINE.encode()).returncode == 1

    assert is_masked("--label", "sensitive")
    assert not is_masked("--label", "secret")
    assert is_masked("--rule", "pagerduty-*")
    assert not is_masked("--rule", "github-*")
    assert not is_masked("--disable", "pagerduty-*")
    assert keysift("redact", "--rule", "x-y").returncode == 2
    assert keysift("redact", "--config", "none.toml").returncode == 2


def test_rules_of_a_configuration_are_heeded_if_it_is_named(keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / ".keysift.toml").write_text('disable = ["pagerduty-*"]\n')
    assert KEY.encode() not in keysift("redact", stdin=LINE.encode()).stdout
    assert KEY.encode() in keysift("redact", "--config", ".keysift.toml", stdin=LINE.encode()).stdout


def test_the_report_has_every_place_and_no_key(keysift: Keysift, log: Path) -> None:
    assert keysift("redact", "--report", "masked.json", "app.log").returncode == 0
    text = (log.parent / "masked.json").read_text()
    assert KEY not in text
    [finding] = json.loads(text)["findings"]
    assert finding["rule_id"] == "pagerduty-integration-key"
    places = [(place["path"], place["start_line"], place["start_column"]) for place in finding["locations"]]
    assert places == [("app.log", 2, 17), ("app.log", 3, 6)]


def test_a_file_is_rewritten_and_its_backup_is_private(keysift: Keysift, log: Path) -> None:
    log.chmod(0o644)
    before = log.read_bytes()
    done = keysift("redact", "--in-place", "app.log")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == (
        "keysift: app.log: 2 places masked; the original, with its keys, is app.log.keysift-backup\n"
    )
    assert log.read_text() == f"first\n{MASKED}then {MASKED[16:]}"
    backup = log.with_name("app.log.keysift-backup")
    assert backup.read_bytes() == before
    assert (stat.S_IMODE(backup.stat().st_mode), stat.S_IMODE(log.stat().st_mode)) == (0o600, 0o644)
    assert keysift("redact", "--in-place", "app.log").stderr == b""  # there is nothing left to mask
    log.write_bytes(before)
    keysift("redact", "--in-place", "app.log")
    assert sorted(file.name for file in log.parent.iterdir()) == [
        "app.log", "app.log.keysift-backup", "app.log.keysift-backup.1",
    ]  # fmt: skip


def test_in_place_a_key_is_masked_before_anything_says_what_it_is(keysift: Keysift, log: Path) -> None:
    log.write_text(f"saw {KEY}\n" + "x = 1\n" * 2_000_000 + LINE)
    keysift("redact", "--in-place", "app.log")
    assert KEY not in log.read_text()


def test_a_link_is_not_rewritten(keysift: Keysift, log: Path) -> None:
    link = log.with_name("link.log")
    link.symlink_to(log)
    done = keysift("redact", "--in-place", "link.log")
    assert done.returncode == 3
    assert b"symbolic link" in done.stderr
    assert KEY in log.read_text()


def test_a_file_that_changes_meanwhile_stays(keysift: Keysift, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finish = StreamRedactor.finish

    def grow(stream: StreamRedactor) -> bytes:
        with log.open("a") as file:
            file.write("more\n")
        return finish(stream)

    monkeypatch.setattr(rewriting.StreamRedactor, "finish", grow)
    done = keysift("redact", "--in-place", "app.log")
    assert done.returncode == 3
    assert b"changed while it was read" in done.stderr
    assert KEY in log.read_text()
    assert [file.name for file in log.parent.iterdir()] == ["app.log"]


def test_an_archive_is_refused_unless_asked_for(keysift: Keysift, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("prod.env", LINE)
    content = (tmp_path / "a.zip").read_bytes()
    done = keysift("redact", "a.zip")
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"archive" in done.stderr
    done = keysift("redact", "--on-error", "open", "a.zip")
    assert (done.returncode, done.stdout) == (3, content)
    assert b"a.zip: not fully searched, and let through" in done.stderr
    assert keysift("redact", "--in-place", "a.zip").returncode == 3
    assert (tmp_path / "a.zip").read_bytes() == content


@pytest.mark.parametrize(
    "arguments",
    [["none.log"], ["."], ["--in-place"], ["--follow"], ["--follow", "a", "b"], ["--check", "--in-place", "app.log"],
     ["--report", "no/where.json"]],
)  # fmt: skip
def test_what_makes_no_sense_is_said(arguments: list[str], keysift: Keysift, log: Path) -> None:
    assert log.exists()
    done = keysift("redact", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"help: " in done.stderr


@contextmanager
def started(
    environment: dict[str, str], *arguments: str, cwd: Path
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]]:
    """A process of its own, with its input and its output."""
    with subprocess.Popen(
        [*PROGRAM, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
        env=environment,
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        try:
            yield process, process.stdin, process.stdout
        finally:
            process.kill()


def test_a_line_does_not_wait_for_the_next_one(environment: dict[str, str], tmp_path: Path) -> None:
    with started(environment, "--max-delay", "50", cwd=tmp_path) as (_, given, told):
        for line, expected in (("one\n", "one\n"), (LINE, MASKED), (f"again {KEY}\n", f"again {MASKED[16:]}")):
            given.write(line.encode())
            given.flush()
            assert told.readline().decode() == expected


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_growing_file_is_followed_over_rotation_until_interrupted(environment: dict[str, str], log: Path) -> None:
    with started(environment, "--follow", "--max-delay", "20", "app.log", cwd=log.parent) as (process, _, told):
        assert [told.readline().decode() for _ in range(3)] == ["first\n", MASKED, f"then {MASKED[16:]}"]
        log.rename(log.with_name("app.log.1"))
        log.write_text(f"new {KEY}\n")
        assert told.readline().decode() == f"new {MASKED[16:]}"
        log.write_text("cut\n")
        assert told.readline() == b"cut\n"
        with log.open("a") as file:
            file.write(f"half a line with {KEY[:20]}")
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        rest = told.read().decode()
        assert process.wait() == 130
        assert rest.startswith("half a line with ")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_what_was_read_comes_out_masked_when_it_is_interrupted(environment: dict[str, str], tmp_path: Path) -> None:
    with started(environment, "--max-delay", "60000", cwd=tmp_path) as (process, given, told):
        given.write(LINE.encode())
        given.flush()
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert told.read().decode() in {MASKED, ""}  # empty if it had not started yet
        assert process.wait() == 130


@pytest.mark.skipif(sys.platform == "win32", reason="pipes")
def test_a_reader_that_has_enough_ends_it_quietly(environment: dict[str, str], log: Path) -> None:
    log.write_text("x = 1\n" * 3_000_000)
    with started(environment, "app.log", cwd=log.parent) as (process, _, told):
        assert told.readline() == b"x = 1\n"
        told.close()
        assert process.wait() == 0
        assert process.stderr
        assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device of Linux")
def test_a_full_disk_is_said(environment: dict[str, str], log: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, "app.log"], stdout=full, stderr=subprocess.PIPE, cwd=log.parent, env=environment, check=False
        )
    assert done.returncode == 3
    assert b"cannot write standard output: No space left on device" in done.stderr


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions")
def test_a_file_that_cannot_be_read_is_said(keysift: Keysift, log: Path) -> None:
    log.chmod(0)
    done = keysift("redact", "app.log")
    assert done.returncode == 3
    assert b"cannot read app.log: Permission denied" in done.stderr
