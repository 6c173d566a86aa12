"""Candidate -> reasons against it: a placeholder, a reference, a digest, an encrypted value, or code."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.detect import fields, says, signals
from keysift.detect.candidates import Candidate
from keysift.detect.named import names
from keysift.detect.surroundings import NEARBY, Surroundings, as_text
from keysift.detect.words import letters
from keysift.model import Rule

if TYPE_CHECKING:
    from keysift.detect.named import spans
else:
    spans = lazy.module("keysift.detect.named.spans")

SHORTEST_PASSWORD = 5
"""Characters."""
SPELLABLE = 48
"""Characters; up to this length a word speaks against a generated value, in longer ones it may occur by chance."""
SHORTEST_TYPED = 24
"""Characters from which even a value that counts up may be a key."""
MOST_BLANKS = 3
QUOTES = frozenset("\"'`")
_IDENTIFIER_FIELD = lazy.compile(
    r"(?:^|[._])(?:sha_?\d*(?:sum)?|md5(?:_?sum)?|checksum|check_sum|digest|(?<!api_)hash(?:es)?|etag|integrity|commit(?:_?(?:id|sha|hash))?|revision|rev|"
    r"(?<!api_)signature|fingerprint|incident_key|dedup_key|alert_key|dedup|nonce|salt|uuid|guid|trace_?id|request_?id|message_?id|correlation_?id|span_?id)$"
)
_NAMING_FIELD = lazy.compile(
    r"(?:secret_name|existing_secret|secret_ref|secret_key_ref\.\w+|value_from\.[\w.]+|_secret_arn|_env(?:_var)?|_from|env_key|_field|_ref)$"
)
_EXAMPLE_FIELD = lazy.compile(r"(?:^|[._])(?:dummy|fake|example|sample|stub|mock|placeholder|invalid|bogus)(?:_\w+)?$")
_EXAMPLES = lazy.compile(
    r"(?i)\.(?:md|mdx|rst|adoc|html?|ipynb|snap)$|(?:^|[/._-])(?:docs?|examples?|samples?|tests?|specs?|fixtures?|test_?data|mocks?|stubs?|snapshots?|suites|quick_?starts?|demos?|phpunit|pytest|jest|vitest|cypress|openapi|swagger|asyncapi|templates?|readme|changelog)(?:[/._-]|$)|(?-i:[a-z]Tests?[/.])"
)
_SHOWN_FIELD = lazy.compile(r"(?:^|\.)(?:x_)?examples?(?:\.|$)")
"""Where a description of an interface shows what values look like:
https://spec.openapis.org/oas/v3.1.0#example-object, https://json-schema.org/draft/2020-12/json-schema-validation#name-examples."""
_DESCRIBES = lazy.compile(r"(?i)\.(?:json|ya?ml)$")
_FILE_FIELD = lazy.compile(r"(?:_file|_path|_filename)$")
_ENCRYPTED_FIELD = lazy.compile(r"(?:^|\.)encrypted_data\.|(?:^|\.)secure$|^sops\.")
_ENCRYPTED = ("encrypted", "secure", "sops")
_OBJECT_NAMES = frozenset({40, 64})
_HEXADECIMAL = b"0123456789abcdef"
_BEFORE_OBJECT = lazy.compile(
    rb"""(?ri)(?:(?:^|\n)(?:tree|parent)[ ]$"""
    rb"""|(?<![a-z])(?:[a-z_]{0,20}_)?(?:sha(?:256|1)?|commits?(?:_id|_?sha)?|trees?|blobs?|tags|statuses|parents?)"""
    rb"""\\?["']?\s{0,2}[:=/]\s{0,2}\\?["']?$)"""
)
"""The text before the id of a commit, tree or blob, also inside of a commit; matched from its end."""
_NEVER_LISTED = lazy.compile(rb"secret|pass|pwd|private")
_NAMES_A_KEY = lazy.compile(
    rb"secret|pass|pwd|private|key|token|auth|cred|api|access|license|webhook|account|client|hmac|sid"
)
COLUMN = "one of a column of identifiers, which have the same name"
_TOKEN = lazy.compile(r"[\w+/=~.:-]+")
_PASSWORD = lazy.compile(r"pass|pwd|pw$")
_WORD = lazy.compile(
    r"(?i)[<\"'*_]*(?:the_?)?(?:pass(?:word|wd|phrase)?|secret|sensitive|token|key|value|string|text|public|private|required)s?[>\"'*_:;]*"
)
_PATTERN = lazy.compile(r"^\^|\(\?[:!=<P]|\[\^|\{\{|\}\}")
_VARIABLE = lazy.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_LOOSE = lazy.compile(r"[\w*]\s+[\"'`]?$")
_COMMAND_LINE = lazy.compile(
    r"(?r)(?:(?<![\w-])--?[A-Za-z][\w-]*|\b(?:ENV|ARG|setx|set -\w{1,3})[ \t]+\w+)[ \t]+[\"'`]?$"
)
_OPEN_REFERENCE = lazy.compile(r"(?r)(?:\$\{\{?|\{\{|\$\(|<%|ENC\[)(?P<inside>[^{}()\n]*)$")
_BLOCK = lazy.compile(r"[0-9A-Za-z+/]{60,}")
_DEFAULT = lazy.compile(r":|-|\|\||\?\?|,|=|[\"']|\bdefault\b|\bor\b")
_CODE = lazy.compile(
    r"(?i)\.(?:py|pyi|js|jsx|mjs|cjs|ts|tsx|go|java|kt|kts|scala|groovy|cs|fs|vb|c|cc|cpp|cxx|h|hpp|m|mm|swift|rb|php|pl|pm|lua|rs|dart|ex|exs|erl|clj|hs|r|jl|sol|vue|svelte)$"
)


def by_kind(candidate: Candidate, path: str | None) -> str:
    """Return the reason why the value is no key by its kind: a git object, code, words; empty if it may be one.

    These tests are the cheapest, and nearly every candidate ends at them.
    """
    return _git_object(candidate) or _code(candidate, path) or _regular(candidate)


def by_words(candidate: Candidate) -> str:
    """Return the reason why the value, by what it says of itself, is no key; empty if it may be one."""
    return _placeholder(candidate) or says.of_itself(candidate)


def by_context(candidate: Candidate, path: str | None) -> str:
    """Return the reason why the value is not a key in its context; empty if it may be one."""
    return _wrapped(candidate) or _reference(candidate) or _named_otherwise(candidate) or says.around(candidate, path)


def hopeless(candidate: Candidate) -> bool:
    """Return True if the bytes alone refuse a candidate, whatever is around them."""
    value = as_text(candidate.secret)
    if _irregular(candidate, value) or _placeholder(candidate):
        return True
    return bool(candidate.rule.when and is_free(candidate) and _unlikely(value))


def unnamed(rule: Rule, around: Surroundings) -> bool:
    """Return True for a value of any service with no word nearby that the name of a key has.

    Names such as `value` come with the name of the key beside or around them, or are no keys.
    """
    if rule.pattern != "assigned":
        return False
    near = around.data[max(0, around.start - NEARBY) : around.end + NEARBY].lower()
    return not any(map(near.__contains__, _telling(rule.keywords)))  # thirty times as fast as a regex


@functools.cache
def _telling(keywords: tuple[str, ...]) -> tuple[bytes, ...]:
    """Return the keywords that tell of a key: a field called `value` has that of another, whose name is elsewhere."""
    return tuple(word.lower().encode() for word in keywords if not fields.leaf_of(f"{word}=").generic)


def in_column(rule: Rule, around: Surroundings) -> bool:
    """Return True if a value is one of a column of identifiers: hexadecimal, below others behind the same word.

    Secrets and passwords never are; and keys of one service only if the word is no name of a key.
    """
    data, start, end = around.data, around.start, around.end
    if not rule.when or rule.password or rule.matching.free:
        return False
    if not spans.SHORTEST_IDENTIFIER <= end - start <= spans.LONGEST_IDENTIFIER:
        return False
    word = spans.word_before(data, start)
    if not spans.in_column(data, word, start, end):
        return False
    return not (_NEVER_LISTED if rule.last else _NAMES_A_KEY).search(data[word:start].lower())


def is_sifted(rule: Rule) -> bool:
    """Return True for a rule that refuses whatever `sieve` leaves out."""
    return rule.last and bool(rule.when) and rule.matching.generated and not (rule.password or rule.matching.free)


def made_up(candidate: Candidate) -> bool:
    """Return True if someone seems to have typed it; a word alone does not refuse what is random and has a shape."""
    value, rule = _without_keyword(candidate), candidate.rule
    shaped = not (rule.when or rule.general or rule.password)
    return signals.typed(value) or bool(shaped and signals.worded(value) and signals.looks_random(value))


def example(candidate: Candidate, path: str | None) -> str:
    """Return the reason against a value typed by hand: in a document or a test, or if any value matches; else empty."""
    loose = is_free(candidate) or in_example(path or "")
    return "a placeholder: it counts up, repeats or contains a word" if loose else ""


def in_example(path: str) -> bool:
    """Return True for the path of a test, an example or a document, in which most values are made up."""
    return bool(_EXAMPLES.search(path))


def is_shown(around: Surroundings, path: str | None) -> bool:
    """Return True for a value that the description of an interface, such as OpenAPI, gives as an example."""
    if not path or not _DESCRIBES.search(path) or "xample" not in around.left:
        return False
    return bool(_SHOWN_FIELD.search(around.field.path))


def names_object(data: bytes, start: int, end: int) -> bool:
    """Return True if these hexadecimal digits are where a git object id is: `"sha": "…"`, `/commit/…`."""
    if end - start not in _OBJECT_NAMES or data[start:end].strip(_HEXADECIMAL):
        return False
    return bool(_BEFORE_OBJECT.match(data, max(0, start - 40), start))


def by_place(candidate: Candidate, path: str | None) -> str:
    """Return the reason against a value of a named field in what is around it; empty if there is none."""
    return "an encrypted value" if is_encrypted(candidate.around) else says.around(candidate, path)


def is_encrypted(around: Surroundings) -> bool:
    """Return True if the field says that its value is encrypted.

    Finding the field is slow, so the words are looked for first.
    """
    text = (around.left + around.right).lower()
    return any(word in text for word in _ENCRYPTED) and bool(_ENCRYPTED_FIELD.search(around.field.path))


def is_free(candidate: Candidate) -> bool:
    """Return True if the rule matches any value, as for a password."""
    return candidate.rule.matching.free


# --- By the value -----------------------------------------------------------------------------------------------------


def _git_object(candidate: Candidate) -> str:
    around = candidate.around
    named = candidate.rule.when and names_object(around.data, around.start, around.end)
    return "a git object id" if named else ""


def _code(candidate: Candidate, path: str | None) -> str:
    loose = (is_free(candidate) or candidate.rule.last) and candidate.around.tail[-1:] not in QUOTES
    return "code, not a literal" if loose and path and _CODE.search(path) else ""


def _regular(candidate: Candidate) -> str:
    return _irregular(candidate, candidate.around.value)


def _irregular(candidate: Candidate, value: str) -> str:
    """Return the reason why a value is not random enough for a rule of generated keys; empty if it is."""
    rule = candidate.rule
    if not rule.when or rule.password or is_free(candidate) or not _TOKEN.fullmatch(value):
        return ""
    random = signals.generated(value) if rule.last and len(value) <= SPELLABLE else signals.looks_random(value)
    long = not rule.general or len(value) >= SHORTEST_TYPED
    return "" if random or (long and signals.typed(value)) else "not random enough for a generated key"


def _placeholder(candidate: Candidate) -> str:
    value = _without_keyword(candidate)
    reason = signals.masked(value) or ("" if made_up(candidate) else signals.worded(value))
    return reason or (signals.placeholder(signals.in_base64(value)) if candidate.rule.last else "")


def _without_keyword(candidate: Candidate) -> str:
    """Return the value without its prefix: `sk_test_` contains a word, yet is not a placeholder."""
    value = as_text(candidate.secret)
    lowered, keywords = value.lower(), _lowered(candidate.rule.keywords)
    if not lowered.startswith(keywords):  # asked of all at once, because it nearly always ends here
        return value
    return next(value[len(word) :] for word in keywords if lowered.startswith(word))


@functools.cache
def _lowered(keywords: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(str.lower, keywords))


def _unlikely(value: str) -> str:
    """Return the reason why a value is not a password, whatever its field is called; empty if it may be one."""
    if reason := signals.reference(value):
        return reason
    if len(value) < SHORTEST_PASSWORD or _WORD.fullmatch(value):
        return "too short or too plain for a password"
    if value.count(" ") >= MOST_BLANKS or _PATTERN.search(value):
        return "a sentence or a pattern, not a password"
    return ""


# --- By the surroundings ----------------------------------------------------------------------------------------------


def _wrapped(candidate: Candidate) -> str:
    """Return the reason against the last line of a block, of any length, in a signature, certificate or picture."""
    around = candidate.around
    if not candidate.rule.when or around.before.strip() or around.after.strip():
        return ""
    above = around.left.rpartition("\n")[0].rpartition("\n")[2].strip()
    return "part of a base64 block" if _BLOCK.fullmatch(above) else ""


def _reference(candidate: Candidate) -> str:
    around = candidate.around
    opened = _OPEN_REFERENCE.match(around.before[-200:])
    if opened:
        return "" if _DEFAULT.search(opened["inside"]) else "inside a reference or an encrypted value"
    return signals.reference(around.literal) if candidate.rule.when and around.literal != around.value else ""


def _named_otherwise(candidate: Candidate) -> str:
    """Return the reason in the name of the field against a value that only its surroundings make a key; else empty."""
    around, rule = candidate.around, candidate.rule
    if not rule.when:
        return ""
    path, name, free = around.field.path, around.field.name, is_free(candidate)
    if rule.general and _EXAMPLE_FIELD.search(path):
        return f"the field {name} says it is an example"
    if _NAMING_FIELD.search(path) or (free and _FILE_FIELD.search(path)):
        return f"the field {name} names a key but does not contain one"
    if _ENCRYPTED_FIELD.search(path):
        return "an encrypted value"
    if free:
        return _no_password(around)
    return f"the field {name} contains an identifier or a digest" if _IDENTIFIER_FIELD.search(path) else ""


def _no_password(around: Surroundings) -> str:
    """Return the reason why a value of any shape is not a password, or not a generated key; else empty."""
    value = around.value
    if reason := _unlikely(value):
        return reason
    if letters(value) in {letters(around.leaf.name), letters(around.field.name)}:
        return "the field's own name"
    if _VARIABLE.fullmatch(value) and names.kind(names.words(value)):
        return "the name of a variable"
    if not around.field.name or (_LOOSE.search(around.before) and not _COMMAND_LINE.match(around.before)):
        return "a sentence, not an assignment"
    generated = not _PASSWORD.search(around.field.path.rpartition(".")[2])
    if generated and _TOKEN.fullmatch(value) and not signals.looks_random(value):
        return "not random enough for a generated key"
    return ""
