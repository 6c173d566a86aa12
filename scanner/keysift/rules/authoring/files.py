"""Rule files -> rules, each with its place; every error names file, line, rule and field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from keysift.errors import RuleError
from keysift.model import Rule
from keysift.rules import verification
from keysift.rules.authoring import documents, schema
from keysift.rules.authoring.deriving import FieldError, derived
from keysift.rules.authoring.documents import Document
from keysift.rules.authoring.entries import RuleEntry, RuleFile
from keysift.rules.suggestions import suggestion

EXAMPLES, COUNTEREXAMPLES = 2, 1
"""As many a rule of ours needs, at least."""


def read_directory(directory: Path) -> list[Rule]:
    """Return the rules of all `*.yaml` files, by file name, then as written.

    Raises:
        RuleError: a file does not hold what it must.
    """
    return read_files((path.name, path.read_bytes()) for path in sorted(directory.glob("*.yaml")))


def read_files(files: Iterable[tuple[str, bytes]]) -> list[Rule]:
    """Return the rules of files, each with its name, in their order, then as written.

    Raises:
        RuleError: a file does not hold what it must.
    """
    rules: dict[str, Rule] = {}
    places: dict[str, str] = {}
    for name, data in files:
        for place, rule in _rules(documents.read(data, name), complete=True):
            if rule.id in rules:
                taken = places[rule.id].partition(": ")[0]
                raise RuleError(f"{place}: id: taken by the rule at {taken}", help="ids are unique over all files")
            rules[rule.id], places[rule.id] = rule, place
    for rule in rules.values():
        if rule.pair and rule.pair.rule not in rules:
            problem = f"{places[rule.id]}: pair.rule: there is no rule {rule.pair.rule}"
            raise RuleError(problem, help=suggestion(rule.pair.rule, rules))
        stated = verification.decode(rule.verify)
        for name, other in stated.pair.items() if stated else ():
            if other not in rules:
                problem = f"{places[rule.id]}: verify.pair.{name}: there is no rule {other}"
                raise RuleError(problem, help=suggestion(other, rules))
    return list(rules.values())


def read_own(data: bytes, name: str) -> Iterator[tuple[str, Rule]]:
    """Yield the rules of a stranger's file, each with its place; examples may be missing.

    Raises:
        RuleError: the file does not hold what it must.
    """
    yield from _rules(documents.read_without_aliases(data, name), complete=False)


def _rules(document: Document, *, complete: bool) -> Iterator[tuple[str, Rule]]:
    file = _file(document)
    for number, entry in enumerate(file.rules):
        try:
            if complete:
                _check_examples(entry)
            else:
                _check_own(entry)
            rule = derived(file, entry)
        except FieldError as error:
            path = error.path if error.in_file else ("rules", number, *error.path)
            raise document.error(path, str(error), error.advice) from error
        yield document.place(("rules", number)), rule


def _file(document: Document) -> RuleFile:
    try:
        return msgspec.convert(document.content, RuleFile)
    except msgspec.ValidationError as error:
        said = str(error)
        path = _path(said)
        found = schema.complaint(path, document.value(path)) or schema.Complaint(said, "")
        raise document.error(path, found.problem, found.advice, key=found.key) from error


def _path(said: str) -> documents.Path:
    """Return the place that msgspec names: of "Expected `str` - at `$.rules[0].label`" `("rules", 0, "label")`."""
    named = re.search(r" - at `\$([^`]*)`$", said)
    steps = re.findall(r"\.(\w+)|\[(\d+)\]", named[1]) if named else []
    return tuple(int(number) if number else key for key, number in steps)


def _check_own(entry: RuleEntry) -> None:
    for field in ("verify", "map", "revocation"):
        if getattr(entry, field):
            advice = "remove it: a repository may not say where keys are sent"
            raise FieldError((field,), "a repository's own rules may not have it", advice)


def _check_examples(entry: RuleEntry) -> None:
    if entry.usages:
        return  # each has its own
    wanted = (("examples", entry.examples, EXAMPLES), ("counterexamples", entry.counterexamples, COUNTEREXAMPLES))
    for field, stated, least in wanted:
        if len(stated) < least:
            problem = f"at least {least} needed, {len(stated) or 'none'} stated"
            raise FieldError((field,), problem, "an example is a text with `{{alnum:32}}` or the like for the key")
