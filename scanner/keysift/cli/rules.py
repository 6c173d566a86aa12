"""`keysift rules`."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

import click

from keysift.cli import common
from keysift.detect import check
from keysift.errors import UsageError
from keysift.model import Context, Rule
from keysift.rules import generate, ruleset


@click.group("rules")
def command() -> None:
    """List, show and check the rules."""


@command.command("list")
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--provider", help="Only providers whose name holds this.")
@click.option("--label", type=click.Choice(["secret", "sensitive", "public"]), help="Only this label.")
@click.option(
    "--confidence", type=click.Choice(["high", "medium", "low"]), help="Only rules that can reach this confidence."
)
def list_(form: str, provider: str | None, label: str | None, confidence: str | None) -> None:
    """List the rules.

    \b
    keysift rules list --provider pagerduty
    keysift rules list --label public -f json
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    wanted = [
        rule
        for rule in _here()
        if (not provider or provider.lower() in rule.provider.lower())
        and label in {None, rule.label}
        and confidence in {None, _confidence(rule)}
    ]
    if form == "json":
        click.echo(json.dumps([_entry(rule) for rule in wanted], ensure_ascii=False, indent=2))
        return
    width = max((len(rule.id) for rule in wanted), default=0)
    for rule in wanted:
        click.echo(f"{rule.id:{width}}  {rule.label:9}  {_confidence(rule):6}  {rule.name}")


def _here() -> Sequence[Rule]:
    """The rules that a scan of the current directory would run."""
    return common.active_rules(common.configuration(".", None)).active()


def _confidence(rule: Rule) -> str:
    return max((context.confidence for context in rule.when), key=lambda one: one.rank, default=rule.confidence)


def _entry(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id, "name": rule.name, "provider": rule.provider, "label": rule.label,
        "confidence": _confidence(rule), "why": rule.why, "revoke": rule.revoke, "references": list(rule.references),
    }  # fmt: skip


@command.command("show")
@click.argument("rule_id")
def show(rule_id: str) -> None:
    """Show one rule as a page: what it finds, why it has its label, how to revoke, examples.

    \b
    keysift rules show pagerduty-integration-key
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    known = {rule.id: rule for rule in _here()}
    _known(rule_id, known)
    click.echo(page(known[rule_id]))


def _known(rule_id: str, known: Collection[str]) -> None:
    """Raises UsageError, with the nearest names, where no rule is called so."""
    if rule_id not in known:
        import difflib  # noqa: PLC0415 - only for a slip of the pen

        near = difflib.get_close_matches(rule_id, known, n=3, cutoff=0.4)
        advice = f"did you mean {', '.join(near)}?" if near else "`keysift rules list`"
        raise UsageError(f"no rule is called {rule_id}", help=advice)


def page(rule: Rule) -> str:
    """One rule, for reading."""
    sections = [
        f"{rule.name}  ({rule.id})\n{rule.provider} · {rule.label} · {_confidence(rule)} confidence at best",
        f"Why {rule.label}\n{_wrapped(rule.why)}",
        f"How to revoke\n{_wrapped(rule.revoke)}",
        "How it is recognised\n" + "\n".join(_recognition(rule)),
        "Examples (made up anew each time)\n" + "\n".join(_example(template) for template in rule.examples),
        "Not this key\n" + "\n".join(_example(template) for template in rule.counterexamples),
        "Read more\n" + "\n".join(f"  {reference}" for reference in rule.references),
    ]
    return "\n\n".join(sections)


def _wrapped(text: str) -> str:
    return click.wrap_text(text, width=100, initial_indent="  ", subsequent_indent="  ")


def _recognition(rule: Rule) -> list[str]:
    lines = [f"  shape     {rule.pattern}"]
    lines.append(f"  keywords  {', '.join(rule.keywords)}" if rule.keywords else f"  wherever  {rule.shape}")
    if rule.named:
        lines = [f"  named     a {rule.named}, and a value that is weighed to be one"]
    if rule.checksum:
        lines.append(f"  checksum  {rule.checksum}, checked offline")
    if rule.pair:
        lines.append(f"  pair      {rule.pair.label} with {rule.pair.rule} within {rule.pair.within} bytes")
    lines += [f"  when      {_conditions(context)}  → {context.confidence}" for context in rule.when]
    lines += [f"  unless    {_conditions(context)}" for context in rule.unless]
    return lines


def _conditions(context: Context) -> str:
    parts = ("field", "before", "after", "near", "file", "value")
    return " and ".join(f"{part} ~ {getattr(context, part)}" for part in parts if getattr(context, part))


def _example(template: str) -> str:
    text, _ = generate.instance(template, "page")
    return "\n".join(f"  {line}" for line in text.rstrip("\n").split("\n"))


@command.command("check")
@click.argument("rule_ids", nargs=-1)
@click.option(
    "--directory", type=click.Path(exists=True, file_okay=False), help="Check the rule files of this directory."
)
@click.pass_context
def check_(ctx: click.Context, rule_ids: tuple[str, ...], directory: str | None) -> None:
    """Prove the rules: every example found, no counterexample found, no pattern slow on hostile text.

    \b
    keysift rules check
    keysift rules check pagerduty-integration-key
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    loaded = ruleset.decode(ruleset.compile_directory(Path(directory))) if directory else _here()
    for rule_id in rule_ids:
        _known(rule_id, [rule.id for rule in loaded])
    complaints = list(check.check(loaded, rule_ids))
    for complaint in complaints:
        click.echo(complaint)
    checked = len(rule_ids) or len(loaded)
    click.echo(f"{checked} rules checked, {len(complaints)} complaints", err=True)
    ctx.exit(2 if complaints else 0)
