"""What objects a repository has, and how to read them all: its packs as they lie on the disk, the rest through git."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from keysift.errors import SourceError
from keysift.git import pack, process
from keysift.git.objects import Object
from keysift.model import Skipped

DEEPEST_ALTERNATES = 5
LONGEST_SHOWN = 1 << 28
"""Bytes of an object that are read to show what stands in it."""
SHA1 = "sha1"


@dataclass(frozen=True, slots=True)
class Store:
    """Where a repository keeps its objects."""

    repository: Path
    git_directory: Path
    common_directory: Path
    """The same, but for a linked working tree."""
    stores: tuple[Path, ...]
    """Its own directory of objects first, then those it borrows from."""
    digest: str
    """The hash function of its object names."""
    shallow: bool
    partial: bool

    @property
    def linked(self) -> bool:
        """Whether it is a linked working tree."""
        return self.git_directory != self.common_directory


def store(repository: Path) -> Store:
    """What git says about a repository.

    Raises:
        SourceError: it is none, or git cannot read it.
    """
    asked = ("--absolute-git-dir", "--git-common-dir", "--git-path", "objects", "--is-shallow-repository")
    answer = os.fsdecode(process.run(repository, "rev-parse", *asked).stdout).split("\n")
    directory, common, own, shallow = (*answer, "", "", "", "")[:4]
    digest = process.run(repository, "rev-parse", "--show-object-format", accept=(0, 128, 129)).stdout.decode().strip()
    objects = Path(os.path.normpath(repository / own))
    return Store(
        repository, Path(os.path.realpath(directory)), Path(os.path.realpath(repository / common)),
        tuple(dict.fromkeys(_stores(objects))), digest or SHA1, shallow == "true", _partial(objects),
    )  # fmt: skip


def _stores(objects: Path, depth: int = 0) -> Iterator[Path]:
    """A directory of objects and those that it names as alternates."""
    yield objects
    if depth == DEEPEST_ALTERNATES:
        return
    try:
        lines = (objects / "info" / "alternates").read_bytes().split(b"\n")
    except OSError:
        return
    for line in lines:
        if line and not line.startswith(b"#"):
            yield from _stores(Path(os.path.normpath(objects / os.fsdecode(line))), depth + 1)


def _partial(objects: Path) -> bool:
    """Whether packs came from a clone with a filter: then objects are missing by design."""
    try:
        return any(name.endswith(".promisor") for name in os.listdir(objects / "pack"))  # noqa: PTH208 - names alone
    except OSError:
        return False


def loose(objects: Path) -> list[str]:
    """The names of the objects that lie in files of their own."""
    found: list[str] = []
    for number in range(256):
        lead = f"{number:02x}"
        try:
            found += [lead + name for name in os.listdir(objects / lead) if len(name) in (38, 62)]  # noqa: PTH208
        except OSError:
            continue
    return found


def all_names(repository: Path, skipped: list[Skipped]) -> list[tuple[str, str, int]]:
    """Name, kind and size of every object, as git knows them; of what it cannot read, `missing` and 0."""
    arguments = ("--batch-all-objects", "--batch-check", "--unordered", "--buffer")
    answer = process.run(repository, "cat-file", *arguments, accept=range(-64, 256))
    if answer.returncode:
        said = answer.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        skipped.append(Skipped("objects that git cannot list", said or f"git ended with {answer.returncode}"))
    rows = (line.split(" ") for line in answer.stdout.decode("ascii", "replace").splitlines())
    return [(row[0], row[1], int(row[2]) if row[2:] else 0) for row in rows if len(row) in (2, 3)]


def read(repository: Path, oids: Iterable[str], limit: int) -> Iterator[Object | Skipped]:
    """The objects with these names, in order; what cannot be read, or is longer than `limit`, is skipped."""
    left = list(oids)
    while left:
        done = 0
        try:
            for found in _read(repository, left, limit):
                done += 1
                yield found
        except (SourceError, OSError, ValueError) as error:
            if done >= len(left):
                return
            yield Skipped(f"object {left[done]}", f"git cannot read it: {error}")
            done += 1
        if not done:
            return
        left = left[done:]


def _read(repository: Path, oids: list[str], limit: int) -> Iterator[Object | Skipped]:
    with process.stream(repository, "cat-file", "--batch", "--buffer") as child:
        if child.stdin is None or child.stdout is None:
            raise SourceError("git was started without pipes", help="please report this")
        import threading  # noqa: PLC0415 - only here

        names = "".join(oid + "\n" for oid in oids).encode()
        writer = threading.Thread(target=_write, args=(child.stdin, names), daemon=True)
        writer.start()
        for oid in oids:
            header = child.stdout.readline().split()
            if len(header) == 2 and header[1] == b"missing":
                yield Skipped(f"object {oid}", "it is missing or damaged")
                continue
            if len(header) != 3:
                raise SourceError("it is damaged", help="`git fsck` says what is damaged")
            size = int(header[2])
            if size > limit:
                yield _passed_over(child.stdout, oid, size)
                continue
            data = child.stdout.read(size + 1)
            if len(data) != size + 1:
                raise SourceError("it is damaged", help="`git fsck` says what is damaged")
            yield Object(oid, header[1].decode(), data[:-1])
        writer.join()


def _passed_over(stream: object, oid: str, size: int) -> Skipped:
    left = size + 1
    while left and (part := stream.read(min(left, 1 << 20))):  # type: ignore[attr-defined]
        left -= len(part)
    return Skipped(f"object {oid}", f"longer than the limit: {size:,} bytes")


def _write(stream: object, text: bytes) -> None:
    """All names, then the end; git may have ended before it read them."""
    try:
        stream.write(text)  # type: ignore[attr-defined]
        stream.close()  # type: ignore[attr-defined]
    except (BrokenPipeError, OSError, ValueError):
        return


def packs(found: Store) -> Iterator[Path]:
    """The packs of all stores, the largest of each first."""
    for objects in found.stores:
        yield from pack.packs(objects)
