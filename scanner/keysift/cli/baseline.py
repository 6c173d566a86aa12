"""`keysift baseline`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from keysift import report
from keysift.accept import acceptances, baseline
from keysift.accept.baseline import REAL, Baseline, Entry
from keysift.cli import common, scan
from keysift.detect.blobs import tally
from keysift.detect.matcher import Matcher
from keysift.errors import ConfigError, UsageError
from keysift.git import process
from keysift.model import Finding, Run

_SCANNING = (
    click.argument("paths", nargs=-1, type=click.Path(exists=True)),
    click.option("--baseline", "baseline_file", type=click.Path(dir_okay=False), help="Use this baseline."),
    click.option("--config", "config_file", type=click.Path(dir_okay=False), help="Use this configuration."),
    click.option("--jobs", type=click.IntRange(0, 256), default=0, help="Processes; 0 means one a core."),
)
_ACCEPTING = (
    click.option("--why", default="", help="The reason."),
    click.option("--who", default="", help="Who accepts; the e-mail address of your git configuration."),
    click.option("--until", default="", metavar="DATE", help="The last day: 2026-12-31, or 90d from today."),
    click.option(
        "--path",
        default="",
        metavar="PATTERN",
        callback=common.pattern,
        help="Accept only what stands in these files, and only there.",
    ),
)


@dataclass(frozen=True, slots=True)
class _Work:
    """A scan, and the baseline that it was held against."""

    run: Run
    ledger: acceptances.Acceptances
    matcher: Matcher
    targets: tuple[str, ...]
    file: Path

    @property
    def known(self) -> Baseline:
        """The baseline; an empty one, in memory, where there is none."""
        return self.ledger.terms.baseline or baseline.parse(baseline.header(), str(self.file))


def _with(*options: Callable[..., Any]) -> Callable[..., Any]:
    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.group("baseline")
def command() -> None:
    """Accept findings with a reason and an end, and see them again only when it matters.

    \b
    keysift baseline create --why "before we began"    accepts all that is found now
    keysift baseline audit                             decides about one key at a time
    keysift baseline prune                             takes out what is gone or over
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines


@command.command("create")
@_with(*_SCANNING, *_ACCEPTING)
def create(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Begin a baseline with all that is found now.

    \b
    keysift baseline create --why "found when we began, tickets SEC-1 to SEC-9" --until 90d
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    place = _place(options)
    if place.exists():
        raise UsageError(f"{place} is there already", help="`keysift baseline update` adds what is new")
    _accept_all(_scan(options, place), options)


@command.command("update")
@_with(*_SCANNING, *_ACCEPTING)
def update(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Add what is found and not accepted; every other line stays as it is.

    \b
    keysift baseline update --why "test keys of the payment sandbox" --path 'tests/**'
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    _accept_all(_scan(options, _existing(options)), options)


@command.command("show")
@click.option("--baseline", "baseline_file", type=click.Path(dir_okay=False), help="Show this baseline.")
def show(baseline_file: str | None) -> None:
    """List the entries: rule, where it stood, who, why, since, until. Scans nothing.

    \b
    keysift baseline show
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    known = baseline.read(_existing({"baseline_file": baseline_file, "paths": ()}))
    for entry in sorted(known.entries.values(), key=lambda one: (one.rule, one.seen)):
        click.echo(_described(entry))
    click.echo(f"{len(known.entries)} entries in {known.origin}", err=True)


def _described(entry: Entry) -> str:
    status = "real" if entry.status == REAL else "over" if _is_over(entry) else "accepted"
    end = f" until {entry.until}" if entry.until else ""
    parts = [f"{entry.id[:9]}  {status:8}  {entry.rule}  {entry.seen}", f"since {entry.since or '?'}{end}"]
    parts += [f"by {entry.who}"] if entry.who else []
    parts += [f"only in {entry.path}"] if entry.path else []
    parts += [entry.why] if entry.why else []
    return common.plain("; ".join(parts))


def _is_over(entry: Entry) -> bool:
    return bool(entry.until) and entry.until < common.today()


@command.command("prune")
@_with(*_SCANNING, click.option("--dry-run", is_flag=True, help="Only list it."))
def prune(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Take out the entries that are over or whose keys are gone; list comments and configuration likewise.

    \b
    keysift baseline prune --dry-run
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    work = _scan(options, _place(options))
    whole = work.run.complete and common.is_whole(work.targets, {}, work.ledger.terms)
    stated = work.known.entries.values()
    over = {entry.id for entry in stated if _is_over(entry)}
    gone = {one.entry for one in acceptances.gone(work.ledger)} if whole else set()
    for entry in sorted(stated, key=lambda one: one.id):
        if entry.id in over | gone:
            click.echo(f"{'gone' if entry.id in gone else 'over'}: {_described(entry)}")
    for line in [*_ended_elsewhere(work), *(_unused(work) if whole else ())]:
        click.echo(common.plain(line))
    if not options["dry_run"] and over | gone:
        baseline.write(work.file, baseline.changed(work.file.read_bytes(), remove=over | gone))
        click.echo(f"{len(over | gone)} entries taken out of {work.file}", err=True)
    if not whole:
        advice = "what is gone can only be told from a complete scan of the whole repository"
        click.echo(f"keysift: {advice}", err=True)


def _ended_elsewhere(work: _Work) -> list[str]:
    """What is over but for the entries of the baseline: it is for people to take out."""
    name = Path(work.known.origin).name
    return [f"over: {where}" for where in acceptances.ended(work.ledger) if not where.startswith(f"{name}: ")]


def _unused(work: _Work) -> Iterable[str]:
    """Tables and comments that accept nothing."""
    yield from (f"accepts nothing: {where}" for where in acceptances.unused(work.ledger))
    for target in work.targets:
        for path, line in scan.unused_comments(target, work.matcher, work.ledger.terms.config):
            yield f"accepts nothing: {path}:{line}: comment"


@command.command("audit")
@_with(*_SCANNING)
def audit(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Decide about each key that is neither accepted nor known: one at a time, in the terminal.

    Each answer is written at once: quit whenever you like, and go on later.

    \b
    keysift baseline audit
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    work = _scan(options, _place(options))
    known = work.known
    salt = known.salts[0]
    known_as = [(one, known.entry(one)) for one in work.run.findings]
    waiting = [one for one, entry in known_as if entry is None or entry.status != REAL]
    data = work.file.read_bytes() if work.file.exists() else _head(known)
    # The others are not shown, but must stay hidden on the lines that are.
    everything = [*work.run.findings, *work.run.suppressed, *work.run.public]
    decided = 0
    for number, finding in enumerate(report.in_order(waiting), 1):
        click.echo(f"--- key {number} of {len(waiting)} ---")
        report.write(replace(work.run, findings=[finding], suppressed=everything), "text", sys.stdout, _view())
        entry = _decision(finding, salt, work)
        if entry == _QUIT:
            break
        if isinstance(entry, Entry):
            data = baseline.changed(data, [entry])
            baseline.write(work.file, data)
            decided += 1
    if decided:
        say_attribute(work.file)
    click.echo(f"{decided} decided, {len(waiting) - decided} left; in {work.file}", err=True)


_QUIT = "quit"
_CHOICES = "[r]eal, [f]alse alarm, [a]ccept until, [s]kip, [q]uit"


def _decision(finding: Finding, salt: bytes, work: _Work) -> Entry | str:
    """What the user says of a key: an entry, nothing to skip it, or that it is enough. The end of input quits."""
    policy = work.ledger.terms.config.policy
    try:
        answer = click.prompt(_CHOICES, type=click.Choice(list("rfasq")), show_choices=False).lower()
        if answer in "sq":
            return _QUIT if answer == "q" else ""
        until = click.prompt("until (2026-12-31, or 90d)", value_proc=_end_or_ask) if answer == "a" else ""
        needed = answer != "r" and policy.require_reason
        why = click.prompt("why", default=None if needed else "", show_default=False)
    except click.Abort:
        click.echo()
        return _QUIT
    why = f"false alarm: {why}".removesuffix(": ") if answer == "f" else why
    options = {"why": why, "who": "", "until": until, "path": ""}
    entry = entries([finding], salt, options, policy.max_lifetime_days)[0]
    return replace(entry, status=REAL, until="") if answer == "r" else entry


def _end_or_ask(text: str) -> str:
    try:
        return _end(text)
    except UsageError as error:
        raise click.BadParameter(f"{error}; {error.help}") from error


# --- What the commands share ------------------------------------------------------------------------------------------


def _place(options: dict[str, Any]) -> Path:
    """Where the baseline is, or will be: as named, as found, or at the top of the repository."""
    if options["baseline_file"]:
        return Path(options["baseline_file"])
    target = options["paths"][0] if options["paths"] else "."
    start = Path(target).absolute()
    start = start if start.is_dir() else start.parent
    return baseline.find(start) or (process.toplevel(start) or start) / baseline.NAME


def _existing(options: dict[str, Any]) -> Path:
    place = _place(options)
    if not place.exists():
        raise ConfigError(f"there is no baseline: {place}", help="`keysift baseline create` makes one")
    return place


def _scan(options: dict[str, Any], place: Path) -> _Work:
    targets = options["paths"] or (scan.around(),)
    settings = scan.defaults(
        jobs=options["jobs"], max_expanded="4G", config_file=options["config_file"], no_repo_config=False,
        baseline_file=str(place) if place.exists() else None,
    )  # fmt: skip
    run = common.begin("baseline", targets)
    ledger = common.ledger(targets[0], settings)
    matcher = Matcher(common.active_rules(ledger.terms.config))
    tally(run, scan.results(targets, matcher, ledger, settings))
    if run.interrupted:
        raise click.Abort
    return _Work(run, ledger, matcher, targets, place)


def _accept_all(work: _Work, options: dict[str, Any]) -> None:
    """Every open finding, and what stands in the baseline but does not hold any more."""
    policy = work.ledger.terms.config.policy
    if policy.require_reason and not options["why"]:
        raise UsageError("the policy of the configuration demands a reason", help="say why: --why TEXT")
    known = work.known
    found = [one for one in work.run.findings if acceptances.stands_in(options["path"], one, work.file)]
    fresh = entries(found, known.salts[0], options | {"until": _end(options["until"])}, policy.max_lifetime_days)
    add = [one for one in fresh if known.entries.get(one.id, one).status != REAL]
    data = work.file.read_bytes() if work.file.exists() else _head(known)
    baseline.write(work.file, baseline.changed(data, add))
    for entry in add:
        click.echo(f"accepted: {common.plain(entry.rule)}  {common.plain(entry.seen)}")
    say_attribute(work.file)
    click.echo(f"{len(add)} keys accepted in {work.file}; commit it", err=True)
    if not work.run.complete:
        click.echo("keysift: the scan was incomplete: `keysift scan` says of what", err=True)


def _head(known: Baseline) -> bytes:
    return b"".join(baseline.header(salt) for salt in known.salts)


def entries(found: Iterable[Finding], salt: bytes, options: dict[str, Any], lifetime: int = 0) -> list[Entry]:
    """Entries for findings, from today; until `lifetime` days later where the options do not say how long."""
    since = common.today()
    until = options["until"]
    if lifetime and not until:
        until = (date.fromisoformat(since) + timedelta(lifetime)).isoformat()
    who = options["who"] or process.user_email()
    why, path, status = options["why"], options["path"], options.get("status", "")
    return [
        Entry(baseline.identify(salt, one), one.rule.id, _seen(one), who, why, since, until, path, status)
        for one in found
    ]


def _seen(finding: Finding) -> str:
    """Where a key stands, in a form that any reader of JSON takes."""
    line = finding.locations[0].start_line
    return f"{baseline.path_in_repository(finding)}:{line}".encode("utf-8", "backslashreplace").decode()


def _end(text: str) -> str:
    """A date, or a number of days from today: `90d`.

    Raises:
        UsageError: it is neither, or over already.
    """
    if not text:
        return ""
    today = date.fromisoformat(common.today())
    try:
        days = text.removesuffix("d")
        end = today + timedelta(int(days)) if days != text else date.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"no date: {text}", help="write year-month-day, or a number of days: 90d") from error
    if end < today:
        raise UsageError(f"{text} is over", help="name a day to come")
    return end.isoformat()


def say_attribute(place: Path) -> None:
    """Asks git to keep the lines of both sides when branches that add entries merge."""
    attributes = place.with_name(".gitattributes")
    if place.name != baseline.NAME or not process.toplevel(place.parent):
        return
    try:
        text = attributes.read_bytes() if attributes.is_file() else b""
        if any(line.split()[:1] == [baseline.NAME.encode()] for line in text.splitlines()):
            return
        with attributes.open("ab") as out:
            out.write((b"" if text.endswith(b"\n") or not text else b"\n") + f"{baseline.ATTRIBUTE}\n".encode())
    except OSError as error:
        click.echo(f"keysift: add this line to {attributes}: {baseline.ATTRIBUTE} ({error.strerror})", err=True)
        return
    click.echo(f"added to {attributes}, so that branches merge: {baseline.ATTRIBUTE}", err=True)


def _view() -> report.Options:
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return report.Options(colour=colour)
