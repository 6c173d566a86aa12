"""Objects of a repository, one after the other, by one `git cat-file --batch`."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Self, cast

from keysift.errors import SourceError
from keysift.git import process

LIMIT = 256 << 20
"""Bytes of the longest object that is read."""


@dataclass(frozen=True, slots=True)
class Object:
    """What git has under a name."""

    oid: str
    kind: str
    """`blob`, `commit`, `tag` or `tree`."""
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """Why there are no bytes."""

    reason: str
    missing: bool = False
    """The repository has no such object."""
    expected: bool = False
    """Longer than the limit, which is said but is no fault of the repository."""


class Objects:
    """Reads objects; a context manager, since git runs for as long as it is open.

    An object that makes git give up is lost alone: git is started again for the next.
    """

    def __init__(self, repo: str | os.PathLike[str], *, limit: int = LIMIT, inherit: Collection[str] = ()) -> None:
        self._repo, self._limit, self._inherit = repo, limit, inherit
        self._open = ExitStack()
        self._pipes: tuple[IO[bytes], IO[bytes]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def read(self, name: str) -> Object | Unread:
        """The object of this id, or of a name such as `<commit>:<path>` (without line breaks)."""
        try:
            return self._read(os.fsencode(name))
        except (BrokenPipeError, EOFError, ValueError):
            self._close()
            return Unread("git cannot read the object: `git fsck` says what is damaged")

    def _read(self, name: bytes) -> Object | Unread:
        if b"\n" in name:
            return Unread("its name has a line break", missing=True)
        asked, answers = self._started()
        asked.write(name + b"\n")
        asked.flush()
        header = answers.readline()
        if not header.endswith(b"\n"):
            raise EOFError
        if header.endswith((b" missing\n", b" ambiguous\n")):
            return Unread("the repository does not have the object", missing=True)
        oid, kind, length = header.split()
        return self._content(answers, oid.decode("ascii"), kind.decode("ascii"), int(length))

    def _content(self, answers: IO[bytes], oid: str, kind: str, length: int) -> Object | Unread:
        if length > self._limit:
            left = length + 1
            while left:
                left -= len(answers.read(min(left, 1 << 20))) or _gone()
            return Unread(f"{length:,} bytes, over the limit of {self._limit:,}", expected=True)
        data = answers.read(length)
        if len(data) != length or answers.read(1) != b"\n":
            raise EOFError
        return Object(oid, kind, data)

    def _started(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._pipes is None:
            child = self._open.enter_context(process.stream(self._repo, "cat-file", "--batch", inherit=self._inherit))
            self._pipes = cast("IO[bytes]", child.stdin), cast("IO[bytes]", child.stdout)
        return self._pipes

    def _close(self) -> None:
        self._pipes = None
        try:
            self._open.close()
        except SourceError:
            # What git could not read has been said, object by object.
            return


def _gone() -> int:
    raise EOFError
