"""`keysift explain`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from keysift import redact
from keysift.accept.acceptances import Acceptances, claims, excluded_by
from keysift.cli import settings
from keysift.cli.exit_codes import FAIL_ON, threshold
from keysift.cli.options import accepting
from keysift.containers.walk import expand
from keysift.detect.explain import Explanation, explain
from keysift.detect.matcher import Matcher
from keysift.detect.stand_ins import find_stand_ins
from keysift.errors import UsageError
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.model import Blob, Finding, Skipped
from keysift.report.plain import plain
from keysift.report.wording import count

NOTHING = "No candidates: no rule has a keyword here with a matching value near it."


@dataclass(frozen=True, slots=True)
class _Subject:
    """The file or text that is explained."""

    blob: Blob
    paths: Naming
    line: int = 0
    """Counted from 1; 0 for the whole blob."""
    is_file: bool = False

    def shown(self, path: str) -> str:
        """Return a path as reports show it."""
        return plain(self.paths.shown(path) if self.is_file else path)


@click.command("explain")
@click.argument("what")
@click.option("--text", is_flag=True, help="WHAT is the text itself, not a file.")
@click.option("--name", default="", metavar="PATH", help="Judge the text as that of a file with this path.")
@click.option("--all", "everything", is_flag=True, help="Also show candidates that lost to others or were refused.")
@accepting
@click.option("--show-secrets", is_flag=True, help="Show keys in full instead of redacting them.")
def command(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Explain how a scan judges WHAT: a file (FILE or FILE:LINE), or standard input (`-`).

    Shows the findings first, with what accepts them, if anything does; then candidates that were refused in places
    without a finding. For each: rule, field, reasons and outcome.

    \b
    keysift explain deploy/prod.env:12
    keysift explain --text 'PAGERDUTY_TOKEN=...'
    pbpaste | keysift explain - --name alertmanager.yml
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    subject = _read(options["what"], text=options["text"], name=options["name"])
    target = subject.paths.shown(subject.paths.target) if subject.is_file else "."
    acceptances = settings.read_acceptances(target, options)
    configuration = acceptances.sources.config
    matcher = Matcher(settings.active_rules(configuration))
    explained = [
        explanation
        for explanation in _explanations(matcher, subject.blob)
        if subject.line in {0, explanation.location.start_line}
    ]
    pattern = excluded_by(configuration, subject.blob.path, subject.paths) if subject.is_file else ""
    if pattern:
        click.echo(f"A scan leaves out {subject.shown(subject.blob.path)}: `exclude` has {plain(pattern)}.\n")
    shown = explained if options["everything"] else _most_telling(explained)
    for explanation in shown:
        acceptance = _acceptance(acceptances, explanation.finding, subject.paths)
        click.echo(_paragraph(subject, explanation, acceptance, show_secrets=options["show_secrets"]))
    for line in _remarks(subject, explained, len(explained) - len(shown)):
        click.echo(line)


def _read(what: str, *, text: bool, name: str) -> _Subject:
    """Return the subject that the argument stands for.

    Raises:
        UsageError: there is no such file, or no such line in it.
    """
    if text:
        return _Subject(Blob(name or "text", what.encode()), naming.of("."))
    if what == "-":
        return _Subject(Blob(name or "standard input", sys.stdin.buffer.read()), naming.of("-"))
    path, _, number = what.rpartition(":")
    if not (path and number.isdigit()) or Path(what).exists():
        path, number = what, "0"
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}", help="for text instead of a file, use --text"
        ) from error
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    if int(number) > lines:
        raise UsageError(
            f"there is no line {number} in {path}: it has {count(lines, 'line')}", help=f"keysift explain {path}"
        )
    paths = naming.of(path)
    return _Subject(Blob(name or paths.target, data), paths, int(number), is_file=not name)


def _explanations(matcher: Matcher, blob: Blob) -> Iterator[Explanation]:
    """Yield the candidates of a file and of everything inside of it, window by window as a scan does."""
    for window in expand(blob):
        if isinstance(window, Skipped):
            click.echo(f"Not scanned: {plain(window.path)}: {plain(window.reason)}\n")
            continue
        explained, unfinished = explain(matcher, window.blob)
        if unfinished:
            click.echo(f"Not fully scanned: {plain(window.blob.path)}: {plain(unfinished)}\n")
        for explanation in explained:
            if window.core[0] <= explanation.candidate.place.start < window.core[1]:
                place = explanation.location
                start, end = place.start_line + window.line, place.end_line + window.line
                yield replace(explanation, location=replace(place, start_line=start, end_line=end))


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
    if not lines and finding.verdict.label not in FAIL_ON[fail_on]:
        lines.append(f"exit     does not fail a run here: fail-on is {fail_on}")
    return [plain(line) for line in lines]


def _paragraph(subject: _Subject, explanation: Explanation, acceptance: list[str], *, show_secrets: bool) -> str:
    location, candidate, verdict = explanation.location, explanation.candidate, explanation.verdict
    name = subject.shown(location.path) + (plain(f"!/{location.member}") if location.member else "")
    secret = plain(candidate.secret.decode("utf-8", "replace")) if show_secrets else redact.redact(candidate.secret)
    lines = [
        f"{name}:{location.start_line}:{location.start_column}  {candidate.rule.id}  {secret}",
        f"    field    {plain(explanation.field) or 'none'}",
    ]
    if candidate.steps:
        lines.append(f"    decoded  {', '.join(candidate.steps)}")
    if verdict:
        lines.append(f"    verdict  {verdict.label}, {verdict.confidence} confidence")
        lines += [f"    because  {plain(reason)}" for reason in verdict.reasons]
        lines.append(f"    label    {candidate.rule.why}")
    lines += [f"    {line}" for line in acceptance]
    accepted = any(line.startswith("accepted") for line in acceptance)
    lines.append(f"    outcome  {'an accepted finding' if accepted else plain(explanation.outcome)}")
    return "\n".join(lines) + "\n"


def _remarks(subject: _Subject, explained: list[Explanation], left_out: int) -> Iterator[str]:
    """Yield the stand-ins that no rule asked about, or that there is nothing; and how many candidates are not shown."""
    lines = {explanation.location.start_line for explanation in explained}
    stand_ins = [each for each in find_stand_ins(subject.blob, subject.line) if each.line not in lines]
    for stand_in in stand_ins if subject.line or not explained else ():
        yield f"{subject.shown(subject.blob.path)}:{stand_in.line}  {plain(stand_in.name)}: {stand_in.reason}"
    if not explained and not stand_ins:
        yield NOTHING
    if left_out:
        yield f"{count(left_out, 'more candidate')} covered or refused: show with --all"
