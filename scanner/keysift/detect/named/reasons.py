"""Says in words why a value is likely to be a key: what its name suggests, and the features that weighed most."""

from __future__ import annotations

import re

from keysift.detect.named import names
from keysift.detect.named.candidates import NamedValue

_RANDOM, _MIXED = "looks random", "mixes character types"
_WORDS_FOR = {
    "fluency": _RANDOM, "least_fluent": _RANDOM, "fluent_parts": _RANDOM, "covered": _RANDOM,
    "entropy": "high entropy", "distinct": "high entropy",
    "classes": _MIXED, "changes": _MIXED, "digit_count": _MIXED, "digits": _MIXED, "symbol_count": _MIXED,
    "length": "as long as a key", "hex": "hexadecimal", "base64": "looks like base64", "padded": "looks like base64",
    "double": "a quoted string", "single": "a quoted string", "bare": "assigned without quotes",
    "user": "next to a user name",
}  # fmt: skip
"""The meaning of each feature for the reader of a report; several mean the same."""
_ALWAYS_TRUE = frozenset({"fluency", "least_fluent", "fluent_parts", "covered", "entropy", "distinct", "length"})
"""Features whose words hold for any value; the others may be absent."""


def of(candidate: NamedValue, measured: dict[str, float], added: dict[str, float]) -> tuple[str, ...]:
    """Return what the name suggests, and the two features that weighed most, in words."""
    kind = names.kind(names.words(candidate.name)) or "key"
    strongest = sorted((name for name in added if added[name] > 0), key=lambda name: -added[name])
    worded = dict.fromkeys(_WORDS_FOR[name] for name in strongest if name in _WORDS_FOR and _is_true(name, measured))
    where = ("in a test, an example or a document",) if measured["tried"] or measured["prose"] else ()
    return (f"the name '{last_name(candidate)}' suggests a {kind}", *list(worded)[:2], *where)


def _is_true(name: str, measured: dict[str, float]) -> bool:
    """Return True if the words for a feature hold: an absent feature may weigh as well."""
    if name == "classes":
        return measured[name] >= 2
    return name in _ALWAYS_TRUE or measured[name] > 0


def last_name(candidate: NamedValue) -> str:
    """Return the last part of the name of a value."""
    return re.split(r"[./:]", candidate.name.strip("$.@:/-"))[-1]
