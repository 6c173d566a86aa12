"""`keysift report`: saved reports, converted and merged."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from keysift import atomic
from keysift.cli import nearest, running, terminal
from keysift.cli import output as outputs
from keysift.cli.choices import Choice
from keysift.cli.exit_codes import FAIL_ON
from keysift.cli.options import LEVELS
from keysift.cli.sections import Sectioned
from keysift.errors import UsageError
from keysift.model import Confidence, Run
from keysift.report import saved
from keysift.report.merge import merge
from keysift.report.plain import plain
from keysift.report.threshold import with_min_confidence


@click.command("report", cls=Sectioned)
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@outputs.FORMAT
@outputs.OUTPUT
@click.option(
    "--fail-on",
    type=Choice(list(FAIL_ON)),
    metavar="LABEL",
    default="never",
    show_default=True,
    help="Lowest label that fails the run (exit code 1): secret, sensitive or never.",
)
@click.option(
    "--min-confidence",
    type=Choice(LEVELS),
    metavar="LEVEL",
    help="Lowest confidence that fails the run: low, medium or high.  [default: as when the report was saved]",
)
@click.option("--show-secrets", is_flag=True, help="Show keys in full, if the saved report does.")
@click.option("--show-public", is_flag=True, help="Also list keys that are public by design, if the saved report does.")
@outputs.appearance
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Convert reports saved with `-f json` to any format, without scanning again.

    FILES are saved reports, or `-` for standard input. Several reports are merged: the same key becomes one finding. A
    JSON report has no lines of code, so the text format shows only the masked key.

    \b
    keysift report report.json
    keysift report report.json -f html -o audit.html
    keysift report one.json two.json -f markdown
    keysift report ledger
    keysift report report.json -f markdown -o "$GITHUB_STEP_SUMMARY"
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    if options["files"][0] == "ledger" and not os.path.lexists("ledger"):
        _show_ledger(options["files"][1:], options["form"], options["output"])
        return
    run = merge([read(name) for name in options["files"]])
    if options["min_confidence"]:
        run = with_min_confidence(run, Confidence(options["min_confidence"]))
    running.deliver(run, options)
    ctx.exit(int(any(finding.verdict.label in FAIL_ON[options["fail_on"]] for finding in run.findings)))


def _show_ledger(files: Sequence[str], form: str, output: str | None) -> None:
    """Print the ledgers of `keysift respond`, for people or as JSON, or write them to a file.

    Raises:
        UsageError: a file that is named is none, or the form is another.
    """
    from keysift.verify import ledger  # noqa: PLC0415 - for ledgers alone

    if form not in {"text", "json"}:
        raise UsageError(f"a ledger cannot be shown as {form}", help="-f text or -f json")
    if absent := [name for name in files if not os.path.lexists(name)]:
        raise UsageError(f"no such file: {plain(absent[0])}", help="`keysift respond` writes a ledger")
    entries = [entry for name in files or ["keysift-ledger.jsonl"] for entry in ledger.read(Path(name))]
    lines = [ledger.as_json(entries)] if form == "json" else [*map(plain, ledger.text(entries))]
    if output:
        with atomic.replacing(Path(output), private=True) as file:
            file.writelines(f"{line}\n".encode() for line in lines)
        return
    for line in lines:
        if form == "json":
            click.echo(line)
        else:
            terminal.tell(line, other="      ")


def read(name: str) -> Run:
    """Return the run of a saved report; `-` is standard input.

    Raises:
        UsageError: it is none.
    """
    if name == "-":
        return saved.parse(sys.stdin.buffer.read(), "standard input")
    if not os.path.lexists(name):
        advice = nearest.suggest_path(name, "create one with `keysift scan -f json -o FILE`")
        raise UsageError(f"no such file: {plain(name)}", help=advice)
    return saved.read(Path(name))
