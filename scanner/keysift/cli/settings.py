"""Target -> the settings that hold for it: configuration, baseline, and the rules that are active by them."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from keysift import config, lazy, patterns
from keysift.accept import baseline
from keysift.accept.acceptances import Acceptances, AcceptanceSources
from keysift.cli import targets
from keysift.errors import ConfigError, UsageError
from keysift.files.naming import Naming
from keysift.git import layout
from keysift.rules import ruleset
from keysift.rules.suggestions import suggestion

if TYPE_CHECKING:
    from keysift.git import refs
    from keysift.report import plain
    from keysift.rules import custom, package
else:
    refs = lazy.module("keysift.git.refs")
    plain = lazy.module("keysift.report.plain")
    custom = lazy.module("keysift.rules.custom")
package = lazy.module("keysift.rules.package")

_NOT_PATTERNS = frozenset({"tracked-secret-file"})
"""Ids that can be disabled like those of rules, and have no pattern."""
_NO_RULE = "keysift has no such rule"
NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})
"""Those of a command that lets nobody choose rules."""


# --- Configuration and baseline ---------------------------------------------------------------------------------------


def read_acceptances(target: str, options: Mapping[str, Any]) -> Acceptances:
    """Return what may accept the findings of a target; `.sources.config` is the configuration that holds.

    Raises:
        ConfigError: the configuration or the baseline is invalid.
    """
    config_file, baseline_file = options["config_file"], options["baseline_file"]
    least = options.get("min_confidence") or ""
    named = baseline.read(Path(baseline_file)) if baseline_file else None
    if not options["no_repo_config"]:
        own = AcceptanceSources(configuration(target, config_file), named or _baseline(target))
        return Acceptances(_on_branch(target, own), today=today(), min_confidence=least)
    stated = config.read(Path(config_file)) if config_file else config.Config()
    sources = AcceptanceSources(stated, named, comments=False)
    return Acceptances(sources, _unheard(target), today(), min_confidence=least)


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


def covers_sources(names: Sequence[str], options: Mapping[str, object], sources: AcceptanceSources) -> bool:
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


def active_rules(
    settings: config.Config,
    read: Callable[[str], bytes | None] | None = None,
    options: Mapping[str, Any] = NO_OPTIONS,
) -> ruleset.Rules:
    """Return the rules of keysift and of the configuration, those off that it or the command line turns off.

    `read` returns the bytes of a rule file, by its name, where the configuration is not a file on disk but of a commit.

    Raises:
        ConfigError: the configuration names rules that do not exist.
        UsageError: the command line does, or names a package of rules that does not hold.
        RuleError: a rule file is invalid.
    """
    rules = catalogue(options)
    if settings.rules or settings.rule:
        rules = custom.extended(rules, settings, read)
    return chosen(rules, settings, options)


def catalogue(options: Mapping[str, Any]) -> ruleset.Rules:
    """Return the rules that come with keysift, or those of the package that the command line names.

    Raises:
        UsageError: the package is damaged, not signed by the owner of the key, or not for this program.
    """
    file, key = options.get("rules_package"), options.get("rules_key")
    return package.load(file, key)[0] if file else ruleset.load()


def chosen(rules: ruleset.Rules, settings: config.Config, options: Mapping[str, Any] = NO_OPTIONS) -> ruleset.Rules:
    """Return the rules, those off that the configuration or the command line turns off.

    Raises:
        ConfigError: the configuration names rules that do not exist.
        UsageError: the command line does.
    """
    for key, stated in settings.named_rules():
        if unknown := _unknown(rules, stated):
            raise ConfigError(
                f"{settings.origin}: {key} '{unknown}': {_NO_RULE}",
                help=_nearest(unknown, rules),
            )
    for option, name in (("--rule", "only"), ("--disable", "disable")):
        if unknown := _unknown(rules, options.get(name, ())):
            raise UsageError(f"{option} {plain.plain(unknown)}: {_NO_RULE}", help=_nearest(unknown, rules))
    if not (settings.disable or options.get("only") or options.get("disable")):
        return rules
    return rules.without(lambda rule_id: not is_on(rule_id, settings, options))


def is_on(rule_id: str, settings: config.Config, options: Mapping[str, Any]) -> bool:
    """Return True if neither the configuration nor the command line turns a rule off."""
    only, disabled = options.get("only") or ("*",), (*settings.disable, *options.get("disable", ()))
    return _matches(rule_id, only) and not _matches(rule_id, disabled)


def _matches(rule_id: str, stated: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(rule_id, pattern) for pattern in stated)


def _unknown(rules: ruleset.Rules, stated: Iterable[str]) -> str:
    """Return the first pattern that means no rule, empty if there is none: a typing error must not pass unnoticed."""
    known = (*rules.ids, *_NOT_PATTERNS) if stated else ()
    return next((pattern for pattern in stated if not any(map(partial(_means, pattern), known))), "")


def _nearest(unknown: str, rules: ruleset.Rules) -> str:
    return suggestion(unknown, (*rules.ids, *_NOT_PATTERNS))


def _means(pattern: str, rule_id: str) -> bool:
    return fnmatch.fnmatchcase(rule_id, pattern)


def count_active(rules: ruleset.Rules) -> int:
    """Return the number of rules that can have findings."""
    return len(rules) - len(rules.off)
