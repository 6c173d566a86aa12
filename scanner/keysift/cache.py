"""What takes long to make, kept for the next run: where Python keeps its compiled modules, and on the same terms.

Nothing is kept where Python may not write those (`PYTHONDONTWRITEBYTECODE`, an installation of another user). Whoever
can change what is kept can change our code as well.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from pathlib import Path


def read(name: str, key: bytes) -> bytes | None:
    """What was kept under a name, if it was made of what the key stands for."""
    try:
        found = _place(name).read_bytes()
    except (OSError, NotImplementedError):
        return None
    return found[len(key) :] if found.startswith(key) else None


def write(name: str, key: bytes, data: bytes) -> None:
    """Keeps it, instead of what was there; where that cannot be, nothing happens."""
    if not sys.dont_write_bytecode:
        with contextlib.suppress(OSError, NotImplementedError):
            replace(_place(name), key + data)


def replace(place: Path, data: bytes) -> None:
    """Written aside, then renamed: another process may be reading it. Raises OSError."""
    import tempfile  # noqa: PLC0415 - 4 ms few runs need

    place.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, suffix=".tmp", delete=False) as file:
        aside = Path(file.name)
        try:
            file.write(data)
            file.close()
            aside.chmod(0o644)
            aside.replace(place)
        except OSError:
            aside.unlink(missing_ok=True)  # a full disk: nothing half written stays
            raise


def _place(name: str) -> Path:
    """Raises NotImplementedError: this Python keeps no compiled modules."""
    return Path(importlib.util.cache_from_source(__file__)).with_name(name)
