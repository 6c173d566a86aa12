"""Reads files of configurations up to a limit: whose they are is not always known."""

from __future__ import annotations

from pathlib import Path

from keysift.errors import ConfigError


def read(path: Path, most: int, advice: str) -> bytes | None:
    """Return the bytes of a file; None if there is none.

    Raises:
        ConfigError: it cannot be read, or has more than `most` bytes, for which there is `advice`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    if len(data) > most:
        raise ConfigError(f"{path} is larger than {most:,} bytes", help=advice)
    return data
