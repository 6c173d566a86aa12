"""Describes a candidate by numbers, for the model."""

from __future__ import annotations

import collections
import functools
import itertools
import math
import re

from keysift.detect.named.candidates import NamedValue, Place
from keysift.detect.named.model import Model
from keysift.detect.named.names import KINDS, kind, kind_of, words

QUALIFIERS = frozenset({
    "api", "secret", "private", "access", "encryption", "signing", "client", "master", "consumer", "app", "auth",
    "encrypt", "service", "admin", "account", "shared", "hmac", "aes", "jwt", "session", "cookie", "application",
    "db", "database", "root", "user",
})  # fmt: skip
_LETTERS = re.compile(r"[A-Za-z]{2,}")
_RUNS = re.compile(rb"a+|A+|0+|-+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_$][\w$]*)*(?:\(.*)?")
_TELLING = re.compile(
    r"(?i)pass|pwd|secret|token|key|auth|cred|user|admin|test|example|dummy|fake|sample|your|change|here|foo|bar|value"
)
_COMMENT = re.compile(r"\s*(?:#|//|\*|--|/\*|;)")
_CODE = re.compile(
    r"(?i)\.(?:pyx?i?|[cm]?jsx?|tsx?|go|java|kts?|scala|groovy|cs|fs|vb|c|cc|cpp|cxx|h|hpp|mm?|swift|rb|php|pl|pm|lua|rs"
    r"|dart|exs?|erl|clj|hs|r|jl|sol|vue|svelte)$"
)
_PROSE = re.compile(r"(?i)\.(?:md|rst|adoc|asciidoc|txt|html?|tex)$")
_TRIED = re.compile(
    r"(?i)(?:^|[/_.-])(?:tests?|testing|specs?|fixtures?|examples?|mocks?|docs?|samples?|testdata|demos?|tutorials?|e2e)"
    r"(?:[/_.-]|$)"
)
_CLASSES = (
    bytes(
        ord("a" if chr(byte).islower() else "A" if chr(byte).isupper() else "0" if chr(byte).isdigit() else "-")
        for byte in range(128)
    )
    + b"-" * 128
)
_LOOKED_AT = 120
"""Characters of a value that are counted and weighed."""


OF_PLACE = frozenset({
    "code", "prose", "tried", "comment", "user", "ends", "then_comma", "then_closed", "then_joined", "then_word",
    "then_opened", "inside", "indented",
})  # fmt: skip
"""The features of the file and of the line, apart from the name and the value themselves."""


def features(place: Place, model: Model) -> dict[str, float]:
    """Return all features by name, in the order that the model was trained with."""
    return (
        _of_name(place.candidate.name, place.value)
        | _of_syntax(place.candidate)
        | _of_characters(place.value)
        | _of_letters(place.value, model)
        | _of_structure(place.value)
        | of_path(place.path)
        | _of_line(place.candidate, place.before, place.after)
    )


def _of_name(name: str, value: str) -> dict[str, float]:
    names = words(name)
    own = kind(names)
    lowered, named = value.lower(), name.lower()
    telling = [index for index, word in enumerate(names) if kind_of(word)]
    return {
        **{f"name_{kind_}": float(own == kind_) for kind_ in KINDS},
        "name_tail": float(len(names) - 1 - telling[-1]) if telling else 9.0,
        "name_telling": float(len(telling)),
        "name_password": float(any(kind_of(word) == "password" for word in names)),
        "name_any_secret": float("secret" in names),
        "name_qualified": float(any(word in QUALIFIERS for word in names)),
        "name_words": float(min(6, len(names))),
        "name_upper": float(name.isupper()),
        "name_dotted": float("." in name),
        "name_in_value": float(lowered in named or named in lowered),
    }


def _of_syntax(candidate: NamedValue) -> dict[str, float]:
    separator, quote = candidate.separator, candidate.quote
    return {
        "colon": float(":" in separator and "=" not in separator),
        "equals": float("=" in separator and "==" not in separator and "!=" not in separator),
        "compared": float("==" in separator or "!=" in separator),
        "comma": float("," in separator),
        "call": float("(" in separator),
        "element": float(separator.endswith(">")),
        "bare": float(not quote),
        "single": float("'" in quote),
        "double": float('"' in quote),
        "escaped": float("\\" in quote or "&" in quote),
    }


def _of_characters(value: str) -> dict[str, float]:
    length = len(value)
    classes = value[:_LOOKED_AT].encode().translate(_CLASSES)
    seen = len(classes)
    lower, upper, digits = classes.count(b"a"), classes.count(b"A"), classes.count(b"0")
    counts = collections.Counter(value[:_LOOKED_AT])
    total = sum(counts.values())
    entropy = -sum(count / total * math.log2(count / total) for count in counts.values())
    steps = [ord(after) - ord(before) for before, after in itertools.pairwise(value[:40])]
    return {
        "length": float(length),
        "lower": lower / seen,
        "upper": upper / seen,
        "digits": digits / seen,
        "digit_count": float(digits),
        "symbol_count": float(seen - lower - upper - digits),
        "classes": float((lower > 0) + (upper > 0) + (digits > 0) + (seen > lower + upper + digits)),
        "changes": (len(_RUNS.findall(classes)) - 1) / seen,
        "entropy": entropy,
        "distinct": len(counts) / total,
        "in_order": sum(a == b and abs(a) <= 1 for a, b in itertools.pairwise(steps)) / max(1, len(steps) - 1),
    }


def _of_letters(value: str, model: Model) -> dict[str, float]:
    runs = _LETTERS.findall(value[:_LOOKED_AT])
    total = sum(map(len, runs))
    if not total:
        return dict.fromkeys(("fluency", "least_fluent", "fluent_parts", "covered", "longest", "runs"), 0.0)
    longest = max(map(len, runs))
    fluent = [(model.fluency(run.lower()), len(run)) for run in runs]
    parts = [part.lower() for run in runs for part in _CAMEL.split(run) if len(part) > 1]
    lengths = sum(map(len, parts))
    return {
        "fluency": sum(fluency * length for fluency, length in fluent) / total,
        "least_fluent": min(fluency for fluency, length in fluent if length >= min(4, longest)),
        "fluent_parts": sum(model.fluency(part) * len(part) for part in parts) / lengths if lengths else -9.0,
        "covered": sum(_covered(run.lower(), model.vocabulary) for run in runs) / total,
        "longest": float(longest),
        "runs": float(len(runs)),
    }


def _covered(letters: str, vocabulary: frozenset[str]) -> int:
    """Return how many letters belong to words, taking the longest word at each place."""
    at = covered = 0
    while at < len(letters) - 2:
        for length in range(min(12, len(letters) - at), 2, -1):
            if letters[at : at + length] in vocabulary:
                covered += length
                at += length
                break
        else:
            at += 1
    return covered


def _of_structure(value: str) -> dict[str, float]:
    return {
        "telling_words": float(bool(_TELLING.search(value))),
        "hex": float(bool(_HEX.fullmatch(value))),
        "base64": float(bool(_BASE64.fullmatch(value))),
        "identifier": float(bool(_IDENTIFIER.fullmatch(value))),
        "spaces": float(value.count(" ")),
        "underscores": float(value.count("_")),
        "dashes": float(value.count("-")),
        "dots": float(value.count(".")),
        "slashes": float(value.count("/")),
        "brackets": float(sum(value.count(mark) for mark in "()[]{}")),
        "angles": float("<" in value or ">" in value),
        "backslash": float("\\" in value),
        "colons": float(value.count(":")),
        "dollar": float("$" in value),
        "percent": float("%" in value),
        "padded": float(value.endswith("=")),
        "equals_inside": float("=" in value.rstrip("=")),
        "listed": float("," in value or ";" in value),
        "loud": float("!" in value or "?" in value),
    }


@functools.lru_cache(maxsize=64)
def of_path(path: str) -> dict[str, float]:
    """Return the features of a file's path."""
    return {
        "code": float(bool(_CODE.search(path))),
        "prose": float(bool(_PROSE.search(path))),
        "tried": float(bool(_TRIED.search(path))),
    }


def _of_line(candidate: NamedValue, before: str, after: str) -> dict[str, float]:
    rest = after.lstrip("\"'`\\ ")[:1]
    lowered = before.lower()
    return {
        "comment": float(bool(_COMMENT.match(before))),
        "user": float("user" in lowered or "login" in lowered or "mail" in lowered),
        "ends": float(not rest),
        "then_comma": float(rest == ","),
        "then_closed": float(rest in {")", "}", "]"}),
        "then_joined": float(rest in {"+", ".", "%"}),
        "then_word": float(not candidate.quote and after[:1] == " " and rest.isalpha()),
        "then_opened": float(after[:1] in {"(", "[", "<", "{"}),
        "inside": float(before.count('"') % 2 == 1 or before.count("'") % 2 == 1) if not candidate.quote else 0.0,
        "indented": float(min(400, len(before))),
    }
