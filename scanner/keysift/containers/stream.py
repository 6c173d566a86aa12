"""What a container is made of: streams of bytes that are read forwards once, and what they may cost."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from keysift.containers.limits import LimitError, Limits

PIECE = 1 << 16


class DamagedError(Exception):
    """A container does not hold what its format promises; the message says what, in our own words."""


class MissingError(Exception):
    """A library is not installed; the message says which."""


@dataclass(slots=True)
class Budget:
    """What one file has cost so far."""

    limits: Limits
    size: int | None
    """Bytes of the file as it is; None where that is not known beforehand."""
    members: int = 0
    unfolded: int = 0
    taken: int = 0
    """Bytes read of a file of unknown size."""
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.limits.seconds

    def check_time(self) -> None:
        """Raises LimitError when there is none left."""
        if time.monotonic() > self.deadline:
            raise LimitError(f"it took longer than {self.limits.seconds:g} s")

    def member(self) -> None:
        """Counts a member. Raises LimitError."""
        self.members += 1
        if self.members > self.limits.members:
            raise LimitError(f"it has more than {self.limits.members:,} members")

    def spend(self, count: int) -> None:
        """Counts unfolded bytes. Raises LimitError."""
        self.unfolded += count
        size = self.taken if self.size is None else self.size
        if self.unfolded > self.limits.allowance(size):
            raise LimitError(f"it unfolds to more than {self.limits.allowance(size):,} bytes from {size:,}")
        self.check_time()


class Readable(Protocol):
    """Whatever gives bytes, in pieces of its own choice."""

    def read1(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


class Stream:
    """Bytes to be read forwards, once, with a look at those that come next. What breaks ends it, and is noted."""

    __slots__ = ("_ahead", "_pull", "file", "trouble")

    def __init__(self, pull: Callable[[], bytes], file: BinaryIO | None = None) -> None:
        self._pull: Callable[[], bytes] | None = pull
        self._ahead = b""
        self.file = file
        """The same bytes as a file that can be read in any order, where there is one."""
        self.trouble: Exception | None = None
        """What ended it too early."""

    def head(self, size: int) -> bytes:
        """The next `size` bytes, or all if there are fewer; they stay."""
        if len(self._ahead) < size:
            parts, count = [self._ahead], len(self._ahead)
            while count < size and (piece := self._next()):
                parts.append(piece)
                count += len(piece)
            self._ahead = b"".join(parts)
        return self._ahead[:size]

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end."""
        data = self.head(size)
        self._ahead = self._ahead[size:]
        return data

    def skip(self, size: int) -> None:
        """Passes over `size` bytes."""
        while size > 0 and (data := self.read(min(size, PIECE))):
            size -= len(data)

    def part(self, size: int) -> Stream:
        """The next `size` bytes as a stream of their own, to be read before anything else of this one."""
        left = size

        def pull() -> bytes:
            nonlocal left
            data = self.read(min(left, PIECE))
            left -= len(data)
            if left and not data:
                raise DamagedError("cut short")
            return data

        return Stream(pull)

    def _next(self) -> bytes:
        if self._pull is None:
            return b""
        try:
            piece = self._pull()
        except LimitError:
            raise
        except Exception as error:  # noqa: BLE001 - hostile bytes make the libraries raise whatever there is
            self.trouble, piece = error, b""
        if not piece:
            self._pull = None
        return piece


def of_bytes(data: bytes) -> Stream:
    """Bytes as a stream."""
    return of_file(io.BytesIO(data))


def of_file(file: BinaryIO) -> Stream:
    """A file that can be read in any order as a stream; the two do not disturb each other."""
    position = 0

    def pull() -> bytes:
        nonlocal position
        file.seek(position)
        data = file.read(1 << 20)
        position += len(data)
        return data

    return Stream(pull, file)


def of_pieces(pieces: Iterator[bytes]) -> Stream:
    """What a generator gives as a stream."""
    return Stream(lambda: next((piece for piece in pieces if piece), b""))


def of_reader(opening: Callable[[], Readable]) -> Stream:
    """What a library reads as a stream; opened when the first byte is wanted, so that a failure is the stream's."""
    reader: Readable | None = None

    def pull() -> bytes:
        nonlocal reader
        reader = reader or opening()
        return reader.read1(PIECE)

    return Stream(pull)


def metered(stream: Stream, budget: Budget) -> Stream:
    """A stream whose bytes are counted."""
    pull = stream._pull  # noqa: SLF001 - the same module

    def counted() -> bytes:
        data = pull() if pull else b""
        budget.spend(len(data))
        return data

    stream._pull = counted  # noqa: SLF001 - likewise
    return stream


@dataclass(frozen=True, slots=True)
class Member:
    """Something inside of a container."""

    name: str
    stream: Stream
    layer: bool = False
    """All there is inside, so that its members count as the container's own: `a.tar` in `a.tar.gz`."""
    family: str = ""
    """What it is, where the container knows; else its bytes tell."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something inside of a container that is not scanned."""

    name: str
    reason: str
    expected: bool = False


Inside = Iterator[Member | Trouble]


@dataclass(frozen=True, slots=True)
class Container:
    """What a family gets to work with."""

    stream: Stream
    name: str
    """The path of the container, or its path inside of another."""
    limits: Limits

    def file(self) -> BinaryIO:
        """The container for reading in any order. Raises DamagedError where that would take too much memory."""
        file = self.stream.file or io.BytesIO(self.data())
        file.seek(0)
        return file

    def data(self) -> bytes:
        """All its bytes. Raises DamagedError where they are too many."""
        data = self.stream.read(self.limits.held + 1)
        if len(data) > self.limits.held:
            raise DamagedError(f"over the limit of {self.limits.held:,} bytes for what has to be held in memory")
        return data
