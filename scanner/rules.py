"""Rule files -> `Rule`, with errors that name file, line and rule.

People write YAML, one file a provider (rules/README.md says how). Parsing it takes long, so a compiled form, JSON, is
built into the package; in a checkout it is made anew whenever a rule file is newer.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from scanner.errors import RuleError
from scanner.model import Confidence, Context, Label, Pair, Rule

COMPILED = Path(__file__).with_name("rules.json")
_LABELS = {label.value: label for label in Label}
_CONFIDENCES = {confidence.value: confidence for confidence in Confidence}
_TUPLES = frozenset({"references", "keywords", "leading", "documented", "examples", "counterexamples"})
SOURCES = Path(__file__).parent.parent / "rules"


def load() -> tuple[Rule, ...]:
    """All rules that come with keysift.

    Raises:
        RuleError: a rule file does not hold what it must.
    """
    if _stale():
        compiled = compile_directory(SOURCES)
        with contextlib.suppress(OSError):
            _write(compiled)
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
    reader = [Path(__file__), Path(__file__).with_name("rule_files.py"), SOURCES]
    return max(newest, *(path.stat().st_mtime_ns for path in reader)) >= made


def _write(compiled: bytes) -> None:
    """Aside, then renamed: another process may be reading it."""
    with tempfile.NamedTemporaryFile(dir=COMPILED.parent, suffix=".tmp", delete=False) as aside:
        aside.write(compiled)
    Path(aside.name).chmod(0o644)
    Path(aside.name).replace(COMPILED)


def compile_directory(directory: Path) -> bytes:
    """The compiled form of all `*.yaml` files of a directory: JSON, UTF-8.

    Raises:
        RuleError: a file does not hold what it must.
    """
    from scanner import rule_files  # noqa: PLC0415 - YAML and msgspec take longer to import than the compiled form to read

    rules = rule_files.read_directory(directory)
    return json.dumps([_encode(rule) for rule in rules], ensure_ascii=False, separators=(",", ":")).encode()


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


def decode(compiled: bytes) -> tuple[Rule, ...]:
    """The rules of a compiled form.

    Raises:
        RuleError: it is damaged.
    """
    try:
        return tuple(_rule(entry) for entry in json.loads(compiled))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RuleError(f"{COMPILED} is damaged", help="install keysift again") from error


def _rule(entry: dict[str, Any]) -> Rule:
    entry["label"] = _LABELS[entry["label"]]
    entry["confidence"] = _CONFIDENCES[entry.get("confidence", "high")]
    for name in ("when", "unless"):
        if name in entry:
            entry[name] = tuple(map(_context, entry[name]))
    if "pair" in entry:
        entry["pair"] = Pair(**{**entry["pair"], "label": _LABELS[entry["pair"]["label"]]})
    for name in _TUPLES & entry.keys():
        entry[name] = tuple(entry[name])
    return Rule(**entry)


def _context(entry: dict[str, Any]) -> Context:
    entry["confidence"] = _CONFIDENCES[entry.get("confidence", "high")]
    return Context(**entry)
