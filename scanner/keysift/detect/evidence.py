"""Candidate and path -> evidence that it is a key: the contexts of its rule that hold in its surroundings."""

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
"""The confidence that the surroundings give, the reasons, and the distance of the name (see `Verdict.distance`)."""
NOTHING = "nothing nearby confirms it"
NOT_NAMED = 10_000
"""The distance if no name confirms the value."""
SHORT = 120
"""Characters of a text for which the matches of patterns are cached."""
SHORTEST_GENERATED = 24
"""Characters of a generated value that the name of its service alone confirms."""


def find(candidate: Candidate, path: str | None) -> Evidence | None:
    """Return the evidence for a candidate: the first context of its rule that holds, or its shape; None if none."""
    rule, around = candidate.rule, candidate.around
    if not rule.when:
        return rule.confidence, (_distinctive(candidate) or _shape(rule),), 0
    for context in rule.when:
        if reasons := _holds(context, around, path):
            named = _search(context.field, "field", around, path) if context.field else None
            distance = len(around.field.path) - named.start() if named else NOT_NAMED
            return context.confidence, (*reasons, _shape(rule)), distance
    return None


def _shape(rule: Rule) -> str:
    return f"looks like {with_article(rule.name)}"


def _distinctive(candidate: Candidate) -> str:
    """Return a reason that names the keyword which the key itself contains; empty if it contains none."""
    secret = as_text(candidate.secret)
    lowered = secret.lower()
    for word in candidate.rule.keywords:
        place = lowered.find(word.lower())
        if place >= 0:
            return f"{'contains' if place else 'starts with'} {word}"
    return ""


def named_after_provider(candidate: Candidate) -> bool:
    """Return True for a generated value in a field that has just the name of the service: `cloudsmith = x`."""
    rule, around = candidate.rule, candidate.around
    if rule.general or len(around.value) < SHORTEST_GENERATED or letters(around.leaf.name) != letters(rule.provider):
        return False
    return signals.looks_random(around.value)


def by_provider(rule: Rule) -> Evidence:
    """Return the evidence that a field named after the provider gives."""
    return Confidence.LOW, (f"the field is named after {rule.provider}",), NOT_NAMED


def ruled_out(candidate: Candidate, path: str | None) -> str:
    """Return the reason of an `unless` that holds, empty if none does; without a path, those about files never hold."""
    for context in candidate.rule.unless:
        if context.file and path is None:
            continue
        if reasons := _holds(context, candidate.around, path):
            return "ruled out: " + ", ".join(reasons)
    return ""


def may_hold(candidate: Candidate, path: str | None) -> bool:
    """Return False if the last name of the field, or the path, already shows that no context of the rule holds."""
    return any(_may_hold(context, candidate.around, path) for context in candidate.rule.when)


def _may_hold(context: Context, around: Surroundings, path: str | None) -> bool:
    if context.field and not _may_end(context.field, around.ending):
        return False
    if context.before and not _search(context.before, "before", around, path):
        return False
    return not context.file or path is None or bool(_search(context.file, "file", around, path))


@functools.lru_cache(maxsize=1 << 15)
def _may_end(pattern: str, name: str) -> bool:
    """Return True if a field path with this last name may match the pattern. Cached: names recur in a history."""
    ending = _ending(pattern) if name else None
    if ending is None:
        return True
    # Either the name is the whole path, or there is a dot before it, beyond which few patterns look.
    return bool(ending.match(name, timeout=1) or ending.match(f".{name}", partial=True, timeout=1))


@functools.cache
def _ending(pattern: str) -> regex.Pattern[str] | None:
    """Return the pattern as matched from its end; None if it can match elsewhere than at the end of the path."""
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
    """Return the reasons if every part of the context holds; else none."""
    reasons = []
    for part in ("file", "value", "before", "after", "near", "field"):
        wanted = getattr(context, part)
        if not wanted:
            continue
        if part == "file" and path is None:
            reasons.append("in some file")
            continue
        match = _search(wanted, part, around, path)
        if not match:
            return ()
        reasons.append(_reason(part, match[0].strip(), around))
    return tuple(reversed(reasons))


def missing(context: Context, around: Surroundings, path: str | None) -> tuple[str, ...]:
    """Return the names of the parts of a context that do not hold."""
    parts = ("field", "before", "after", "near", "file", "value")
    return tuple(
        part for part in parts if (wanted := getattr(context, part)) and not _search(wanted, part, around, path)
    )


def _search(pattern: str, part: str, around: Surroundings, path: str | None) -> regex.Match[str] | None:
    text = path or "" if part == "file" else around.field.path if part == "field" else getattr(around, part)
    if part == "field" and (ending := _ending(pattern)) and not ending.match(text, timeout=2):
        return None  # told from the end of the path in a fraction of the time of a search
    search = _remembered if len(text) <= SHORT or part == "value" else _searched
    return search(pattern, part == "value", text)


def _searched(pattern: str, mind_case: bool, text: str) -> regex.Match[str] | None:  # noqa: FBT001 - private
    return _compiled(pattern, mind_case).search(text, timeout=2)


_remembered = functools.lru_cache(maxsize=1 << 14)(_searched)
"""`_searched`, cached: names of fields, and the text right before a value, recur, in a history above all."""


@functools.cache
def _compiled(pattern: str, mind_case: bool) -> regex.Pattern[str]:  # noqa: FBT001 - private
    return lazy.timed(pattern, 0 if mind_case else re.IGNORECASE)


def shown_field(path: str) -> str:
    """Return the path of a field as people may see it: a name in it that looks random may be a key in other letters."""
    return ".".join("…" if signals.looks_random(name) else name for name in path.split("."))


def _reason(part: str, text: str, around: Surroundings) -> str:
    """Return the reason that a part of a context gives by the text that it matched."""
    if part == "field":
        return f"in the field {'.'.join(shown_field(around.field.path).split('.')[-3:])}"
    if part == "value":
        return f"has the right form: {len(around.value)} characters"
    return f"{_LEADS[part]} '{' '.join(text.split())[:60]}'"


_LEADS = {"before": "after", "after": "before", "near": "near the word", "file": "in a file named like"}
"""The words before the text that a part matched: what is before the value, it comes after."""
