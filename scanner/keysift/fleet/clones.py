"""Clones on the machine that audits: brought when they are needed, gone when they are not, never more than a quota.

Beside them lies what is remembered of each audit: it is small, and outlives the clone. A clone in use has a name of its
own (`.part-`), so that nobody else uses or removes it; whoever is killed leaves it, and the next run removes it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from keysift.fleet import tokens
from keysift.fleet.model import Repository, Task, file_name
from keysift.git import mirror
from keysift.git.mirror import MirrorError, Remote

_KEPT, PART, _STATES = ".git", ".part-", "states"


def remote(repository: Repository) -> Remote:
    """Return how git reaches a repository.

    Raises:
        UsageError: its token is not in the environment of this process.
    """
    access = repository.access
    return Remote(repository.url, tokens.for_git(access), access.ca_file, access.proxy)


@contextmanager
def brought(task: Task, reached: Remote, head: str) -> Iterator[Path]:
    """Yield a mirror that is up to date; it is kept for the next run if the task says so, else removed.

    Raises:
        MirrorError: it cannot be cloned, or takes more room than there is.
    """
    work = Path(task.work)
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = file_name(task.repository.name)
    kept, place = work / f"{name}{_KEPT}", work / f"{name}{PART}{os.urandom(4).hex()}"
    try:
        if not (kept.is_dir() and _renewed(task, reached, head, kept, place)):
            mirror.clone(reached, place, _room(task))
        yield place
        if task.keep:
            place.rename(kept)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def state_of(task: Task) -> Path:
    """Return the directory in which the audits of a repository are remembered, whatever becomes of its clone."""
    states = Path(task.work, _STATES)
    with suppress(OSError):  # then the directory cannot be made either, and whoever makes it says so
        for place in (states.parent, states):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return states / file_name(task.repository.name)


def forget(work: Path, names: Iterable[str]) -> None:
    """Remove what is remembered of all repositories but these."""
    kept = {file_name(name) for name in names}
    states = work / _STATES
    for place in states.iterdir() if states.is_dir() else ():
        if place.name not in kept:
            shutil.rmtree(place, ignore_errors=True)


def remove_left(work: Path) -> None:
    """Remove what processes that were killed left behind."""
    if work.is_dir():
        for place in work.glob(f"*{PART}*"):
            shutil.rmtree(place, ignore_errors=True)


def _renewed(task: Task, reached: Remote, head: str, kept: Path, place: Path) -> bool:
    """Bring a kept clone up to date; return False, with the clone removed, if that is impossible."""
    kept.rename(place)
    try:
        mirror.fetch(reached, place, head, _room(task) + mirror.measure(place) if task.quota else 0)
    except MirrorError:
        shutil.rmtree(place, ignore_errors=True)
        return False
    return True


def _room(task: Task) -> int:
    """Return the bytes that are left for one more clone, 0 for any number; the longest unused kept clones make room.

    Raises:
        MirrorError: there is no room.
    """
    if not task.quota:
        return 0
    work = Path(task.work)
    sizes = {place: mirror.measure(place) for place in work.iterdir() if place.name != _STATES}
    needed = task.repository.size or task.quota // 4
    kept = sorted((place for place in sizes if place.name.endswith(_KEPT)), key=lambda place: place.stat().st_mtime)
    while kept and task.quota - sum(sizes.values()) < needed:
        oldest = kept.pop(0)
        shutil.rmtree(oldest, ignore_errors=True)
        sizes[oldest] = 0
    room = task.quota - sum(sizes.values())
    if room <= 0:
        raise MirrorError(f"no room: other clones take all of the {task.quota:,} bytes that are allowed")
    return room
