"""The progress bar of an audit."""

from __future__ import annotations

import sys
import time
from typing import Self

import click

from keysift.history.progress import Phase, Progress

WIDTH = 24
"""Characters."""
INTERVAL = 0.1
"""Seconds between one drawing and the next."""
PATIENCE = 1
"""Seconds before the bar appears."""


class Bar:
    """A bar on standard error that shows how far the sweep is; on a terminal only."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._drawn = 0.0
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def draw(self, progress: Progress) -> None:
        """Draw the bar anew if it is time to, or remove it after the sweep."""
        now = time.monotonic()
        spent = now - self._began
        if progress.phase is not Phase.SWEEP:
            self._clear()
        elif self._shown and progress.done and spent >= PATIENCE and now - self._drawn >= INTERVAL:
            self._drawn = now
            click.echo(f"\r\033[K{_line(progress.done, progress.total, spent)}", nl=False, err=True)

    def _clear(self) -> None:
        if self._drawn:
            self._drawn = 0.0
            click.echo("\r\033[K", nl=False, err=True)


def _line(done: int, total: int, spent: float) -> str:
    """Return the bar, the rate and the time left; `done` and `total` are roughly bytes, `spent` is in seconds."""
    left = spent * (total - done) / done
    filled = WIDTH * done // max(1, total)
    bar = "█" * filled + "·" * (WIDTH - filled)
    return f"{bar} {100 * done // max(1, total):3} %  {done / spent / 1e6:,.0f} MB/s  {left:,.0f} s left"
