"""Transcripts and histories of agents in a home directory."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from keysift.agent import places
from keysift.agent.places import Home
from keysift.errors import UsageError

_UNITS = {"h": 3600, "d": 86_400, "w": 7 * 86_400}


def find(home: Home, agents: Collection[str] = (), since: float = 0) -> Iterator[tuple[str, str]]:
    """Yield the agent and the path of each file, from the home directory; `since` is the oldest time of a change.

    Raises:
        UsageError: no agent of that name leaves files behind.
    """
    known = {place.what for place in places.table().transcripts}
    if unknown := set(agents) - known:
        raise UsageError(
            f"keysift knows no files of {', '.join(sorted(unknown))}", help=f"it knows {', '.join(sorted(known))}"
        )
    for place in places.table().transcripts:
        if agents and place.what not in agents:
            continue
        for path in home.files(places.patterns(place, places.this_system(), os.environ)):
            if changed_at(home.path / path) >= since:
                yield place.what, path


def changed_at(path: Path) -> float:
    """Return when a file was last changed, in seconds since 1970; 0 if it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0


def oldest(stated: str, now: float | None = None) -> float:
    """Return the time that a span such as `30d` goes back to, in seconds since 1970; an empty one goes back for ever.

    Raises:
        UsageError: it is no span.
    """
    if not stated:
        return 0
    number, unit = stated[:-1], stated[-1:]
    if not (number.isascii() and number.isdigit()) or unit not in _UNITS:
        raise UsageError(f"not a span of time: {stated}", help="write hours, days or weeks: 12h, 30d, 8w")
    return (time.time() if now is None else now) - int(number) * _UNITS[unit]
