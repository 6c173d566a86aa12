"""Whether a tool is about to change what keeps it in check: the hook's configuration, or that of the agent."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from keysift import lazy
from keysift.agent.agents import Agent
from keysift.agent.values import strings

_READERS = frozenset(
    {
        "cat",
        "less",
        "more",
        "head",
        "tail",
        "ls",
        "stat",
        "wc",
        "file",
        "grep",
        "rg",
        "jq",
        "diff",
        "md5sum",
        "sha256sum",
    }
)
"""Programs that only read what they are given."""
_READING = frozenset({"read", "view", "read_file", "readfile", "grep", "glob", "rg", "ls", "list_directory", "search"})
"""Tools that only read, in small letters."""
_PARTS = lazy.compile(r"[\n;&|()`]+|\$\(")
_GIT = lazy.compile(r"\b(?:commit|push)\b")
_OURS = lazy.compile(r"\bkeysift\b[^;&|\n]*\bagent\b[^;&|\n]*\b(?:install|uninstall|clean|undo)\b")


def is_tampering(agent: Agent, tool: str, arguments: Any, settings: Path, cwd: str) -> str:  # noqa: ANN401 - any JSON
    """Return which of the guarded files a call may change; empty if it changes none.

    A command is judged by its text: what it says in other words, or does in a script, is not seen.
    """
    if tool.lower() in _READING:
        return ""
    guarded = [*_places(agent, settings, cwd)]
    for where, text in strings(arguments, ""):
        if where.endswith(("command", "command_line", "script")) or not where:
            hit = _in_command(text, guarded)
        else:
            hit = next((place for place in guarded if len(text) < 4_096 and _same(text, place, cwd)), "")
        if hit:
            return hit
    return ""


def is_about_git(text: str) -> bool:
    """Return True if a command may commit or push; only then is it worth what it takes to judge that."""
    return "git" in text and bool(_GIT.search(text))


def _places(agent: Agent, settings: Path, cwd: str) -> Iterator[str]:
    """Yield the absolute paths of the guarded files."""
    home = str(Path.home())
    yield str(settings)
    for stated in (agent.user, agent.project, *agent.guarded):
        if stated.startswith("~/"):
            yield f"{home}/{stated[2:]}"
        else:
            yield from (str(directory / stated) for directory in _above(cwd))


def _above(cwd: str) -> Iterator[Path]:
    """Yield the directory of a session and those above it, up to the top of its repository."""
    place = Path(cwd or ".")
    for directory in (place, *place.parents):
        yield directory
        if (directory / ".git").exists():
            return


def _same(text: str, place: str, cwd: str) -> bool:
    """Return True if a path, as a tool was given it, leads to a place."""
    if not text or "\0" in text:
        return False
    stated = os.path.expandvars(os.path.expanduser(text.removeprefix("file://")))  # noqa: PTH111 - a name, as typed
    return _real(stated, cwd) == _real(place, cwd)


def _real(path: str, cwd: str) -> str:
    return os.path.realpath(os.path.join(cwd or ".", path))  # noqa: PTH118 - likewise


def _in_command(text: str, guarded: Iterable[str]) -> str:
    """Return the guarded file that a command names where it may change it."""
    if _OURS.search(text):
        return "the hooks of keysift"
    tails = {"/".join(Path(place).parts[-2:]): place for place in guarded}
    for part in _PARTS.split(text):
        words = part.split()
        program = next((word for word in words if "=" not in word), "").rpartition("/")[2]
        for tail, place in tails.items():
            if tail in part.replace("\\", "/") and (program not in _READERS or re.search(r">|\s-i\b", part)):
                return place
    return ""
