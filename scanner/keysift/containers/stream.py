"""Streams of bytes that are read once and forwards, the members made of them, and what they may cost together."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from keysift.containers.limits import LimitError, Limits
from keysift.records import dataclass

PIECE = 1 << 16
"""Bytes that are read at a time."""


class DamagedError(Exception):
    """A container that breaks the rules of its format; the message says how and quotes none of its bytes."""


@dataclass(slots=True)
class Budget:
    """The cost of opening one file so far, held to its limits."""

    limits: Limits
    size: int | None
    """Bytes of the file itself; None where that is not known beforehand."""
    members: int = 0
    unpacked: int = 0
    """Bytes of all members so far."""
    taken: int = 0
    """Bytes read so far of a file of unknown size."""
    used: float = 0
    """Seconds of this thread's CPU time: on a busy machine no less can be opened than on an idle one."""

    def check_time(self) -> None:
        """Raise LimitError if the time is up."""
        most = self.limits.time(self.taken if self.size is None else self.size)
        if self.used + time.thread_time() > most:
            raise LimitError(f"it took longer than {most:g} s")

    def start_clock(self) -> None:
        """Count the time from now on."""
        self.used -= time.thread_time()

    def stop_clock(self) -> None:
        """Count no more: what follows is not the cost of opening."""
        self.used += time.thread_time()

    def member(self) -> None:
        """Count a member. Raises LimitError."""
        self.members += 1
        if self.members > self.limits.members:
            raise LimitError(f"it has more than {self.limits.members:,} members")

    def spend(self, count: int) -> None:
        """Count `count` unpacked bytes. Raises LimitError."""
        self.unpacked += count
        size = self.taken if self.size is None else self.size
        if self.unpacked > self.limits.allowance(size):
            raise LimitError(f"it unpacks from {size:,} to more than {self.limits.allowance(size):,} bytes")
        self.check_time()


class Readable(Protocol):
    """A file of a library, which returns bytes in pieces of its own choice."""

    def read1(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...


class Stream:
    """Bytes that are read once and forwards. An error ends the stream early and is kept in `trouble`."""

    __slots__ = ("_ahead", "_place", "_pull", "file", "trouble")

    def __init__(self, pull: Callable[[], bytes], file: BinaryIO | None = None) -> None:
        self._pull: Callable[[], bytes] | None = pull
        self._ahead = b""
        self._place = 0
        """How much of `_ahead` has been read: cutting it off each time would copy the rest for every header."""
        self.file = file
        """The same bytes as a file that can be read in any order, if there is one."""
        self.trouble: Exception | None = None
        """The error that ended it early."""

    def head(self, size: int) -> bytes:
        """Return the next `size` bytes, or all if there are fewer, and leave them in the stream."""
        if len(self._ahead) - self._place < size:
            parts = [self._ahead[self._place :]]
            count = len(parts[0])
            while count < size and (piece := self._next()):
                parts.append(piece)
                count += len(piece)
            self._ahead, self._place = b"".join(parts), 0
        return self._ahead[self._place : self._place + size]

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer only at the end."""
        data = self.head(size)
        self._place += len(data)
        if self._place == len(self._ahead):
            self._ahead, self._place = b"", 0  # release it
        return data

    def skip(self, size: int) -> None:
        """Skip `size` bytes, or all if there are fewer."""
        while size > 0 and (data := self.read(min(size, PIECE))):
            size -= len(data)

    def part(self, size: int) -> Stream:
        """Return the next `size` bytes as a stream of their own, to be read before the rest of this one."""
        left = size

        def pull() -> bytes:
            nonlocal left
            data = self.read(min(left, 1 << 20))
            left -= len(data)
            if left and not data:
                raise DamagedError("truncated")
            return data

        return Stream(pull)

    def _next(self) -> bytes:
        if self._pull is None:
            return b""
        try:
            piece = self._pull()
        except LimitError:
            raise
        except Exception as error:  # noqa: BLE001 - hostile bytes make the libraries raise anything
            self.trouble, piece = error, b""
        if not piece:
            self._pull = None
        return piece


def of_bytes(data: bytes) -> Stream:
    """Return bytes as a stream."""
    return of_file(io.BytesIO(data))


def of_file(file: BinaryIO) -> Stream:
    """Return a seekable file as a stream, which keeps a position of its own."""
    position = 0

    def pull() -> bytes:
        nonlocal position
        file.seek(position)
        data = file.read(1 << 20)
        position += len(data)
        return data

    return Stream(pull, file)


def of_pieces(pieces: Iterator[bytes]) -> Stream:
    """Return the pieces of an iterator as a stream."""
    return Stream(lambda: next((piece for piece in pieces if piece), b""))


def of_reader(opening: Callable[[], Readable]) -> Stream:
    """Return the file of a library as a stream. Opened at the first read, so that it is the stream that fails."""
    reader: Readable | None = None

    def pull() -> bytes:
        nonlocal reader
        reader = reader or opening()
        return reader.read1(1 << 20)

    return Stream(pull)


def metered(stream: Stream, budget: Budget) -> Stream:
    """Charge every byte of a stream to a budget from now on; return the stream."""
    pull = stream._pull  # noqa: SLF001 - the same module

    def counted() -> bytes:
        data = pull() if pull else b""
        budget.spend(len(data))
        return data

    stream._pull = counted  # noqa: SLF001 - likewise
    return stream


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a container."""

    name: str
    stream: Stream
    layer: bool = False
    """True for the only file in the container; its members count as the container's own: `a.tar` in `a.tar.gz`."""
    family: str = ""
    """Its family, if the container knows it; else its bytes tell."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file in a container that is not scanned, or the container itself if `name` is empty."""

    name: str
    reason: str
    expected: bool = False
    """True where leaving it out is no loss: see `Skipped.expected`."""


Inside = Iterator[Member | Trouble]
"""The members that the reader of a family yields."""


@dataclass(frozen=True, slots=True)
class Container:
    """The container that a reader is given."""

    stream: Stream
    name: str
    """Its path, or its path within another container."""
    limits: Limits

    def file(self) -> BinaryIO:
        """Return the container as a seekable file. Raises DamagedError if that would take too much memory."""
        file = self.stream.file or io.BytesIO(self.data())
        file.seek(0)
        return file

    def data(self) -> bytes:
        """Return all bytes of the container. Raises DamagedError if that would take too much memory."""
        data = self.stream.read(self.limits.held + 1)
        if len(data) > self.limits.held:
            raise DamagedError(f"it must be held in memory, and is larger than {self.limits.held:,} bytes")
        return data
