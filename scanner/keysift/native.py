"""The compiled form of a module, where the build made one of just this text."""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path


def name(module: str, source: bytes) -> str:
    """What the compiled form is called: its text is part of the name, so that a stale one is never taken for it."""
    return f"{module}_{hashlib.sha256(source).hexdigest()[:12]}"


def take_over(module: str, file: str) -> None:
    """Puts the compiled form in the place of a module that is being imported from `file`, if there is one."""
    try:
        sys.modules[module] = importlib.import_module(name(module, Path(file).read_bytes()))
    except (ImportError, OSError):
        return
