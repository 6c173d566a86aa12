"""Decides if the value of a name such as `db_password` is a key, and how sure that is.

`candidates` finds names and values, plain tests refuse most of them, and a small model weighs the rest (`features`,
`model`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from keysift.detect import refusals, signals
from keysift.detect.named import by_name, candidates, features, model, names, plain, reasons, shapes
from keysift.detect.named.candidates import Place
from keysift.detect.named.mixed import is_mixed
from keysift.model import Confidence

_OF_COPIES = 3
"""Kinds of characters, of capital and small letters, digits and marks, in what is copied into a document."""
LOW, MEDIUM, HIGH = 0.35, 0.8, 0.97
"""The least probability of a finding of each confidence."""
MOST_REMEMBERED = 4096
"""Judgements that are cached; each takes up to a kilobyte."""
_MOST_BLANKS = 2
"""Spaces in a value that is no text."""
_SHORTEST = {"credential": 10, "key": 8, "token": 6}
_SENTENCE = re.compile(r"[ \t]+[A-Za-z]{2,}(?:[ \t.,;:]|$)")
_LONG = 24
"""Characters from which even a value that counts up may be a key."""
_ALGORITHM = re.compile(
    r"(?i)(?:^|[-_@/+])(?:hmac|sha-?(?:1|2|3|256|384|512)|aes-?(?:128|192|256)|rsa|ecdsa|ed25519|x?25519|gcm|cbc|ctr|poly1305)"
    r"(?:[-_@/+]|$)|^(?:hmac|pbkdf2)(?:with)?\w*sha-?\d{1,3}$"
)
_RUNS_ON = re.compile(r"[,;)\]}.]*[\"'`]\w")
_FILLED_IN = re.compile(r"<(?!br\b)[A-Za-z]")
_HEADER = re.compile(r"(?i)authorization$")
_AUTH_SCHEME = re.compile(r"^(?:Bearer|Token|token|Api-?Key|ApiKey|apikey) (?=\S{16,}$)")
"""Of RFC 9110, 11.1, and of Django REST framework."""
_SCHEME = re.compile(r" +[^\s#/]")
_LISTED_BEFORE = re.compile(r"(?:[\"'],|[\[{])\s*[\"'][\w.$-]+[\"'],\s*[\"']$")
_LISTED_AFTER = re.compile(r"[\"'],\s*[\"']")
_REGISTRY = re.compile(r'"auths"\s*:.*"auth"\s*:\s*"$')
"""In Docker's configuration: https://docs.docker.com/reference/cli/docker/login/."""
_LOOKED_UP = re.compile(
    r"(?i)\barn:[\w-]{2,20}:[^\s\"']{0,200}$"
    r"|(?:env|environ|lookup|get|getproperty|fetch|config|secrets?\.\w+)[\])]?\s*[(\[]\s*[\"'`]$"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_DIGEST = re.compile(r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})")
_PUBLIC_NKEY = re.compile(r"[UAONCX][A-Z2-7]{55}")
"""Only `S...` is secret: https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth."""
_PREFIX = re.compile(r"^[A-Za-z]{2,10}[-_]")
_MAPPED = re.compile(r"[\"'`\\]{1,4}(?:(?::|=>)(?!:)|\s+(?::|=>)(?![:\w]))")
_BINARY = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
"""Characters that no text has: those of escapes and NUL, between which settings stand as well, are left out."""
_COMPARES = frozenset({"==", "===", "!=", "!=="})
_MADE = re.compile(r"(?i)(?:^|/)(?:\.yarn/releases|node_modules|bower_components|(?:site|dist)-packages)/|\.min\.js$")
"""Files that were installed, or that a program or a translator wrote; they repeat the names and texts of others."""


class Weighed(NamedTuple):
    """The confidence that a candidate is a key, and the reasons for it."""

    confidence: Confidence
    reasons: tuple[str, ...]


def judge(data: bytes, start: int, end: int, path: str) -> Weighed | str:
    """Return how sure it is that the value at a span of bytes is a key, or the reason why it is none."""
    place = _place(data, start, end, path)
    return place if isinstance(place, str) else _judged(place)


@functools.lru_cache(MOST_REMEMBERED)
def _judged(place: Place) -> Weighed | str:
    if reason := refusal(place):
        return reason
    place = bare_of(place)
    trained = model.load()
    measured = features.features(place, trained)
    confidence = _weighed(place, measured, trained)
    if confidence and (plain.is_usual(place.value) or plain.is_name(place) or plain.is_index(place)):
        confidence = Confidence.LOW
    if not confidence:
        return _too_light(place)
    added = trained.contributions(list(measured.values()))
    return Weighed(confidence, reasons.of(place.candidate, measured, added))


SOMEWHERE = ("a.py", "a.conf", "a", "test/a.py", "test/a.conf", "a.md")
"""A path for each kind of file that the tests and the model tell apart."""


def somewhere(data: bytes, start: int, end: int) -> Weighed | str:
    """Return the confidence, without reasons, that the value is a key in some kind of file, or why it never is."""
    place = _place(data, start, end, "")
    return place if isinstance(place, str) else _judged_somewhere(place)


@functools.lru_cache(MOST_REMEMBERED)
def _judged_somewhere(place: Place) -> Weighed | str:
    trained = model.load()
    reason = by_name.reason(place) or _by_value(place) or _by_shape(place)
    for said, measured in () if reason else _in_each_file(place, trained):
        reason = said
        if measured and (confidence := _weighed(bare_of(place), measured, trained)):
            return Weighed(confidence, ())
    return reason


def is_refused_on_line(place: Place, least: float) -> bool:
    """Return True if a value on its line is refused in every kind of file, by the model with odds below `least`."""
    trained = model.load()
    if by_name.reason(place) or _by_value(place) or _by_shape(place):
        return True
    every = (measured for _, measured in _in_each_file(place, trained) if measured)
    return all(trained.odds(list(measured.values())) < least for measured in every)


def _in_each_file(place: Place, trained: model.Model) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield for each kind of file why the line refuses the value; or its features, and what a low probability says."""
    measured: dict[str, float] = {}
    for path in SOMEWHERE:
        here = place._replace(path=path)
        if reason := _by_line(here):
            yield reason, {}
            continue
        measured = measured | features.of_path(path) if measured else features.features(bare_of(here), trained)
        yield _too_light(place), measured


def bare_of(place: Place) -> Place:
    """Return a place whose value has no scheme before it, as in `Authorization: Token x`."""
    return place._replace(value=_AUTH_SCHEME.sub("", place.value))


def _place(data: bytes, start: int, end: int, path: str) -> Place | str:
    """Return the candidate there with the text around it, or why there is none."""
    if names.in_words(data[start:end].decode("utf-8", "replace"), model.load().vocabulary):
        return "made of words alone"
    candidate = candidates.at(data, start)
    if not candidate or candidate.end != end:
        return "not the value of a named field"
    if candidates.is_in_column(data, candidate):
        return refusals.COLUMN
    # Its place in the file says nothing, and without it the same line in many versions is judged once.
    return candidates.place(data, candidate, path)._replace(candidate=candidate._replace(start=0, end=0))


def _weighed(place: Place, measured: dict[str, float], trained: model.Model) -> Confidence | None:
    """Return how sure the model is. None if it sees no key, unless brackets cross in the value as in a password."""
    probability = trained.probability(list(measured.values()))
    if probability < LOW and not signals.crossed(place.value):
        return Confidence.LOW if _is_set_by_person(place, measured) else None
    return _confidence(probability, measured)


def _is_set_by_person(place: Place, measured: dict[str, float]) -> bool:
    """Return True for a word with two digits that a file of settings sets for a password: `DB_PASSWORD=Football77`."""
    return bool(
        measured["name_password"] and measured["config"] and measured["spelled"] and not measured["tried"]
    ) and bool(plain.WITH_DIGITS.fullmatch(place.value))


def _too_light(place: Place) -> str:
    return f"unlikely to be a key, judging by the name '{reasons.last_name(place.candidate)}' and the value"


def refusal(place: Place) -> str:
    """Return why a value is no key, by plain tests, the cheapest first; empty if it may be one."""
    for test in (by_name.reason, _by_value, _by_line, _by_shape):
        if reason := test(place):
            return reason
    return "in a generated or translated file" if _MADE.search(place.path) else ""


def refused_anywhere(place: Place) -> bool:
    """Return True if plain tests of the name and the value refuse it, whatever is around them."""
    value = place.value
    if by_name.reason(place) or _by_value(place) or _by_shape(place):
        return True
    if not place.candidate.quote and (shapes.is_code(value, in_code=False) or shapes.is_number(value)):
        return True
    return shapes.is_reference(value)


def _by_value(place: Place) -> str:
    value, parts = place.value, names.words(place.candidate.name)
    if _ALGORITHM.search(value):
        return "the name of an algorithm"
    if len(value) < _SHORTEST.get(names.kind(parts), 0):
        return "too short for a key"
    spaced = value.count(" ") >= _MOST_BLANKS and not plain.GROUPS.fullmatch(value) and not is_mixed(value)
    if spaced or _foreign(value):
        return "text, not a key"
    return _abbreviated(parts, value)


def _by_line(place: Place) -> str:
    value, quoted = place.value, place.candidate.quote
    if not quoted and _bare(place):
        return "code or prose, not a literal"
    if shapes.is_reference(value) or _LOOKED_UP.search(place.before):
        return "a reference: it names the value but does not contain it"
    if quoted and _MAPPED.match(place.after) and place.candidate.separator.strip() not in _COMPARES:
        return "the key of a mapping, not a value"
    if place.path.endswith(".sql") and _DIGEST.fullmatch(value) and plain.kind(place) == "password":
        return "a hashed password"  # of a table of users
    if _REGISTRY.search(place.before) and ":" not in signals.in_base64(value):
        return "not an encoded user and password, as a registry login is"
    listed = _LISTED_BEFORE.search(place.before) and _LISTED_AFTER.match(place.after)
    return "an item of a list, not the value of the item before it" if listed else ""


def _by_shape(place: Place) -> str:
    value = place.value
    if shapes.is_word_of_memory(value) or shapes.is_date(value):
        return "a number or a date"
    if shapes.is_link(value):
        return "an address without a password"
    if shapes.is_hashed(value):
        return "a hashed password"
    if shapes.is_pattern(value):
        return "a pattern, not a key"
    rest = _PREFIX.sub("", value)
    if rest != value and (rest.isdigit() or (len(rest) < _LONG and signals.typed(rest))):
        return "a prefix without a key after it"
    return (
        signals.placeholder(value)
        or signals.placeholder(rest)
        or signals.placeholder(signals.in_base64(value))
        or signals.reference(value)
    )


def _abbreviated(parts: tuple[str, ...], value: str) -> str:
    """Return why a value that looks like a key is none, if its name has another meaning as well; else empty."""
    if "pw" in parts and not any(map(str.isdigit, value)):
        return "the name may be the country code 'pw', and the value has no digit"
    if parts == ("pwd",) and "/" in value:
        return "a working directory"
    if _PUBLIC_NKEY.fullmatch(value):
        return "a NATS public key"
    numbered = _UUID.fullmatch(value) or value.isdigit()
    if names.kind(parts) == "key" and numbered and not features.is_qualified(parts):
        return "an identifier"
    if parts[-1:] == ("secrets",) and _UUID.fullmatch(value):
        return "the identifier of a store of secrets"
    return ""


def _foreign(value: str) -> bool:
    """Return True for text in another alphabet, or with accents."""
    return not value.isascii() and not any(map(str.isdigit, value))


def _bare(place: Place) -> bool:
    """Return True if a value without quotation marks is an expression, or a word of a sentence."""
    value, after = place.value, place.after
    in_code = bool(features.of_path(place.path)["code"])
    if shapes.is_code(value, in_code=in_code) or shapes.is_number(value) or _RUNS_ON.match(after):
        return True
    if _BINARY.search(place.before):
        return True
    if _FILLED_IN.match(after) or (_HEADER.search(place.candidate.name) and _SCHEME.match(after)):
        return True
    if ":" in place.candidate.separator and not any(map(str.isdigit, value)) and _SENTENCE.match(after):
        return True
    return in_code and after[:1] in {"(", "[", ".", "<"}


def _confidence(probability: float, measured: dict[str, float]) -> Confidence:
    """Return the confidence for a probability; low in tests and comments, which mostly make values up.

    So do documents, but rarely what is long and random: that was copied from where it is used.
    """
    if probability < MEDIUM or measured["tried"] or measured["comment"]:
        return Confidence.LOW
    if measured["prose"]:
        copied = probability >= HIGH and measured["length"] >= 16 and measured["classes"] >= _OF_COPIES
        return Confidence.MEDIUM if copied else Confidence.LOW
    high = probability >= HIGH and measured["length"] >= 16 and measured["classes"] >= 2
    return Confidence.HIGH if high else Confidence.MEDIUM
