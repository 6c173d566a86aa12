"""Rules in the form that a run reads: JSON by lines, first the index of all keywords and lines, then each rule.

A rule says only what differs from the defaults: what is not there need not be read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from itertools import accumulate
from typing import Any

from keysift.model import Checksum, Confidence, Context, FactsKind, Label, Matching, NameKind, Pair, Rule, Usage
from keysift.rules import boundaries, keywords

DAMAGED = (ValueError, KeyError, IndexError, TypeError, AttributeError)
"""What `read` and `rule` raise for a line that `encode` did not make."""
_LABELS = {label.value: label for label in Label}
_CONFIDENCES = {confidence.value: confidence for confidence in Confidence}
_KINDS = {"named": NameKind, "checksum": Checksum, "facts": FactsKind}
_TUPLES = frozenset({"references", "keywords", "documented", "examples", "counterexamples"})


def encode(rules: Sequence[Rule]) -> bytes:
    """Return the compiled form of rules: UTF-8."""
    lines = [encode_rule(rule) for rule in rules]
    first = {**keywords.pack(keywords.index(rules)), "lengths": list(map(len, lines))}
    return b"\n".join((_line(first), *lines))


def encode_rule(rule: Rule) -> bytes:
    """Return the line of one rule."""
    return _line(_rule_entry(rule))


def _line(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _rule_entry(rule: Rule) -> dict[str, Any]:
    entry = _entry(rule)
    for name in ("when", "unless"):
        if name in entry:
            entry[name] = [_entry(context) for context in entry[name]]
    if rule.pair:
        entry["pair"] = asdict(rule.pair)
    entry["matching"] = _entry(rule.matching)
    if rule.matching.pattern == boundaries.usual(rule.pattern):
        del entry["matching"]["pattern"]
    return entry


def _entry(noun: Rule | Context | Matching) -> dict[str, Any]:
    values = ((field, getattr(noun, field.name)) for field in fields(noun))
    return {field.name: value for field, value in values if value != field.default}


class Lines(Sequence[bytes]):
    """The lines of the compiled form behind the first: each is cut out when it is asked for."""

    def __init__(self, data: bytes, first: int, lengths: Sequence[int]) -> None:
        self.data = data
        self._ends = [*accumulate((length + 1 for length in lengths), initial=first)]
        if self._ends[-1] != len(data):
            raise ValueError("something is missing, or has been added")

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override] # nobody needs a part of them
        """Return one line."""
        return self.data[self._ends[number] + 1 : self._ends[number + 1]]


def read(data: bytes) -> tuple[keywords.KeywordIndex, Lines]:
    """Return the index that the compiled form begins with, and the lines of the rules. Raises one of `DAMAGED`."""
    first = data.index(b"\n")
    entry = json.loads(data[:first])
    return keywords.unpack(entry), Lines(data, first, entry["lengths"])


def rule(line: bytes) -> Rule:
    """Return the rule that another line holds. Raises one of `DAMAGED`."""
    entry = json.loads(line)
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
    if "usages" in entry:
        entry["usages"] = tuple(map(_usage, entry["usages"]))
    entry["matching"] = _matching(entry["matching"], entry["pattern"])
    return Rule(**entry)


def _context(entry: dict[str, Any]) -> Context:
    entry["confidence"] = _CONFIDENCES[entry.get("confidence", "high")]
    return Context(**entry)


def _usage(entry: list[Any]) -> Usage:
    text, starts, pattern, kind, words, *others = entry
    return Usage(text, tuple(starts), pattern, NameKind(kind), tuple(words), *others)


def _matching(entry: dict[str, Any], written: str) -> Matching:
    entry.setdefault("pattern", boundaries.usual(written))
    if "leading" in entry:
        entry["leading"] = tuple(entry["leading"])
    return Matching(**entry)
