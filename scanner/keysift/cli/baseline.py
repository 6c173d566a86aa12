"""`keysift baseline`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from keysift import masking
from keysift.accept import acceptances, baseline
from keysift.accept.baseline import REAL, Entry
from keysift.accept.matching import covers_reported
from keysift.cli import accepting, dialogue, scan, settings
from keysift.cli.choices import Choice
from keysift.cli.options import JOBS, LEVELS, check_pattern
from keysift.errors import UsageError
from keysift.model import Confidence, Finding
from keysift.report.plain import plain
from keysift.report.wording import count

_MOST_NAMED = 20
"""Keys that a message names."""
_SCANNING = (
    click.argument("paths", nargs=-1, type=click.Path(exists=True)),
    click.option(
        "--baseline", "baseline_file", type=click.Path(dir_okay=False), help="Use this baseline file and no other."
    ),
    click.option(
        "--config", "config_file", type=click.Path(dir_okay=False), help="Use this configuration file and no other."
    ),
    click.option(
        "--min-confidence",
        type=Choice(LEVELS),
        metavar="LEVEL",
        help="Leave out what is less sure than this: low, medium or high.  [default: medium]",
    ),
    JOBS,
)
_FROM = click.option(
    "--from",
    "reports",
    multiple=True,
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Take the keys from a report saved with `-f json`, such as one of an audit. Repeatable.",
)
_ACCEPTING = (
    click.option("--why", default="", help="The reason for accepting."),
    click.option("--who", default="", help="Who accepts.  [default: user.email of your git configuration]"),
    click.option("--until", default="", metavar="DATE", help="The last day: 2026-12-31, or 90d from today."),
    click.option(
        "--path",
        default="",
        metavar="PATTERN",
        callback=check_pattern,
        help="Accept only what is in these files, and only there.",
    ),
    _FROM,
)


def _with(*options: Callable[..., Any]) -> Callable[..., Any]:
    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.group("baseline")
def command() -> None:
    """Accept findings with a reason and a last day, and see them again only when it matters.

    \b
    keysift baseline create --why "before we began"    accepts everything found now
    keysift baseline audit                             decides on one key at a time
    keysift baseline prune                             removes what has expired or is gone
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines


@command.command("create", short_help="Accept everything that is found now, or that a saved report has.")
@_with(*_SCANNING, *_ACCEPTING)
def create(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Create a baseline of everything that is found now, or of what a saved report has.

    \b
    keysift baseline create --why "found when we began, tickets SEC-1 to SEC-9" --until 90d
    keysift audit -f json -o audit.json
    keysift baseline create --from audit.json --why "found when we began"
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    file = accepting.locate(options)
    if file.exists():
        raise UsageError(f"{file} already exists", help="add what is new with `keysift baseline update`")
    work = accepting.begin(options, file)
    _accept(work, _waiting(work, options), options)
    _end(work)


@command.command("update")
@_with(
    *_SCANNING,
    *_ACCEPTING,
    click.option("--accept-high", is_flag=True, help="Accept keys of high confidence without being asked."),
)
@click.pass_context
def update(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Add what is found and not accepted yet, with a reason.

    Asks for the reason, and about keys of high confidence; where nobody can be asked, they are left out, and the exit
    code is 1. All other lines of the baseline stay as they are.

    \b
    keysift baseline update --why "test keys of the payment sandbox" --path 'tests/**'
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    if not (options["why"] or _may_ask()):
        raise UsageError("no reason is given, and there is no terminal to ask for one", help="give it with --why TEXT")
    work = accepting.begin(options, accepting.locate_existing(options))
    waiting = _waiting(work, options)
    sure = [] if options["accept_high"] else [finding for finding in waiting if _is_high(finding)]
    rest = [finding for finding in waiting if not _is_high(finding)] if sure else waiting
    if sure and _may_ask() and _confirmed(work, sure):
        rest, sure = waiting, []
    if rest and not options["why"]:
        options["why"] = click.prompt("why", err=True)
    _accept(work, rest, options)
    _end(work)
    if sure:
        click.echo(_left_out(work, sure), err=True)
        ctx.exit(1)


def _is_high(finding: Finding) -> bool:
    return finding.verdict.confidence is Confidence.HIGH


def _may_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _confirmed(work: accepting.Work, findings: list[Finding]) -> bool:
    """Return True if the user accepts keys of high confidence that are listed."""
    for finding in findings:
        click.echo(f"  {_named(work, finding)}", err=True)
    return click.confirm(f"Accept {count(len(findings), 'key')} of high confidence?", err=True)


def _named(work: accepting.Work, finding: Finding) -> str:
    place = finding.locations[0]
    return plain(masking.mask_name(f"{finding.rule.id}  {place.path}:{place.start_line}", work.hidden))


def _left_out(work: accepting.Work, findings: list[Finding]) -> str:
    lines = [f"  {_named(work, finding)}" for finding in findings[:_MOST_NAMED]]
    lines += [f"  and {len(findings) - _MOST_NAMED:,} more"] if len(findings) > _MOST_NAMED else []
    head = f"keysift: not accepted, because they are of high confidence: {count(len(findings), 'key')}"
    advice = "help: decide with `keysift baseline audit`, or accept them with --accept-high"
    return "\n".join([head, *lines, advice])


def _waiting(work: accepting.Work, options: dict[str, Any]) -> list[Finding]:
    return [finding for finding in work.waiting() if covers_reported(options["path"], finding, work.file)]


def _accept(work: accepting.Work, findings: list[Finding], options: dict[str, Any]) -> None:
    """Accept findings, including those whose entry in the baseline no longer holds."""
    policy = work.acceptances.sources.config.policy
    if policy.require_reason and not options["why"]:
        raise UsageError("the policy of the configuration requires a reason", help="give one with --why TEXT")
    stated = options | {"until": accepting.parse_end(options["until"])}
    entries = accepting.make_entries(findings, work.known, stated, policy.max_lifetime_days, work.hidden)
    replaced = {entry.id for finding in findings for entry in work.known.all_entries(finding)}
    work.add(entries, replaced - {entry.id for entry in entries})
    for entry in entries:
        click.echo(f"accepted: {plain(entry.rule)}  {plain(entry.seen)}")
    told = (
        f"{count(len(entries), 'key')} accepted in {work.file}; commit this file"
        if entries
        else "there is no key to accept"
    )
    click.echo(told, err=True)


def _end(work: accepting.Work) -> None:
    accepting.request_union_merge(work.file)
    if not work.run.complete:
        click.echo("keysift: the scan was incomplete; `keysift scan` says what was not scanned", err=True)


@command.command("show")
@click.option("--baseline", "baseline_file", type=click.Path(dir_okay=False), help="Show this baseline.")
def show(baseline_file: str | None) -> None:
    """List the entries: rule, place, who, why, since, until. Does not scan.

    \b
    keysift baseline show
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    known = baseline.read(accepting.locate_existing({"baseline_file": baseline_file, "paths": ()}))
    for entry in sorted(known.entries.values(), key=lambda entry: (entry.rule, entry.seen)):
        click.echo(_described(entry))
    click.echo(f"{count(len(known.entries), 'entry', 'entries')} in {known.origin}", err=True)


def _described(entry: Entry) -> str:
    status = "real" if entry.status == REAL else "expired" if _is_expired(entry) else "accepted"
    until = f" until {entry.until}" if entry.until else ""
    parts = [f"{entry.id[:9]}  {status:8}  {entry.rule}  {entry.seen}", f"since {entry.since or '?'}{until}"]
    parts += [f"by {entry.who}"] if entry.who else []
    parts += [f"only in {entry.path}"] if entry.path else []
    parts += ["of an audit"] if entry.scope else []
    parts += [entry.why] if entry.why else []
    return plain("; ".join(parts))


def _is_expired(entry: Entry) -> bool:
    return bool(entry.until) and entry.until < settings.today()


@command.command("prune")
@_with(*_SCANNING, click.option("--dry-run", is_flag=True, help="List them without removing any."))
def prune(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Remove entries that have expired or whose keys are gone.

    Comments and tables of the configuration that have expired or accept nothing are listed, for you to remove.

    \b
    keysift baseline prune --dry-run
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    work = accepting.begin(options, accepting.locate(options))
    whole = work.run.complete and settings.covers_sources(work.targets, {}, work.acceptances.sources)
    known = work.known.entries.values()
    expired = {entry.id for entry in known if _is_expired(entry)}
    gone = {entry.entry for entry in acceptances.gone(work.acceptances)} if whole else set()
    for entry in sorted(known, key=lambda entry: entry.id):
        if entry.id in expired | gone:
            click.echo(f"{'gone' if entry.id in gone else 'expired'}: {_described(entry)}")
    for line in [*_expired_elsewhere(work), *(_unused(work) if whole else ())]:
        click.echo(plain(masking.mask_name(line, work.hidden)))
    if not options["dry_run"] and expired | gone:
        baseline.write(work.file, baseline.changed(work.file.read_bytes(), remove=expired | gone))
        click.echo(f"{count(len(expired | gone), 'entry', 'entries')} removed from {work.file}", err=True)
    if not whole:
        click.echo("keysift: only a complete scan of the whole repository can tell which keys are gone", err=True)


def _expired_elsewhere(work: accepting.Work) -> list[str]:
    """Return what has expired outside of the baseline, for people to remove."""
    name = Path(work.known.origin).name
    return [f"expired: {where}" for where in acceptances.ended(work.acceptances) if not where.startswith(f"{name}: ")]


def _unused(work: accepting.Work) -> Iterable[str]:
    """Yield the tables and comments that accept nothing."""
    for where in (*acceptances.unused(work.acceptances), *acceptances.unused_skips(work.acceptances)):
        yield f"accepts nothing: {where}"
    for target in work.targets:
        for path, line in scan.unused_comments(target, work.matcher, work.acceptances.sources.config):
            yield f"accepts nothing: {path}:{line}: comment"


@command.command("audit")
@_with(*_SCANNING, _FROM)
def audit(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Decide on one key at a time, in the terminal.

    Asks about each key that is neither accepted nor known to be real. Each answer is written at once, and can be
    undone: quit whenever you like, and continue later.

    \b
    keysift baseline audit
    keysift baseline audit --from audit.json
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    dialogue.ask(accepting.begin(options, accepting.locate(options)))
