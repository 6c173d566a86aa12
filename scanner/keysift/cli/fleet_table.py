"""How far a run of a fleet is, as a table: once, or drawn anew on a terminal until it has ended."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

import click
import msgspec

from keysift.cli import terminal
from keysift.errors import SourceError
from keysift.fleet.comparing import Comparison
from keysift.fleet.driver import SILENCE_S
from keysift.fleet.merging import NO_RUN
from keysift.fleet.records import Progress
from keysift.model import Run
from keysift.report.plain import plain
from keysift.report.wording import by_label, count, missed

INTERVAL_S = 1.0
MOST_LISTED = 10
"""Repositories of a kind that the table names."""


class Table:
    """The table of a run that is under way, on a terminal only, and gone in the end."""

    def __init__(self, *, wanted: bool = True) -> None:
        self._shown = wanted and sys.stderr.isatty()
        self._drawn = 0.0
        self._height = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def draw(self, progress: Progress) -> None:
        """Draw the table anew, if that is some time ago."""
        now = time.monotonic()
        if not self._shown or now - self._drawn < INTERVAL_S:
            return
        self._clear()
        lines = [line[: terminal.width() - 1] for line in table(progress)]
        click.echo("\n".join(lines), err=True)
        self._drawn, self._height = now, len(lines)

    def _clear(self) -> None:
        if self._height:
            click.echo(f"\033[{self._height}A\033[J", nl=False, err=True)
            self._height = 0


def table(progress: Progress) -> Iterator[str]:
    """Yield the lines: the numbers, what is running and for how long, what failed and why."""
    ended = progress.done + progress.unchanged + len(progress.failed)
    waiting = progress.total - ended - len(progress.running)
    seconds = max(progress.beat - progress.began, 0.001)
    rate = ended / seconds * 60
    numbers = {
        "done": progress.done,
        "unchanged": progress.unchanged,
        "failed": len(progress.failed),
        "running": len(progress.running),
        "waiting": max(waiting, 0),
        "of": progress.total,
    }
    yield "   ".join(f"{word} {number:,}" for word, number in numbers.items())
    if progress.stopped and not progress.ended:
        yield f"stopped after {_duration(seconds)}: `keysift fleet run` goes on"
    elif progress.ended:
        yield f"ended after {_duration(seconds)}, {rate:,.1f} a minute"
    elif time.time() - progress.beat > SILENCE_S:
        since = _duration(time.time() - progress.beat)
        yield f"process {progress.pid} on {plain(progress.host)} is silent for {since}: `keysift fleet run` goes on"
    else:
        left = f", {_duration((progress.total - ended) / ended * seconds)} left" if ended else ""
        yield f"{rate:,.1f} a minute{left}"
    for running in progress.running[:MOST_LISTED]:
        yield f"  running  {plain(running.name)}  {_duration(progress.beat - running.since)}  {plain(running.where)}"
    for failed in progress.failed[-MOST_LISTED:]:
        yield f"  failed   {plain(failed.name)}  {plain(failed.reason)}"
    if (more := len(progress.failed) - MOST_LISTED) > 0:
        yield f"  failed   and {more:,} more: -f json lists them"


def show(read: Callable[[], Progress | None], form: str, *, once: bool) -> None:
    """Print the table of what `read` returns; on a terminal again and again, until the run has ended.

    Raises:
        SourceError: there was no run.
    """
    progress = read()
    if progress is None:
        raise SourceError("this fleet was never scanned", help=NO_RUN)
    if form == "json":
        click.echo(msgspec.json.encode(progress).decode())
        return
    height = 0
    while True:
        lines = [line[: terminal.width() - 1] if sys.stdout.isatty() else line for line in table(progress)]
        click.echo((f"\033[{height}A\033[J" if height else "") + "\n".join(lines))
        height = len(lines)
        if once or progress.stopped or not sys.stdout.isatty() or time.time() - progress.beat > SILENCE_S:
            return
        time.sleep(INTERVAL_S)
        progress = read() or progress


def ending(progress: Progress, run: Run, compared: tuple[Run, Comparison] | None) -> Iterator[str]:
    """Yield the last lines of a run: what was scanned, what was found, and what is new."""
    outcomes = f"{progress.done:,} scanned, {progress.unchanged:,} unchanged, {len(progress.failed):,} failed"
    yield f"keysift: {count(progress.total, 'repository', 'repositories')}: {outcomes}"
    for failed in progress.failed[:MOST_LISTED]:
        yield f"keysift: not scanned: {plain(failed.name)}: {plain(failed.reason)}"
    others = len(missed(run)) - len(progress.failed[:MOST_LISTED])
    if others > 0:
        yield f"keysift: also not scanned, or not fully: {others:,}; `keysift fleet report` says what and why"
    found = f"{count(len(run.findings), 'leaked key')} ({by_label(run.findings)})" if run.findings else "no leaked keys"
    holders = {holder.name for finding in run.findings for holder in finding.repositories}
    yield f"keysift: {found} in {count(len(holders), 'repository', 'repositories')}" if holders else f"keysift: {found}"
    if compared:
        before, found_since = compared
        yield f"keysift: since {before.started}: {found_since.sentence()}"


def _duration(seconds: float) -> str:
    whole = max(0, round(seconds))
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h {whole % 3600 // 60:02} min"
