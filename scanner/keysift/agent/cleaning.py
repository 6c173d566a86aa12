"""A transcript -> the same one with its keys masked, and back.

Only the text inside of string literals changes, so each line that is JSON stays so, and what an agent has written in
its own way stays as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from keysift import atomic
from keysift.agent import keys
from keysift.agent.keys import Found, Keys
from keysift.agent.user_settings import Settings
from keysift.agent.values import Text
from keysift.containers import kinds
from keysift.errors import ReportError, UsageError
from keysift.files.reading import File, read
from keysift.model import Blob, Skipped
from keysift.records import dataclass
from keysift.scan.contents import scan_contents

QUIET_S = 120
"""Seconds for which nobody may have written to a file before it is changed."""
LARGEST = 256 << 20
"""Bytes of a file that is changed."""
PIECE = 4 << 20
"""Characters that are scanned at once; the rest of a line is added."""
_MANIFEST = "manifest.json"
_LITERAL = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')


@dataclass(frozen=True, slots=True)
class Backup:
    """A directory with files as they were."""

    directory: Path
    entries: list[dict[str, Any]]

    @classmethod
    def new(cls, directory: Path) -> Backup:
        """Return a new one.

        Raises:
            UsageError: there is something in the directory, or it cannot be made.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            if any(directory.iterdir()):
                raise UsageError(f"{directory} is not empty", help="name a new directory")
            directory.chmod(0o700)
        except OSError as error:
            raise UsageError(f"cannot use {directory}: {error.strerror}", help="name a new directory") from error
        return cls(directory.absolute(), [])

    def keep(self, path: Path, before: bytes, after: bytes) -> None:
        """Keep a file as it was, before it changes. Raises OSError."""
        name = f"{len(self.entries) + 1:05}"
        with atomic.replacing(self.directory / name, private=True) as file:
            file.write(before)
        self.entries.append({"path": str(path), "copy": name, "size": len(after), "digest": _digest(after)})
        with atomic.replacing(self.directory / _MANIFEST, private=True) as file:
            file.write(json.dumps({"schema": "keysift-agent-backup/1", "files": self.entries}, indent=1).encode())


def clean(path: Path, least: Literal["low", "medium", "high"], backup: Backup | None) -> int | Skipped:
    """Mask the keys in a file, or only count them without a backup; or say why it is left out.

    Raises:
        ReportError: it cannot be written.
    """
    blob = read(File(str(path.parent), path.name), LARGEST)
    if isinstance(blob, Skipped):
        return Skipped(str(path), blob.reason, blob.expected)
    if kinds.kind(blob.data[: 1 << 16], blob.data[: 1 << 16]) is not None or b"\0" in blob.data[:4096]:
        return _of_no_text(path, blob, least)
    before = blob.data.decode("utf-8", "surrogateescape")
    settings = Settings(min_confidence=least)
    after, number = masked(before, settings, path.name)
    reason = _in_use(path) if number else ""
    if reason or backup is None or not number:
        return Skipped(str(path), reason) if reason else number
    data = after.encode("utf-8", "surrogateescape")
    try:
        status = path.stat()
        if status.st_size != len(blob.data):
            return Skipped(str(path), "being written, so it is left as it is")
        backup.keep(path, blob.data, data)
        with atomic.replacing(path) as file:
            file.write(data)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # agents sort their sessions by it
    except OSError as error:
        raise ReportError(f"cannot write {path}: {error.strerror}", help="it is as it was") from error
    return number


def masked(text: str, settings: Settings, name: str = "") -> tuple[str, int]:
    """Return a text with its keys masked, JSON or not, and the number of different keys."""
    found: list[Found] = []
    decoded: dict[str, str] = {}
    spans: dict[str, list[tuple[int, int]]] = {}
    for piece in _pieces(text):
        outside = keys.find([Text("", piece)], settings, name)
        literals = {literal for line in _suspect(piece, outside) for literal in _LITERAL.findall(line)}
        values = {literal: value for literal in literals if (value := _decoded(literal)) is not None}
        inside = keys.find([Text("", value) for value in values.values()], settings, name)
        found += [*outside.found, *inside.found]
        decoded |= values
        spans |= inside.spans
    everything = Keys(found, spans)
    changed = {
        literal: json.dumps(new, ensure_ascii=literal.isascii())
        for literal, value in decoded.items()
        if (new := everything.masked(value)) != value
    }
    lines = [_line(line, changed, everything) for line in text.split("\n")] if found else [text]
    return "\n".join(lines), len({each.finding.secret.replace(b"\\n", b"\n").strip() for each in found})


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces of whole lines, each of them scanned at once."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + PIECE) + 1 or len(text)
        yield text[start:end]
        start = end


def undo(directory: Path) -> tuple[int, list[str]]:
    """Put back the files of a backup; return how many, and the paths of those that have changed since.

    Raises:
        UsageError: it is no backup.
        ReportError: a file cannot be written.
    """
    restored, refused = 0, []
    for entry in _entries(directory):
        path = Path(entry["path"])
        try:
            original = (directory / Path(entry["copy"]).name).read_bytes()
            current = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            if _digest(current[: entry["size"]]) != entry["digest"]:
                refused += [] if current == original else [str(path)]
                continue
            status = path.stat()
            with atomic.replacing(path) as file:
                file.write(original + current[entry["size"] :])
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        except OSError as error:
            raise ReportError(f"cannot put {path} back: {error.strerror}", help="the copy is still there") from error
        restored += 1
    return restored, refused


def _entries(directory: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads((directory / _MANIFEST).read_bytes())
        return [
            {
                "path": str(entry["path"]),
                "copy": str(entry["copy"]),
                "size": int(entry["size"]),
                "digest": str(entry["digest"]),
            }
            for entry in content["files"]
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{directory} holds no backup of `keysift agent clean`", help="name its --backup") from error


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _of_no_text(path: Path, blob: Blob, least: str) -> int | Skipped:
    """Return 0 for a database or an archive without keys; else that it is left as it is."""
    result = scan_contents(keys.matcher(), blob)
    ranks = ("low", "medium", "high")
    open_ = [found for found in result.findings if found.verdict.confidence.rank >= ranks.index(least)]
    return Skipped(str(path), "no text: a key in it stays; remove the session in the agent itself") if open_ else 0


def _suspect(text: str, found: Keys) -> Iterator[str]:
    """Yield the lines of a text that have a key, or may have one in an escaped form."""
    numbers = {each.finding.locations[0].start_line for each in found.found}
    secrets = {each.finding.secret.decode("utf-8", "surrogateescape").split("\n")[0] for each in found.found}
    for number, line in enumerate(text.split("\n"), 1):
        if number in numbers or "\\n" in line or any(secret and secret in line for secret in secrets):
            yield line


def _decoded(literal: str) -> str | None:
    try:
        value = json.loads(literal)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def _line(line: str, changed: dict[str, str], found: Keys) -> str:
    """Return a line with its keys masked: in its literals if it is JSON, else wherever they are."""
    body = line.rstrip("\r")
    if body[:1] in {"{", "[", '"', " ", "\t"} and (changed or found):
        new = _LITERAL.sub(lambda literal: changed.get(literal[0], literal[0]), body)
        if _is_json(body):
            return new + line[len(body) :]
        body = new
    return (found.masked(body) if any(found.starts_in(body)) else body) + line[len(line.rstrip("\r")) :]


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _in_use(path: Path) -> str:
    """Return why a file is not to be changed: somebody writes to it, or did so just now."""
    if time.time() - path.stat().st_mtime < QUIET_S:
        return "written less than two minutes ago, so it is left as it is"
    if any(_holds(directory, path) for directory in Path("/proc").glob("[0-9]*/fd")):
        return "open in another program, so it is left as it is"
    return ""


def _holds(directory: Path, path: Path) -> bool:
    if directory.parent.name == str(os.getpid()):
        return False
    try:
        return any(os.readlink(link) == str(path) for link in directory.iterdir())  # noqa: PTH115 - text
    except OSError:
        return False
