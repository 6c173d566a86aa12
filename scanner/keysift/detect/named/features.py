"""Describes a candidate by numbers, for the model."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from keysift.detect.named import measures
from keysift.detect.named.candidates import NamedValue, Place
from keysift.detect.named.mixed import CLASSES
from keysift.detect.named.model import Model
from keysift.detect.named.names import KINDS, kind, kind_of, words

_QUALIFIERS = frozenset({
    "api", "secret", "private", "access", "encryption", "signing", "client", "master", "consumer", "app", "auth",
    "encrypt", "service", "admin", "account", "shared", "hmac", "aes", "jwt", "session", "cookie", "application",
    "db", "database", "root", "user",
})  # fmt: skip
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
_CONFIG = re.compile(
    r"(?i)(?:^|/)(?:\.env[\w.-]*|dockerfile[\w.-]*|\.[a-z]+rc"
    r"|[^/]*\.(?:env|ini|cfg|cnf|conf|config|properties|props|toml|ya?ml|json5?|xml|tf|tfvars|hcl|plist|service|settings"
    r"|sh|bash|zsh|ps1|bat|cmd|dockerfile))$"
)
_SPELLED = re.compile(
    r"\d{0,4}[A-Za-z]{3,12}(?:[!@#$%&*?._-]?[A-Za-z]{2,12})?[!@#$%&*?._-]{0,2}\d{1,5}[!@#$%&*?.]{0,2}"
    r"|\d{0,4}[A-Za-z]{3,12}[!@#$%&*?]{1,2}(?:[A-Za-z]{3,12}[!@#$%&*?]{0,2})?"
)
"""Words with a number or a mark, as people make passwords."""
_TRIED = re.compile(
    r"(?i)(?:^|[/_.-])(?:tests?|testing|specs?|fixtures?|examples?|mocks?|docs?|samples?|testdata|demos?|tutorials?|e2e|stubs?|snapshots?|suites"
    r"|quick_?starts?|phpunit|pytest|jest|vitest|cypress|openapi|swagger|asyncapi)"
    r"(?:[/_.-]|$)|(?-i:[a-z]Tests?[/.])"
)

OF_PLACE = frozenset({
    "code", "config", "prose", "tried", "comment", "user", "ends", "then_comma", "then_closed", "then_joined",
    "then_word", "then_opened", "inside", "indented",
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
        "name_qualified": float(is_qualified(names)),
        "name_words": float(min(6, len(names))),
        "name_upper": float(name.isupper()),
        "name_dotted": float("." in name),
        "name_in_value": float(lowered in named or named in lowered),
    }


def is_qualified(parts: Iterable[str]) -> bool:
    """Return True if a word of a name says what its key or token is good for: `api_key`, `session_token`."""
    return not _QUALIFIERS.isdisjoint(parts)


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


_OF_CHARACTERS = (
    "length", "lower", "upper", "digits", "digit_count", "symbol_count", "classes", "changes", "entropy", "distinct",
    "in_order",
)  # fmt: skip
_OF_LETTERS = ("fluency", "least_fluent", "fluent_parts", "covered", "longest", "runs")


def _of_characters(value: str) -> dict[str, float]:
    return dict(zip(_OF_CHARACTERS, measures.of_characters(value, CLASSES), strict=True))


def _of_letters(value: str, model: Model) -> dict[str, float]:
    measured = measures.of_letters(value, model.letters, model.vocabulary, model.longest)
    return dict(zip(_OF_LETTERS, measured, strict=True))


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
        "marks": float(sum(value.count(mark) for mark in "@#^&*~|")),
        "spelled": float(bool(_SPELLED.fullmatch(value))),
    }


@functools.lru_cache(maxsize=64)
def of_path(path: str) -> dict[str, float]:
    """Return the features of a file's path."""
    return {
        "code": float(bool(_CODE.search(path))),
        "config": float(bool(_CONFIG.search(path))),
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
