"""Keys without a format: whether the value behind a name such as `db_password` is a key, and how sure that is.

`candidates` finds names and values, plain tests refuse most of them, and a small model weighs what is left (`features`,
`model`).
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from keysift.detect import signals
from keysift.detect.named import candidates, features, model, names
from keysift.detect.named.candidates import NamedValue, Place
from keysift.model import Confidence

LOW, MEDIUM, HIGH = 0.35, 0.8, 0.97
"""From which probability on a value is a finding, and how sure a one."""
MOST_REMEMBERED = 4096
"""Lines; each takes up to a kilobyte."""
_MOST_BLANKS = 2
_SHORTEST = {"credential": 10, "key": 8, "token": 6}
_OTHER = frozenset({
    "id", "ids", "name", "names", "url", "uri", "path", "file", "filename", "dir", "type", "field", "label",
    "length", "header", "prefix", "suffix", "size", "count", "index", "algorithm", "alg", "expires", "expiry",
    "expiration", "ttl", "method", "class", "param", "text", "title", "message", "msg", "error", "format", "hash",
    "sha", "md5", "digest", "fingerprint", "checksum", "signature", "salt", "nonce", "hint", "column", "attribute",
    "version", "endpoint", "host", "user", "username", "env", "envvar", "variable", "arn", "ref", "at", "uuid",
    "guid",
})  # fmt: skip
"""As the last word of a name they say that the value is not the key itself."""
_HARMLESS = frozenset({
    "public", "pub", "pubkey", "foreign", "primary", "sort", "cache", "partition", "hot", "routing", "dedup",
    "incident", "idempotency", "alert", "object", "row", "column", "group", "translation", "i18n", "keyboard",
    "license", "placeholder", "project", "encrypted", "hashed", "pagination", "continuation",
    "csrf", "xsrf", "authenticity", "antiforgery",
})  # fmt: skip
_PLACES = frozenset({("page", "token"), ("page", "key"), ("key", "exchange")})
"""As the last two words: where a list goes on, or how keys are agreed on."""
_SENTENCE = re.compile(r"[ \t]+[A-Za-z]{2,}(?:[ \t.,;:]|$)")
_CODE = re.compile(r"[\w$.>-]*[\[({].*|[$@%&*!]?[A-Za-z_][\w$]*(?:(?:\.|->|::)[A-Za-z_][\w$]*)+[;,)]?")
_LONG = 24
"""From this length on, even what counts up may be a key."""
_LONGEST_NAMES = 48
"""Characters of names with dots between them."""
_OPEN = re.compile(r"[$#]\{|\{\{|<%|%[({]|\$\(|^\$[A-Za-z_]|^<|^&|^\*[a-z]|^%\w+%$")
_ALGORITHM = re.compile(
    r"(?i)(?:^|[-_@/+])(?:hmac|sha-?(?:1|2|3|256|384|512)|aes-?(?:128|192|256)|rsa|ecdsa|ed25519|x?25519|gcm|cbc|ctr|poly1305)"
    r"(?:[-_@/+]|$)"
)
_REGEX = re.compile(r"^\^|\(\?[:!=<P]|\[[^\]]{1,30}\](?:[+*?]|\{\d)|\\[dwsbDWSB.+*(\[]|\.[*+]")
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[0-7]{1,3}|%[0-9A-Fa-f]{2})+")
_WORD_OF_MEMORY = re.compile(r"[+-]?0x[0-9a-fA-F]{1,16}")
_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,16}|[+-]?[\d._]+[a-zA-Z]?")
_RUNS_ON = re.compile(r"[,;)\]}.]*[\"'`]\w")
_WORD_BEFORE = re.compile(r"([A-Za-z]{2,20}) $")
_FILLED_IN = re.compile(r"<(?!br\b)[A-Za-z]")
_HEADER = re.compile(r"(?i)authorization$")
_SCHEME = re.compile(r" +[^\s#/]")
_LISTED_BEFORE = re.compile(r"(?:[\"'],|[\[{])\s*[\"'][\w.$-]+[\"'],\s*[\"']$")
_LISTED_AFTER = re.compile(r"[\"'],\s*[\"']")
_REGISTRY = re.compile(r'"auths"\s*:.*"auth"\s*:\s*"$')
"""In Docker's configuration: https://docs.docker.com/reference/cli/docker/login/."""
_GROUPS = re.compile(r"(?:[a-z0-9]{4} ){3,7}[a-z0-9]{4}")
"""App passwords are shown in groups of four."""
_LOOKED_UP = re.compile(
    r"(?i)\barn:[\w-]{2,20}:[^\s\"']{0,200}$"
    r"|(?:env|environ|lookup|get|getproperty|fetch|config|secrets?\.\w+)[\])]?\s*[(\[]\s*[\"'`]$"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_PUBLIC_NKEY = re.compile(r"[UAONCX][A-Z2-7]{55}")
"""Only `S...` is secret: https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth."""
_PREFIX = re.compile(r"^[A-Za-z]{2,10}[-_]")
_MAPPED = re.compile(r"[\"'`\\]{1,4}\s*(?::|=>)(?!:)")
_MADE = re.compile(
    r"(?i)(?:^|/)(?:\.yarn/releases|node_modules|bower_components)/|\.min\.js$|\.(?:po|pot|xlf|mo|lock|sum)$"
    r"|(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml)$"
)
"""Files that a program has written, or a translator: names and texts of others stand in them."""


class Weighed(NamedTuple):
    """A candidate that may be a key: how sure that is, and what speaks for it, in words."""

    confidence: Confidence
    reasons: tuple[str, ...]


def judge(data: bytes, start: int, end: int, path: str) -> Weighed | str:
    """The value at `start`: how sure it is a key, or why it is none."""
    place = _place(data, start, end, path)
    return place if isinstance(place, str) else _judged(place)


@functools.lru_cache(MOST_REMEMBERED)
def _judged(place: Place) -> Weighed | str:
    if reason := refusal(place):
        return reason
    known = model.load()
    seen = features.features(place, known)
    confidence = _weighed(place, seen, known)
    if not confidence:
        return _too_light(place)
    return Weighed(confidence, _reasons(place.candidate, seen, known.contributions(list(seen.values()))))


_SOMEWHERE = ("a.py", "a.conf", "a", "test/a.py", "test/a.conf", "a.md")
"""A path for each kind of file that the model tells apart."""


def somewhere(data: bytes, start: int, end: int) -> Weighed | str:
    """How sure some path makes it that the value is a key, without reasons; why it is none where no path does."""
    place = _place(data, start, end, "")
    return place if isinstance(place, str) else _judged_somewhere(place)


@functools.lru_cache(MOST_REMEMBERED)
def _judged_somewhere(place: Place) -> Weighed | str:
    known = model.load()
    said = _by_name(place) or _by_value(place) or _by_shape(place)
    seen: dict[str, float] = {}
    for path in () if said else _SOMEWHERE:
        said = _by_line(place._replace(path=path))
        if said:
            continue
        seen = seen | features.of_path(path) if seen else features.features(place._replace(path=path), known)
        if confidence := _weighed(place, seen, known):
            return Weighed(confidence, ())
        said = _too_light(place)
    return said


def _place(data: bytes, start: int, end: int, path: str) -> Place | str:
    """The candidate there, with what stands around it; why there is none."""
    if names.in_words(data[start:end].decode("utf-8", "replace"), model.load().vocabulary):
        return "made of words"
    candidate = candidates.at(data, start)
    if not candidate or candidate.end != end:
        return "no value of a named field"
    # Where in the file it stands says nothing: the same line is met in many versions and files.
    return candidates.place(data, candidate, path)._replace(candidate=candidate._replace(start=0, end=0))


def _weighed(place: Place, seen: dict[str, float], known: model.Model) -> Confidence | None:
    """How sure the model is; nothing where it takes the value for no key, unless brackets cross in it."""
    probability = known.probability(list(seen.values()))
    return _confidence(probability, seen) if probability >= LOW or signals.crossed(place.value) else None


def _too_light(place: Place) -> str:
    return f"the name '{_last(place.candidate)}' and this value are weighed as no key"


def refusal(place: Place) -> str:
    """Why a value is no key, by plain tests, the cheapest first; empty where it may be one."""
    for test in (_by_name, _by_value, _by_line, _by_shape):
        if reason := test(place):
            return reason
    return "in a file that is made, not written" if _MADE.search(place.path) else ""


def _by_name(place: Place) -> str:
    """What the name says against it, and the word in front of a name in prose: `incident key: ...`."""
    name = place.candidate.name
    parts = names.words(name)
    earlier = _WORD_BEFORE.search(place.before[: place.before.rfind(name)])
    if (
        parts[-1] in _OTHER
        or tuple(parts[-2:]) in _PLACES
        or not _HARMLESS.isdisjoint((*parts, earlier[1].lower() if earlier else ""))
    ):
        return f"the name '{name}' tells of something else than a key"
    return ""


def _by_value(place: Place) -> str:
    value, parts = place.value, names.words(place.candidate.name)
    if _ALGORITHM.search(value):
        return "the name of an algorithm"
    if len(value) < _SHORTEST.get(names.kind(parts), 0):
        return "too short for a key"
    if (value.count(" ") >= _MOST_BLANKS and not _GROUPS.fullmatch(value)) or _foreign(value):
        return "text, not a key"
    return _abbreviated(parts, value)


def _by_line(place: Place) -> str:
    value, quoted = place.value, place.candidate.quote
    if not quoted and _bare(place):
        return "code or a sentence, not a literal"
    if (_OPEN.search(value) and not signals.crossed(value)) or _LOOKED_UP.search(place.before):
        return "a reference: it names the value, it does not hold it"
    if quoted and _MAPPED.match(place.after):
        return "the key of a mapping, not a value"
    if _REGISTRY.search(place.before) and ":" not in signals.in_base64(value):
        return "no user and password, as the logins of a registry are"
    listed = _LISTED_BEFORE.search(place.before) and _LISTED_AFTER.match(place.after)
    return "one of many in a list, not a value of the one before" if listed else ""


def _by_shape(place: Place) -> str:
    value = place.value
    if _WORD_OF_MEMORY.fullmatch(value):
        return "a number"
    if _REGEX.search(value) or _ESCAPES.fullmatch(value):
        return "a pattern, not a key"
    rest = _PREFIX.sub("", value)
    if rest != value and (rest.isdigit() or (len(rest) < _LONG and signals.typed(rest))):
        return "a prefix without a key behind it"
    return (
        signals.placeholder(value)
        or signals.placeholder(rest)
        or signals.placeholder(signals.in_base64(value))
        or signals.reference(value)
    )


def _abbreviated(parts: tuple[str, ...], value: str) -> str:
    """Why a value is none that looks like a key behind a name that can mean something else; else empty."""
    if "pw" in parts and not any(map(str.isdigit, value)):
        return "`pw` is a country too, and there is no digit in it"
    if parts == ("pwd",) and "/" in value:
        return "a working directory"
    if _PUBLIC_NKEY.fullmatch(value):
        return "a public key of NATS"
    if names.kind(parts) == "key" and _UUID.fullmatch(value) and not any(word in features.QUALIFIERS for word in parts):
        return "an identifier"
    return ""


def _foreign(value: str) -> bool:
    """Whether it is a text of another alphabet, or with accents."""
    return not value.isascii() and not any(map(str.isdigit, value))


def _bare(place: Place) -> bool:
    """Whether a value without quotation marks is an expression, or a word of a sentence."""
    value, after = place.value, place.after
    if _is_code(value) or _NUMBER.fullmatch(value) or _RUNS_ON.match(after):
        return True
    if _FILLED_IN.match(after) or (_HEADER.search(place.candidate.name) and _SCHEME.match(after)):
        return True
    if ":" in place.candidate.separator and not any(map(str.isdigit, value)) and _SENTENCE.match(after):
        return True
    return bool(features.of_path(place.path)["code"]) and after[:1] in {"(", "[", ".", "<"}


def _is_code(value: str) -> bool:
    """A call, an index or dotted names; long random parts with dots between them are a token."""
    if not _CODE.fullmatch(value) or signals.crossed(value):
        return False
    return len(value) < _LONGEST_NAMES or not signals.looks_random(value)


def _last(candidate: NamedValue) -> str:
    return re.split(r"[./:]", candidate.name.strip("$.@:/-"))[-1]


def _confidence(probability: float, seen: dict[str, float]) -> Confidence:
    """Values in tests, in documents and in comments are mostly made up: never more than low."""
    if probability < MEDIUM or seen["tried"] or seen["prose"] or seen["comment"]:
        return Confidence.LOW
    return (
        Confidence.HIGH if probability >= HIGH and seen["length"] >= 16 and seen["classes"] >= 2 else Confidence.MEDIUM
    )


_WORDS_FOR = {
    "fluency": "its letters make no words", "least_fluent": "its letters make no words",
    "fluent_parts": "its letters make no words", "covered": "its letters make no words",
    "entropy": "its characters vary much", "distinct": "its characters vary much",
    "classes": "it mixes kinds of characters",
    "changes": "it mixes kinds of characters", "digit_count": "it mixes kinds of characters",
    "digits": "it mixes kinds of characters", "symbol_count": "it mixes kinds of characters",
    "length": "it has the length of a key", "hex": "it is a hexadecimal number", "base64": "it is written like base64",
    "padded": "it is written like base64", "double": "it is a literal in quotation marks",
    "single": "it is a literal in quotation marks", "bare": "it is assigned as it stands",
    "user": "a user stands beside it",
}  # fmt: skip


def _reasons(candidate: NamedValue, seen: dict[str, float], added: dict[str, float]) -> tuple[str, ...]:
    """The name, and the two reasons that weighed most."""
    said = names.kind(names.words(candidate.name))
    article = "an" if said[:1] in {"a", "e", "i", "o", "u"} else "a"
    strongest = sorted((name for name in added if added[name] > 0), key=lambda name: -added[name])
    spoken = dict.fromkeys(_WORDS_FOR[name] for name in strongest if name in _WORDS_FOR and _true(name, seen))
    where = ("stands in a test, an example or a document",) if seen["tried"] or seen["prose"] else ()
    return (f"the name '{_last(candidate)}' says that it is {article} {said}", *list(spoken)[:2], *where)


def _true(name: str, seen: dict[str, float]) -> bool:
    """A feature that is absent may weigh too, but its words would not be true."""
    if name == "classes":
        return seen[name] >= 2
    return (
        name in {"fluency", "least_fluent", "fluent_parts", "covered", "entropy", "distinct", "length"}
        or seen[name] > 0
    )
