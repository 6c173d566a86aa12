"""What commits and annotated tags say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from keysift.git.log import Commit, parse_seconds
from keysift.git.objects import Object, ObjectReader
from keysift.model import Blob, Skipped

MESSAGE, HEADER = "commit message", "commit header"
"""The paths of what a commit says, and of the lines before: author, committer, signature."""
TAG, TAG_HEADER = "tag message", "tag header"
"""Likewise of an annotated tag."""


def read_messages(reader: ObjectReader, commits: Iterable[str]) -> Iterator[tuple[Commit, Blob | Skipped]]:
    """Yield each commit with its header, and with its message, whose lines count from the subject."""
    for oid in commits:
        answer = reader.read(oid)
        if isinstance(answer, Object):
            header, _, text = answer.data.partition(b"\n\n")
            commit = _parse_header(oid, header)
            yield commit, Blob(HEADER, header, oid=oid)
            yield commit, Blob(MESSAGE, text, oid=oid)
        else:
            yield Commit(oid), replace(answer, path=f"{MESSAGE} of {oid}")


def read_tag(reader: ObjectReader, oid: str) -> Iterator[Blob | Skipped]:
    """Yield what stands in an annotated tag: header, message, those of a tag that it names, a blob at the end."""
    answer = reader.read(oid)
    while isinstance(answer, Object) and answer.kind == "tag":
        header, _, text = answer.data.partition(b"\n\n")
        yield Blob(TAG_HEADER, header, oid=answer.oid)
        yield Blob(TAG, text, oid=answer.oid)
        answer = reader.read(header.split(b"\n")[0].removeprefix(b"object ").decode("ascii", "replace"))
    if not isinstance(answer, Object):
        yield replace(answer, path=f"tag {oid}")
    elif answer.kind == "blob":
        yield Blob("tagged blob", answer.data, oid=answer.oid)
    elif answer.kind == "tree":
        yield Skipped(f"tree {answer.oid}", "a directory with a tag, but in no commit")


def _parse_header(oid: str, header: bytes) -> Commit:
    """Return what the header of a commit says of it; where a line stands there twice, the first holds."""
    lines = dict(line.partition(b" ")[::2] for line in reversed(header.split(b"\n")))
    author, _ = _split(lines.get(b"author", b""))
    _, time = _split(lines.get(b"committer", b""))
    return Commit(oid, author.decode("utf-8", "surrogateescape"), parse_seconds(time))


def _split(line: bytes) -> tuple[bytes, bytes]:
    """Return the two parts of `Name <address> 1700000000 +0100`, the second without the zone."""
    end = line.rfind(b">") + 1
    return line[:end], next(iter(line[end:].split()), b"")
