"""What `.keysift.toml`, or `[tool.keysift]` in `pyproject.toml`, states; an unknown key is an error.

The keys of a file are the fields of the dataclasses below, with `-` for `_`: `[[ignore]]` tables are `Ignore`,
`[[skip]]` `Skip`, `[[path]]` `PathPolicy`, `[[branch]]` `BranchPolicy`, `[policy]` `Policy`, `[rule.ID]` `RuleChange`.
`values` reads what they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from keysift import wide
from keysift.config import bounded, values
from keysift.errors import ConfigError
from keysift.records import dataclass

NAME = ".keysift.toml"
MARK = b"[tool.keysift"
DEFAULT_CONFIDENCE = "medium"
"""The `min-confidence` where none is stated: docs/guide/how-it-decides.md says how often each confidence is right."""
LARGEST = 1 << 20
"""Bytes of a configuration that are read: it may be a stranger's."""

_VERIFY_HELP = "a repository may not say where keys are sent; `keysift verify --help` names the user's file"
_Table = TypeVar("_Table", bound="Ignore | Skip | PathPolicy | BranchPolicy | Policy | RuleChange")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One `[[ignore]]`: it accepts a finding of which everything is true that it states."""

    rule: str = ""
    """The id of a rule; `pagerduty-*` is a family."""
    path: str = ""
    """A pattern as in .gitignore, relative to the file that states it."""
    path_regex: str = ""
    """A regex that is searched in the path, for what comes from scanners that write paths so."""
    fingerprint: str = ""
    """The fingerprint of a finding, as reports show it: this rule and this value."""
    value: str = ""
    """A regex that is searched in the key."""
    line: str = ""
    """A regex that is searched in the lines of the key."""
    reason: str = ""
    owner: str = ""
    since: str = ""
    until: str = ""
    """The last day on which it holds: `2026-12-31`; empty means for ever."""


@dataclass(frozen=True, slots=True)
class Skip:
    """One `[[skip]]`: it accepts that something cannot be read of which everything is true that it states."""

    path: str = ""
    """A pattern as in .gitignore, relative to the file that states it."""
    object: str = ""
    """The id of a git object, or its first digits."""
    reason: str = ""
    since: str = ""
    until: str = ""
    """The last day on which it holds: `2026-12-31`; empty means for ever."""


@dataclass(frozen=True, slots=True)
class PathPolicy:
    """One `[[path]]`: what is different in some files. Where several match, the last one decides."""

    pattern: str = ""
    """A pattern as in .gitignore, relative to the file that states it."""
    fail_on: str = ""
    disable: tuple[str, ...] = ()
    min_confidence: str = ""


@dataclass(frozen=True, slots=True)
class BranchPolicy:
    """One `[[branch]]`: what is different on some branches. Where several match, the last one decides."""

    pattern: str = ""
    """The name of a branch, where `*` also stands for `/`: `main`, `release/*`."""
    fail_on: str = ""
    min_confidence: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """`[policy]`: what an acceptance must state in order to hold."""

    require_reason: bool = False
    max_lifetime_days: int = 0
    """The days from `since`, or from today where it is not stated; 0 means no limit."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """`[rule.ID]`: what is different about a rule of keysift's. Lists are added to those of the rule."""

    label: str = ""
    why: str = ""
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """How a repository wants to be scanned."""

    exclude: tuple[str, ...] = ()
    """Patterns as in .gitignore, relative to the file that states them."""
    disable: tuple[str, ...] = ()
    """The ids of rules that are not to run; `pagerduty-*` is a family."""
    origin: str = ""
    """The file that states all this, or `COMMIT:NAME`; empty where there is none."""
    fail_on: str = ""
    min_confidence: str = ""
    rules: tuple[str, ...] = ()
    """Rule files of the repository's own, relative to the file that names them and inside of its directory."""
    ignore: tuple[Ignore, ...] = ()
    skip: tuple[Skip, ...] = ()
    path: tuple[PathPolicy, ...] = ()
    branch: tuple[BranchPolicy, ...] = ()
    policy: Policy = Policy()
    rule: Mapping[str, RuleChange] = field(default_factory=dict)

    def on_branch(self, name: str) -> Config:
        """Return the configuration as it is on a branch: `main`, without `refs/heads/`."""
        from fnmatch import fnmatchcase  # noqa: PLC0415 - few have it

        stated = [policy for policy in self.branch if fnmatchcase(name, policy.pattern)]
        fail_on = [policy.fail_on for policy in stated if policy.fail_on]
        min_confidence = [policy.min_confidence for policy in stated if policy.min_confidence]
        return replace(
            self, fail_on=[self.fail_on, *fail_on][-1], min_confidence=[self.min_confidence, *min_confidence][-1]
        )

    def named_rules(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the patterns of rule ids that the configuration states, with the names of their keys."""
        yield "disable", self.disable
        for number, policy in enumerate(self.path, 1):
            yield f"[[path]] number {number}: disable", policy.disable
        for number, table in enumerate(self.ignore, 1):
            yield f"[[ignore]] number {number}: rule", (table.rule,) if table.rule else ()


def find(directory: Path) -> Config:
    """Return the configuration of a directory: its own, or the nearest above it inside the same repository.

    Raises:
        ConfigError: a file is invalid TOML, or holds an unknown key.
    """
    place = locate(directory)
    return read(place) if place else Config()


def locate(directory: Path) -> Path | None:
    """Return the file that states the configuration of a directory; None if there is none.

    Raises:
        ConfigError: a `pyproject.toml` cannot be read.
    """
    for place in (directory, *directory.parents):
        for path in (place / NAME, place / "pyproject.toml"):
            if path.is_file() and (path.name == NAME or MARK in _bytes(path)):
                return path
        if (place / ".git").exists():
            break
    return None


def read(path: Path) -> Config:
    """Return the configuration that a file states.

    Raises:
        ConfigError: the file cannot be read, is invalid TOML, or holds an unknown key.
    """
    return parse(_bytes(path), str(path))


def parse(data: bytes, origin: str) -> Config:
    """Return the configuration in the bytes of a file: UTF-8, or any encoding with a byte order mark.

    `origin` is its path, or `COMMIT:NAME` at the top of a repository.

    Raises:
        ConfigError: it is invalid TOML, or holds an unknown key or an impossible value.
    """
    import tomllib  # noqa: PLC0415 - most repositories have no configuration

    try:
        content = tomllib.loads(wide.to_utf8(data).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{origin}: invalid TOML: {error}", help="see https://toml.io for the syntax") from error
    if origin.endswith("pyproject.toml"):
        content = _inner_table(origin, _inner_table(origin, content, "tool"), "keysift")
    known = _keys_of(Config) - {"origin"}
    stated: dict[str, Any] = {}
    for name, value in content.items():
        if name == "verify":
            raise ConfigError(f"{origin}: 'verify' is read from the user's own configuration alone", help=_VERIFY_HELP)
        values.check_name(origin, name, known)
        stated[name.replace("-", "_")] = _READERS[name](f"{origin}: '{name}'", value)
    return Config(**stated, origin=origin)


def _inner_table(origin: str, content: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a table of `pyproject.toml`, an empty one where there is none."""
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{origin}: '{name}' is not a table", help="write it as [tool.keysift]")
    return table


def _bytes(path: Path) -> bytes:
    """Return the bytes of a configuration file."""
    data = bounded.read(path, LARGEST, "a configuration is a page or two")
    if data is None:
        raise ConfigError(f"cannot read {path}: No such file or directory")
    return data


# --- What a table may hold --------------------------------------------------------------------------------------------


def _keys_of(kind: type) -> set[str]:
    """Return the keys that stand for the fields of a dataclass."""
    return {known.name.replace("_", "-") for known in fields(kind)}


_FIELDS: dict[str, Callable[[str, object], Any]] = {
    "until": values.read_date, "since": values.read_date, "object": values.read_object,
    "path-regex": values.read_regex, "value": values.read_regex, "line": values.read_regex,
    "fail-on": values.read_threshold, "min-confidence": values.read_confidence, "label": values.read_label,
    "disable": values.read_strings, "keywords": values.read_strings, "examples": values.read_strings,
    "counterexamples": values.read_strings, "require-reason": values.read_flag, "max-lifetime-days": values.read_days,
}  # fmt: skip
"""Who reads which key of a table; `values.read_text` reads the others."""
_PATTERN_KEYS = {(Ignore, "path"), (Skip, "path"), (PathPolicy, "pattern")}
"""Keys that hold a pattern of paths; that of a branch is one of names."""


def _table(kind: type[_Table], where: str, value: object) -> _Table:
    """Return a table as a dataclass."""
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be a table")
    known = _keys_of(kind)
    content: dict[str, Any] = {}
    for name, item in value.items():
        values.check_name(where, name, known)
        reader = values.read_pattern if (kind, name) in _PATTERN_KEYS else _FIELDS.get(name, values.read_text)
        content[name.replace("-", "_")] = reader(f"{where}: '{name}'", item)
    return kind(**content)


def _tables(kind: type[_Table]) -> Callable[[str, object], tuple[_Table, ...]]:
    """Return a reader of lists of tables."""

    def read_tables(where: str, value: object) -> tuple[_Table, ...]:
        if not isinstance(value, list):
            raise ConfigError(f"{where} must be a list of tables", help="write each with two brackets: [[...]]")
        found = tuple(_table(kind, f"{where} number {number}", item) for number, item in enumerate(value, 1))
        for number, table in enumerate(found, 1):
            _check_stated(f"{where} number {number}", table)
        return found

    return read_tables


def _check_stated(where: str, table: object) -> None:
    """Raise ConfigError for a table that accepts everything and a policy for no path: they are slips of the pen."""
    if isinstance(table, Ignore) and table == Ignore(
        reason=table.reason, owner=table.owner, since=table.since, until=table.until
    ):
        advice = "state one or more of: rule, path, path-regex, fingerprint, value, line"
        raise ConfigError(f"{where} does not say what it ignores", help=advice)
    if isinstance(table, Skip) and not (table.path or table.object):
        raise ConfigError(f"{where} does not say what may be skipped", help="state one or both of: path, object")
    if isinstance(table, PathPolicy | BranchPolicy) and not table.pattern:
        raise ConfigError(f"{where} has no 'pattern'", help="name the paths or branches to which it applies")


def _changes(where: str, value: object) -> dict[str, RuleChange]:
    """Return what `[rule.ID]` tables state, by id."""
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be a table", help="write [rule.ID]")
    return {name: _table(RuleChange, f"{where}.{name}", change) for name, change in value.items()}


_READERS: dict[str, Callable[[str, object], Any]] = {
    "exclude": values.read_patterns, "disable": values.read_strings, "rules": values.read_strings,
    "fail-on": values.read_threshold, "min-confidence": values.read_confidence,
    "ignore": _tables(Ignore), "skip": _tables(Skip), "path": _tables(PathPolicy), "branch": _tables(BranchPolicy),
    "policy": lambda where, value: _table(Policy, where, value), "rule": _changes,
}  # fmt: skip
"""Who reads which key at the top of a file."""
