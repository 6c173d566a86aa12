"""A command that an agent is about to run -> what a commit or a push in it would add, judged by `keysift hook`."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from keysift import lazy
from keysift.agent import keys
from keysift.agent.user_settings import Settings
from keysift.agent.values import Text
from keysift.errors import KeysiftError
from keysift.git import index, layout, refs
from keysift.git.objects import Object, ObjectReader
from keysift.git.repository import open_repository
from keysift.history.uncommitted import read_uncommitted
from keysift.model import Blob

_GIT = lazy.compile(
    r"""(?<![\w./-])(?:\S*/)?git(?:\.exe)?"?((?:\s+(?:-C\s*(?:"[^"]*"|'[^']*'|\S+)|-c\s*\S+|--?[\w-]+(?:=\S+)?))*)"""
    r"""\s+(commit|push|add|stage)\b([^;&|\n]*)"""
)
_PLACE = lazy.compile(r"""-C\s*("[^"]*"|'[^']*'|\S+)""")
_CHANGE = lazy.compile(r"""(?:^|[;&|\n(])\s*(?:cd|pushd)\s+("[^"]*"|'[^']*'|[^\s;&|]+)""")
_TAKING = frozenset("mFCctS")
"""Short options of `git commit` that a value follows, in the same word or in the next."""
_LONG = frozenset({"--message", "--file", "--author", "--date", "--template", "--cleanup", "--trailer", "--fixup"})
_MOST_FILES, _LARGEST = 2_000, 4 << 20
"""Changed files that are looked at, and bytes of one."""
_PATIENCE_S = 25


class _Command(NamedTuple):
    place: str
    verb: str
    whole: bool
    """True if it may commit what is not staged yet."""


def verdict(text: str, cwd: str, settings: Settings) -> str:
    """Return what a commit or push in a command would leak: rules and places, a line each; empty if nothing.

    Raises:
        KeysiftError: it cannot be judged.
    """
    commands = [*_commands(text, cwd)]
    said: list[str] = []
    for command in dict.fromkeys(commands):
        top = layout.toplevel(command.place) if os.path.isdir(command.place) else None  # noqa: PTH112 - a name, as typed
        if top is None or command.verb == "add":
            continue
        said += _judge(top, push=command.verb == "push")
        if command.verb == "commit" and (command.whole or any(other.verb == "add" for other in commands)):
            said += _unstaged(top, settings)
    return "\n".join(dict.fromkeys(said))


def _commands(text: str, cwd: str) -> list[_Command]:
    found = []
    for match in _GIT.finditer(text):
        place = cwd or "."
        changes = [change[1].strip("\"'") for change in _CHANGE.finditer(text, 0, match.start())]
        for step in [*changes, *(stated[1].strip("\"'") for stated in _PLACE.finditer(match[1]))]:
            place = os.path.join(place, os.path.expanduser(os.path.expandvars(step)))  # noqa: PTH111, PTH118 - likewise
        verb = "add" if match[2] == "stage" else match[2]
        found.append(_Command(place, verb, _is_whole(match[3])))
    return found


def _is_whole(arguments: str) -> bool:
    """Return True if `git commit` with these arguments commits more than what is staged: `-a`, or paths."""
    try:
        words = iter(shlex.split(arguments))
    except ValueError:
        return True  # a quotation mark is open: whatever follows
    for word in words:
        if word in _LONG:
            next(words, None)
        elif word.startswith("--"):
            if word in {"--all", "--include", "--only", "--"}:
                return True
        elif not word.startswith("-"):
            return True
        else:
            taking = next((place for place, letter in enumerate(word) if letter in _TAKING), len(word))
            if set("aio") & set(word[1:taking]):
                return True
            if taking == len(word) - 1 and word[-1] != "S":
                next(words, None)
    return False


def _judge(top: Path, *, push: bool) -> list[str]:
    """Return what `keysift hook` says of a repository, a line for each finding."""
    flags = ["-I"] if sys.flags.isolated else []
    arguments = [sys.executable, *flags, "-m", "keysift", "hook", "-q", "--color", "never"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PRE_COMMIT", "GIT_"))}
    if push:
        environment |= {"PRE_COMMIT_TO_REF": refs.resolve(top, "HEAD") or "HEAD", "PRE_COMMIT_REMOTE_NAME": ""}
    try:
        done = subprocess.run(
            arguments,
            cwd=top,
            env=environment,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise KeysiftError(f"`keysift hook` took longer than {_PATIENCE_S} s in {top}") from error
    if done.returncode not in {0, 1}:
        raise KeysiftError(f"`keysift hook` failed in {top}: {done.stderr.decode(errors='replace').strip()[:500]}")
    return done.stdout.decode(errors="replace").splitlines() if done.returncode else []


def _unstaged(top: Path, settings: Settings) -> list[str]:
    """Return the keys that changed files of a working tree have and HEAD has not: the command may stage them first."""
    repository = open_repository(top)
    summary = index.read_summary(repository)
    staged = {oid for _, oid in index.list_blobs(top)}
    files = read_uncommitted(repository, summary.submodules, summary.statuses, staged.__contains__, _LARGEST)
    said = []
    with ObjectReader(top) as objects:
        for blob in islice(files, _MOST_FILES):
            if not isinstance(blob, Blob):
                continue
            path = blob.path
            found = keys.find([Text(path, blob.data.decode("utf-8", "replace"))], settings, path)
            before = objects.read(f"HEAD:{path}") if found else None
            known = before.data if isinstance(before, Object) else b""
            said += [found.masked(str(each)) for each in found.found if each.finding.secret not in known]
    return said
