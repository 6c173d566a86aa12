"""Where keys lie in a home directory, as `places.json` has it for Linux, macOS and Windows -> the files that are there.

Nothing is followed out of the home directory: links, other file systems and other users' files are left out and named,
and keyrings are never opened.
"""

from __future__ import annotations

import functools
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import msgspec

from keysift.files import naming, skips
from keysift.files.reading import File
from keysift.model import Skipped
from keysift.records import dataclass

System = Literal["linux", "macos", "windows"]
_TABLE = Path(__file__).with_name("places.json")
DEEPEST = 6
"""Directories below the home directory that are looked into for files that may lie anywhere, such as `.env`."""


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some files, and what writes them."""

    what: str
    paths: tuple[str, ...]
    """`~` is the home directory, `{config}` where programs keep what their users set; `**` is any depth."""
    page: str = ""
    """The address of the page that names them."""
    variable: str = ""
    """The variable that names another directory than the first one of the paths."""
    store: bool = False
    """True if they are meant to hold keys."""
    systems: tuple[System, ...] = ("linux", "macos", "windows")


class Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All places."""

    transcripts: tuple[Place, ...]
    machine: tuple[Place, ...]
    keyrings: tuple[str, ...]
    passed_by: frozenset[str]
    """Directories that are not looked into for files that may lie anywhere."""


@functools.cache
def table() -> Places:
    """Return all places."""
    return msgspec.json.decode(_TABLE.read_bytes(), type=Places)


def this_system() -> System:
    """Return the system that this is."""
    return {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")  # type: ignore[return-value] # one of them


def patterns(place: Place, system: System, environment: Mapping[str, str]) -> list[str]:
    """Return the paths of a place on a system, from the home directory or absolute."""
    if system not in place.systems:
        return []
    config = {"linux": ".config", "macos": "Library/Application Support", "windows": "AppData/Roaming"}[system]
    own = environment.get(place.variable, "") if place.variable else ""
    found = []
    for stated in place.paths:
        path = stated.replace("{config}", f"~/{config}")
        moved = own.rstrip("/") + "/" + path[2:].partition("/")[2] if own and path.startswith("~/.") else path
        found.append(moved.removeprefix("~/"))
    return found


@dataclass(slots=True)
class Home:
    """A home directory while it is looked through."""

    path: Path
    device: int
    user: int
    lead: str
    """What precedes a path in the home directory in the paths of a run."""
    base: str
    keyrings: frozenset[str]
    left_out: dict[str, Skipped] = field(default_factory=dict)
    """By path."""

    @classmethod
    def of(cls, path: Path) -> Home:
        """Return a home directory.

        Raises:
            OSError: it cannot be read.
        """
        status = path.stat()
        paths = naming.of(str(path))
        rings = Place("keyrings", table().keyrings)
        keyrings = frozenset(patterns(rings, this_system(), {}))
        return cls(path, status.st_dev, status.st_uid, f"{paths.target}/" if paths.target else "", paths.base, keyrings)

    def files(self, stated: Iterable[str]) -> Iterator[str]:
        """Yield the files that match one of the paths, from the home directory, each once."""
        seen: set[str] = set()
        for pattern in stated:
            below = pattern.removeprefix(f"{self.path}/")
            if os.path.isabs(below):  # noqa: PTH117 - text
                self._leave_out(below, "outside of the home directory")
                continue
            for found in self._matching("", below.split("/"), 0):
                if found not in seen:
                    seen.add(found)
                    yield found

    def file(self, path: str) -> File:
        """Return a file as a scan reads it."""
        return File(self.base, self.lead + path)

    def name_keyrings(self) -> None:
        """Name the keyrings that are there as left out."""
        for path in self.keyrings:
            if os.path.lexists(self.path / path):
                self._leave_out(path, "a keyring, never read")

    def clones(self) -> Iterator[str]:
        """Yield the git repositories below the home directory, from there."""
        for directory, names in self._directories("", 0):
            if ".git" in names:
                yield directory

    def _matching(self, directory: str, parts: list[str], depth: int) -> Iterator[str]:
        part, rest = parts[0], parts[1:]
        if part == "**":
            anywhere = directory == ""
            for inner, names in self._directories(directory, 0 if anywhere else -50):
                wanted = rest[0] if rest else "*"
                yield from (
                    path
                    for name in names
                    if fnmatchcase(name, wanted) and self._kind(path := _join(inner, name)) == stat.S_IFREG
                )
            return
        names = self._names(directory) if any(sign in part for sign in "*?[") else [part]
        for name in sorted(name for name in names if fnmatchcase(name, part)):
            path = _join(directory, name)
            kind = self._kind(path)
            if rest and kind == stat.S_IFDIR:
                yield from self._matching(path, rest, depth + 1)
            elif not rest and kind == stat.S_IFREG:
                yield path

    def _directories(self, start: str, depth: int) -> Iterator[tuple[str, list[str]]]:
        """Yield each directory below one with the names in it."""
        pending = [(start, depth)]
        while pending:
            directory, level = pending.pop()
            names = sorted(self._names(directory))
            yield directory, names
            if level >= DEEPEST:
                continue
            for name in reversed(names):
                path = _join(directory, name)
                passed = name in table().passed_by if depth >= 0 else name in {".git", "node_modules"}
                if not passed and self._kind(path) == stat.S_IFDIR:
                    pending.append((path, level + 1))

    def _names(self, directory: str) -> list[str]:
        try:
            return os.listdir(self.path / directory)  # noqa: PTH208 - names
        except OSError as error:
            if directory and not isinstance(error, FileNotFoundError):
                self._leave_out(directory, f"not readable: {skips.reason(error)}")
            return []

    def _kind(self, path: str) -> int:
        """Return the kind of a thing that may be read, 0 for what is not there or left out."""
        if path in self.keyrings:
            self._leave_out(path, "a keyring, never read")
            return 0
        try:
            status = os.lstat(self.path / path)
        except OSError:
            return 0
        kind = stat.S_IFMT(status.st_mode)
        if kind == stat.S_IFLNK:
            self._leave_out(path, "symbolic link, not followed")
        elif status.st_dev != self.device:
            self._leave_out(path, "on another file system, such as a network mount")
        elif hasattr(os, "getuid") and status.st_uid != self.user:
            self._leave_out(path, "belongs to another user")
        else:
            return kind
        return 0

    def _leave_out(self, path: str, reason: str) -> None:
        self.left_out[path] = Skipped(self.lead + path, reason, expected=True)


def _join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name
