"""What the user wants of the hook: `[agent]` in the user's own configuration, which no repository can change.

The hook is told the file and a *seal* of its content when it is installed. A file that has changed since is not
believed: an agent that edits it gains nothing, and `keysift agent install` puts a user's own change in force.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from keysift import lazy
from keysift.errors import ConfigError
from keysift.records import dataclass

if TYPE_CHECKING:
    import tomllib

    import platformdirs
else:
    tomllib = lazy.module("tomllib")
    platformdirs = lazy.module("platformdirs")

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
    return Path(platformdirs.user_config_dir("keysift", appauthor=False)) / "config.toml"


def seal(path: Path) -> str:
    """Return a digest of the configuration, `none` if there is none.

    Raises:
        ConfigError: it cannot be read.
    """
    content = _content(path)
    return NONE if content is None else hashlib.blake2b(content, digest_size=12).hexdigest()


def read(path: Path, expected: str = "") -> tuple[Settings, str]:
    """Return the settings of a file, or the usual ones and why its own do not hold; with `expected`, the seal.

    Raises:
        ConfigError: the file is believed, and invalid.
    """
    content = _content(path)
    if expected and expected != (NONE if content is None else hashlib.blake2b(content, digest_size=12).hexdigest()):
        return (
            Settings(),
            f"{path} has changed since the hook was installed, and does not hold until it is installed again",
        )
    if content is None:
        return Settings(), ""
    return _parse(path, content), ""


def _parse(path: Path, content: bytes) -> Settings:
    try:
        stated = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: invalid TOML: {error}", help="see https://toml.io for the syntax") from error
    table = stated.get("agent", {})
    if set(stated) - {"agent"} or not isinstance(table, dict):
        raise ConfigError(f"{path} may have one table, [agent]", help="the rest belongs into .keysift.toml")
    for name, value in table.items():
        chosen = value if name == "labels" and isinstance(value, list) else [value]
        if name not in _VALUES or (name == "labels") != isinstance(value, list):
            raise ConfigError(f"{path}: [agent] has no such '{name}'", help=f"it has {', '.join(_VALUES)}")
        if wrong := [each for each in chosen if each not in _VALUES[name]]:
            raise ConfigError(f"{path}: '{name}' cannot be {wrong[0]!r}", help=f"it may be {', '.join(_VALUES[name])}")
    return Settings(**{name.replace("-", "_"): value for name, value in table.items()})


def _content(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    if len(content) > LARGEST:
        raise ConfigError(f"{path} is larger than {LARGEST:,} bytes", help="a configuration is a page or two")
    return content
