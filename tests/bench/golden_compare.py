r"""Compares two recordings of golden.py field by field, but for the differences that are meant.

A file of expected differences is TOML:

    [[rewrite]]                      # changes texts of A before anything is compared
    from = '\bcame in\b'               # a regular expression
    to = "introduced"
    why = "plain words"

    [[expected]]                     # is counted, and is no failure
    command = "audit"                # globs; a name that is left out matches all
    input = "*"
    field = "report.suppressed[*]"   # `*` stands for anything but `]`, `**` for anything
    says = "only in B**"
    why = "an accepted place of an open key is listed"
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

SHOWN_CHARACTERS = 160
"""Characters that are shown of one value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs."""

    field: str
    """As `report.findings[3].reasons[1]`; the numbers count in A, or in B for what only B has."""
    says: str
    """The difference: `a -> b`, `only in A: ...`, or the place where the orders differ."""
    about: str = ""
    """The rule and the first place of the finding."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Differences that are meant."""

    why: str
    command: str = "*"
    input: str = "*"
    field: str = "**"
    says: str = "**"

    def covers(self, input_name: str, command: str, difference: Difference) -> bool:
        """Return whether the difference is one of these."""
        return (
            fnmatchcase(command, self.command)
            and fnmatchcase(input_name, self.input)
            and _matches(self.field, difference.field)
            and _matches(self.says, difference.says)
        )


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A change of wording that is meant."""

    pattern: re.Pattern[str]
    to: str
    why: str


@dataclass(slots=True)
class Expectations:
    """All that is meant to differ, and how often it did."""

    rewrites: list[Rewrite] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def rewritten(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """Return the value with every text in it reworded."""
        if isinstance(value, str):
            for rewrite in self.rewrites:
                value, times = rewrite.pattern.subn(rewrite.to, value)
                self.counts[rewrite.why] += times
            return value
        if isinstance(value, list):
            return [self.rewritten(item) for item in value]
        if isinstance(value, dict):
            return {name: self.rewritten(item) for name, item in value.items()}
        return value

    def unexpected(self, input_name: str, command: str, found: list[Difference]) -> list[Difference]:
        """Return the differences that nothing covers, and count the others by their reason."""
        left = []
        for difference in found:
            reasons = (entry.why for entry in self.expected if entry.covers(input_name, command, difference))
            if why := next(reasons, None):
                self.counts[why] += 1
            else:
                left.append(difference)
        return left


def read_expectations(path: Path | None) -> Expectations:
    """Return what a TOML file expects; nothing without a file. Raises ValueError for what it does not understand."""
    stated = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
    if unknown := stated.keys() - {"rewrite", "expected"}:
        raise ValueError(f"{path}: unknown: {', '.join(sorted(unknown))}")
    try:
        rewrites = [
            Rewrite(re.compile(entry.pop("from")), entry.pop("to"), **entry) for entry in stated.get("rewrite", [])
        ]
        expected = [Expected(**entry) for entry in stated.get("expected", [])]
    except (KeyError, TypeError, re.error) as error:
        raise ValueError(f"{path}: {error}") from error
    counts = Counter(dict.fromkeys([entry.why for entry in rewrites] + [entry.why for entry in expected], 0))
    return Expectations(rewrites, expected, counts)


def compare(a: Path, b: Path, only: list[str], shown: int, expectations: Expectations) -> bool:
    """Print how two recordings differ, and return whether nothing unexpected does.

    Raises ValueError where there is nothing to compare.
    """
    names = sorted({path.relative_to(top) for top in (a, b) for path in top.glob("*/*.json")})
    names = [name for name in names if is_among(name.parent.name, only)]
    if not names:
        raise ValueError("no records to compare")
    kinds: Counter[str] = Counter()
    different = 0
    for name in names:
        input_name, command = name.parent.name, name.stem
        found = list(compare_files(a / name, b / name, expectations))
        left = expectations.unexpected(input_name, command, found)
        different += bool(left)
        kinds.update(re.sub(r"\[.*?\]", "[*]", difference.field) for difference in left)
        _print_record(f"{input_name} {command}", found, left, shown)
    _print_summary(len(names), different, kinds, expectations)
    return not different


def is_among(name: str, globs: list[str]) -> bool:
    """Return whether the name matches one of the globs; without globs, all names do."""
    return not globs or any(fnmatchcase(name, glob) for glob in globs)


def compare_files(a: Path, b: Path, expectations: Expectations) -> Iterator[Difference]:
    """Yield the differences of two records of the same command."""
    if a.exists() and b.exists():
        before, after = (json.loads(path.read_text(encoding="utf-8")) for path in (a, b))
        yield from differences(expectations.rewritten(before), after)
    else:
        yield Difference("record", f"only in {'A' if a.exists() else 'B'}")


def differences(a: Any, b: Any, path: str = "", about: str = "") -> Iterator[Difference]:  # noqa: ANN401 - any JSON
    """Yield each field in which two JSON values differ, in the order of A."""
    if isinstance(a, dict) and isinstance(b, dict):
        about = _about(a) or about
        for name in [*a, *(name for name in b if name not in a)]:
            below = f"{path}.{name}".lstrip(".") if name.isidentifier() else f"{path}[{name}]"
            if name in a and name in b:
                yield from differences(a[name], b[name], below, about)
            else:
                yield _missing(below, a[name] if name in a else b[name], "A" if name in a else "B", about)
    elif isinstance(a, list) and isinstance(b, list):
        yield from _differing_items(a, b, path, about)
    elif type(a) is not type(b) or a != b:
        yield Difference(path, f"{_shown(a)} -> {_shown(b)}", about)


def _differing_items(a: list[Any], b: list[Any], path: str, about: str) -> Iterator[Difference]:
    """Yield the differences of two lists, whose items are paired by what names them, so that none shifts the others."""
    if len(a) == len(b) and not any(isinstance(item, dict) for item in (*a, *b)):
        for number, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from differences(one, other, f"{path}[{number}]", about)
        return
    in_a, in_b = _numbered(a), _numbered(b)
    for key, number in in_a.items():
        if key in in_b:
            yield from differences(a[number], b[in_b[key]], f"{path}[{number}]", about)
        else:
            yield _missing(f"{path}[{number}]", a[number], "A", about)
    yield from (_missing(f"{path}[{number}]", b[number], "B", about) for key, number in in_b.items() if key not in in_a)
    order_a, order_b = [key for key in in_a if key in in_b], [key for key in in_b if key in in_a]
    for key, other in zip(order_a, order_b, strict=True):
        if key != other:
            yield Difference(path, f"order: [{in_a[key]}] in A, where B has [{in_a[other]}]", about)
            return


def _numbered(items: list[Any]) -> dict[tuple[str, int], int]:
    """Return the position of each item by its name; those of the same name are told apart by their turn."""
    turns: Counter[str] = Counter()
    numbers = {}
    for number, item in enumerate(items):
        name = _name(item)
        numbers[name, turns[name]] = number
        turns[name] += 1
    return numbers


def _name(item: Any) -> str:  # noqa: ANN401 - any JSON
    """Return what tells an item from others in its list, whatever else of it changes."""
    if isinstance(item, dict):
        for names in (["fingerprint"], ["head"], ["path", "member", "commit", "start_byte"], ["path"]):
            if all(name in item for name in names):
                return json.dumps([item[name] for name in names])
    return json.dumps(item, sort_keys=True)


def _about(item: dict[str, Any]) -> str:
    """Return the rule and the first place of a finding, the head of a candidate, else nothing."""
    if "fingerprint" in item and item.get("locations"):
        place = item["locations"][0]
        return f"{item.get('rule_id')} at {place.get('path')}:{place.get('start_line')}"
    return str(item.get("head", ""))


def _missing(path: str, value: Any, side: str, about: str) -> Difference:  # noqa: ANN401 - any JSON
    described = _about(value) if isinstance(value, dict) else ""
    return Difference(path, f"only in {side}: {described or _shown(value)}", about)


def _shown(value: Any) -> str:  # noqa: ANN401 - any JSON
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."


def _matches(glob: str, text: str) -> bool:
    """Return whether the whole text matches: `*` stands for anything but `]`, `**` for anything."""
    parts = ({"**": ".*", "*": r"[^\]]*"}.get(part) or re.escape(part) for part in re.split(r"(\*\*?)", glob))
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _print_record(name: str, found: list[Difference], left: list[Difference], shown: int) -> None:
    meant = f", {len(found) - len(left)} more as expected" if len(found) > len(left) else ""
    if not left:
        print(f"{name}: equal{meant}")
        return
    print(f"{name}: differs in {len(left)} field{'s' * (len(left) > 1)}{meant}")
    for difference in left[:shown]:
        print(f"    {difference.field}: {difference.says}{f'   ({difference.about})' if difference.about else ''}")
    if len(left) > shown:
        print(f"    and {len(left) - shown} more")


def _print_summary(records: int, different: int, kinds: Counter[str], expectations: Expectations) -> None:
    print(f"\n{records} records: {records - different} equal, {different} different")
    for kind, count in kinds.most_common():
        print(f"    {count:>6}  {kind}")
    if expectations.counts:
        print("as expected:")
    for why, count in expectations.counts.items():
        print(f"    {count:>6}  {why}")
