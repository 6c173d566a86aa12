"""The repository or directory that a command works on if its user names none, or names a file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from keysift.cli.nearest import suggest_path
from keysift.errors import UsageError
from keysift.git import layout
from keysift.report.plain import plain


def repository() -> Path:
    """Return the top of the repository around the current directory.

    Raises:
        UsageError: there is none.
    """
    top = layout.toplevel(Path.cwd())
    if top is None:
        raise UsageError("not inside a git repository", help="`keysift scan` scans files outside of one")
    return top


def default_target() -> str:
    """Return the top of the repository around the current directory, as a relative path; outside of one, `.`."""
    top = layout.toplevel(Path.cwd())
    return os.path.relpath(top) if top else "."


def check(names: Iterable[str]) -> None:
    """Raise UsageError for the first target that is not there; `-` is standard input."""
    for target in names:
        if target != "-" and not os.path.lexists(target):
            advice = suggest_path(target, "name what is there; `-` is standard input")
            raise UsageError(f"no such file or directory: {plain(target)}", help=advice)


def directory(target: str) -> Path:
    """Return the absolute directory of a target; for standard input (`-`), the current one."""
    place = Path("." if target == "-" else target).absolute()
    return place if place.is_dir() else place.parent
