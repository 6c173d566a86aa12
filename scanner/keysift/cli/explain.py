"""`keysift explain`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from keysift import redact
from keysift.detect.explain import Explanation, explain
from keysift.detect.matcher import Matcher
from keysift.errors import UsageError
from keysift.model import Blob
from keysift.report.plain import plain as clean
from keysift.rules import ruleset


@click.command("explain")
@click.argument("what")
@click.option("--text", is_flag=True, help="WHAT is the text itself, not a file.")
@click.option("--name", default="", metavar="PATH", help="The file name that the text should be judged by.")
@click.option("--show-secrets", is_flag=True, help="Do not redact the keys.")
def command(what: str, text: bool, name: str, show_secrets: bool) -> None:  # noqa: FBT001 - click's options
    """Show every candidate in a file (FILE, FILE:LINE, or `-`), step by step: rule, field, context, outcome.

    \b
    keysift explain deploy/prod.env:12
    keysift explain --text 'PAGERDUTY_TOKEN=...'
    pbpaste | keysift explain - --name alertmanager.yml
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    blob, line = _blob(what, text=text, name=name)
    steps = [step for step in explain(Matcher(ruleset.load()), blob) if line in {0, step.location.start_line}]
    for step in steps:
        click.echo(_paragraph(step, show_secrets=show_secrets))
    if not steps:
        click.echo("No rule had anything to look at: no keyword with a matching shape near it.")


def _blob(what: str, *, text: bool, name: str) -> tuple[Blob, int]:
    if text:
        return Blob(name or "text", what.encode()), 0
    if what == "-":
        return Blob(name or "standard input", sys.stdin.buffer.read()), 0
    path, _, line = what.rpartition(":")
    if not (path and line.isdigit()) or Path(what).exists():
        path, line = what, "0"
    try:
        return Blob(name or path, Path(path).read_bytes()), int(line)
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}", help="for text instead of a file, use --text"
        ) from error


def _paragraph(step: Explanation, *, show_secrets: bool) -> str:
    place = f"{clean(step.location.path)}:{step.location.start_line}:{step.location.start_column}"
    secret = clean(step.secret.decode("utf-8", "replace")) if show_secrets else redact.redact(step.secret)
    lines = [f"{place}  {step.match.rule.id}  {secret}", f"    field    {clean(step.path) or 'none'}"]
    if step.match.steps:
        lines.append(f"    decoded  {', '.join(step.match.steps)}")
    if step.verdict:
        lines.append(f"    verdict  {step.verdict.label}, {step.verdict.confidence} confidence")
        lines += [f"    because  {clean(reason)}" for reason in step.verdict.reasons]
        lines.append(f"    label    {step.match.rule.why}")
    lines.append(f"    outcome  {clean(step.outcome)}")
    return "\n".join(lines) + "\n"
