"""What the user wants of the hook: `[agent]` in the user's own configuration, which no repository can change.

The hook is told the file and a *seal* of this table when it is installed. A file that has changed since is not
believed: an agent that edits it gains nothing, and `keysift agent install` puts a user's own change in force.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from keysift import lazy
from keysift.config import bounded
from keysift.errors import ConfigError
from keysift.records import dataclass

if TYPE_CHECKING:
    import tomllib

    from keysift.config import user
else:
    tomllib = lazy.module("tomllib")
    user = lazy.module("keysift.config.user")

LARGEST = 1 << 20
"""Bytes of the file that are read."""
NONE = "none"
"""The seal where there is no file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`[agent]` of the user's configuration."""

    mode: Literal["redact", "block", "warn"] = "redact"
    labels: Sequence[str] = ("secret", "sensitive")
    """The labels of the keys that count."""
    min_confidence: Literal["low", "medium", "high"] = "medium"
    on_error: Literal["closed", "open"] = "closed"
    """What happens where the hook itself fails: the agent is stopped, or only warned."""


_VALUES = {
    "mode": ("redact", "block", "warn"),
    "min-confidence": ("low", "medium", "high"),
    "on-error": ("closed", "open"),
    "labels": ("secret", "sensitive"),
}
"""The values of each key; `labels` is a list of them."""


def default_path() -> Path:
    """Return the place of the user's configuration; it need not be there."""
    return user.place()


def seal(path: Path) -> str:
    """Return a digest of what the configuration states here; `none` if it states nothing.

    Raises:
        ConfigError: it cannot be read.
    """
    return _seal(_table(path))


def read(path: Path, expected: str = "") -> tuple[Settings, str]:
    """Return the settings of a file, or the usual ones and why its own do not hold; with `expected`, the seal.

    Raises:
        ConfigError: the file is believed, and invalid.
    """
    try:
        table = _table(path)
    except ConfigError:
        if not expected:
            raise
        table = None
    if expected and (table is None or _seal(table) != expected):
        why = (
            f"[agent] in {path} has changed since the hook was installed, and does not hold until it is installed again"
        )
        return Settings(), why
    return _settings(path, table or {}), ""


def _seal(table: dict[str, Any]) -> str:
    if not table:
        return NONE
    return hashlib.blake2b(json.dumps(table, sort_keys=True, default=str).encode(), digest_size=12).hexdigest()


def _table(path: Path) -> dict[str, Any]:
    """Return what `[agent]` states."""
    content = bounded.read(path, LARGEST, "a configuration is a page or two")
    if content is None:
        return {}
    try:
        stated = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: invalid TOML: {error}", help="see https://toml.io for the syntax") from error
    table = stated.get("agent", {})
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: 'agent' must be a table", help="write [agent]")
    return table


def _settings(path: Path, table: dict[str, Any]) -> Settings:
    for name, value in table.items():
        chosen = value if name == "labels" and isinstance(value, list) else [value]
        if name not in _VALUES or (name == "labels") != isinstance(value, list):
            raise ConfigError(f"{path}: [agent] has no such '{name}'", help=f"it has {', '.join(_VALUES)}")
        if wrong := [each for each in chosen if each not in _VALUES[name]]:
            raise ConfigError(f"{path}: '{name}' cannot be {wrong[0]!r}", help=f"it may be {', '.join(_VALUES[name])}")
    return Settings(**{name.replace("-", "_"): value for name, value in table.items()})
