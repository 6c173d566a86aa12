"""Tells what stands under the name of a key in many places: words with numbers, defaults, names and indexes."""

from __future__ import annotations

import re

from keysift.detect.named import features, model, names
from keysift.detect.named.candidates import Place
from keysift.detect.named.mixed import is_mixed

GROUPS = re.compile(r"(?:[a-z0-9]{4} ){3,7}[a-z0-9]{4}")
"""An app password, which is shown in groups of four characters."""
_USUAL = re.compile(
    r"(?i)(?:my|the|new|old|db|app|super|top)?[-_.]?(?:pass(?:word|wd)?|pwd|secret|token|key|admin|root|user|test|default|guest"
    r"|demo|welcome|letmein|qwerty|asdf|abc|foo|bar|value|hunter)[-_.@]?(?:pass(?:word)?|pwd|secret|key|admin|user)?[-_.@]?\d{0,5}"
)
"""A word that means a password, with a number: made up for a test, or a default."""
WITH_DIGITS = re.compile(
    r"(?=.{8,24}$)(?:[A-Z][a-z]{3,}|[a-z]{5,})(?:[A-Z][a-z]{2,}){0,2}[!@#$%&*?._-]?\d{2,4}[!@#$%&*?.]{0,2}"
)
"""Words with two digits or more, as people make passwords."""
_SPECIFIED = re.compile(r"[a-z]+:\d{1,3}")
"""What is to be generated, with its length: `password:20`."""
_GENERATED = frozenset({"key", "token"})
_SHORTEST_LETTERS = 16
"""Characters of a generated value without a digit."""
_NUMBER_BEHIND = re.compile(r"[-_.]\d{1,4}$")


def is_usual(value: str) -> bool:
    """Return True for what stands for a password in many places: `admin123`, or a text of two words."""
    return bool(_USUAL.fullmatch(value)) or (" " in value and not is_mixed(value) and not GROUPS.fullmatch(value))


def is_plain(value: str) -> bool:
    """Return True for what few would choose as a password, but many as a default or a label."""
    return is_usual(value) or bool(_SPECIFIED.fullmatch(value)) or names.in_words(value, model.load().vocabulary)


def is_name(place: Place) -> bool:
    """Return True for letters alone, or words and a number, under the name of a key: `token = "ORDER-LOOKUP-2026"`.

    Passwords may be that.
    """
    value = place.value
    if kind(place) not in _GENERATED:
        return False
    if len(value) < _SHORTEST_LETTERS and value.replace("_", "").isalpha():
        return True
    letters = _NUMBER_BEHIND.sub("", value)
    return letters != value and names.in_words(letters, model.load().vocabulary)


def kind(place: Place) -> str:
    """Return what the name calls its value: a key, a token, a password."""
    return names.kind(names.words(place.candidate.name))


def is_index(place: Place) -> bool:
    """Return True for a short value under a name that does not say what its key is good for: `"linkKey": "VyHS3tyf"`.

    Records, links and rows have such keys.
    """
    parts = names.words(place.candidate.name)
    return names.kind(parts) == "key" and len(place.value) < _SHORTEST_LETTERS and not features.is_qualified(parts)
