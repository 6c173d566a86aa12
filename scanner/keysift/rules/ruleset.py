"""Rule files -> `Rule`, with errors that name file, line and rule.

People write YAML, one file a provider (rules/README.md says how). Parsing it takes long, so a compiled form is built
into the package; in a checkout it is made anew whenever a rule file is newer. It is JSON, by lines: first the index of
all rules, then each rule, which is decoded when it is asked for.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from keysift import cache
from keysift.errors import RuleError
from keysift.model import Confidence, Context, Label, Pair, Rule
from keysift.rules import keywords

COMPILED = Path(__file__).with_name("rules.json")
_LABELS = {label.value: label for label in Label}
_CONFIDENCES = {confidence.value: confidence for confidence in Confidence}
_TUPLES = frozenset({"references", "keywords", "leading", "documented", "examples", "counterexamples"})
SOURCES = Path(__file__).parents[3] / "rules"


class Rules(Sequence[Rule]):
    """Rules, each decoded when it is first asked for: of nearly all of them a run meets no keyword."""

    def __init__(self, known: keywords.KeywordIndex, lines: Sequence[bytes], off: frozenset[int] = frozenset()) -> None:
        self.keywords = known
        self._lines = lines
        self.off = off
        self._decoded: dict[int, Rule] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, number: int) -> Rule:  # type: ignore[override] # nobody needs a part of the rules
        """One of them.

        Raises:
            RuleError: it is damaged.
        """
        known = self._decoded.get(number)
        if known is None:
            try:
                known = self._decoded[number] = _rule(json.loads(self._lines[number]), off=number in self.off)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise _damaged() from error
        return known

    def turned_off(self, unwanted: Callable[[str], bool]) -> Rules:
        """The same, those marked `off` whose ids are unwanted."""
        off = frozenset(number for number, brief in enumerate(self.keywords.rules) if unwanted(brief.id))
        return Rules(self.keywords, self._lines, self.off | off)


def index_of(rules: Sequence[Rule]) -> keywords.KeywordIndex:
    """The index of any rules."""
    return rules.keywords if isinstance(rules, Rules) else keywords.index(rules)


def turned_off(rules: Sequence[Rule], unwanted: Callable[[str], bool]) -> Sequence[Rule]:
    """The rules, those marked `off` whose ids are unwanted."""
    if isinstance(rules, Rules):
        return rules.turned_off(unwanted)
    return tuple(replace(rule, off=True) if unwanted(rule.id) else rule for rule in rules)


def off(rules: Sequence[Rule]) -> int:
    """How many of the rules are turned off."""
    return len(rules.off) if isinstance(rules, Rules) else sum(rule.off for rule in rules)


def ids(rules: Sequence[Rule]) -> Iterator[str]:
    """The ids of rules."""
    return (brief.id for brief in rules.keywords.rules) if isinstance(rules, Rules) else (rule.id for rule in rules)


def load() -> Rules:
    """All rules that come with keysift.

    Raises:
        RuleError: a rule file does not hold what it must.
    """
    if _stale():
        compiled = compile_directory(SOURCES)
        with contextlib.suppress(OSError):
            cache.replace(COMPILED, compiled)
        return decode(compiled)
    return decode(COMPILED.read_bytes())


def _stale() -> bool:
    """Whether this is a checkout whose rule files are newer than their compiled form."""
    if not (SOURCES / "pagerduty.yaml").is_file():
        return False
    try:
        made = COMPILED.stat().st_mtime_ns
    except OSError:
        return True
    with os.scandir(SOURCES) as entries:
        newest = max(entry.stat().st_mtime_ns for entry in entries if entry.name.endswith(".yaml"))
    names = ("ruleset.py", "authoring.py", "assigned.py", "keywords.py")
    reader = [SOURCES, *(Path(__file__).with_name(name) for name in names)]
    return max(newest, *(path.stat().st_mtime_ns for path in reader)) >= made


def compile_directory(directory: Path) -> bytes:
    """The compiled form of all `*.yaml` files of a directory: JSON by lines, UTF-8.

    Raises:
        RuleError: a file does not hold what it must.
    """
    from keysift.rules import authoring  # noqa: PLC0415 - YAML and msgspec take longer to import than the compiled form to read

    rules = authoring.read_directory(directory)
    lines = (keywords.packed(keywords.index(rules)), *map(_encode, rules))
    return b"\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() for line in lines)


def _encode(noun: Rule | Context) -> dict[str, Any]:
    """Only what differs from the default: what is not there need not be read."""
    entry = {field.name: getattr(noun, field.name) for field in fields(noun)}
    short = {field.name: entry[field.name] for field in fields(noun) if entry[field.name] != field.default}
    for name in ("when", "unless"):
        if name in short:
            short[name] = [_encode(context) for context in short[name]]
    if "pair" in short:
        short["pair"] = asdict(short["pair"])
    return short


def decode(compiled: bytes) -> Rules:
    """The rules of a compiled form.

    Raises:
        RuleError: it is damaged.
    """
    first, *lines = compiled.split(b"\n")
    try:
        known = keywords.unpacked(json.loads(first))
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise _damaged() from error
    if len(lines) != len(known.rules):
        raise _damaged()
    return Rules(known, lines)


def _damaged() -> RuleError:
    return RuleError(f"{COMPILED} is damaged", help="install keysift again")


def _rule(entry: dict[str, Any], *, off: bool) -> Rule:
    entry["label"] = _LABELS[entry["label"]]
    entry["confidence"] = _CONFIDENCES[entry.get("confidence", "high")]
    for name in ("when", "unless"):
        if name in entry:
            entry[name] = tuple(map(_context, entry[name]))
    if "pair" in entry:
        entry["pair"] = Pair(**{**entry["pair"], "label": _LABELS[entry["pair"]["label"]]})
    for name in _TUPLES & entry.keys():
        entry[name] = tuple(entry[name])
    return Rule(**entry, off=off)


def _context(entry: dict[str, Any]) -> Context:
    entry["confidence"] = _CONFIDENCES[entry.get("confidence", "high")]
    return Context(**entry)
