"""Walks through containers within containers: yields the windows of each file, then those of its members."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

from keysift.containers import extras, kinds
from keysift.containers.limits import LIMITS, LimitError, Limits
from keysift.containers.stream import (
    Budget,
    Container,
    DamagedError,
    Inside,
    Member,
    Stream,
    Trouble,
    metered,
    of_bytes,
    of_file,
)
from keysift.containers.windows import FIRST, Window, whole, windows
from keysift.model import Blob, Skipped
from keysift.records import dataclass

_READERS = {
    kinds.ZIP: "zips", kinds.TAR: "tars", kinds.GZIP: "compressed", kinds.BZIP2: "compressed", kinds.XZ: "compressed",
    kinds.LZMA: "compressed", kinds.ZSTD: "compressed", kinds.RPM: "packages", kinds.AR: "packages",
    kinds.CPIO: "packages", kinds.SEVENZIP: "sevenzip", kinds.ISO: "iso", kinds.PDF: "pdf", kinds.MAIL: "mail",
    kinds.MBOX: "mail", kinds.SQLITE: "sqlite", kinds.PLIST: "plist", kinds.PICKLE: "python", kinds.BYTECODE: "python",
    kinds.PNG: "png", kinds.MARKUP: "markup",
}  # fmt: skip
"""The module that reads each family, imported when the first such container is met."""
_QUIET = frozenset({kinds.PICKLE, kinds.BYTECODE, kinds.MARKUP, kinds.MAIL, kinds.MBOX, kinds.PNG})
"""Families whose first bytes prove little: one that cannot be read is something else, and goes unreported."""

Piece = Window | Skipped
NOT_WANTED = "not opened, as requested"
"""Said of every container if none is to be opened."""
_UNNAMED = "(no name)"
"""Stands for the name of a member that has none, which would else be taken for its container."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A file on the way down, which may be a container."""

    path: str
    """The path of the outermost file."""
    member: str
    """Its own name within that; empty for the outermost file."""
    prefix: str
    """The start of its members' names."""
    depth: int
    """The number of containers around it."""

    def skipped(self, reason: str, *, name: str = "", expected: bool = False) -> Skipped:
        """Return the record that the file, or its member `name`, is not scanned."""
        inside = self.prefix + name if name else self.member
        return Skipped(f"{self.path}!/{inside}" if inside else self.path, reason, expected)

    def inner(self, member: Member) -> _Item:
        """Return the item for a member."""
        name = self.prefix + (member.name if member.name or member.layer else _UNNAMED)
        return _Item(self.path, name, self.prefix if member.layer else f"{name}!/", self.depth + 1)


def expand(blob: Blob, limits: Limits = LIMITS) -> Iterator[Piece]:
    """Yield the windows of a blob and of everything in it, and a record of each part that cannot be read."""
    budget = Budget(limits, len(blob.data))
    yield from _paced(_expand(of_bytes(blob.data), blob.path, budget, kinds.kind(blob.data, blob.data)), budget)


def expand_file(file: BinaryIO, path: str, limits: Limits = LIMITS) -> Iterator[Piece]:
    """Do the same for an open file of any length, in bounded memory. Raises OSError."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 22))
    tail = file.read(22)
    file.seek(0)
    family = kinds.kind(file.read(33_000), tail)
    budget = Budget(limits, size)
    yield from _paced(_expand(of_file(file), path, budget, family), budget)


def expand_stream(read: Callable[[int], bytes], path: str, limits: Limits = LIMITS) -> Iterator[Piece]:
    """Do the same for a stream; `read(n)` returns at most n bytes, none at the end. Raises OSError."""
    budget = Budget(limits, None)

    def pull() -> bytes:
        data = read(1 << 16)
        budget.taken += len(data)
        return data

    stream = Stream(pull)
    head = stream.head(FIRST)
    yield from _paced(_expand(stream, path, budget, kinds.kind(head, head if len(head) < FIRST else b"")), budget)


def _paced(pieces: Iterator[Piece], budget: Budget) -> Iterator[Piece]:
    """Yield the pieces; the clock of the budget stands still while the caller scans one."""
    while True:
        budget.start_clock()
        try:
            piece = next(pieces)
        except StopIteration:
            return
        finally:
            budget.stop_clock()
        yield piece


def _expand(stream: Stream, path: str, budget: Budget, family: str | None) -> Iterator[Piece]:
    item = _Item(path, "", "", 0)
    try:
        if stream.file is not None and family is not None:
            # Its own bytes as well: they hold what is before, between and after the members, or was deleted.
            for window in windows(of_file(stream.file).read, path):
                yield replace(window, opened=True)
            yield from _inside(stream, item, budget, family)
        else:
            yield from _walk(stream, item, budget, family)
    except LimitError as error:
        yield Skipped(path, f"not fully scanned: {error}")


def _walk(stream: Stream, item: _Item, budget: Budget, family: str | None) -> Iterator[Piece]:
    """Yield the windows of a file's own bytes, then those of its members."""
    head = stream.head(FIRST)
    if len(head) < FIRST:
        yield whole(Blob(item.path, head, item.member), opened=family is not None)
        stream = _rewound(stream, head) if family is not None else stream
    elif family is None:
        yield from windows(stream.read, item.path, item.member)
    if family is not None:
        yield from _inside(stream, item, budget, family)
    if stream.trouble is not None:
        yield item.skipped(_why(stream.trouble))


def _rewound(stream: Stream, data: bytes) -> Stream:
    """Return a stream whose bytes are all in `data` as a seekable one, with the same trouble at its end."""
    rewound = of_bytes(data)
    rewound.trouble = stream.trouble
    return rewound


def _inside(stream: Stream, item: _Item, budget: Budget, family: str) -> Iterator[Piece]:
    """Yield the windows of the members of a container, or a record that it cannot be opened."""
    if not family:
        yield item.skipped(f"{kinds.unread(stream.head(16))}, which keysift cannot open")
        return
    if not budget.limits.depth:
        yield item.skipped(NOT_WANTED, expected=True)
        return
    if item.depth >= budget.limits.depth:
        yield item.skipped(f"not opened: nested more than {budget.limits.depth} containers deep")
        return
    container = Container(stream, item.member or item.path, budget.limits)
    try:
        members: Inside = importlib.import_module(f"keysift.containers.{_READERS[family]}").members(container, family)
        for member in members:
            yield from _member(member, item, budget)
    except LimitError:
        raise
    except extras.MissingError as error:
        yield item.skipped(f"not opened: {error} is not installed (pip install {error})")
    except Exception as error:  # noqa: BLE001 - hostile bytes make the libraries raise anything
        if family not in _QUIET:
            yield item.skipped(_why(error))


def _member(member: Member | Trouble, item: _Item, budget: Budget) -> Iterator[Piece]:
    """Yield the windows of a member and of everything in it. Raises LimitError."""
    budget.member()
    if isinstance(member, Trouble):
        yield item.skipped(member.reason, name=member.name, expected=member.expected)
        return
    stream = metered(member.stream, budget)
    head = stream.head(33_000)
    family = member.family or kinds.kind(head, head if len(head) < 33_000 else stream.head(FIRST))
    yield from _walk(stream, item.inner(member), budget, family)


def _why(error: Exception) -> str:
    """Return why a file could not be read. A library's own words are not shown: they may quote bytes of the file."""
    if isinstance(error, DamagedError):
        return f"not fully scanned: {error}"
    if isinstance(error, NotImplementedError):
        return "not scanned: unsupported compression method"
    if isinstance(error, OSError) and error.strerror and not isinstance(error, io.UnsupportedOperation):
        return error.strerror.lower()
    return f"not fully scanned: damaged or truncated ({type(error).__name__})"
