"""The argument of `keysift explain`, as typed or as copied from a report -> the bytes to explain, and where in them."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from keysift import masking
from keysift.cli.nearest import suggest_path
from keysift.errors import UsageError
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.files.reading import File, read
from keysift.git import layout
from keysift.git.objects import Object, ObjectReader
from keysift.model import Blob, Skipped
from keysift.records import dataclass
from keysift.report.plain import plain
from keysift.report.wording import count

_PLACE = re.compile(r"(?P<path>.+?)(?::(?P<line>[0-9]{1,9}))(?::[0-9]{1,9})?", re.DOTALL)
_IN_COMMIT = re.compile(r"(?P<commit>[0-9a-f]{7,64}):(?P<path>.+)", re.DOTALL)
_MEMBER = "!/"
_NOTHING_HIDDEN = masking.keys(())
LONGEST = 256 << 20
"""Bytes of a file that is explained."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The file or text that is explained."""

    blob: Blob
    paths: Naming
    line: int = 0
    """Counted from 1; 0 for the whole blob."""
    member: str = ""
    """Of a container, the member that is explained; empty for all of it."""
    is_file: bool = False
    hidden: masking.Keys = _NOTHING_HIDDEN
    """The keys in the file and in its name."""

    def shown(self, path: str) -> str:
        """Return a path as reports show it."""
        return self.masked(self.paths.shown(path) if self.is_file else path)

    def masked(self, text: str) -> str:
        """Return a sentence, or the name of a member, as reports show it."""
        return plain(masking.mask_name(text, self.hidden))


def of_text(text: str, name: str) -> Subject:
    """Return a text, to be judged as that of a file with this name."""
    return Subject(Blob(name or "text", text.encode("utf-8", "surrogateescape")), naming.of("-"))


def of_argument(what: str, name: str) -> Subject:
    """Return what an argument stands for: a path, or a place of a report, such as `COMMIT:PATH:LINE:COLUMN`.

    Raises:
        UsageError: there is no such file, or no such line in it.
    """
    if what == "-":
        return Subject(Blob(name or "standard input", sys.stdin.buffer.read()), naming.of("-"))
    path, line = what, 0
    place = _PLACE.fullmatch(what)
    if place and not os.path.lexists(what):
        path, line = place["path"], int(place["line"])
    path, _, member = (path, "", "") if os.path.lexists(path) else path.partition(_MEMBER)
    subject = _in_commit(path) or _on_disk(path)
    if place and path != what and not member:
        _check_line(what, path, line, subject.blob.data)
    blob = Blob(name, subject.blob.data) if name else subject.blob
    return Subject(blob, subject.paths, line, member, is_file=not name)


def _on_disk(path: str) -> Subject:
    """Return a file of the disk; pipes and devices are refused, as a scan skips them."""
    paths = naming.of(path)
    if not os.path.lexists(path):
        advice = suggest_path(path, "for text instead of a file, use --text")
        raise UsageError(f"cannot read {plain(path)}: no such file", help=advice)
    place = Path(path)
    content = read(File(str(place.absolute().parent), place.name, named=True), LONGEST)
    if isinstance(content, Skipped):
        raise UsageError(f"cannot read {plain(path)}: {content.reason}", help="`keysift scan` scans directories")
    return Subject(Blob(paths.target, content.data), paths)


def _in_commit(what: str) -> Subject | None:
    """Return a file as it was in a commit; None if the argument does not name one."""
    parts = _IN_COMMIT.fullmatch(what)
    if not parts or os.path.lexists(what):
        return None
    paths = naming.of(parts["path"])
    top = layout.toplevel(paths.repository or ".")
    if top is None:
        return None
    with ObjectReader(top, limit=LONGEST) as reader:
        answer = reader.read(f"{parts['commit']}:{paths.target}")
    return Subject(Blob(paths.target, answer.data), paths) if isinstance(answer, Object) else None


def _check_line(what: str, path: str, line: int, data: bytes) -> None:
    lines = data.count(b"\n") + bool(data and not data.endswith(b"\n"))
    if not 1 <= line <= lines:
        number = what[len(path) + 1 :].partition(":")[0]
        raise UsageError(
            f"there is no line {number} in {plain(path)}: it has {count(lines, 'line')}",
            help=f"keysift explain {plain(path)}",
        )
