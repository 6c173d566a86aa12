"""Standard input."""

from __future__ import annotations

import io

import pytest

from scanner.model import Blob, Skipped
from scanner.sources import stdin


class Endless(io.RawIOBase):
    """A stream without end that counts what was taken from it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return b"x" * size


@pytest.mark.parametrize("data", [b"", b"x", b"x" * 100])
def test_everything_up_to_the_limit(data: bytes) -> None:
    assert stdin.read(io.BytesIO(data), "config.yml", 100) == Blob("config.yml", data)


def test_more_than_the_limit_makes_the_run_incomplete() -> None:
    assert stdin.read(io.BytesIO(b"x" * 101), "-", 100) == Skipped("-", "over the limit of 100 bytes")


def test_no_more_than_the_limit_is_kept() -> None:
    stream = Endless()
    assert isinstance(stdin.read(stream, "-", 3_000_000), Skipped)  # type: ignore[arg-type]
    assert stream.taken == 3_000_001


def test_a_stream_that_fails_is_skipped() -> None:
    class Failing(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    assert stdin.read(Failing(), "-", 100) == Skipped("-", "input/output error")  # type: ignore[arg-type]
