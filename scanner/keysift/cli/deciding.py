"""The questions of `keysift baseline audit`: one key at a time, each answer written at once."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import click

from keysift import report
from keysift.accept.baseline import REAL, Baseline, Entry
from keysift.accept.decision import Answer, Kind
from keysift.cli.accepting import Work, make_entries, parse_end, request_union_merge
from keysift.config import Policy
from keysift.errors import UsageError
from keysift.model import Finding

_QUIT = "quit"
_KINDS = {"r": Kind.REAL, "f": Kind.FALSE_ALARM, "a": Kind.ACCEPTED}
_CHOICES = "[r]eal, [f]alse alarm, [a]ccept until, [s]kip, [q]uit"


def ask(work: Work) -> None:
    """Ask about each key that is neither accepted nor known to be real, until the user quits."""
    known = work.known
    entries = [(finding, known.entry(finding)) for finding in work.run.findings]
    waiting = [finding for finding, entry in entries if entry is None or entry.status != REAL]
    # The other keys are not shown, but must stay hidden on the lines that are.
    everything = [*work.run.everything()]
    decided = 0
    for number, finding in enumerate(report.in_order(waiting), 1):
        click.echo(f"--- key {number} of {len(waiting)} ---")
        report.write(replace(work.run, findings=[finding], suppressed=everything), "text", sys.stdout, _view())
        decision = _decide(finding, work)
        if decision == _QUIT:
            break
        if isinstance(decision, Entry):
            work.add([decision])
            decided += 1
    if decided:
        request_union_merge(work.file)
    click.echo(f"{decided} decided, {len(waiting) - decided} left; in {work.file}", err=True)


def _decide(finding: Finding, work: Work) -> Entry | str:
    """Return an entry, nothing to skip the key, or `_QUIT`; the end of input quits."""
    policy = work.acceptances.sources.config.policy
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
    return entries_of([finding], work.known, Answer(_KINDS[answer], why, until), policy)[0]


def entries_of(findings: list[Finding], known: Baseline, answer: Answer, policy: Policy) -> list[Entry]:
    """Return the entries of a baseline that state a decision.

    Raises:
        UsageError: the date is none or in the past, or the policy asks for a reason or an earlier end.
    """
    real, until = answer.kind is Kind.REAL, parse_end(answer.until)
    if answer.kind is Kind.ACCEPTED and not until:
        raise UsageError("an acceptance needs a last day", help="write 2026-12-31, or a number of days: 90d")
    if policy.require_reason and not answer.why and not real:
        raise UsageError("the policy of the configuration requires a reason")
    if policy.max_lifetime_days and until > parse_end(f"{policy.max_lifetime_days}d") and not real:
        raise UsageError(f"the policy of the configuration allows {policy.max_lifetime_days} days at most")
    options = {"why": answer.reason(), "who": "", "until": until, "path": ""}
    entries = make_entries(findings, known, options, policy.max_lifetime_days)
    return [replace(entry, status=REAL, until="") for entry in entries] if real else entries


def _end_or_ask(text: str) -> str:
    try:
        return parse_end(text)
    except UsageError as error:
        raise click.BadParameter(f"{error}; {error.help}") from error


def _view() -> report.Options:
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return report.Options(colour=colour)
