"""One run of a fleet: what there is, what is to do, who does it, and every outcome written as soon as it is there.

Whatever ends a run, what is done stays done: the next one does the rest.
"""

from __future__ import annotations

import hashlib
import io
import os
import socket
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec

from keysift import report
from keysift.errors import UsageError
from keysift.fleet import clones, merging, records
from keysift.fleet.engine import Engine, Event, Events
from keysift.fleet.listing import list_fleet
from keysift.fleet.model import Answer, AuditRepository, Inventory, Repository, State, Task, Wishes
from keysift.fleet.records import Failed, Outcome, Progress, Running
from keysift.fleet.settings import FleetSettings
from keysift.fleet.store import Store
from keysift.fleet.task import scan
from keysift.records import dataclass
from keysift.version import VERSION

BEAT_S = 2.0
"""Seconds between two notes of how far a run is."""
LARGE = 512 << 20
"""Bytes of a repository that is swept by several processes, though other repositories are waiting."""
PARTED = 128 << 20
"""The weight of objects, roughly their bytes, that is worth parting among the workers of a cluster."""
SILENCE_S = 60.0
"""Seconds after which a driver of which nothing is heard counts as dead."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run is made, as the command line says."""

    wishes: Wishes = Wishes()
    keep: bool = False
    quota: int = 0
    jobs: int = 1
    """Processes that an audit may have: those of this machine for a large one, if this machine does the work."""
    anew: bool = False
    """True if everything is to be read again, also what has not changed."""
    cluster: bool = False
    """True if there are workers that can help each other."""


class Driver:
    """One run."""

    def __init__(self, settings: FleetSettings, store: Store, options: RunOptions) -> None:
        """Take the fleet, the store of its reports, and how to run.

        Raises:
            UsageError: another run of this fleet is under way.
        """
        self._settings, self._store, self._options = settings, store, options
        self._before = records.read_progress(store)
        _check_alone(self._before)
        self._run = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self.progress = Progress(self._run, socket.gethostname(), os.getpid(), time.time(), 0, began=time.time())
        self._since: dict[str, float] = {}
        self._written = 0.0
        # Each fleet has a directory of its own: it removes what is left there.
        own = hashlib.blake2b(settings.store.encode(), digest_size=6).hexdigest()
        self._work = Path(settings.work, own)

    def run(
        self, audit: AuditRepository, engine: Engine, tell: Callable[[str], None]
    ) -> Generator[Progress, None, None]:
        """Do everything that is to do, and yield how far it is.

        Raises:
            ConfigError: a source names what is not there.
            UsageError: a token is not in the environment, or the engine cannot be had.
            SourceError: the store cannot be read, or the scheduler of the engine is gone.
            ReportError: the store cannot be written.
        """
        salt = records.read_salt(self._store)
        self._remember_last()
        self._beat(now=True)
        try:
            yield from self._work_off(list_fleet(self._settings, tell), salt, partial(engine, partial(scan, audit)))
            self.progress.ended = True
        finally:
            clones.remove_left(self._work)
            self.progress.running, self.progress.stopped = (), True
            self._beat(now=True)

    def _work_off(
        self, inventory: Inventory, salt: bytes, engine: Callable[[list[Task]], Events]
    ) -> Iterator[Progress]:
        records.write_listing(self._store, self._run, inventory)
        outcomes = records.read_outcomes(self._store)
        clones.remove_left(self._work)
        if inventory.whole:
            clones.forget(self._work, [repository.name for repository in inventory.repositories])
        self.progress.total = len(inventory.repositories)
        self._written = 0.0  # what is to do is told at once
        with closing(engine(list(self._tasks(inventory, outcomes, salt)))) as events:
            for event in events:
                self._take(event, outcomes)
                yield self.progress

    def _remember_last(self) -> None:
        """Keep the report of the run before, if it came to its end: that is what `--since-last` compares with."""
        if self._before is None or not self._before.ended:
            return
        listing, runs = merging.read_runs(self._store)
        out = io.StringIO()
        report.write(merging.merge(self._settings.origin, listing, runs), "json", out, report.Options(show_public=True))
        self._store.write(records.LAST, out.getvalue().encode())

    def _tasks(self, inventory: Inventory, outcomes: dict[str, Outcome], salt: bytes) -> Iterator[Task]:
        """Yield a task for each repository, the largest first: the last one of all should be a small one."""
        options, today = self._options, self._run[:10]
        repositories = sorted(inventory.repositories, key=_largest_first)
        usual = max(1, options.jobs // max(1, len(repositories)))
        for repository in repositories:
            known = outcomes.get(repository.name)
            holds = known and not options.anew and not (known.until and known.until < today)
            mark = known.mark if known and holds else ""
            jobs = options.jobs if repository.size >= LARGE else usual
            yield Task(
                repository, VERSION, str(self._work), options.wishes, mark, salt, options.keep, options.quota, jobs,
                options.anew, PARTED if options.cluster else 0,
            )  # fmt: skip

    def _take(self, event: Event, outcomes: dict[str, Outcome]) -> None:
        now, progress = time.time(), self.progress
        names = {task.repository.name: where for task, where in event.running}
        if event.ended and event.answer:
            name = event.ended.repository.name
            names.pop(name, None)
            outcome = _outcome(name, event.answer, outcomes.get(name))
            records.write_outcome(self._store, outcome)
            if event.answer.state is State.FAILED:
                progress.failed = (*progress.failed, Failed(name, event.answer.reason))
            elif event.answer.state is State.UNCHANGED:
                progress.unchanged += 1
            else:
                progress.done += 1
        self._since = {name: self._since.get(name, now) for name in names}
        progress.running = tuple(Running(name, self._since[name], where) for name, where in names.items())
        self._beat()

    def _beat(self, *, now: bool = False) -> None:
        """Write how far the run is, if that is some time ago."""
        if now or time.time() - self._written > BEAT_S:
            self._written = self.progress.beat = time.time()
            records.write_progress(self._store, self.progress)


def _largest_first(repository: Repository) -> tuple[int, str]:
    return -repository.size, repository.name


def _outcome(name: str, answer: Answer, known: Outcome | None) -> Outcome:
    """Return what is kept of an answer: a report that is there stands until there is another one."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if answer.state is State.DONE:
        raw = msgspec.Raw(answer.report)
        return Outcome(name, answer.state, "", answer.mark, answer.until, now, now, answer.seconds, raw)
    outcome = known or Outcome(name, answer.state)
    outcome.reason, outcome.when, outcome.seconds = answer.reason, now, answer.seconds
    outcome.state = State.DONE if answer.state is State.UNCHANGED else answer.state
    return outcome


def _check_alone(before: Progress | None) -> None:
    if before is None or before.stopped or time.time() - before.beat > SILENCE_S:
        return
    if before.host == socket.gethostname() and not _is_alive(before.pid):
        return
    advice = "wait for its end: `keysift fleet status` shows how far it is"
    raise UsageError(f"another run of this fleet is under way: process {before.pid} on {before.host}", help=advice)


def _is_alive(pid: int) -> bool:
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
