"""Reading files, and what took their place."""

# Strings are what the functions take.
# ruff: noqa: PTH116

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from keysift.files import reading
from keysift.files.reading import File
from keysift.model import Blob, Skipped

POSIX = pytest.mark.skipif(os.name == "nt", reason="there is no such file on Windows")
LIMIT = 1000


def write(root: Path, *paths: str) -> None:
    """Make files, and the directories they need."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")


def blob(target: Path, path: str) -> Blob | Skipped:
    """What reading one of the files gives."""
    return reading.read(File(str(target), path), LIMIT)


@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT])
def test_reading_gives_every_byte(tmp_path: Path, size: int) -> None:
    (tmp_path / "f").write_bytes(b"\r\n" * (size // 2) + b"\x1a" * (size % 2))
    read = blob(tmp_path, "f")
    assert isinstance(read, Blob)
    assert read.data == (tmp_path / "f").read_bytes()


def test_large_files_are_skipped_with_size_and_limit(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * (LIMIT + 1))
    assert blob(tmp_path, "f") == Skipped("f", "1,001 bytes or more, over the limit of 1,000", expected=True)


@pytest.mark.parametrize(("size", "kept"), [(500, True), (5_000_000, False)])
def test_a_file_that_grows_is_read_up_to_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, *, kept: bool
) -> None:
    """Its size is told before it grows."""
    (tmp_path / "f").write_bytes(b"x" * size)
    real = os.fstat
    monkeypatch.setattr(os, "fstat", lambda descriptor: os.stat_result([*real(descriptor)[:6], 10, 0, 0, 0]))
    assert blob(tmp_path, "f") == (
        Blob("f", b"x" * size) if kept else Skipped("f", "1,001 bytes or more, over the limit of 1,000", expected=True)
    )


def test_a_file_that_shrinks_is_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f").write_bytes(b"x" * 10)
    real = os.fstat
    monkeypatch.setattr(os, "fstat", lambda descriptor: os.stat_result([*real(descriptor)[:6], 900, 0, 0, 0]))
    assert blob(tmp_path, "f") == Blob("f", b"x" * 10)


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="only Linux has files that hide their size")
def test_a_file_that_hides_its_size_is_read() -> None:
    read = reading.read(File("/proc", "version"), LIMIT)
    assert isinstance(read, Blob)
    assert b"Linux" in read.data


def test_a_file_that_vanished_leaves_the_run_complete(tmp_path: Path) -> None:
    assert blob(tmp_path, "f") == Skipped("f", "vanished during the scan", expected=True)
    write(tmp_path, "g")
    assert blob(tmp_path, "g/f") == Skipped("g/f", "vanished during the scan", expected=True)


@POSIX
def test_what_took_the_place_of_a_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "plain"
    write(plain, "sub/b.py")
    write(tmp_path, "outside.txt")
    os.mkfifo(plain / "fifo")
    monkeypatch.chdir(plain)  # the name of a socket has to be short
    (plain / "to_outside").symlink_to(tmp_path / "outside.txt")
    (plain / "broken").symlink_to("nothing")
    (plain / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    reasons = {path: blob(plain, path) for path in ("fifo", "socket", "to_outside", "loop", "broken", "sub")}
    assert reasons == {
        "fifo": Skipped("fifo", "a FIFO, not a file", expected=True),
        "socket": Skipped("socket", "a socket or a device, not a file", expected=True),
        "to_outside": Skipped(
            "to_outside", "symbolic link to something outside the target, not followed", expected=True
        ),
        "loop": Skipped("loop", "symbolic link that leads back to itself", expected=True),
        "broken": Skipped("broken", "broken symbolic link", expected=True),
        "sub": Skipped("sub", "a directory, not a file", expected=True),
    }


@pytest.mark.parametrize("call", ["open", "read"])
def test_a_file_that_cannot_be_read_makes_the_run_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def refusing(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    write(tmp_path, "f")
    monkeypatch.setattr(os, call, refusing)
    assert blob(tmp_path, "f") == Skipped("f", "permission denied")


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="root reads everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    write(tmp_path, "f")
    (tmp_path / "f").chmod(0)
    assert blob(tmp_path, "f") == Skipped("f", "permission denied")


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    write(tmp_path, "f")
    before = os.open(tmp_path, os.O_RDONLY)
    os.close(before)
    for path in ("f", ".", "missing"):
        blob(tmp_path, path)
    after = os.open(tmp_path, os.O_RDONLY)
    os.close(after)
    assert after == before


def test_systems_without_these_flags_are_served() -> None:
    assert reading._READING & getattr(os, "O_NONBLOCK", 0) == getattr(os, "O_NONBLOCK", 0)
    assert not reading._READING & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    assert stat.S_ISREG(os.stat(__file__).st_mode)
