"""The beginning and the end of every command that reports: the clock, the report, the summary and the exit."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click
from click.core import ParameterSource

from keysift import cache, report
from keysift.accept.acceptances import Acceptances, accepted
from keysift.cli.exit_codes import exit_code
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.model import Run, ScanResult
from keysift.version import VERSION

LEAST_WIDTH, USUAL_WIDTH = 60, 100
"""Columns of a text report: at least, and where there is no terminal."""


def begin(command: str, targets: Sequence[str]) -> Run:
    """Return a run that starts now.

    Raises:
        UsageError: the cache directory is stated as a relative path.
    """
    cache.check_variable()
    run = Run(command, tuple(targets), started=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
    run.duration_s = -time.monotonic()  # until `finish` adds the end
    return run


def reported(results: Iterable[ScanResult], acceptances: Acceptances, paths: Naming) -> Iterator[ScanResult]:
    """Yield results with accepted findings marked, and with the paths of reports."""
    return naming.named(accepted(acceptances, results, paths), paths)


def finish(ctx: click.Context, run: Run, *, rules: int, advice: Iterable[str] = ()) -> NoReturn:
    """Write the report, the summary and the advice, and exit with the code of the run.

    `rules` is the number of active rules.
    """
    options = ctx.params
    run.duration_s = round(run.duration_s + time.monotonic(), 3)
    run.settings = {"version": VERSION, "rules": str(rules)}
    deliver(run, options)
    for line in advice:
        click.echo(line, err=True)
    if ctx.get_parameter_source("fail_on") is not ParameterSource.DEFAULT:
        run.thresholds = {}
    ctx.exit(exit_code(run, options["fail_on"]))


def deliver(run: Run, options: dict[str, Any]) -> None:
    """Write the report where it is wanted, and the notes and the summary to standard error."""
    destination: Path | TextIO = Path(options["output"]) if options["output"] else sys.stdout
    try:
        report.write(run, options["form"], destination, _view(options, sys.stdout))
    except BrokenPipeError:
        forget_output()
    for note in () if options["quiet"] else run.notes:
        click.echo(f"keysift: {note}", err=True)
    report.summary(run, sys.stderr, _view(options, sys.stderr))


def _view(options: dict[str, Any], stream: TextIO) -> report.Options:
    colour = options["color"] == "always" or (options["color"] == "auto" and _takes_colour(stream))
    return report.Options(
        options["show_secrets"],
        options["show_public"],
        colour,
        max(LEAST_WIDTH, _width()),
        options["everything"],
        options["group_by"] or "",
        not options["no_snippets"],
        options["quiet"],
        options["verbose"],
    )


def _takes_colour(stream: TextIO) -> bool:
    """Return True for a terminal, unless its user objects, and for whatever a user insists on.

    https://no-color.org, https://force-color.org
    """
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def _width() -> int:
    """Return the columns of the terminal; of that behind a pager, if the report goes into a pipe."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal():
        return int(columns)
    for stream in (1, 2, 0):
        with suppress(OSError):
            return os.get_terminal_size(stream).columns or USUAL_WIDTH
    return USUAL_WIDTH


def forget_output() -> None:
    """Discard further output: its reader (`| head`) has closed it, and Python would complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
