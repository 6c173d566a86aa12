"""Standard input."""

from __future__ import annotations

import io

import pytest

from keysift.containers.walk import expand_stream
from keysift.containers.windows import Window
from keysift.files import stdin
from keysift.model import Skipped


def pieces(stream: io.IOBase, limit: int) -> tuple[bytes, list[Skipped]]:
    """What is scanned of a stream, and what is said of the rest."""
    found = list(expand_stream(stdin.reader(stream, limit), "-"))  # type: ignore[arg-type]
    data = b"".join(piece.blob.data[slice(*piece.core)] for piece in found if isinstance(piece, Window))
    return data, [piece for piece in found if isinstance(piece, Skipped)]


class Endless(io.RawIOBase):
    """A stream without end that counts what was taken from it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return b"x" * size


@pytest.mark.parametrize("data", [b"", b"x", b"x" * 100])
def test_everything_up_to_the_limit(data: bytes) -> None:
    assert pieces(io.BytesIO(data), 100) == (data, [])


def test_more_than_the_limit_makes_the_run_incomplete() -> None:
    _, [skipped] = pieces(io.BytesIO(b"x" * 101), 100)
    assert skipped == Skipped("-", "not fully scanned: over the limit of 100 bytes")


def test_no_more_than_the_limit_is_kept() -> None:
    stream = Endless()
    _, [skipped] = pieces(stream, 3_000_000)
    assert "over the limit" in skipped.reason
    assert stream.taken <= 3_000_001


def test_a_stream_that_fails_is_said() -> None:
    class Failing(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    assert pieces(Failing(), 100) == (b"", [Skipped("-", "input/output error")])
