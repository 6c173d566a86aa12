"""Where a stream comes from, in pieces as they come: a file, a pipe, or a file that grows."""

from __future__ import annotations

import os
import queue
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from keysift.streams.redactor import StreamRedactor

PIECE = 1 << 20
"""Bytes that are read at a time."""
POLL = 0.2
"""Seconds between two looks at a file that grows."""
_PIECES = 4
"""Pieces of a pipe that are read ahead."""


class Source(Protocol):
    """Gives the pieces of a stream."""

    def next(self, timeout: float | None) -> bytes | None:
        """Return the next bytes, none at the end of the stream, and None if there are none after so many seconds."""
        ...


class Plain:
    """A file on a disk, which makes nobody wait."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def next(self, timeout: float | None) -> bytes | None:  # noqa: ARG002 - as `Source` says
        """Return the next bytes. Raises OSError."""
        return self._file.read(PIECE)


class Pipe:
    """What comes when it comes. A thread reads it, since not every system can wait for a pipe with a time limit."""

    def __init__(self, file: BinaryIO) -> None:
        self._pieces: queue.Queue[bytes | OSError] = queue.Queue(_PIECES)
        self._descriptor = file.fileno()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self, timeout: float | None) -> bytes | None:
        """Return the next bytes. Raises OSError."""
        try:
            piece = self._pieces.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(piece, OSError):
            raise piece
        return piece

    def _read(self) -> None:
        piece = b"."
        while piece:
            try:
                piece = os.read(self._descriptor, PIECE)
            except OSError as error:
                self._pieces.put(error)
                return
            self._pieces.put(piece)


class Growing:
    """A file that grows, and its successors: the stream ends where another file takes its name, or it is cut short.

    After the end of a stream, `next` goes on with the next one.
    """

    def __init__(self, path: Path) -> None:
        """Open the file. Raises OSError."""
        self._path = path
        self._file = path.open("rb")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def next(self, timeout: float | None) -> bytes | None:
        """Return the next bytes. Raises OSError."""
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            if piece := self._file.read(PIECE):
                return piece
            if self._has_new_stream():
                return b""
            left = POLL if until is None else min(POLL, until - time.monotonic())
            if left <= 0:
                return None
            time.sleep(left)

    def _has_new_stream(self) -> bool:
        """Go to the beginning of the next stream, if there is one. Return whether there is."""
        own = os.fstat(self._file.fileno())
        if own.st_size < self._file.tell():
            self._file.seek(0)
            return True
        try:
            there = self._path.stat()
            if (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino) or not stat.S_ISREG(there.st_mode):
                return False
            if os.fstat(self._file.fileno()).st_size > self._file.tell():
                return False  # written between the last look and the rotation
            successor = self._path.open("rb")
        except OSError:
            return False  # not made yet
        self._file.close()
        self._file = successor
        return True


def of(file: BinaryIO) -> Source:
    """Return the source of an open file."""
    return Plain(file) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else Pipe(file)


def copy(source: Source, stream: StreamRedactor, write: Callable[[bytes], object], delay: float) -> None:
    """Copy one stream to its end. No byte that nothing makes a part of a key waits longer than `delay` seconds.

    What was read comes out, masked, if it is interrupted as well. Raises OSError, and as `StreamRedactor.feed` does.
    """
    since = time.monotonic()
    try:
        while True:
            now = time.monotonic()
            if stream.waiting and now - since >= delay and not isinstance(source, Plain):
                write(stream.flush())
                since = now
            piece = source.next(max(0.0, since + delay - now) if stream.waiting else None)
            if piece == b"":
                break
            if piece:
                since = since if stream.waiting else time.monotonic()
                if masked := stream.feed(piece):
                    write(masked)
                    since = time.monotonic()
    except KeyboardInterrupt:
        write(stream.finish())
        raise
    write(stream.finish())
