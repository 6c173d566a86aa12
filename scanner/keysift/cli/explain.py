"""`keysift explain`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from keysift import masking
from keysift.accept.acceptances import Acceptances, claims, excluded_by, is_below, min_confidence
from keysift.cli import settings, terminal
from keysift.cli.exit_codes import FAIL_ON, threshold
from keysift.cli.options import accepting, choosing_rules
from keysift.cli.subject import Subject, of_argument, of_text
from keysift.containers.walk import expand
from keysift.containers.windows import Window
from keysift.detect.explain import Explanation, explain
from keysift.detect.matcher import Matcher
from keysift.detect.raising import weigh
from keysift.detect.stand_ins import find_stand_ins
from keysift.files.naming import Naming
from keysift.model import Finding, Skipped
from keysift.report.plain import plain, wrapped
from keysift.report.wording import count
from keysift.scan import contents
from keysift.scan.names import scan_names

_BELOW = "exit     does not fail a run here: min-confidence is"
NOTHING = "No candidates: no rule has a keyword here with a matching value near it."


@click.command("explain")
@click.argument("what")
@click.option("--text", is_flag=True, help="WHAT is the text itself, not a file.")
@click.option("--name", default="", metavar="PATH", help="Judge the text as that of a file with this path.")
@click.option("--all", "everything", is_flag=True, help="Also show candidates that lost to others or were refused.")
@choosing_rules
@accepting
@click.option("--show-secrets", is_flag=True, help="Show keys in full instead of redacting them.")
def command(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Explain how a scan judges WHAT: a file (FILE or FILE:LINE), a place of a report, or standard input (`-`).

    Shows the findings first, with what accepts them, if anything does; then candidates that were refused in places
    without a finding. For each: rule, field, reasons and outcome.

    \b
    keysift explain deploy/prod.env:12
    keysift explain 1f3a9c2:deploy/prod.env:12:17
    keysift explain --text 'PAGERDUTY_TOKEN=...'
    pbpaste | keysift explain - --name alertmanager.yml
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    text, name = options["text"], options["name"]
    subject = of_text(options["what"], name) if text else of_argument(options["what"], name)
    target = subject.paths.shown(subject.paths.target) if subject.is_file else "."
    acceptances = settings.read_acceptances(target, options)
    configuration = acceptances.sources.config
    matcher = Matcher(settings.active_rules(configuration, options=options))
    in_name = scan_names(matcher, [subject.blob.path]).findings if subject.is_file else ()
    explained, unread, secrets = _explanations(matcher, subject)
    if not options["show_secrets"]:
        subject = replace(subject, hidden=masking.keys((*secrets, *(finding.secret for finding in in_name))))
    for finding in in_name:
        click.echo(f"{subject.shown(subject.blob.path)}  {finding.rule.id}: a finding in the name of the file\n")
    for remark in unread:
        click.echo(f"{subject.masked(remark)}\n")
    pattern = excluded_by(configuration, subject.blob.path, subject.paths) if subject.is_file else ""
    if pattern:
        click.echo(f"A scan leaves out {subject.shown(subject.blob.path)}: `exclude` has {plain(pattern)}.\n")
    shown = explained if options["everything"] else _most_telling(explained)
    for explanation in shown:
        acceptance = _acceptance(acceptances, explanation.finding, subject.paths)
        acceptance += [f"excluded by {plain(pattern)}"] if pattern and explanation.finding else []
        click.echo(_paragraph(subject, explanation, acceptance, show_secrets=options["show_secrets"]))
    for line in _remarks(subject, explained, len(explained) - len(shown)):
        click.echo(line)


def _explanations(matcher: Matcher, subject: Subject) -> tuple[list[Explanation], list[str], set[bytes]]:
    """Return the candidates at the place that is asked about, window by window as a scan does; members come first.

    Also return what is to be said of what was not scanned, or not fully, and the keys of all findings.
    """
    every: list[Explanation] = []
    around: list[Explanation] = []
    unread: list[str] = []
    for window in expand(subject.blob):
        if isinstance(window, Skipped):
            unread.append(f"Not scanned: {window.path}: {window.reason}")
            continue
        explained, unfinished = explain(matcher, window.blob)
        if unfinished:
            unread.append(f"Not fully scanned: {window.blob.path}: {unfinished}")
        own = [_in_file(explanation, window) for explanation in explained if _is_own(explanation, window)]
        (around if window.opened else every).extend(own)
    inside = {explanation.candidate.secret for explanation in every if explanation.finding}
    # Of the bytes of a container a scan reports what is not inside of it.
    every += [explanation for explanation in around if not _repeats(explanation, inside)]
    secrets = {explanation.candidate.secret for explanation in every if explanation.finding}
    return [explanation for explanation in every if _is_asked(explanation, subject)], unread, secrets


def _is_own(explanation: Explanation, window: Window) -> bool:
    return window.core[0] <= explanation.candidate.place.start < window.core[1]


def _is_asked(explanation: Explanation, subject: Subject) -> bool:
    location = explanation.location
    return subject.line in {0, location.start_line} and subject.member in {"", location.member}


def _repeats(explanation: Explanation, inside: set[bytes]) -> bool:
    candidate = explanation.candidate
    return candidate.secret in inside or contents.repeats(candidate.rule, candidate.secret, inside)


def _in_file(explanation: Explanation, window: Window) -> Explanation:
    """Return the explanation with the lines of the whole file."""
    place = explanation.location
    start, end = place.start_line + window.line, place.end_line + window.line
    return replace(explanation, location=replace(place, start_line=start, end_line=end))


def _most_telling(explained: list[Explanation]) -> list[Explanation]:
    """Leave out what lost, what was refused where a finding is, and all but one of those refused in one place."""
    shown: list[Explanation] = []
    for explanation in explained:
        if explanation.covered_by:
            continue
        start, end = explanation.candidate.place
        member = explanation.location.member
        others = (other.candidate.place for other in shown if other.location.member == member)
        if explanation.finding or not any(place.start < end and start < place.end for place in others):
            shown.append(explanation)
    return shown


def _acceptance(acceptances: Acceptances, finding: Finding | None, paths: Naming) -> list[str]:
    """Return, a line each, what accepts a finding, or what fails to; else why it does not fail a run."""
    if finding is None:
        return []
    stated = claims(acceptances, finding, paths)
    lines = [
        "accepted " + ": ".join(filter(None, (f"by {claim.where}", claim.suppression.justification)))
        for claim in stated
        if not claim.lapsed
    ]
    if not lines:
        lines += [f"open     {claim.lapsed}" for claim in stated]
    fail_on = threshold(acceptances, finding, paths)
    if not lines and is_below(acceptances, finding, paths):
        lines.append(f"{_BELOW} {min_confidence(acceptances, finding, paths)}")
    if not lines and finding.verdict.label not in FAIL_ON[fail_on]:
        lines.append(f"exit     does not fail a run here: fail-on is {fail_on}")
    return [plain(line) for line in lines]


def _paragraph(subject: Subject, explanation: Explanation, acceptance: list[str], *, show_secrets: bool) -> str:
    location, candidate, verdict = explanation.location, explanation.candidate, explanation.verdict
    name = subject.shown(location.path) + (subject.masked(f"!/{location.member}") if location.member else "")
    secret = plain(candidate.secret.decode("utf-8", "replace")) if show_secrets else masking.redact(candidate.secret)
    lines = [
        f"{name}:{location.start_line}:{location.start_column}  {candidate.rule.id}  {secret}",
        f"    field    {subject.masked(explanation.field) or 'none'}",
    ]
    if candidate.steps:
        lines.append(f"    decoded  {', '.join(candidate.steps)}")
    if verdict:
        lines.append(f"    verdict  {verdict.label}, {verdict.confidence} confidence")
        lines += [f"    because  {subject.masked(reason)}" for reason in verdict.reasons]
        weight = weigh(candidate, verdict, subject.blob.path)
        lines.append(f"    decided  {subject.masked(weight.decided)}")
        lines += [f"    higher   {subject.masked(raised)}" for raised in weight.raised]
        lines.append(f"    label    {candidate.rule.why}")
    lines += [f"    {subject.masked(line)}" for line in acceptance]
    lines.append(f"    outcome  {_outcome(explanation, acceptance)}")
    columns = terminal.width()
    # The first line can be copied whole.
    return "\n".join([lines[0], *(part for line in lines[1:] for part in wrapped(line, columns, 13))]) + "\n"


def _outcome(explanation: Explanation, acceptance: list[str]) -> str:
    if any(line.startswith("excluded") for line in acceptance):
        return "left out of a scan: its file is excluded"
    if any(line.startswith("accepted") for line in acceptance):
        return "an accepted finding"
    below = any(line.startswith(_BELOW) for line in acceptance)
    return plain(explanation.outcome) + (" below the threshold" if below else "")


def _remarks(subject: Subject, explained: list[Explanation], left_out: int) -> Iterator[str]:
    """Yield the stand-ins that no rule asked about, or that there is nothing; and how many candidates are not shown."""
    lines = {explanation.location.start_line for explanation in explained if explanation.verdict}
    stand_ins = [each for each in find_stand_ins(subject.blob, subject.line) if each.line not in lines]
    for stand_in in stand_ins if subject.line or not lines else ():
        yield f"{subject.shown(subject.blob.path)}:{stand_in.line}  {subject.masked(stand_in.name)}: {stand_in.reason}"
    if not explained and not stand_ins:
        yield NOTHING
    if left_out:
        yield f"{count(left_out, 'more candidate')} covered or refused: show with --all"
