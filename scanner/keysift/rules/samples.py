"""A regex of a rule's surroundings -> a short text that it matches, for people to whom a regex says little."""

from __future__ import annotations

import functools
import re
from typing import Any

from keysift import lazy
from keysift.rules import patterns

LONGEST = 60
"""Characters of a sample."""
_BETWEEN = "_. -"
"""What stands between words, the most usual first."""
_JOINING = "/:="
_EMPTY = {"AT", "ASSERT", "ASSERT_NOT"}
_CATEGORIES = {"CATEGORY_WORD": "_a1", "CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_NOT_SPACE": "a1_.-"}


@functools.cache
def sample(pattern: str) -> str:
    """Return a text that the pattern matches somewhere; empty if none was found that people can read."""
    try:
        text = _text(patterns.parsed(pattern), "")
    except (re.error, ValueError):
        return ""
    search = lazy.timed(pattern, re.IGNORECASE).search
    matching = (each for each in (text.strip(_BETWEEN), text) if search(each, timeout=1))
    shown = next(matching, "").strip()
    return shown if len(shown) <= LONGEST and shown.isprintable() else ""


def _text(parts: Any, before: str) -> str:  # noqa: ANN401 - Python's parser has no types
    """Return the shortest usual text for the parts of a pattern; `before` is the text that comes before it."""
    text = ""
    for kind, argument in parts:
        text += _part(str(kind), argument, before + text)
    return text


def _part(kind: str, argument: Any, before: str) -> str:  # noqa: ANN401 - likewise
    if kind in _EMPTY:
        return ""
    if kind.endswith("_REPEAT"):
        least, most, parts = argument
        return _repeated(parts, before, least=least, most=most)
    inner = {"BRANCH": lambda: argument[1][0], "SUBPATTERN": lambda: argument[3], "ATOMIC_GROUP": lambda: argument}
    return _text(inner[kind](), before) if kind in inner else _character(kind, argument)


def _character(kind: str, argument: Any) -> str:  # noqa: ANN401 - likewise
    if kind == "NOT_LITERAL":
        return _outside({chr(argument)})
    return " " if kind == "ANY" else _of_class(argument if kind == "IN" else [(kind, argument)])


def _repeated(parts: Any, before: str, *, least: int, most: int) -> str:  # noqa: ANN401 - likewise
    """Return as many as there must be, and what may stand between two words, which is easier to read so."""
    one = _text(parts, before)
    if least or not most:
        return one * least
    return one if one and one in _BETWEEN and before[-1:].isalnum() else ""


def _of_class(items: Any) -> str:  # noqa: ANN401 - likewise
    """Return one character of a class: one that stands between words if there is one, else its first."""
    members = "".join(_members(str(kind), argument) for kind, argument in items)
    if str(items[0][0]) == "NEGATE":
        return _outside(set(members))
    return next((mark for mark in _BETWEEN + _JOINING if mark in members), members[:1])


def _members(kind: str, argument: Any) -> str:  # noqa: ANN401 - likewise
    """Return characters of an item of a class, the one to show first."""
    if kind == "NEGATE":
        return ""
    if kind == "LITERAL":
        return chr(argument)
    if kind == "RANGE":
        return "".join(map(chr, range(argument[0], min(argument[1], 0x7F) + 1)))
    if str(argument) not in _CATEGORIES:
        raise ValueError(kind)
    return _CATEGORIES[str(argument)]


def _outside(excluded: set[str]) -> str:
    return next(mark for mark in "a1_- " if mark not in excluded)
