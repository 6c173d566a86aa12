"""What several commands share: the rules that are to run, options, exit codes."""

from __future__ import annotations

import fnmatch
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click

from scanner import config, git, report
from scanner.errors import ConfigError, UsageError
from scanner.model import Label, Rule, Run

FAIL_ON = {
    "secret": (Label.SECRET,),
    "sensitive": (Label.SECRET, Label.SENSITIVE),
    "never": (),
}


_OPTIONS = (
    click.option(
        "-f", "--format", "form", type=click.Choice(sorted(report.FORMATS)), default="text", show_default=True
    ),
    click.option(
        "-o", "--output", type=click.Path(dir_okay=False), help="Write the report there, not to standard output."
    ),
    click.option(
        "--fail-on",
        type=click.Choice(list(FAIL_ON)),
        default="sensitive",
        show_default=True,
        help="The least label that makes the exit code 1.",
    ),
    click.option(
        "--config", "config_file", type=click.Path(dir_okay=False), help="Use this configuration file, and no other."
    ),
    click.option("--show-secrets", is_flag=True, help="Do not redact the keys in the report."),
    click.option("--show-public", is_flag=True, help="List keys that are public by design as well."),
    click.option("--jobs", type=click.IntRange(0, 256), default=0, help="Processes; 0 means one a core."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True),
)


def reporting(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that ends in a report."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def reading(command: Callable[..., None]) -> Callable[..., None]:
    """The option of every command that reads contents."""
    return click.option(
        "--max-file-size", default="256M", show_default=True, metavar="SIZE", help="Skip longer files (and say so)."
    )(command)


def begin(command: str, targets: Sequence[str]) -> Run:
    """A run that starts now."""
    run = Run(command, tuple(targets), started=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
    run.duration_s = -time.monotonic()  # until `finish` adds the end
    return run


def finish(ctx: click.Context, run: Run, options: dict[str, Any], rules: int, advice: Iterable[str] = ()) -> NoReturn:
    """The report where it is wanted, on standard error the summary for people and `advice`, and the exit code."""
    run.duration_s = round(run.duration_s + time.monotonic(), 3)
    run.settings = {"version": version() if options["form"] != "text" else "", "rules": str(rules)}
    deliver(run, options)
    for line in advice:
        click.echo(line, err=True)
    ctx.exit(exit_code(run, options["fail_on"]))


def deliver(run: Run, options: dict[str, Any]) -> None:
    """The report where it is wanted, and the summary on standard error for people."""
    colour = {"always": True, "never": False}.get(options["color"])
    destination: Path | TextIO = Path(options["output"]) if options["output"] else sys.stdout
    try:
        report.write(run, options["form"], destination, _view(options, sys.stdout, colour))
    except BrokenPipeError:
        forget_output()
    report.summary(run, sys.stderr, _view(options, sys.stderr, colour))


def _view(options: dict[str, Any], stream: TextIO, colour: bool | None) -> report.Options:  # noqa: FBT001 - private
    """Colour is for terminals whose user does not say no; NO_COLOR: https://no-color.org."""
    if colour is None:
        colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size((100, 24)).columns
    return report.Options(options["show_secrets"], options["show_public"], colour, max(60, width))


def configuration(target: str, named: str | None) -> config.Config:
    """The configuration file that was named, or the one that holds for a target."""
    if named:
        return config.read(Path(named))
    first = Path("." if target == "-" else target).absolute()
    return config.find(first if first.is_dir() else first.parent)


def repository() -> Path:
    """The top of the repository around the current directory.

    Raises:
        UsageError: there is none.
    """
    top = git.toplevel(Path.cwd())
    if top is None:
        raise UsageError("there is no git repository here", help="`keysift scan` judges files outside of one")
    return top


def excluding(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path from the top of the repository is one that the configuration leaves out."""
    if not patterns:
        return lambda _path: False
    from scanner.sources import worktree  # noqa: PLC0415 - with pathspec 30 ms, which most configurations do not need

    spec = worktree.patterns(patterns)
    return lambda path: spec is not None and spec.match_file(path)


def version() -> str:
    """The version of the installed distribution."""
    from importlib import metadata  # noqa: PLC0415 - 20 ms

    try:
        return metadata.version("keysift")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def enabled(rules: Sequence[Rule], disable: Sequence[str], origin: str) -> tuple[Rule, ...]:
    """The rules without those that the configuration turns off.

    Raises:
        ConfigError: a pattern names no rule: a slip of the pen must not pass for a wish fulfilled.
    """
    for pattern in disable:
        if pattern != "tracked-secret-file" and not any(fnmatch.fnmatchcase(rule.id, pattern) for rule in rules):
            raise ConfigError(f"{origin}: disable names no rule: '{pattern}'", help="`keysift rules list` lists them")
    return tuple(rule for rule in rules if not any(fnmatch.fnmatchcase(rule.id, pattern) for pattern in disable))


def forget_output() -> None:
    """Standard output to nowhere: its reader (`| head`) has what it wanted, and Python would complain while closing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def exit_code(run: Run, fail_on: str) -> int:
    """130 interrupted, 1 findings at or above the threshold, 3 incomplete, else 0; in this order."""
    if run.interrupted:
        return 130
    if any(finding.verdict.label in FAIL_ON[fail_on] for finding in run.findings):
        return 1
    return 0 if run.complete else 3


def size(text: str) -> int:
    """`64M` in bytes; k, M, G are powers of 1,024.

    Raises:
        UsageError: it is no size.
    """
    units = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
    number = text.strip().lower().removesuffix("b").removesuffix("i")
    unit = number[-1:] if number[-1:].isalpha() else ""
    digits = number.removesuffix(unit)
    if unit not in units or not (digits.isascii() and digits.isdigit()):
        raise UsageError(f"no size: {text}", help="write bytes, or a number with k, M or G: 64M")
    return int(digits) * units[unit]
