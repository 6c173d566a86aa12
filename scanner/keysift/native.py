"""Replaces a module by its compiled form, if the build made one of exactly this source."""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path


def name(module: str, source: bytes) -> str:
    """Return the name of the compiled form. It has a digest of the source, so that a stale form never fits."""
    return f"{module}_{hashlib.sha256(source).hexdigest()[:12]}"


def take_over(module: str, file: str) -> None:
    """Replace a module that is being imported from `file` by its compiled form, if there is one."""
    try:
        sys.modules[module] = importlib.import_module(name(module, Path(file).read_bytes()))
    except (ImportError, OSError):
        return
