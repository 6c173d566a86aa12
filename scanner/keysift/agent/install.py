"""Hooks in the configuration of an agent: what to write, whether it is there, and how to take it out again."""

from __future__ import annotations

import difflib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path
from typing import Any

import platformdirs

from keysift import atomic
from keysift.agent import jsonc, keys, user_settings
from keysift.agent.agents import Agent
from keysift.agent.values import Text
from keysift.config import bounded
from keysift.errors import ConfigError, ReportError
from keysift.records import dataclass

_OURS = re.compile(r"\bkeysift\b.*\bagent hook\b")
_SEAL = re.compile(r"--seal (\w+)")
LARGEST = 8 << 20
"""Bytes of a configuration that are read."""


@dataclass(frozen=True, slots=True)
class Place:
    """A configuration of an agent: the user's, or that of a repository."""

    name: str
    """Of the agent, on the command line."""
    agent: Agent
    path: Path
    inside: Path
    """The directory that a link must not lead out of."""
    is_project: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a configuration."""

    place: Place
    before: str | None = field(repr=False)
    """None if there is no file."""
    after: str | None = field(repr=False)
    """None if the file goes."""

    @property
    def is_none(self) -> bool:
        """True if there is nothing to change."""
        return self.before == self.after

    def shown(self) -> str:
        """Return the difference as people read it, without the keys that stand in the file."""
        name = str(self.place.path)
        before, after = ((text or "").splitlines(keepends=True) for text in (self.before, self.after))
        lines = difflib.unified_diff(before, after, f"{name} (now)", f"{name} (then)")
        text = "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
        every = user_settings.Settings(min_confidence="low")
        return keys.find([Text("", text)], every).masked(text)


def place(name: str, agent: Agent, project: Path | None = None) -> Place:
    """Return the configuration of the user, or that of a repository."""
    if project is not None:
        return Place(name, agent, project / agent.project, project, is_project=True)
    home = Path.home()
    stated = Path(agent.user.removeprefix("~/"))
    own = os.environ.get(agent.variable, "") if agent.variable else ""
    if own and Path(own).is_absolute():
        return Place(name, agent, Path(own, *stated.parts[1:]), Path(own), is_project=False)
    return Place(name, agent, home / stated, home, is_project=False)


def installed(where: Place) -> Change:
    """Return the change that states the hooks.

    Raises:
        ConfigError: the configuration cannot be read, is no JSON, or has something else where hooks stand.
    """
    before = _read(where)
    wanted = {name: _filled(event.entry, hook_command(where, name)) for name, event in where.agent.events.items()}
    text = before if before is not None and before.strip() else json.dumps(where.agent.base, indent=2) + "\n"
    node = jsonc.parse(text, str(where.path))
    if not isinstance(node.value, dict):
        raise ConfigError(f"{where.path} is not an object", help="nothing was changed")
    for name, value in where.agent.base.items():
        if name not in node.members:
            text = jsonc.insert(text, name, value, str(where.path))
    stated = node.value.get("hooks")
    for name, entry in wanted.items():
        ours = [item for item in _items(stated, name) if _is_ours(item)]
        if ours != [entry]:
            text = jsonc.remove(text, ("hooks", name), _is_ours, str(where.path))
            text = jsonc.append(text, ("hooks", name), entry, str(where.path))
    return Change(where, before, text)


def uninstalled(where: Place) -> Change:
    """Return the change that takes the hooks out.

    Raises:
        ConfigError: as `installed`.
    """
    before = _read(where)
    if before is None or not before.strip():
        return Change(where, before, before)
    text = before
    for name in _named(jsonc.parse(before, str(where.path)).value):
        text = jsonc.remove(text, ("hooks", name), _is_ours, str(where.path))
    left = jsonc.parse(text, str(where.path)).value
    return Change(where, before, None if where.agent.own_file and left == where.agent.base else text)


def write(change: Change) -> Path | None:
    """Make a change; return the copy of what was there before, None if there was nothing.

    Raises:
        ReportError: it cannot be written.
    """
    real = _real(change.place)
    try:
        copy = _back_up(change) if change.before is not None else None
        real.parent.mkdir(parents=True, exist_ok=True)
        if change.after is None:
            real.unlink()
        else:
            with atomic.replacing(real) as file:
                file.write(change.after.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise ReportError(f"cannot write {real}: {error.strerror}", help="nothing was changed") from error
    return copy


def problems(where: Place) -> tuple[list[str], list[str]]:
    """Return the events for which the hooks are stated, and what is wrong with them.

    Raises:
        ConfigError: as `installed`.
    """
    text = _read(where)
    stated = jsonc.parse(text, str(where.path)).value.get("hooks") if text and text.strip() else None
    there = [name for name in where.agent.events if any(map(_is_ours, _items(stated, name)))]
    if not there:
        return [], []
    wrong = [f"no hook for {name}" for name in where.agent.events if name not in there]
    sealed = {seal for name in there for item in _items(stated, name) for seal in _SEAL.findall(json.dumps(item))}
    if not where.is_project and sealed != {user_settings.seal(user_settings.default_path())}:
        wrong.append(f"{user_settings.default_path()} has changed since, and does not hold until you install again")
    if not wrong and installed(where).before != installed(where).after:
        wrong.append("the hook is called in another way than this keysift would write it")
    return there, wrong


def hook_command(where: Place, event: str) -> str:
    """Return the command of a hook.

    In a repository it is what everybody has on the path. For a user it is this very keysift, which the variables of a
    session cannot replace, with the configuration that holds.
    """
    if where.is_project:
        return f"keysift agent hook {where.name} {event}"
    settings = user_settings.default_path()
    words = [*_keysift(), "agent", "hook", where.name, event, "--settings", str(settings)]
    words += ["--seal", user_settings.seal(settings)]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def _keysift() -> list[str]:
    """Return how to call this keysift, out of reach of `PYTHONPATH` and the like where that is possible."""
    isolated = [sys.executable, "-I", "-m", "keysift"]
    tried = [*isolated[:2], "-c", "import keysift; print(keysift.__file__)"]
    found = subprocess.run(tried, capture_output=True, check=False, cwd=Path.home(), text=True).stdout.strip()
    if found and Path(found).parent == Path(__file__).parents[1]:
        return isolated
    script = Path(sys.argv[0])
    return [str(script)] if script.is_absolute() and script.stem == "keysift" else [sys.executable, "-m", "keysift"]


def _filled(entry: Any, command: str) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(entry, dict):
        return {name: _filled(item, command) for name, item in entry.items()}
    if isinstance(entry, list):
        return [_filled(item, command) for item in entry]
    return command if entry == "$command" else entry


def _named(value: object) -> Iterator[str]:
    hooks = value.get("hooks") if isinstance(value, dict) else None
    yield from [*hooks] if isinstance(hooks, dict) else []


def _items(hooks: object, name: str) -> list[Any]:
    found = hooks.get(name) if isinstance(hooks, dict) else None
    return found if isinstance(found, list) else []


def _is_ours(item: object) -> bool:
    """Return True for an entry that calls this hook and nothing else."""
    inner = item.get("hooks") if isinstance(item, dict) else None
    if isinstance(inner, list) and len(inner) > 1:
        return False
    return bool(_OURS.search(json.dumps(item)))


def _read(where: Place) -> str | None:
    data = bounded.read(_real(where), LARGEST, "nothing was changed")
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{where.path} is not UTF-8", help="nothing was changed") from error


def _real(where: Place) -> Path:
    """Return the file itself.

    Raises:
        ConfigError: a link leads out of the home directory, or of the repository.
    """
    real = Path(os.path.realpath(where.path))
    if not real.is_relative_to(os.path.realpath(where.inside)):
        raise ConfigError(f"{where.path} is a link that leads out of {where.inside}", help="nothing was changed")
    return real


def _back_up(change: Change) -> Path:
    """Keep what was there, for its owner alone: a configuration may hold keys."""
    directory = Path(platformdirs.user_data_dir("keysift", appauthor=False)) / "agents"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    scope = "project" if change.place.is_project else "user"
    copy = directory / f"{change.place.name}-{scope}-{time.strftime('%Y%m%dT%H%M%S')}.json"
    with atomic.replacing(copy, private=True) as file:
        file.write((change.before or "").encode("utf-8", "surrogateescape"))
    return copy
