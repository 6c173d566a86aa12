"""What the surroundings say for a candidate: which contexts of its rule hold, and how sure that makes us."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.detect import signals
from keysift.detect.candidates import Candidate
from keysift.detect.surroundings import Surroundings, as_text
from keysift.detect.words import letters, with_article
from keysift.model import Confidence, Context, Rule

if TYPE_CHECKING:
    import regex

Evidence = tuple[Confidence, tuple[str, ...], int]
"""How sure the surroundings make us, why, and how far from the value the name stands (see `Verdict.distance`)."""
NOTHING = "nothing nearby confirms it"
NOT_NAMED = 10_000
"""The distance where no name confirms."""
SHORT = 120
"""Characters of a text for which the answer of a pattern is remembered."""
SHORTEST_GENERATED = 24
"""Characters of a generated value that needs no more than the name of its service."""


def evidence(candidate: Candidate, path: str | None) -> Evidence | None:
    """Return what speaks for a candidate: the first context of its rule that holds, or its shape; None if nothing."""
    rule = candidate.rule
    shape = f"looks like {with_article(rule.name)}"
    if not rule.when:
        return rule.confidence, (_distinctive(candidate) or shape,), 0
    for context in rule.when:
        if reasons := _holds(context, candidate.around, path):
            around = candidate.around
            named = _search(context.field, "field", around, path) if context.field else None
            distance = len(around.field.path) - named.start() if named else NOT_NAMED
            return context.confidence, (*reasons, shape), distance
    return None


def _distinctive(candidate: Candidate) -> str:
    """Return in words which keyword of its rule the key itself contains; empty if none."""
    secret = as_text(candidate.secret)
    lowered = secret.lower()
    for word in candidate.rule.keywords:
        place = lowered.find(word.lower())
        if place >= 0:
            return f"{'contains' if place else 'starts with'} {word}"
    return ""


def named_after_provider(candidate: Candidate) -> bool:
    """Return whether a generated value stands in a field with the name of the service and no more: `cloudsmith = x`."""
    rule, around = candidate.rule, candidate.around
    if rule.general or len(around.value) < SHORTEST_GENERATED or letters(around.leaf.name) != letters(rule.provider):
        return False
    return signals.looks_random(around.value)


def by_provider(rule: Rule) -> Evidence:
    """Return the evidence of a field that is named after the provider."""
    return Confidence.LOW, (f"the field is named after {rule.provider}",), NOT_NAMED


def ruled_out(candidate: Candidate, path: str | None) -> str:
    """Return which `unless` of the rule holds here; where the path is not known, those about files hold nowhere."""
    for context in candidate.rule.unless:
        if context.file and path is None:
            continue
        if reasons := _holds(context, candidate.around, path):
            return "ruled out: " + ", ".join(reasons)
    return ""


def may_hold(candidate: Candidate, path: str | None) -> bool:
    """Return False if the last name of the field, or the path, is enough to see that no context of the rule holds."""
    return any(_may_hold(context, candidate.around, path) for context in candidate.rule.when)


def _may_hold(context: Context, around: Surroundings, path: str | None) -> bool:
    if context.field and not _may_end(context.field, around.leaf.ending):
        return False
    if context.before and not _search(context.before, "before", around, path):
        return False
    return not context.file or path is None or bool(_search(context.file, "file", around, path))


@functools.lru_cache(maxsize=1 << 15)
def _may_end(pattern: str, name: str) -> bool:
    """Return whether a field path with this last name may match the pattern; in a history the same names recur."""
    ending = _ending(pattern) if name else None
    return ending is None or bool(ending.match(name, partial=True, timeout=1))


@functools.cache
def _ending(pattern: str) -> regex.Pattern[str] | None:
    """Return the pattern read from its end; None if it can hold elsewhere than at the end of the path."""
    depth, parts, escaped = 0, [""], False
    for character in pattern:
        if character == "|" and not depth and not escaped:
            parts.append("")
            continue
        depth += 0 if escaped else (character in "([") - (character in ")]")
        escaped = character == "\\" and not escaped
        parts[-1] += character
    if not all(part.endswith("$") and not part.endswith("\\$") for part in parts):
        return None
    return lazy.timed(f"(?r)(?:{pattern})", re.IGNORECASE)


def _holds(context: Context, around: Surroundings, path: str | None) -> tuple[str, ...]:
    """Return in words what was found, if every part of the context holds; else nothing."""
    reasons = []
    for part in ("file", "value", "before", "after", "near", "field"):
        wanted = getattr(context, part)
        if not wanted:
            continue
        if part == "file" and path is None:
            reasons.append("in some file")
            continue
        found = _search(wanted, part, around, path)
        if not found:
            return ()
        reasons.append(_reason(part, found[0].strip(), around))
    return tuple(reversed(reasons))


def _search(pattern: str, part: str, around: Surroundings, path: str | None) -> regex.Match[str] | None:
    text = path or "" if part == "file" else around.field.path if part == "field" else getattr(around, part)
    search = _remembered if len(text) <= SHORT or part == "value" else _searched
    return search(pattern, part == "value", text)


def _searched(pattern: str, mind_case: bool, text: str) -> regex.Match[str] | None:  # noqa: FBT001 - private
    return _compiled(pattern, mind_case).search(text, timeout=2)


_remembered = functools.lru_cache(maxsize=1 << 14)(_searched)
"""Names of fields, and what stands right before a value, recur; in a history above all."""


@functools.cache
def _compiled(pattern: str, mind_case: bool) -> regex.Pattern[str]:  # noqa: FBT001 - private
    return lazy.timed(pattern, 0 if mind_case else re.IGNORECASE)


def _reason(part: str, found: str, around: Surroundings) -> str:
    short = " ".join(found.split())[:60]
    return {
        "field": f"in the field {'.'.join(around.field.path.split('.')[-3:])}",
        "before": f"after '{short}'",
        "after": f"before '{short}'",
        "near": f"near the word '{short}'",
        "file": f"in a file named like '{short}'",
        "value": f"has the right form: {len(around.value)} characters",
    }[part]
