"""A repository's own rules, and its changes to those that come with keysift.

They may be a stranger's: files are read from inside of the configuration's directory alone, without following a link
out of it; what they may hold is limited; and their patterns run with the time limit of all rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from keysift.config import Config, RuleChange
from keysift.errors import ConfigError, RuleError
from keysift.model import Label, Rule
from keysift.rules.ruleset import Rules

LARGEST = 1 << 20
MOST_RULES = 500
LONGEST_PATTERN = 4000


Reader = Callable[[str], "bytes | None"]
"""The bytes of a rule file by its name in the configuration; None where there is no such file, or it is too long."""


def extended(rules: Sequence[Rule], config: Config, read: Reader | None = None) -> Rules:
    """The rules as a configuration changes them, and its own behind them; `read` for a configuration of a commit.

    Raises:
        ConfigError: a change names no rule, or a file lies outside.
        RuleError: a rule file does not hold what it must.
    """
    known = {rule.id: rule for rule in rules}
    for rule_id, change in config.rule.items():
        if rule_id not in known:
            raise ConfigError(
                f"{config.origin}: [rule.{rule_id}] names no rule", help="`keysift rules list` lists them"
            )
        known[rule_id] = _changed(known[rule_id], change, config)
    for name in config.rules:
        for rule in _own(name, config, read or partial(_on_disk, config)):
            if rule.id in known:
                raise RuleError(
                    f"{name}: the id {rule.id} is taken", help=f"choose another, or change that rule: [rule.{rule.id}]"
                )
            known[rule.id] = rule
    if len(known) - len(rules) > MOST_RULES:
        raise ConfigError(f"{config.origin}: more than {MOST_RULES} rules of one's own")
    _check_pairs(known)
    return Rules.of(tuple(known.values()))


def _changed(rule: Rule, change: RuleChange, config: Config) -> Rule:
    short = [word for word in change.keywords if len(word) < 3]
    if short:
        raise ConfigError(f"{config.origin}: [rule.{rule.id}]: keywords have 3 characters or more: {short[0]!r}")
    label = Label(change.label) if change.label else rule.label
    why = change.why or (rule.why if label is rule.label else f"{Path(config.origin).name} says so.")
    return replace(
        rule,
        label=label,
        why=why,
        keywords=tuple(dict.fromkeys((*rule.keywords, *change.keywords))),
        examples=(*rule.examples, *change.examples),
        counterexamples=(*rule.counterexamples, *change.counterexamples),
    )


def _own(name: str, config: Config, read: Reader) -> Iterator[Rule]:
    from keysift.rules import authoring  # noqa: PLC0415 - YAML and msgspec take long to import, and few have rules of their own

    data = read(name)
    if data is None:
        advice = f"paths start from the directory of {config.origin}, and a rule file has {LARGEST:,} bytes at most"
        raise ConfigError(f"{config.origin}: rules: cannot read {name}", help=advice)
    for where, rule in authoring.read_own(data, Path(name).name):
        if len(rule.pattern) > LONGEST_PATTERN:
            raise RuleError(f"{where}: the pattern is longer than {LONGEST_PATTERN} characters")
        yield rule


def _on_disk(config: Config, name: str) -> bytes | None:
    top = Path(config.origin).absolute().parent.resolve()
    try:
        place = (top / name).resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, or no name at all
        return None
    if not place.is_relative_to(top):
        raise ConfigError(f"{config.origin}: rules: {name} lies outside of {top}", help="keep rule files inside of it")
    try:
        return place.read_bytes() if place.is_file() and place.stat().st_size <= LARGEST else None
    except OSError:
        return None


def _check_pairs(known: dict[str, Rule]) -> None:
    for rule in known.values():
        if rule.pair and rule.pair.rule not in known:
            raise RuleError(f"rule {rule.id}: pair.rule names no rule: {rule.pair.rule}")
