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
from keysift.rules import authoring
from keysift.rules.ruleset import Rules
from keysift.rules.suggestions import suggestion

LARGEST = 1 << 20
"""Bytes of a rule file, at the most."""
MOST_RULES = 500
LONGEST_PATTERN = 4000
"""Characters."""
Reader = Callable[[str], "bytes | None"]
"""Returns the bytes of a rule file by its name in the configuration; None if there is no such file, or a longer one."""


def extended(rules: Sequence[Rule], config: Config, read: Reader | None = None) -> Rules:
    """Return the rules as a configuration changes them, and its own behind them.

    `read` gives the rule files of a configuration that is no file on disk, but of a commit.

    Raises:
        ConfigError: a change names no rule, or a file lies outside.
        RuleError: a rule file does not hold what it must.
    """
    known = {rule.id: rule for rule in rules}
    for rule_id, change in config.rule.items():
        if rule_id not in known:
            raise ConfigError(
                f"{config.origin}: [rule.{rule_id}]: keysift has no such rule", help=suggestion(rule_id, known)
            )
        known[rule_id] = _changed(known[rule_id], change, config)
    for name in config.rules:
        for place, rule in _own(name, config, read or partial(_on_disk, config)):
            if rule.id in known:
                advice = f"choose another id, or change that rule: [rule.{rule.id}]"
                raise RuleError(f"{place}: id: there is a rule with this id already", help=advice)
            known[rule.id] = rule
    if len(known) - len(rules) > MOST_RULES:
        raise ConfigError(f"{config.origin}: rules: more than {MOST_RULES} rules of its own")
    _check_pairs(known)
    return Rules.of(tuple(known.values()))


def _changed(rule: Rule, change: RuleChange, config: Config) -> Rule:
    short = [word for word in change.keywords if len(word) < 3]
    if short:
        place = f"{config.origin}: [rule.{rule.id}]: keywords"
        raise ConfigError(f"{place}: '{short[0]}' is shorter than 3 characters")
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


def _own(name: str, config: Config, read: Reader) -> Iterator[tuple[str, Rule]]:
    """Yield the rules of one file, each with its place in words."""
    data = read(name)
    if data is None:
        advice = f"paths start from the directory of {config.origin}, and a rule file has at most {LARGEST:,} bytes"
        raise ConfigError(f"{config.origin}: rules: cannot read {name}", help=advice)
    for place, rule in authoring.read_own(data, Path(name).name):
        if len(rule.pattern) > LONGEST_PATTERN:
            raise RuleError(f"{place}: pattern: longer than {LONGEST_PATTERN:,} characters")
        yield place, rule


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
            problem = f"rule {rule.id}: pair.rule: there is no rule {rule.pair.rule}"
            raise RuleError(problem, help=suggestion(rule.pair.rule, known))
