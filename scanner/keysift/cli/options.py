"""The options that several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from keysift import lazy, patterns
from keysift.cli import output
from keysift.cli.choices import Choice, within
from keysift.cli.completing import complete_rule
from keysift.cli.exit_codes import FAIL_ON
from keysift.errors import UsageError
from keysift.patterns import PatternError

if TYPE_CHECKING:
    from keysift.report import plain
else:
    plain = lazy.module("keysift.report.plain")

MOST_JOBS = 256


_ACCEPTING = (
    click.option(
        "--config", "config_file", type=click.Path(dir_okay=False), help="Use this configuration file and no other."
    ),
    click.option(
        "--baseline",
        "baseline_file",
        type=click.Path(dir_okay=False),
        help="Use this baseline file and no other.",
    ),
    click.option(
        "--no-repo-config", is_flag=True, help="Ignore the configuration, comments and baseline of the repository."
    ),
)
LEVELS = ("low", "medium", "high")
"""The values of `--min-confidence`."""
MIN_CONFIDENCE = click.option(
    "--min-confidence",
    type=Choice(LEVELS),
    metavar="LEVEL",
    help="Lowest confidence that fails the run: low, medium or high; less sure findings are only counted.  "
    "[default: medium]",
)
"""The option of every command that tells findings to act on from others."""
JOBS = click.option(
    "--jobs",
    type=click.INT,
    default=0,
    metavar="N",
    callback=within(0, MOST_JOBS),
    help="Number of processes; 0: one per core.  [default: 0]",
)
"""The option of every command that scans."""
_RULES = (
    click.option(
        "--rules-package",
        metavar="FILE",
        envvar="KEYSIFT_RULES_PACKAGE",
        type=click.Path(dir_okay=False),
        help="Use the rules in this signed package instead of those that come with keysift.",
    ),
    click.option(
        "--rules-key",
        metavar="KEY",
        envvar="KEYSIFT_RULES_KEY",
        help="Public key, or its file, that must have signed the package.  [default: that of keysift]",
    ),
)
_REPORTING = (
    output.FORMAT,
    output.OUTPUT,
    click.option(
        "--fail-on",
        type=Choice(list(FAIL_ON)),
        metavar="LABEL",
        default="sensitive",
        show_default=True,
        help="Lowest label that fails the run (exit code 1): secret, sensitive or never.",
    ),
    MIN_CONFIDENCE,
    click.option(
        "--rule",
        "only",
        multiple=True,
        metavar="ID",
        shell_complete=complete_rule,
        help="Look for the keys of this rule only; `pagerduty-*` is a family. Repeatable.",
    ),
    click.option(
        "--disable",
        multiple=True,
        metavar="ID",
        shell_complete=complete_rule,
        help="Turn this rule off; `generic-*` is a family. Repeatable.",
    ),
    *_RULES,
    *_ACCEPTING,
    click.option("--show-secrets", is_flag=True, help="Show keys in full instead of redacting them."),
    click.option("--show-public", is_flag=True, help="Also list keys that are public by design."),
    JOBS,
)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def reporting(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every command that ends in a report."""
    command = output.appearance(command)
    for option in reversed(_REPORTING):
        command = option(command)
    return command


def accepting(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every command that heeds what a repository accepts; `reporting` adds them, too."""
    for option in reversed(_ACCEPTING):
        command = option(command)
    return command


def choosing_rules(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that point at other rules; `reporting` adds them, too."""
    for option in reversed(_RULES):
        command = option(command)
    return command


FORCE = click.option("--force", is_flag=True, help="Also judge named files that the configuration excludes.")
"""The option of the commands to which tools such as pre-commit name files."""


def reading(command: Callable[..., None]) -> Callable[..., None]:
    """Add the option of every command that reads blobs as a whole."""
    return click.option(
        "--max-file-size", default="256M", show_default=True, metavar="SIZE", help="Skip (and report) larger files."
    )(command)


def check_pattern(_ctx: click.Context, option: click.Parameter, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """Return the patterns of an option as they are; a callback for click.

    Raises:
        UsageError: one of them is not a pattern.
    """
    for stated in (value,) if isinstance(value, str) else value:
        try:
            patterns.check(stated)
        except PatternError as error:
            shown = plain.plain(stated)
            raise UsageError(
                f"{option.opts[0]}: '{shown}' is not a pattern: {error}", help="patterns are written as in .gitignore"
            ) from error
    return value


def parse_size(text: str) -> int:
    """Return a size such as `64M` in bytes; k, M and G are powers of 1,024.

    Raises:
        UsageError: it is not a size.
    """
    number = text.strip().lower().removesuffix("b").removesuffix("i")
    unit = number[-1:] if number[-1:].isalpha() else ""
    digits = number.removesuffix(unit)
    if unit not in _UNITS or not (digits.isascii() and digits.isdigit()):
        raise UsageError(f"invalid size: {text}", help="write a number of bytes, or one with k, M or G: 64M")
    return int(digits) * _UNITS[unit]
