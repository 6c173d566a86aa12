"""The progress of an audit, as a bar on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

import click

from keysift.cli.counting import CLEAR
from keysift.history.progress import Phase, Progress

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

WIDTH = 24
"""Characters."""
ALMOST = 99
"""Percent that are shown of a phase that is done, for as long as nobody says what comes next."""


class Bar:
    """A bar that names the phase of a run and shows how far it is; on a terminal only, and gone in the end."""

    def __init__(self, *, wanted: bool = True) -> None:
        self._shown = wanted and sys.stderr.isatty()
        self._phase: Phase | None = None
        self._bar: ProgressBar[int] | None = None

    def __enter__(self) -> Self:
        self.draw(Progress(Phase.READ, 0, 0))
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            click.echo(f"{CLEAR}\033[?25h", nl=False, err=True)  # click has hidden the cursor

    def draw(self, progress: Progress) -> None:
        """Draw the bar anew."""
        if not self._shown:
            return
        if self._bar is None or progress.phase is not self._phase:
            click.echo(CLEAR, nl=False, err=True)
            self._phase = progress.phase
            self._bar = _open(progress)
        most = ALMOST * progress.total // 100
        self._bar.update(min(progress.done, most) - self._bar.pos)
        self._bar.render_progress()


def _open(progress: Progress) -> ProgressBar[int]:
    """Return the bar of a phase; where nobody knows how long it takes, its name alone."""
    return click.progressbar(
        length=max(1, progress.total),
        label=progress.phase.value,
        bar_template="%(label)s  [%(bar)s]  %(info)s" if progress.total else "%(label)s ...",
        width=WIDTH,
        fill_char="#",
        empty_char=".",
        file=sys.stderr,
    )
