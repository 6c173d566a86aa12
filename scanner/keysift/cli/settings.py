"""Target -> the settings that hold for it: configuration, baseline, and the rules that are active by them."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from keysift import config, lazy, patterns
from keysift.accept import baseline
from keysift.accept.acceptances import Acceptances, AcceptanceSources
from keysift.cli import targets
from keysift.errors import ConfigError
from keysift.files.naming import Naming
from keysift.git import layout
from keysift.rules import ruleset
from keysift.rules.suggestions import suggestion

if TYPE_CHECKING:
    from keysift.git import refs
    from keysift.rules import custom
else:
    refs = lazy.module("keysift.git.refs")
    custom = lazy.module("keysift.rules.custom")

_NOT_PATTERNS = frozenset({"tracked-secret-file"})
"""Ids that can be disabled like those of rules, and have no pattern."""


# --- Configuration and baseline ---------------------------------------------------------------------------------------


def read_acceptances(target: str, options: dict[str, str | None]) -> Acceptances:
    """Return what may accept the findings of a target; `.sources.config` is the configuration that holds.

    Raises:
        ConfigError: the configuration or the baseline is invalid.
    """
    config_file, baseline_file = options["config_file"], options["baseline_file"]
    named = baseline.read(Path(baseline_file)) if baseline_file else None
    if not options["no_repo_config"]:
        own = AcceptanceSources(configuration(target, config_file), named or _baseline(target))
        return Acceptances(_on_branch(target, own), today=today())
    stated = config.read(Path(config_file)) if config_file else config.Config()
    return Acceptances(AcceptanceSources(stated, named, comments=False), _unheard(target), today())


def _unheard(target: str) -> AcceptanceSources:
    """Return what the repository states for itself; if that is invalid, its comments alone."""
    try:
        return AcceptanceSources(configuration(target, None), _baseline(target))
    except ConfigError:
        return AcceptanceSources()


def _baseline(target: str) -> baseline.Baseline | None:
    place = baseline.find(targets.directory(target))
    return baseline.read(place) if place else None


def _on_branch(target: str, sources: AcceptanceSources) -> AcceptanceSources:
    """Return the sources as they are on the branch that is checked out, if the configuration tells branches apart."""
    if not sources.config.branch:
        return sources
    top = layout.toplevel(targets.directory(target))
    name = refs.current_branch(top) if top else ""
    return replace(sources, config=sources.config.on_branch(name))


def configuration(target: str, named: str | None) -> config.Config:
    """Return the configuration of the named file, or else the one that holds for a target.

    Raises:
        ConfigError: it is invalid.
    """
    return config.read(Path(named)) if named else config.find(targets.directory(target))


def covers_sources(names: Sequence[str], options: dict[str, object], sources: AcceptanceSources) -> bool:
    """Return True if a scan of these targets sees every file that the configuration and the baseline may speak of."""
    if options.get("exclude") or len(names) != 1 or not Path(names[0]).is_dir():
        return False
    place = Path(names[0]).absolute().resolve()
    origins = (sources.config.origin, sources.baseline.origin if sources.baseline else "")
    return all(Path(origin).absolute().parent.resolve().is_relative_to(place) for origin in origins if origin)


def exclusion(settings: config.Config, paths: Naming) -> Callable[[str], bool]:
    """Return a function of the paths of a run that returns True for those that the configuration excludes."""
    if not settings.exclude:
        return lambda _path: False
    return partial(patterns.covers, paths.stated(settings.exclude, settings.origin))


def today() -> str:
    """Return the date in UTC: `2026-12-31`."""
    return datetime.now(UTC).date().isoformat()


# --- Rules ------------------------------------------------------------------------------------------------------------


def active_rules(settings: config.Config, read: Callable[[str], bytes | None] | None = None) -> ruleset.Rules:
    """Return the rules of keysift and of the configuration, those off that it disables.

    `read` returns the bytes of a rule file, by its name, where the configuration is not a file on disk but of a commit.

    Raises:
        ConfigError: the configuration names rules that do not exist.
        RuleError: a rule file is invalid.
    """
    rules = ruleset.load()
    if settings.rules or settings.rule:
        rules = custom.extended(rules, settings, read)
    return without_disabled(rules, settings.disable, settings.origin)


def without_disabled(rules: ruleset.Rules, disable: Sequence[str], origin: str) -> ruleset.Rules:
    """Return the rules, those off that match a pattern of `disable`.

    Raises:
        ConfigError: a pattern matches no rule: a typing error must not pass unnoticed.
    """
    if not disable:
        return rules
    for pattern in disable:
        if pattern not in _NOT_PATTERNS and not any(fnmatch.fnmatchcase(rule_id, pattern) for rule_id in rules.ids):
            raise ConfigError(
                f"{origin}: disable '{pattern}': keysift has no such rule", help=suggestion(pattern, rules.ids)
            )
    return rules.without(lambda rule_id: any(fnmatch.fnmatchcase(rule_id, pattern) for pattern in disable))


def count_active(rules: ruleset.Rules) -> int:
    """Return the number of rules that can have findings."""
    return len(rules) - len(rules.off)
