"""The walk through containers in containers: each thing as it is, then what is inside; see the package."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from keysift.containers import kinds
from keysift.containers.limits import LIMITS, LimitError, Limits
from keysift.containers.stream import (
    Budget,
    Container,
    DamagedError,
    Inside,
    Member,
    MissingError,
    Stream,
    Trouble,
    metered,
    of_bytes,
    of_file,
)
from keysift.containers.windows import FIRST, Window, whole, windows
from keysift.model import Blob, Skipped

_READERS = {
    kinds.ZIP: "zips", kinds.TAR: "tars", kinds.GZIP: "compressed", kinds.BZIP2: "compressed", kinds.XZ: "compressed",
    kinds.LZMA: "compressed", kinds.ZSTD: "compressed", kinds.RPM: "packages", kinds.AR: "packages",
    kinds.CPIO: "packages", kinds.SEVENZIP: "sevenzip", kinds.ISO: "iso", kinds.PDF: "pdf", kinds.MAIL: "mail",
    kinds.MBOX: "mail", kinds.SQLITE: "sqlite", kinds.PLIST: "plist", kinds.PICKLE: "python", kinds.BYTECODE: "python",
    kinds.PNG: "png", kinds.MARKUP: "markup",
}  # fmt: skip
"""The module that looks into a family; imported when there is one."""
_QUIET = frozenset({kinds.PICKLE, kinds.BYTECODE, kinds.MARKUP, kinds.MAIL, kinds.MBOX, kinds.PNG})
"""Their bytes prove little, and are scanned as they are: what does not read as such is something else."""

Piece = Window | Skipped


@dataclass(frozen=True, slots=True)
class _Item:
    """Where we are: `member` is the name of the thing itself, `prefix` what stands before the names of its members."""

    path: str
    member: str
    prefix: str
    depth: int
    family: str = ""

    def skipped(self, reason: str, *, name: str = "", expected: bool = False) -> Skipped:
        """What is not scanned of the thing, or of the member `name` of it."""
        inside = self.prefix + name if name else self.member
        return Skipped(f"{self.path}!/{inside}" if inside else self.path, reason, expected)

    def inner(self, member: Member) -> _Item:
        """A member of the thing."""
        name = self.prefix + member.name
        return _Item(self.path, name, self.prefix if member.layer else f"{name}!/", self.depth + 1, member.family)


def expand(blob: Blob, limits: Limits = LIMITS) -> Iterator[Piece]:
    """The blob, and everything inside of it."""
    yield from _expand(of_bytes(blob.data), blob.path, Budget(limits, len(blob.data)), kinds.kind(blob.data, blob.data))


def expand_file(file: BinaryIO, path: str, limits: Limits = LIMITS) -> Iterator[Piece]:
    """The same for an open file of any length, in bounded memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 22))
    tail = file.read(22)
    file.seek(0)
    family = kinds.kind(file.read(33_000), tail)
    yield from _expand(of_file(file), path, Budget(limits, size), family)


def expand_stream(read: Callable[[int], bytes], path: str, limits: Limits = LIMITS) -> Iterator[Piece]:
    """The same for what can only be read forwards; `read(n)` gives at most n bytes, none at the end. Raises OSError."""
    budget = Budget(limits, None)

    def pull() -> bytes:
        data = read(1 << 16)
        budget.taken += len(data)
        budget.check_time()
        return data

    stream = Stream(pull)
    head = stream.head(FIRST)
    yield from _expand(stream, path, budget, kinds.kind(head, head if len(head) < FIRST else b""))


def _expand(stream: Stream, path: str, budget: Budget, family: str | None) -> Iterator[Piece]:
    item = _Item(path, "", "", 0)
    try:
        if stream.file is not None and family is not None:
            # The bytes as they are, too: what stands before, between and behind the members, or was taken out.
            for window in windows(of_file(stream.file).read, path):
                budget.check_time()
                yield _opened(window)
            yield from _inside(stream, item, budget, family)
        else:
            yield from _walk(stream, item, budget, family)
    except LimitError as error:
        yield Skipped(path, f"not scanned to its end: {error}")


def _opened(window: Window) -> Window:
    return Window(window.blob, window.core, window.byte, window.line, window.column, opened=True)


def _walk(stream: Stream, item: _Item, budget: Budget, family: str | None) -> Iterator[Piece]:
    """One thing, as it is and with what is inside."""
    head = stream.head(FIRST)
    if len(head) < FIRST:
        yield whole(Blob(item.path, head, item.member), opened=family is not None)
        stream = _again(stream, head)
    elif family is None:
        for window in windows(stream.read, item.path, item.member):
            budget.check_time()
            yield window
    if family is not None:
        yield from _inside(stream, item, budget, family)
    if stream.trouble is not None:
        yield item.skipped(_why(stream.trouble))


def _again(stream: Stream, head: bytes) -> Stream:
    """A stream that was read to its end, anew."""
    anew = of_bytes(head)
    anew.trouble = stream.trouble
    return anew


def _inside(stream: Stream, item: _Item, budget: Budget, family: str) -> Iterator[Piece]:
    """What is inside of something that belongs to a family."""
    if not family:
        yield item.skipped(f"{kinds.unread(stream.head(16))}, which keysift does not open")
        return
    if not budget.limits.depth:
        yield item.skipped("not opened, as asked for", expected=True)
        return
    if item.depth >= budget.limits.depth:
        yield item.skipped(f"not opened: more than {budget.limits.depth} containers inside of each other")
        return
    container = Container(stream, item.member or item.path, budget.limits)
    try:
        members: Inside = importlib.import_module(f"keysift.containers.{_READERS[family]}").members(container, family)
        for member in members:
            yield from _one(member, item, budget)
    except LimitError:
        raise
    except MissingError as error:
        yield item.skipped(f"not opened: {error} is not installed (pip install 'keysift[archives]')")
    except Exception as error:  # noqa: BLE001 - hostile bytes make the libraries raise whatever there is
        if family not in _QUIET:
            yield item.skipped(_why(error))


def _one(member: Member | Trouble, item: _Item, budget: Budget) -> Iterator[Piece]:
    budget.member()
    if isinstance(member, Trouble):
        yield item.skipped(member.reason, name=member.name, expected=member.expected)
        return
    stream = metered(member.stream, budget)
    head = stream.head(33_000)
    family = member.family or kinds.kind(head, head if len(head) < 33_000 else stream.head(FIRST))
    yield from _walk(stream, item.inner(member), budget, family)


def _why(error: Exception) -> str:
    """Why something could not be read to its end. Words of others may hold bytes of the file: only ours are shown."""
    if isinstance(error, DamagedError):
        return f"not scanned to its end: {error}"
    if isinstance(error, NotImplementedError):
        return "not scanned: compressed in a way that the library does not know"
    if isinstance(error, OSError) and error.strerror and not isinstance(error, io.UnsupportedOperation):
        return error.strerror.lower()
    return f"not scanned to its end: damaged or cut short ({type(error).__name__})"
