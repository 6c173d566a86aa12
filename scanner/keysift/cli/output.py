"""The options that say where a report goes and how it looks."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from keysift import lazy, report
from keysift.cli.choices import Choice
from keysift.errors import UsageError

if TYPE_CHECKING:
    from keysift.cli import nearest
    from keysift.report import plain
else:
    nearest = lazy.module("keysift.cli.nearest")
    plain = lazy.module("keysift.report.plain")


def check_destination(_ctx: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Return the name of the file as it is; a callback for click, so that no long run ends in vain.

    Raises:
        UsageError: its directory does not exist.
    """
    directory = os.path.dirname(value) if value else ""  # noqa: PTH120 - a name, as typed
    if value and directory and not os.path.isdir(directory):  # noqa: PTH112 - likewise
        what = "is not a directory" if os.path.lexists(directory) else "does not exist"
        shown = plain.plain(directory)
        raise UsageError(
            f"cannot write {plain.plain(value)}: the directory {shown} {what}",
            help=nearest.suggest_path(directory, f"mkdir -p {shown}"),
        )
    return value


FORMAT = click.option(
    "-f",
    "--format",
    "form",
    type=Choice(list(report.FORMATS)),
    metavar="FORMAT",
    default="text",
    show_default=True,
    help=f"Format of the report: {', '.join(report.FORMATS)}.",
)
OUTPUT = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    callback=check_destination,
    help="Write the report to this file instead of standard output.",
)
_APPEARANCE = (
    click.option(
        "--all", "everything", is_flag=True, help="List all findings in text, and all places and refs in any format."
    ),
    click.option(
        "--group-by", type=Choice(["file", "rule", "label"]), metavar="WHAT", help="Group by file, rule or label."
    ),
    click.option("--no-snippets", is_flag=True, help="Leave out the lines of code."),
    click.option("-q", "--quiet", is_flag=True, help="Only a line for each finding; no summary, no progress."),
    click.option("-v", "--verbose", is_flag=True, help="All places, refs and advice with each finding."),
    click.option(
        "--color",
        type=Choice(["auto", "always", "never"]),
        metavar="WHEN",
        default="auto",
        show_default=True,
        help="Use colours: auto, always or never.",
    ),
)


def appearance(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the text report."""
    for option in reversed(_APPEARANCE):
        command = option(command)
    return command
