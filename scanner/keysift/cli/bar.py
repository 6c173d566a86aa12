"""The progress of an audit, or of asking vendors, as a bar on standard error."""

from __future__ import annotations

import sys
import threading
import time
from itertools import cycle
from typing import TYPE_CHECKING, Final, Self

import click

from keysift.cli.counting import CLEAR
from keysift.history.progress import Phase, Progress

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

WIDTH: Final = 24
"""Characters."""
ALMOST: Final = 99
"""Percent that are shown of a phase that is done, for as long as nobody says what comes next."""
INTERVAL: Final = 0.25
"""Seconds after which a sign turns: work goes on, even while nobody can say how far it is."""
_SIGNS: Final = "|/-\\"


class Bar:
    """A bar that names the phase of a run and shows how far it is; on a terminal only, and gone in the end.

    Where nobody knows how long a phase takes, it shows for how many seconds the phase has lasted.
    """

    def __init__(self, first: Phase = Phase.READ, *, wanted: bool = True, interval: float = INTERVAL) -> None:
        self._first = first
        self._shown = wanted and sys.stderr.isatty()
        self._interval = interval
        self._phase: Phase | None = None
        self._bar: ProgressBar[int] | None = None
        self._began = time.monotonic()
        self._signs = cycle(_SIGNS)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        self.draw(Progress(self._first, 0, 0))
        if self._shown:
            self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._over.set()
            self._ticker.join()
            click.echo(f"{CLEAR}\033[?25h", nl=False, err=True)  # click has hidden the cursor

    def draw(self, progress: Progress) -> None:
        """Draw the bar anew."""
        if not self._shown:
            return
        with self._lock:
            if self._bar is None or progress.phase is not self._phase or progress.total != self._bar.length:
                self._open(progress)
            self._name()
            assert self._bar is not None  # noqa: S101 - just opened
            self._bar.update(min(progress.done, ALMOST * progress.total // 100) - self._bar.pos)
            self._bar.render_progress()

    def _open(self, progress: Progress) -> None:
        """Begin the bar of a phase; where nobody knows how long it takes, it has no length."""
        click.echo(CLEAR, nl=False, err=True)
        if progress.phase is not self._phase:
            self._phase, self._began = progress.phase, time.monotonic()
        self._bar = click.progressbar(
            length=progress.total, width=WIDTH, fill_char="#", empty_char=".", file=sys.stderr
        )
        self._bar.bar_template = "%(label)s  [%(bar)s]  %(info)s" if progress.total else "%(label)s"

    def _tick(self) -> None:
        while not self._over.wait(self._interval):
            with self._lock:
                self._name()
                if self._bar:
                    self._bar.render_progress()

    def _name(self) -> None:
        """Name the phase on the bar, behind a sign that turns."""
        if self._bar is None or self._phase is None:
            return
        name = f"{next(self._signs)} {self._phase.value}"
        seconds = int(time.monotonic() - self._began)
        self._bar.label = name if self._bar.length else f"{name} ... {seconds:,} s" if seconds else f"{name} ..."
