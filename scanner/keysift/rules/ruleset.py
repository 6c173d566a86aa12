"""Rule files -> `Rule`, with errors that name file, line and rule.

People write YAML, one file a provider (rules/README.md says how). Parsing it takes long, so a compiled form is built
into the package; in a checkout it is made anew whenever a rule file is newer. It is JSON, by lines: first the index of
all rules, then each rule, which is decoded when it is asked for.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from keysift import cache
from keysift.errors import RuleError
from keysift.model import Checksum, Confidence, Context, FactsKind, Label, Matching, NameKind, Pair, Rule
from keysift.rules import boundaries, keywords

COMPILED = Path(__file__).with_name("rules.json")
_LABELS = {label.value: label for label in Label}
_CONFIDENCES = {confidence.value: confidence for confidence in Confidence}
_KINDS = {"named": NameKind, "checksum": Checksum, "facts": FactsKind}
_TUPLES = frozenset({"references", "keywords", "documented", "examples", "counterexamples"})
SOURCES = Path(__file__).parents[3] / "rules"


class Rules(Sequence[Rule]):
    """The rules of a run, and which of them are off. Each is decoded when it is first asked for.

    A run meets a keyword of some ten of them, so nearly all are never decoded. A rule that is off still takes its
    bytes, lest they come back under the name of a more general rule.
    """

    def __init__(
        self,
        known: keywords.KeywordIndex,
        lines: Sequence[bytes],
        decoded: dict[int, Rule],
        off: frozenset[str] = frozenset(),
    ) -> None:
        self.keywords = known
        self.off = off
        """By their ids."""
        self._lines = lines
        self._decoded = decoded

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> Rules:
        """Return the rules of a sequence, none of them off; `Rules` as they are."""
        if isinstance(rules, cls):
            return rules
        return cls(keywords.index(rules), (), dict(enumerate(rules)))

    def __len__(self) -> int:
        return len(self.keywords.rules)

    def __getitem__(self, number: int) -> Rule:  # type: ignore[override] # nobody needs a part of the rules
        """Return one rule.

        Raises:
            RuleError: it is damaged.
        """
        rule = self._decoded.get(number)
        return rule or self._decode(range(len(self))[number])

    def _decode(self, number: int) -> Rule:
        if number not in self._decoded:
            try:
                self._decoded[number] = _rule(json.loads(self._lines[number]))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise _damaged() from error
        return self._decoded[number]

    @property
    def ids(self) -> list[str]:
        """The ids of all rules, without decoding any."""
        return [summary.id for summary in self.keywords.rules]

    def active(self) -> list[Rule]:
        """Return the rules that are not off."""
        return [rule for rule in self if rule.id not in self.off]

    def without(self, unwanted: Callable[[str], bool]) -> Rules:
        """Return the same rules, those off whose ids are unwanted."""
        return Rules(self.keywords, self._lines, self._decoded, self.off.union(filter(unwanted, self.ids)))


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


def _encode(noun: Rule | Context | Matching) -> dict[str, Any]:
    """Only what differs from the default: what is not there need not be read."""
    entry = {field.name: getattr(noun, field.name) for field in fields(noun)}
    short = {field.name: entry[field.name] for field in fields(noun) if entry[field.name] != field.default}
    for name in ("when", "unless"):
        if name in short:
            short[name] = [_encode(context) for context in short[name]]
    if "pair" in short:
        short["pair"] = asdict(short["pair"])
    if "matching" in short:
        short["matching"] = _encode(short["matching"])
        if short["matching"]["pattern"] == boundaries.usual(short["pattern"]):
            del short["matching"]["pattern"]
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
    return Rules(known, lines, {})


def _damaged() -> RuleError:
    return RuleError(f"{COMPILED} is damaged", help="install keysift again")


def _rule(entry: dict[str, Any]) -> Rule:
    entry["label"] = _LABELS[entry["label"]]
    entry["confidence"] = _CONFIDENCES[entry.get("confidence", "high")]
    for name in ("when", "unless"):
        if name in entry:
            entry[name] = tuple(map(_context, entry[name]))
    for name, kind in _KINDS.items():
        if name in entry:
            entry[name] = kind(entry[name])
    if "pair" in entry:
        entry["pair"] = Pair(**{**entry["pair"], "label": _LABELS[entry["pair"]["label"]]})
    for name in _TUPLES & entry.keys():
        entry[name] = tuple(entry[name])
    entry["matching"] = _matching(entry["matching"], entry["pattern"])
    return Rule(**entry)


def _matching(entry: dict[str, Any], written: str) -> Matching:
    entry.setdefault("pattern", boundaries.usual(written))
    if "leading" in entry:
        entry["leading"] = tuple(entry["leading"])
    return Matching(**entry)


def _context(entry: dict[str, Any]) -> Context:
    entry["confidence"] = _CONFIDENCES[entry.get("confidence", "high")]
    return Context(**entry)
