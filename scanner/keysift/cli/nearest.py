"""The nearest of the names that exist to one that does not."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.report.plain import plain

if TYPE_CHECKING:
    import difflib
else:
    difflib = lazy.module("difflib")

MOST_ENTRIES = 10_000
"""Entries of a directory that are looked at."""


def suggest(name: str, known: Iterable[str], otherwise: str = "", *, cutoff: float = 0.6) -> str:
    """Return help that names the nearest, or else other help."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f"did you mean {plain(near[0])}?" if near else otherwise


def suggest_path(path: str, otherwise: str = "") -> str:
    """Return help that names a path that exists and differs in one part only, or else other help."""
    parent, name = os.path.split(path.rstrip("/"))
    if parent and not os.path.isdir(parent):  # noqa: PTH112 - a name, as typed
        return _elsewhere(parent, name) or otherwise
    near = difflib.get_close_matches(name, _entries(parent), n=1)
    return f"did you mean {plain(os.path.join(parent, near[0]))}?" if near else otherwise  # noqa: PTH118 - likewise


def _elsewhere(parent: str, name: str) -> str:
    """Return help where a directory on the way is not there, and one with a similar name has the entry."""
    above, folder = os.path.split(parent)
    for near in difflib.get_close_matches(folder, _entries(above), n=3):
        path = os.path.join(above, near, name)  # noqa: PTH118 - a name, as typed
        if os.path.lexists(path):
            return f"did you mean {plain(path)}?"
    return ""


def _entries(directory: str) -> list[str]:
    try:
        with os.scandir(directory or ".") as entries:
            return [entry.name for entry, _ in zip(entries, range(MOST_ENTRIES), strict=False)]
    except OSError:
        return []
