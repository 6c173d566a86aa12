"""What several commands share: the rules that are to run, options, exit codes."""

from __future__ import annotations

import fnmatch
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click
from click.core import ParameterSource

from keysift import config, patterns, report
from keysift.accept import acceptances, baseline
from keysift.errors import ConfigError, UsageError
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.git import layout
from keysift.model import Finding, Label, Run, ScanResult
from keysift.patterns import PatternError
from keysift.rules import ruleset

FAIL_ON = {
    "secret": (Label.SECRET,),
    "sensitive": (Label.SECRET, Label.SENSITIVE),
    "never": (),
}


_ACCEPTING = (
    click.option(
        "--config", "config_file", type=click.Path(dir_okay=False), help="Use this configuration file, and no other."
    ),
    click.option(
        "--baseline", "baseline_file", type=click.Path(dir_okay=False), help="Use this baseline, not .keysift-baseline."
    ),
    click.option(
        "--no-repo-config", is_flag=True, help="Leave out what the repository says: configuration, comments, baseline."
    ),
)
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
    *_ACCEPTING,
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


def accepting(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every command that heeds what a repository accepts; `reporting` has them, too."""
    for option in reversed(_ACCEPTING):
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
    stated = ctx.get_parameter_source("fail_on") is not ParameterSource.DEFAULT
    run.thresholds = {} if stated else run.thresholds
    ctx.exit(exit_code(run, options["fail_on"] if stated else options.get("config_fail_on") or options["fail_on"]))


def deliver(run: Run, options: dict[str, Any]) -> None:
    """The report where it is wanted, and the summary on standard error for people."""
    colour = {"always": True, "never": False}.get(options["color"])
    destination: Path | TextIO = Path(options["output"]) if options["output"] else sys.stdout
    try:
        report.write(run, options["form"], destination, _view(options, sys.stdout, colour))
    except BrokenPipeError:
        forget_output()
    for note in run.notes:
        click.echo(f"keysift: {note}", err=True)
    report.summary(run, sys.stderr, _view(options, sys.stderr, colour))


def _view(options: dict[str, Any], stream: TextIO, colour: bool | None) -> report.Options:  # noqa: FBT001 - private
    """Colour is for terminals whose user does not say no; NO_COLOR: https://no-color.org."""
    if colour is None:
        colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return report.Options(options["show_secrets"], options["show_public"], colour, max(60, _width()))


def _width() -> int:
    """Columns of the terminal, as `shutil` finds them out; but that takes 4 ms to import."""
    columns = os.environ.get("COLUMNS", "")
    try:
        return int(columns) if columns.isdecimal() else os.get_terminal_size(1).columns or 100
    except OSError:
        return 100


def ledger(target: str, options: dict[str, Any]) -> acceptances.Acceptances:
    """Return what may accept the findings of a target; `.sources.config` is the configuration that holds.

    Raises:
        ConfigError: the configuration or the baseline does not hold what it must.
    """
    own = options["config_file"]
    named = baseline.read(Path(options["baseline_file"])) if options["baseline_file"] else None
    if not options["no_repo_config"]:
        return acceptances.Acceptances(
            _on_branch(target, acceptances.AcceptanceSources(configuration(target, own), named or _found(target))),
            today=today(),
        )
    terms = acceptances.AcceptanceSources(config.read(Path(own)) if own else config.Config(), named, comments=False)
    try:
        left_out = acceptances.AcceptanceSources(configuration(target, None), _found(target))
    except ConfigError:
        left_out = (
            acceptances.AcceptanceSources()
        )  # it is not listened to, whatever it says; comments are still counted
    return acceptances.Acceptances(terms, left_out, today())


def _found(target: str) -> baseline.Baseline | None:
    place = baseline.find(_directory(target))
    return baseline.read(place) if place else None


def _on_branch(target: str, terms: acceptances.AcceptanceSources) -> acceptances.AcceptanceSources:
    """The terms as they are on the branch that is checked out, where the configuration tells branches apart."""
    if not terms.config.branch:
        return terms
    from keysift.git import refs  # noqa: PLC0415 - few tell branches apart

    top = layout.toplevel(_directory(target))
    name = refs.current_branch(top) if top else ""
    return replace(terms, config=terms.config.on_branch(name))


def reported(results: Iterable[ScanResult], known: acceptances.Acceptances, paths: Naming) -> Iterator[ScanResult]:
    """Yield results with what is accepted marked, and with the paths of reports."""
    return naming.named(acceptances.accepted(known, results, paths), paths)


def is_whole(targets: Sequence[str], options: dict[str, Any], terms: acceptances.AcceptanceSources) -> bool:
    """Whether all is scanned of which the configuration and the baseline speak."""
    if options.get("exclude") or len(targets) != 1 or not Path(targets[0]).is_dir():
        return False
    place = Path(targets[0]).absolute().resolve()
    origins = [one for one in (terms.config.origin, terms.baseline.origin if terms.baseline else "") if one]
    return all(Path(origin).absolute().parent.resolve().is_relative_to(place) for origin in origins)


def _directory(target: str) -> Path:
    first = Path("." if target == "-" else target).absolute()
    return first if first.is_dir() else first.parent


def configuration(target: str, named: str | None) -> config.Config:
    """The configuration file that was named, or the one that holds for a target."""
    if named:
        return config.read(Path(named))
    return config.find(_directory(target))


def today() -> str:
    """The date in UTC: `2026-12-31`."""
    return datetime.now(UTC).date().isoformat()


def plain(text: str) -> str:
    """Text of a stranger's, without what a terminal would obey."""
    from keysift.report.plain import plain as stripped  # noqa: PLC0415 - most commands print reports alone

    return stripped(text)


def repository() -> Path:
    """The top of the repository around the current directory.

    Raises:
        UsageError: there is none.
    """
    top = layout.toplevel(Path.cwd())
    if top is None:
        raise UsageError("there is no git repository here", help="`keysift scan` judges files outside of one")
    return top


def excluding(settings: config.Config, paths: Naming) -> Callable[[str], bool]:
    """Return a function that says of a path of a run whether the configuration leaves it out."""
    if not settings.exclude:
        return lambda _path: False
    return partial(patterns.covers, paths.stated(settings.exclude, settings.origin))


def pattern(_ctx: click.Context, option: click.Parameter, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """Check the patterns of an option, as click's callback. Raises UsageError."""
    for stated in (value,) if isinstance(value, str) else value:
        try:
            patterns.check(stated)
        except PatternError as error:
            advice = "patterns are written as in .gitignore"
            raise UsageError(f"{option.opts[0]}: '{plain(stated)}' is not a pattern: {error}", help=advice) from error
    return value


def version() -> str:
    """The version of the installed distribution."""
    from importlib import metadata  # noqa: PLC0415 - 20 ms

    try:
        return metadata.version("keysift")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def active_rules(settings: config.Config, read: Callable[[str], bytes | None] | None = None) -> ruleset.Rules:
    """The rules that are to run: keysift's and the configuration's own, marked where it turns them off.

    `read` gives the rule files of a configuration that is no file on disk, but of a commit.

    Raises:
        ConfigError: the configuration names rules that do not exist.
        RuleError: a rule file does not hold what it must.
    """
    known = ruleset.load()
    if settings.rules or settings.rule:
        from keysift.rules import custom  # noqa: PLC0415 - few repositories have rules of their own

        known = custom.extended(known, settings, read)
    return enabled(known, settings.disable, settings.origin)


def enabled(rules: ruleset.Rules, disable: Sequence[str], origin: str) -> ruleset.Rules:
    """The rules, those marked `off` that the configuration turns off.

    Raises:
        ConfigError: a pattern names no rule: a slip of the pen must not pass for a wish fulfilled.
    """
    known = rules.ids if disable else []
    for pattern in disable:
        if pattern != "tracked-secret-file" and not any(fnmatch.fnmatchcase(one, pattern) for one in known):
            raise ConfigError(f"{origin}: disable names no rule: '{pattern}'", help="`keysift rules list` lists them")
    if not disable:
        return rules
    return rules.without(lambda one: any(fnmatch.fnmatchcase(one, pattern) for pattern in disable))


def running(rules: ruleset.Rules) -> int:
    """How many rules can have findings."""
    return len(rules) - len(rules.off)


def forget_output() -> None:
    """Standard output to nowhere: its reader (`| head`) has what it wanted, and Python would complain while closing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fail_on(known: acceptances.Acceptances, finding: Finding, paths: Naming) -> str:
    """Return the least label that fails a run where a finding stands; `acceptances.accepted` has seen the finding."""
    [accepted] = acceptances.accepted(known, [ScanResult((finding,))], paths)
    stated = known.thresholds.get(accepted.findings[0].fingerprint, {""})
    return next(iter(stated)) or known.sources.config.fail_on or "sensitive"


def exit_code(run: Run, fail_on: str) -> int:
    """130 interrupted, 1 findings at or above the threshold, 3 incomplete, else 0; in this order."""
    if run.interrupted:
        return 130
    for finding in run.findings:
        if any(
            finding.verdict.label in FAIL_ON[one or fail_on] for one in run.thresholds.get(finding.fingerprint, ("",))
        ):
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
