"""Files that grow, are rotated and are cut short; and pipes."""

import os
import threading
from pathlib import Path

import pytest

from keysift.streams import sources


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "app.log"
    file.write_bytes(b"one\n")
    return file


def test_what_is_written_later_is_read(log: Path) -> None:
    growing = sources.Growing(log)
    assert growing.next(0) == b"one\n"
    assert growing.next(0) is None
    with log.open("ab") as file:
        file.write(b"two\n")
    assert growing.next(0) == b"two\n"
    growing.close()


def test_a_rotated_file_is_read_to_its_end_and_then_its_successor(log: Path) -> None:
    growing = sources.Growing(log)
    assert growing.next(0) == b"one\n"
    with log.open("ab") as file:
        log.rename(log.with_suffix(".1"))
        file.write(b"late\n")
    assert growing.next(0) == b"late\n"
    assert growing.next(0) is None  # its successor is not there yet
    log.write_bytes(b"new\n")
    assert [growing.next(0), growing.next(0)] == [b"", b"new\n"]
    growing.close()


def test_a_file_that_is_cut_short_is_read_from_its_beginning(log: Path) -> None:
    growing = sources.Growing(log)
    assert growing.next(0) == b"one\n"
    log.write_bytes(b"n\n")
    assert [growing.next(0), growing.next(0), growing.next(0)] == [b"", b"n\n", None]
    growing.close()


def test_a_directory_or_a_pipe_in_its_place_is_not_opened(log: Path) -> None:
    growing = sources.Growing(log)
    growing.next(0)
    log.unlink()
    log.mkdir()
    assert growing.next(0) is None
    growing.close()


def test_a_pipe_says_when_nothing_comes_and_when_it_ends() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as file:
        source = sources.of(file)
        assert isinstance(source, sources.Pipe)
        assert source.next(0.01) is None
        threading.Timer(0.01, os.write, (writing, b"x\n")).start()
        assert source.next(None) == b"x\n"
        os.close(writing)
        assert source.next(None) == b""
