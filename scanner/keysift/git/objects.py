"""Read the objects of a repository: the only reader, one `git cat-file --batch` for as long as it is open."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import field
from itertools import islice
from types import TracebackType
from typing import IO, Self

from keysift.errors import SourceError
from keysift.git import loose, process
from keysift.model import Skipped
from keysift.records import dataclass

LIMIT = 256 << 20
"""Bytes of the longest object that is read, unless the caller says otherwise."""
_ID_LENGTHS = (40, 64)
_SOONER_READ = 16 << 20
"""Bytes that are sooner read, and forgotten, than a git is started anew."""
_AHEAD, _AHEAD_BYTES = 24, 2048
"""So many names, and so many bytes of them, go to git before the first of them is answered."""


@dataclass(frozen=True, slots=True)
class Object:
    """What git has under a name."""

    oid: str
    kind: str
    """`blob`, `commit`, `tag` or `tree`."""
    data: bytes = field(repr=False)


class ObjectReader:
    """Reads objects one by one or many in a row; a context manager, since git runs for as long as it is open.

    Git is told some names ahead of the answer that is read, and never more than a pipe holds: so neither side waits for
    the other, however long an answer is. An object that makes git give up is lost alone: git is started again for the
    next. Given the directory of `objects`, it reads what lies there in files of their own without git.
    """

    def __init__(
        self, repo: str | os.PathLike[str], *, limit: int = LIMIT, inherit: Collection[str] = (), objects: str = ""
    ) -> None:
        self._repo, self._limit, self._inherit = repo, limit, inherit
        self._objects = objects
        self._open = ExitStack()
        self._pipes: tuple[IO[bytes], IO[bytes]] | None = None
        self._asked = 0
        """How many names git was told whose answers have not been read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def read(self, name: str) -> Object | Skipped:
        """Return the object of this id, or of a name such as `<commit>:<path>`; or why it cannot be read.

        Raises:
            SourceError: git cannot be started.
        """
        [answer] = self.read_all((name,))
        return answer

    def read_all(self, names: Iterable[str]) -> Generator[Object | Skipped, None, None]:
        """Yield the object of each name, in order, or why it cannot be read.

        Nothing else can be read before the last is yielded, or the iterator closed.

        Raises:
            SourceError: git cannot be started.
        """
        coming, waiting = iter(names), deque[str]()
        try:
            while True:
                if self._objects and not waiting:
                    yield from self._read_loose(coming, waiting)
                waiting.extend(islice(coming, _AHEAD - len(waiting)))
                if not waiting:
                    return
                self._ask(waiting)
                yield self._answer(waiting.popleft())
        finally:
            if self._asked:
                self.close()

    def _read_loose(self, coming: Iterator[str], waiting: deque[str]) -> Iterator[Object]:
        """Yield the objects that lie in files of their own, up to the first that git has to be asked for."""
        for name in coming:
            found = loose.read(self._objects, name, self._limit)
            if found is None:
                waiting.append(name)
                return
            yield Object(name, *found)

    def _ask(self, waiting: Iterable[str]) -> None:
        """Tell git the names that it does not know yet, as far as they fit into the pipe; the first always does."""
        if self._asked > _AHEAD // 2:
            return  # many names in one go are cheaper
        lines = [_line(name) for name in waiting]
        known = self._asked
        size = sum(map(len, lines[:known]))
        for line in lines[known:]:
            size += len(line)
            if self._asked and size > _AHEAD_BYTES:
                break
            self._asked += 1
        stdin, _ = self._start()
        # A git that has given up is noticed when its answer is read.
        with suppress(BrokenPipeError):
            stdin.write(b"".join(lines[known : self._asked]))
            stdin.flush()

    def _answer(self, name: str) -> Object | Skipped:
        """Return the answer to the first name that was asked."""
        _, stdout = self._start()
        try:
            answer = self._read_answer(name, stdout)
        except EOFError:
            self.close()
            return _skip(name, "git cannot read it: `git fsck` says what is damaged")
        self._asked = max(0, self._asked - 1)
        return answer

    def _read_answer(self, name: str, stdout: IO[bytes]) -> Object | Skipped:
        header = stdout.readline()
        if not header.endswith(b"\n"):
            raise EOFError
        words = header.split()
        if len(words) != 3 or not words[2].isdigit():
            return _skip(name, "missing, or damaged: `git fsck` says which")
        size = int(words[2])
        if size > self._limit:
            if size > _SOONER_READ:
                self.close()
            else:
                _pass_over(stdout, size + 1)
            return _skip(name, f"{size:,} bytes, over the limit of {self._limit:,}", expected=True)
        data = stdout.read(size)
        if len(data) != size or stdout.read(1) != b"\n":
            raise EOFError
        return Object(words[0].decode("ascii"), words[1].decode("ascii"), data)

    def _start(self) -> tuple[IO[bytes], IO[bytes]]:
        """Return the pipes to and from git, which is started unless it runs."""
        if self._pipes is None:
            child = self._open.enter_context(process.stream(self._repo, "cat-file", "--batch", inherit=self._inherit))
            # Not when its input ends: a process that was started meanwhile may hold that open.
            self._open.callback(child.kill)
            self._pipes = process.pipe(child.stdin), process.pipe(child.stdout)
        return self._pipes

    def close(self) -> None:
        """End git, which is started again if something else is read."""
        self._pipes, self._asked = None, 0
        # What git could not read has been said, object by object.
        with suppress(SourceError):
            self._open.close()


def _line(name: str) -> bytes:
    """Return the line that asks for a name; one with a line break, which cannot be asked for, asks for nothing."""
    return (b"" if "\n" in name else os.fsencode(name)) + b"\n"


def _pass_over(stream: IO[bytes], size: int) -> None:
    while size:
        part = stream.read(min(size, 1 << 20))
        if not part:
            raise EOFError
        size -= len(part)


def _skip(name: str, reason: str, *, expected: bool = False) -> Skipped:
    is_id = len(name) in _ID_LENGTHS and all(digit in "0123456789abcdef" for digit in name)
    return Skipped(f"object {name}", reason, expected, object=name if is_id else "")


def identify(repo: str | os.PathLike[str], names: Iterable[str]) -> list[tuple[str, str]]:
    """Return id and kind of the object of each name, in order; both are empty where there is none."""
    names = list(names)
    text = "".join(f"{name}\n" for name in names).encode()
    answer = process.run(repo, "cat-file", "--batch-check", "--buffer", stdin=text, accept=range(256)) if text else None
    rows = answer.stdout.decode("ascii", "replace").splitlines() if answer else []
    found = [(words[0], words[1]) if len(words := row.split(" ")) == 3 else ("", "") for row in rows]
    return found + [("", "")] * (len(names) - len(found))


def list_objects(repo: str | os.PathLike[str], skipped: list[Skipped]) -> list[tuple[str, str, int]]:
    """Return id, kind and size in bytes of every object; where git cannot tell, the kind is `missing` and the size 0.

    Where git cannot list them all, `skipped` says so.
    """
    arguments = ("--batch-all-objects", "--batch-check", "--unordered", "--buffer")
    answer = process.run(repo, "cat-file", *arguments, accept=range(-64, 256))
    said = answer.stderr.decode("utf-8", "replace").strip().split("\n")[0]
    if answer.returncode or (
        said.startswith("error: ") and "objects/pack/" in said
    ):  # of all other objects, it says so
        skipped.append(Skipped("objects that git cannot list", said or f"git ended with {answer.returncode}"))
    rows = (line.split(" ") for line in answer.stdout.decode("ascii", "replace").splitlines())
    return [(row[0], row[1], int(row[2]) if row[2:] else 0) for row in rows if len(row) in {2, 3}]
