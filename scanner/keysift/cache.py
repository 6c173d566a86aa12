"""Keeps what takes long to make for the next run: beside Python's compiled modules, and on the same terms.

Nothing is kept if Python may not write compiled modules (`PYTHONDONTWRITEBYTECODE`, an installation of another user).
Whoever can change a kept file can change our code as well.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from keysift import lazy

if TYPE_CHECKING:
    import tempfile
else:
    tempfile = lazy.module("tempfile")


def read(name: str, key: bytes) -> bytes | None:
    """Return the data kept under a name, or None if there is none that was written with this key."""
    try:
        kept = _place(name).read_bytes()
    except (OSError, NotImplementedError):
        return None
    return kept[len(key) :] if kept.startswith(key) else None


def write(name: str, key: bytes, data: bytes) -> None:
    """Keep data under a name, instead of what was there; do nothing if that is impossible.

    `key` is a digest of what the data were made of.
    """
    if not sys.dont_write_bytecode:
        with contextlib.suppress(OSError, NotImplementedError):
            replace(_place(name), key + data)


def replace(place: Path, data: bytes) -> None:
    """Replace a file in one step, since another process may be reading it. Raises OSError."""
    place.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, suffix=".tmp", delete=False) as file:
        aside = Path(file.name)
        try:
            file.write(data)
            file.close()
            aside.chmod(0o644)
            aside.replace(place)
        except OSError:
            aside.unlink(missing_ok=True)  # such as a full disk: leave nothing half-written
            raise


def _place(name: str) -> Path:
    """Return the path for a name. Raises NotImplementedError if this Python keeps no compiled modules."""
    return Path(importlib.util.cache_from_source(__file__)).with_name(name)
