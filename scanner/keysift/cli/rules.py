"""`keysift rules`."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import click

from keysift.cli import settings, terminal
from keysift.cli.choices import Choice
from keysift.cli.completing import complete_provider, complete_rule
from keysift.cli.options import choosing_rules
from keysift.cli.output import check_destination
from keysift.detect import check
from keysift.errors import ReportError, UsageError
from keysift.model import Context, Rule
from keysift.report.kinds import issuer
from keysift.report.kinds import provider as provider_of
from keysift.report.wording import count
from keysift.rules import authoring, generate, package, ruleset, verification
from keysift.rules.suggestions import suggestion
from keysift.version import VERSION

_SHARED = {
    "literal": "any value of a field that is named like a key",
    "assigned": "a value that may be generated, of a field that is named like a key",
}
"""The patterns that many rules share, in words."""


@click.group("rules")
def command() -> None:
    """List, show and check the rules.

    \b
    keysift rules list --provider pagerduty
    keysift rules show pagerduty-integration-key
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines


@command.command("list")
@click.option(
    "-f",
    "--format",
    "form",
    type=Choice(["text", "json"]),
    metavar="FORMAT",
    default="text",
    show_default=True,
    help="Format of the list: text or json.",
)
@click.option(
    "--provider",
    metavar="NAME",
    shell_complete=complete_provider,
    help="Only rules of providers, or for kinds of keys, whose name contains NAME.",
)
@click.option(
    "--label",
    type=Choice(["secret", "sensitive", "public"]),
    metavar="LABEL",
    help="Only rules with this label: secret, sensitive or public.",
)
@click.option(
    "--confidence",
    type=Choice(["high", "medium", "low"]),
    metavar="LEVEL",
    help="Only rules whose surest findings have this confidence: high, medium or low.",
)
@choosing_rules
def list_(  # noqa: PLR0913, PLR0917 - click's way
    form: str,
    provider: str | None,
    label: str | None,
    confidence: str | None,
    rules_package: str | None,
    rules_key: str | None,
) -> None:
    """List the rules.

    \b
    keysift rules list --provider pagerduty
    keysift rules list --label public -f json
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    wanted = [
        rule
        for rule in _here(rules_package, rules_key)
        if (not provider or provider.lower() in issuer(rule).lower())
        and label in {None, rule.label}
        and confidence in {None, rule.best_confidence}
    ]
    if form == "json":
        click.echo(json.dumps([_entry(rule) for rule in wanted], ensure_ascii=False, indent=2))
        return
    width = max((len(rule.id) for rule in wanted), default=0)
    for rule in wanted:
        click.echo(f"{rule.id:{width}}  {rule.label:9}  {rule.best_confidence:6}  {rule.name}")


def _here(file: str | None = None, key: str | None = None) -> list[Rule]:
    """Return the rules that a scan of the current directory would run, with those of a package if one is named."""
    options = {"rules_package": file, "rules_key": key}
    return settings.active_rules(settings.configuration(".", None), options=options).active()


def _entry(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id, "name": rule.name, "provider": provider_of(rule), "kind": issuer(rule), "label": rule.label,
        "confidence": rule.best_confidence, "why": rule.why, "revoke": rule.revoke,
        "references": list(rule.references),
    }  # fmt: skip


@command.command("show")
@click.argument("rule_id", shell_complete=complete_rule)
@choosing_rules
def show(rule_id: str, rules_package: str | None, rules_key: str | None) -> None:
    """Show one rule as a page.

    Shows how it recognises a key, why the key has its label, how to revoke it, and examples.

    \b
    keysift rules show pagerduty-integration-key
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    known = {rule.id: rule for rule in _here(rules_package, rules_key)}
    _require(rule_id, known)
    click.echo(page(known[rule_id]))


def _require(rule_id: str, known: Collection[str]) -> None:
    """Raise UsageError, with the nearest ids, if keysift has no such rule."""
    if rule_id not in known:
        raise UsageError(f"keysift has no such rule: {rule_id}", help=suggestion(rule_id, known))


def page(rule: Rule) -> str:
    """Return one rule as text for reading."""
    sections = [
        f"{rule.name}  ({rule.id})\n{issuer(rule)} · {rule.label} · {rule.best_confidence} confidence at most",
        f"Why {rule.label}\n{_wrapped(rule.why)}",
        f"How to revoke\n{_wrapped(rule.revoke)}",
        "How it is recognised\n" + "\n".join(_recognition(rule)),
        *_liveness(rule),
        "Examples (with made-up keys)\n" + "\n".join(map(_example, rule.examples)),
        "Not this key\n" + "\n".join(map(_example, rule.counterexamples)),
        "Read more\n" + "\n".join(f"  {reference}" for reference in rule.references),
    ]
    return "\n\n".join(sections)


def _liveness(rule: Rule) -> list[str]:
    """Return how `keysift verify` asks about a key, or why it cannot; nothing where the rule does not say."""
    stated = verification.decode(rule.verify)
    if stated is None:
        return []
    if stated.none:
        return [f"How it is verified\n{_wrapped(f'Not at all: {stated.none}.')}"]
    asked = f"{stated.method} {stated.url}" if stated.url else f"{stated.function}, a signed request"
    return [
        f"How it is verified, if asked\n  {asked}\n  at {', '.join(stated.hosts) or stated.yours}\n  {stated.reference}"
    ]


def _wrapped(text: str) -> str:
    return click.wrap_text(text, width=min(terminal.width(), 100), initial_indent="  ", subsequent_indent="  ")


def _recognition(rule: Rule) -> list[str]:
    """Return the conditions of a rule, a line each."""
    if rule.named:
        lines = [f"  named     a {rule.named}, judging by the words of the name; a model weighs the value"]
    elif rule.usages:
        lines = [f"  {rule.pattern:9} {usage.text}" for usage in rule.usages]
    else:
        lines = [f"  pattern   {_SHARED.get(rule.pattern, rule.pattern)}"]
        lines.append(f"  keywords  {', '.join(rule.keywords)}" if rule.keywords else f"  anywhere  {rule.shape}")
    if rule.checksum:
        lines.append(f"  checksum  {rule.checksum}, checked offline")
    if rule.pair:
        lines.append(f"  pair      {rule.pair.label} within {rule.pair.within} bytes of {rule.pair.rule}")
    lines += [f"  when      {_conditions(context)}  → {context.confidence}" for context in rule.when]
    lines += [f"  unless    {_conditions(context)}" for context in rule.unless]
    return lines


def _conditions(context: Context) -> str:
    parts = ("field", "before", "after", "near", "file", "value")
    return " and ".join(f"{part} ~ {getattr(context, part)}" for part in parts if getattr(context, part))


def _example(template: str) -> str:
    text, _ = generate.instance(template, "page")
    return "\n".join(f"  {line}" for line in text.rstrip("\n").split("\n"))


@command.command("check", short_help="Check rules against their examples and counterexamples.")
@click.argument("rule_ids", nargs=-1, shell_complete=complete_rule)
@click.option(
    "--directory", type=click.Path(exists=True, file_okay=False), help="Check the rule files in this directory."
)
@click.option("--all", "everything", is_flag=True, help="Check the rules that come with keysift as well.")
@click.pass_context
def check_(ctx: click.Context, rule_ids: tuple[str, ...], directory: str | None, everything: bool) -> None:  # noqa: FBT001 - click's way
    """Check your own rules, and those of keysift that you change, against their examples and counterexamples.

    Reports each example that is not found, each counterexample that is, and each pattern that is slow on hostile text.

    \b
    keysift rules check
    keysift rules check pagerduty-integration-key
    keysift rules check --directory rules
    keysift rules check --all
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    loaded = _in_directory(Path(directory)) if directory else _here()
    for rule_id in rule_ids:
        _require(rule_id, [rule.id for rule in loaded])
    wanted = set(rule_ids) or (None if directory or everything else _own_ids())
    chosen = [rule for rule in loaded if wanted is None or rule.id in wanted]
    problems = list(_checked(loaded, chosen))
    for problem in problems:
        click.echo(problem)
    click.echo(f"{count(len(chosen), 'rule')} checked, {count(len(problems), 'problem')}", err=True)
    if not chosen:
        click.echo("help: no rules of your own are configured here; --all checks those of keysift", err=True)
    ctx.exit(2 if problems else 0)


def _own_ids() -> set[str]:
    """Return the ids of the rules that the configuration here states or changes."""
    stated = settings.configuration(".", None)
    if not (stated.rules or stated.rule):
        return set()
    ours = set(ruleset.load().ids)
    return {rule_id for rule_id in settings.active_rules(stated).ids if rule_id not in ours or rule_id in stated.rule}


def _checked(loaded: Sequence[Rule], chosen: Sequence[Rule]) -> Iterator[str]:
    """Yield the problems of the chosen rules; a bar on a terminal tells how many have been checked."""
    if not sys.stderr.isatty():
        yield from check.check(loaded, chosen)
        return
    with click.progressbar(chosen, label="checking", file=sys.stderr, show_pos=True) as bar:
        yield from check.check(loaded, bar)


def _in_directory(directory: Path) -> Sequence[Rule]:
    rules = authoring.read_directory(directory)
    if not rules:
        raise UsageError(f"there are no rule files in {directory}", help="names of rule files end in .yaml")
    return rules


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema of rule files, for editors.

    \b
    keysift rules schema > keysift-rules.schema.json
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    click.echo(authoring.SCHEMA.read_text(encoding="utf-8"), nl=False)


@command.command("package")
@click.option(
    "-o",
    "--output",
    "place",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False),
    callback=check_destination,
    help="File to write the package to.",
)
@click.option(
    "--directory",
    type=click.Path(exists=True, file_okay=False),
    help="Directory of the rule files.  [default: that of the checkout that runs]",
)
@click.option(
    "--as", "version", default=VERSION, metavar="VERSION", help="Version of the package.  [default: keysift's]"
)
def package_(place: str, directory: str | None, version: str) -> None:
    """Write rule files as a package that other installations can be pointed at, once it is signed.

    \b
    keysift rules package -o keysift.rules
    minisign -S -m keysift.rules
    keysift scan --rules-package keysift.rules --rules-key minisign.pub
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    if not (directory or ruleset.is_checkout()):
        raise UsageError("an installation has no rule files", help="name their directory: --directory rules")
    try:
        digest = package.write(Path(directory) if directory else ruleset.SOURCES, version, Path(place))
    except OSError as error:
        raise ReportError(f"cannot write {place}: {error.strerror}") from error
    click.echo(f"sha256 {digest}")
    click.echo(f"help: sign it, for nobody takes it unsigned: minisign -S -m {place}", err=True)
