"""`.keysift.toml`, or `[tool.keysift]` in `pyproject.toml`, -> `Config`; an unknown key is an error."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.errors import ConfigError

NAME = ".keysift.toml"
MARK = b"[tool.keysift"


@dataclass(frozen=True, slots=True)
class Config:
    """What a repository says of how it wants to be scanned."""

    exclude: tuple[str, ...] = ()
    """Patterns as in .gitignore, relative to the file that states them."""
    disable: tuple[str, ...] = ()
    """Ids of rules that are not to run; `pagerduty-*` names a family."""
    origin: str = ""
    """The file that says so; empty where there is none."""

    def excluded_below(self, target: Path) -> tuple[str, ...]:
        """The patterns of `exclude` as they read from `target`: they are relative to the file that states them."""
        below = os.path.relpath(target.absolute(), Path(self.origin).absolute().parent) if self.origin else "."
        if below == "." or below.startswith(".."):
            return self.exclude
        return tuple(filter(None, (_below(pattern, below.replace(os.sep, "/")) for pattern in self.exclude)))


def _below(pattern: str, directory: str) -> str:
    """A pattern as it reads inside of `directory`; empty where it speaks of another place."""
    negation, path = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    if "/" not in path.rstrip("/") or path.startswith("**/"):
        return pattern
    if (path.strip("/") + "/").startswith(directory + "/"):
        return f"{negation}/{path.strip('/')[len(directory) + 1 :] or '**'}"
    return f"{negation}/**" if (directory + "/").startswith(path.strip("/") + "/") else ""


_LISTS = ("exclude", "disable")


def find(directory: Path) -> Config:
    """The configuration of a directory: its own, or the nearest above it inside the same repository.

    Raises:
        ConfigError: a file is no TOML, or holds a key that is not known.
    """
    for place in (directory, *directory.parents):
        for path in (place / NAME, place / "pyproject.toml"):
            if path.is_file() and (path.name == NAME or MARK in _bytes(path)):
                return read(path)
        if (place / ".git").exists():
            break
    return Config()


def read(path: Path) -> Config:
    """The configuration that one file states.

    Raises:
        ConfigError: the file cannot be read, is no TOML, or holds a key that is not known.
    """
    return parse(_bytes(path), str(path))


def parse(data: bytes, origin: str) -> Config:
    """The configuration that the bytes of a file state; `origin` says which file that is, by name in its last part.

    Raises:
        ConfigError: they are no TOML, or hold a key that is not known.
    """
    import tomllib  # noqa: PLC0415 - most repositories have no configuration

    try:
        content = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{origin} is no TOML: {error}", help="see https://toml.io for the syntax") from error
    if origin.endswith("pyproject.toml"):
        content = _table(origin, _table(origin, content, "tool"), "keysift")
    return Config(**{name: _checked(origin, name, value) for name, value in content.items()}, origin=origin)


def _table(origin: str, content: dict[str, Any], name: str) -> dict[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{origin}: '{name}' is no table", help="write it as [tool.keysift]")
    return table


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error


def _checked(origin: str, name: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401 - whatever TOML holds
    if name not in _LISTS:
        near = difflib.get_close_matches(name, _LISTS, n=1)
        known = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(_LISTS)}"
        raise ConfigError(f"{origin}: unknown key '{name}'", help=known)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{origin}: '{name}' must be a list of strings", help=f'write {name} = ["..."]')
    return tuple(value)
