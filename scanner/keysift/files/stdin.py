"""Standard input, in pieces."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from keysift.containers.stream import DamagedError


def reader(stream: BinaryIO, limit: int) -> Callable[[int], bytes]:
    """A function that gives the next bytes, at most as many as it is asked for.

    It raises DamagedError behind `limit` bytes where more follow: too much on standard input makes the run incomplete,
    unlike a large file met on a walk, for it was asked for.
    """
    left = limit

    def read(size: int) -> bytes:
        nonlocal left
        data = stream.read(min(size, left + 1))
        left -= len(data)
        if left < 0:
            raise DamagedError(f"over the limit of {limit:,} bytes")
        return data

    return read
