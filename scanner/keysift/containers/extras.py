"""The libraries that open documents and archives, which a platform may lack."""

from __future__ import annotations

import importlib
from typing import Any


class MissingError(Exception):
    """A library that is not installed; the message is the name of its package."""


def load(module: str) -> Any:  # noqa: ANN401 - a module
    """Import a library, whose package is named like its module. Raises MissingError."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingError(module) from None
