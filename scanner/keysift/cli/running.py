"""The beginning and the end of every command that reports: the clock, the report, the summary and the exit."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click
from click.core import ParameterSource

from keysift import cache, lazy, report
from keysift.accept.acceptances import Acceptances, accepted
from keysift.cli import terminal
from keysift.cli.exit_codes import exit_code
from keysift.errors import ReportError
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.model import Run, ScanResult
from keysift.version import VERSION

if TYPE_CHECKING:
    from keysift.rules import package
else:
    package = lazy.module("keysift.rules.package")


def begin(command: str, targets: Sequence[str]) -> Run:
    """Return a run that starts now.

    Raises:
        UsageError: the cache directory is stated as a relative path.
    """
    cache.check_variable()
    run = Run(command, tuple(targets), started=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
    run.duration_s = -time.monotonic()  # until `finish` adds the end
    return run


@contextmanager
def interrupts_noted(run: Run) -> Iterator[None]:
    """Note Ctrl-C, and what ends a program otherwise, in a run instead of ending it: its report comes next.

    A second one ends it.
    """
    endings = [number for number in signal.valid_signals() if signal.getsignal(number) is signal.default_int_handler]

    def restore() -> None:
        for number in endings:
            signal.signal(number, signal.default_int_handler)

    def note(_number: int, _frame: object) -> None:
        run.interrupted = True
        restore()

    for number in endings:
        signal.signal(number, note)
    try:
        yield
    finally:
        restore()


def reported(results: Iterable[ScanResult], acceptances: Acceptances, paths: Naming) -> Iterator[ScanResult]:
    """Yield results with accepted findings marked, and with the paths of reports."""
    return naming.named(accepted(acceptances, results, paths), paths)


def first_steps(run: Run, options: dict[str, Any], deciding: str) -> Iterator[str]:
    """Yield, for a person with findings before a terminal, how to accept them; `deciding` decides on each."""
    if run.findings and options["form"] == "text" and not options["quiet"] and sys.stderr.isatty():
        yield f"help: {deciding}; a comment on the line accepts one: keysift: ignore[rule-id] reason"


def finish(ctx: click.Context, run: Run, *, rules: int, advice: Iterable[str] = ()) -> NoReturn:
    """Write the report, the summary and the advice, and exit with the code of the run.

    `rules` is the number of active rules.
    """
    options = ctx.params
    run.duration_s = round(run.duration_s + time.monotonic(), 3)
    run.settings = {"version": VERSION, "rules": str(rules)}
    if options.get("rules_package"):
        run.settings["rules_package"] = package.load(options["rules_package"], options["rules_key"])[1]
    deliver(run, options)
    for line in advice:
        terminal.say(line)
    if ctx.get_parameter_source("fail_on") is not ParameterSource.DEFAULT:
        run.thresholds = {}
    ctx.exit(exit_code(run, options["fail_on"]))


def deliver(run: Run, options: dict[str, Any]) -> None:
    """Write the report where it is wanted, and the notes and the summary to standard error."""
    destination: Path | TextIO = Path(options["output"]) if options["output"] else sys.stdout
    stream = None if isinstance(destination, Path) else destination
    try:
        report.write(run, options["form"], destination, _view(options, stream))
    except BrokenPipeError:
        forget_output()
    except ReportError:
        if stream:
            forget_output()
        raise
    for note in () if options["quiet"] else run.notes:
        terminal.say(f"keysift: {note}")
    report.summary(run, sys.stderr, _view(options, sys.stderr))


def _view(options: dict[str, Any], stream: TextIO | None) -> report.Options:
    """Return the form of what goes to a stream, or to a file if there is none."""
    taken = stream is not None and terminal.takes_colour(stream)
    colour = options["color"] == "always" or (options["color"] == "auto" and taken)
    return report.Options(
        options["show_secrets"],
        options["show_public"],
        colour,
        terminal.width(),
        options["everything"],
        options["group_by"] or "",
        not options["no_snippets"],
        options["quiet"],
        options["verbose"],
    )


def forget_output() -> None:
    """Discard further output: its reader (`| head`) has closed it, or it is full, and Python would complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
