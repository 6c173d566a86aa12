"""`keysift explain`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from keysift import redact
from keysift.accept import acceptances
from keysift.cli import common
from keysift.containers.walk import expand
from keysift.detect.explain import Explanation, explain, stand_ins
from keysift.detect.matcher import Matcher
from keysift.errors import UsageError
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.model import Blob, Finding, Skipped
from keysift.report.plain import plain as clean

NOTHING = "No rule had anything to look at: no keyword with a matching shape near it."


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be explained."""

    blob: Blob
    paths: Naming
    line: int = 0
    """Counted from 1; 0 for the whole blob."""
    file: bool = False

    def shown(self, path: str) -> str:
        """Return a path as reports show it."""
        return clean(self.paths.shown(path) if self.file else path)


@click.command("explain")
@click.argument("what")
@click.option("--text", is_flag=True, help="WHAT is the text itself, not a file.")
@click.option("--name", default="", metavar="PATH", help="The file name that the text should be judged by.")
@click.option("--all", "everything", is_flag=True, help="Show the candidates that lost or were refused as well.")
@common.accepting
@click.option("--show-secrets", is_flag=True, help="Do not redact the keys.")
def command(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Explain what a scan makes of a file (FILE, FILE:LINE, or `-`): rule, field, evidence, outcome.

    Findings come first, with what accepts them, if anything does; then what was refused, where nothing was found.

    \b
    keysift explain deploy/prod.env:12
    keysift explain --text 'PAGERDUTY_TOKEN=...'
    pbpaste | keysift explain - --name alertmanager.yml
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    asked = _asked(options["what"], text=options["text"], name=options["name"])
    known = common.ledger(asked.paths.shown(asked.paths.target) if asked.file else ".", options)
    matcher = Matcher(common.active_rules(known.sources.config))
    explained = [one for one in _explained(matcher, asked.blob) if asked.line in {0, one.location.start_line}]
    pattern = acceptances.excluded_by(known.sources.config, asked.blob.path, asked.paths) if asked.file else ""
    if pattern:
        click.echo(f"A scan leaves out {asked.shown(asked.blob.path)}: `exclude` has {clean(pattern)}.\n")
    shown = explained if options["everything"] else _telling(explained)
    for one in shown:
        accepted = _acceptance(known, one.finding, asked.paths)
        click.echo(_paragraph(asked, one, accepted, show_secrets=options["show_secrets"]))
    for line in _rest(asked, explained, len(explained) - len(shown)):
        click.echo(line)


def _asked(what: str, *, text: bool, name: str) -> _Asked:
    if text:
        return _Asked(Blob(name or "text", what.encode()), naming.of("."))
    if what == "-":
        return _Asked(Blob(name or "standard input", sys.stdin.buffer.read()), naming.of("-"))
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
        count = f"{lines:,} line{'' if lines == 1 else 's'}"
        raise UsageError(f"there is no line {number} in {path}: it has {count}", help=f"keysift explain {path}")
    paths = naming.of(path)
    return _Asked(Blob(name or paths.target, data), paths, int(number), file=not name)


def _explained(matcher: Matcher, blob: Blob) -> Iterator[Explanation]:
    """Yield what became of the candidates of a file and of everything inside of it, window by window as a scan does."""
    for window in expand(blob):
        if isinstance(window, Skipped):
            click.echo(f"Not looked at: {clean(window.path)}: {clean(window.reason)}\n")
            continue
        explained, unfinished = explain(matcher, window.blob)
        if unfinished:
            click.echo(f"Not fully scanned: {clean(window.blob.path)}: {clean(unfinished)}\n")
        for one in explained:
            if window.core[0] <= one.candidate.place.start < window.core[1]:
                line = window.line
                place = replace(
                    one.location, start_line=one.location.start_line + line, end_line=one.location.end_line + line
                )
                yield replace(one, location=place)


def _telling(explained: list[Explanation]) -> list[Explanation]:
    """Leave out what lost, what was refused beside a finding, and all but one of those refused in one place."""
    shown: list[Explanation] = []
    for one in explained:
        if one.covered_by:
            continue
        start, end = one.candidate.place
        others = (other.candidate.place for other in shown if other.location.member == one.location.member)
        if one.finding or not any(place.start < end and start < place.end for place in others):
            shown.append(one)
    return shown


def _acceptance(known: acceptances.Acceptances, finding: Finding | None, paths: Naming) -> list[str]:
    """Return in words what accepts a finding, what says so in vain, and what its label does to the exit code."""
    if finding is None:
        return []
    claims = acceptances.claims(known, finding, paths)
    lines = [
        "accepted " + ": ".join(filter(None, (f"by {claim.where}", claim.suppression.justification)))
        for claim in claims
        if not claim.lapsed
    ]
    if not lines:
        lines += [f"open     {claim.lapsed}" for claim in claims]
    fail_on = common.fail_on(known, finding, paths)
    if not lines and finding.verdict.label not in common.FAIL_ON[fail_on]:
        lines.append(f"exit     it does not fail a run here: fail-on is {fail_on}")
    return [clean(line) for line in lines]


def _paragraph(asked: _Asked, one: Explanation, acceptance: list[str], *, show_secrets: bool) -> str:
    location, candidate = one.location, one.candidate
    name = asked.shown(location.path) + (clean(f"!/{location.member}") if location.member else "")
    secret = clean(candidate.secret.decode("utf-8", "replace")) if show_secrets else redact.redact(candidate.secret)
    lines = [
        f"{name}:{location.start_line}:{location.start_column}  {candidate.rule.id}  {secret}",
        f"    field    {clean(one.field) or 'none'}",
    ]
    if candidate.steps:
        lines.append(f"    decoded  {', '.join(candidate.steps)}")
    if one.verdict:
        lines.append(f"    verdict  {one.verdict.label}, {one.verdict.confidence} confidence")
        lines += [f"    because  {clean(reason)}" for reason in one.verdict.reasons]
        lines.append(f"    label    {candidate.rule.why}")
    lines += [f"    {line}" for line in acceptance]
    accepted = any(line.startswith("accepted") for line in acceptance)
    lines.append(f"    outcome  {'an accepted finding' if accepted else clean(one.outcome)}")
    return "\n".join(lines) + "\n"


def _rest(asked: _Asked, explained: list[Explanation], left_out: int) -> Iterator[str]:
    """Yield what is to be said besides: stand-ins that no rule asked about, and how much was not shown."""
    found = {one.location.start_line for one in explained}
    stands = [stand_in for stand_in in stand_ins(asked.blob, asked.line) if stand_in.line not in found]
    for stand_in in stands if asked.line or not explained else ():
        yield f"{asked.shown(asked.blob.path)}:{stand_in.line}  {clean(stand_in.name)}: {stand_in.reason}"
    if not explained and not stands:
        yield NOTHING
    if left_out:
        yield f"{left_out:,} other candidate{'' if left_out == 1 else 's'} lost or refused: --all shows them"
