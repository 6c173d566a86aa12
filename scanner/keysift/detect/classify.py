"""Match and context -> verdict: label, confidence and the reasons in words; or why it is no finding."""

from __future__ import annotations

import functools
import hashlib
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.detect import fields, signals
from keysift.model import Candidate, Confidence, Context, Rule, Verdict
from keysift.rules import checksums, facts

if TYPE_CHECKING:
    import regex

NEAR_BEFORE, NEAR_AFTER = 12, 8
NEAR_CHARACTERS = 1500
LONGEST_LINE = 400
SHORT = 120
NEARBY = 600
"""Bytes on either side of a value that are enough for a verdict which asks for no enclosing block and no line above."""
NOT_NAMED = 10_000
SHORTEST_PASSWORD = 5
SPELLABLE = 48
"""Up to this length a word in a value speaks against a generator; in longer ones it stands by chance."""
SHORTEST_TYPED = 24
"""From this length on, what counts up behind a name like that of a key may still be one: in shorter ones it is none."""
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
    r"(?i)\.(?:md|mdx|rst|adoc|html?|ipynb|snap)$|(?:^|[/._-])(?:docs?|examples?|samples?|tests?|specs?|fixtures?|test_?data|mocks?|templates?|readme|changelog)(?:[/._-]|$)"
)
_FILE_FIELD = lazy.compile(r"(?:_file|_path|_filename)$")
_ENCRYPTED_FIELD = lazy.compile(r"(?:^|\.)encrypted_data\.|(?:^|\.)secure$|^sops\.")
_ENCRYPTED = ("encrypted", "secure", "sops")
_OBJECT_NAMES = frozenset({40, 64})
_HEXADECIMAL = b"0123456789abcdef"
_CONTINUATION = bytes(range(0x80, 0xC0))
"""Of UTF-8: a text is not cut in the midst of a character."""
_BEFORE_OBJECT = lazy.compile(
    rb"""(?ri)(?:(?:^|\n)(?:tree|parent)[ ]$"""
    rb"""|(?<![a-z])(?:[a-z_]{0,20}_)?(?:sha(?:256|1)?|commits?(?:_id|_?sha)?|trees?|blobs?|tags|statuses|parents?)"""
    rb"""\\?["']?\s{0,2}[:=/]\s{0,2}\\?["']?$)"""
)
"""In front of the name of a commit, tree or blob, in a commit as well; read from its end."""
_TOKEN = lazy.compile(r"[\w+/=~.:-]+")
_PASSWORD = lazy.compile(r"pass|pwd|pw$")
_WORD = lazy.compile(
    r"(?i)[<\"'*_]*(?:the_?)?(?:pass(?:word|wd|phrase)?|secret|sensitive|token|key|value|string|text|public|private|required)s?[>\"'*_:;]*"
)
_PATTERN = lazy.compile(r"^\^|\(\?[:!=<P]|\[\^|\{\{|\}\}")
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


_Test = Callable[["Candidate", "Surroundings"], str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a match is no finding."""

    reason: str
    final: bool = False
    """What is true of the bytes themselves: no other rule needs to look at them."""


@dataclass(frozen=True)
class Surroundings:
    """What stands around a span of a blob; each view of it made when first asked for."""

    data: bytes = field(repr=False)
    start: int
    end: int
    path: str | None
    """None where it is not known yet: then everything is let pass that some path would let pass."""

    @functools.cached_property
    def left(self) -> str:
        """The text before the value, escapes blanked out."""
        return fields.plain(_text(self.data[max(0, self.start - fields.BEFORE) : self.start]))

    @functools.cached_property
    def right(self) -> str:
        """The text after the value, escapes blanked out."""
        return fields.plain(_text(self.data[self.end : self.end + fields.AFTER]))

    @functools.cached_property
    def tail(self) -> str:
        """The last `LONGEST_LINE` bytes of the text before the value: enough for most verdicts."""
        low = max(0, self.start - LONGEST_LINE)
        text = self.data[low : self.start]
        return fields.plain(_text(text.lstrip(_CONTINUATION) if low else text))

    @functools.cached_property
    def before(self) -> str:
        """The same line, up to the value; of a very long line the last part."""
        return self.tail[self.tail.rfind("\n") + 1 :]

    @functools.cached_property
    def after(self) -> str:
        """The same line, from the value's end; of a very long line the first part."""
        return fields.plain(_text(self.data[self.end : self.end + LONGEST_LINE])).partition("\n")[0]

    @functools.cached_property
    def near(self) -> str:
        """The lines around, without the value itself: it must not confirm itself."""
        before = self.left[-NEAR_CHARACTERS:].split("\n")[-1 - NEAR_BEFORE :]
        after = self.right[:NEAR_CHARACTERS].split("\n")[: 1 + NEAR_AFTER]
        return "\n".join(before) + " " + "\n".join(after)

    @functools.cached_property
    def field(self) -> fields.Field:
        """The field that holds the value."""
        leaf = self.leaf._replace(start=max(0, len(self.left) - len(self.tail) + self.leaf.start))
        return fields.field_of(self.left, self.right, leaf)

    @functools.cached_property
    def leaf(self) -> fields.Leaf:
        """The last name of that field; its start is that in `tail`."""
        return fields.leaf_of(self.tail)

    @property
    def far(self) -> bool:
        """Whether anyone has asked for more than stands within `NEARBY` bytes of the value."""
        return "left" in self.__dict__ or "right" in self.__dict__

    @functools.cached_property
    def value(self) -> str:
        """The value itself."""
        return _text(self.data[self.start : self.end])

    @functools.cached_property
    def literal(self) -> str:
        """The whole quoted literal that holds the value, or the value."""
        for quote in "\"'`":
            low, high = self.before.rfind(quote), self.after.find(quote)
            if low >= 0 and high >= 0 and self.before.count(quote) % 2:
                return self.before[low + 1 :] + self.value + self.after[:high]
        return self.value


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def judge(match: Candidate, around: Surroundings) -> Verdict | Refusal:
    """The verdict on one match, or why it is no finding."""
    rule = match.rule
    if rule.named:
        return _named(match, around)
    checksum = _checksum(match)
    if rule.documented and _digest(match.secret) in rule.documented:
        return Refusal("a value from the vendor's documentation", final=True)
    typed = checksum is not True and _made_up(match)
    stand_in = "" if checksum is True else _stand_in(match, around, _BY_VALUE)
    called = _called(match, around)
    if not (stand_in or called) and rule.when and not any(_may_hold(context, around) for context in rule.when):
        stand_in = "nothing around it confirms it"
    if not stand_in and checksum is not True:
        stand_in = _stand_in(match, around, _BY_CONTEXT) or (_example(match, around) if typed else "")
    stand_in = stand_in or _ruled_out(rule, around)
    if stand_in:
        return Refusal(stand_in)
    confidence, reasons, distance = _evidence(match, around)
    if confidence is None and called:
        confidence, reasons = Confidence.LOW, (f"the field has the name of {rule.provider}",)
    if confidence is None:
        return Refusal("nothing around it confirms it")
    if checksum is not None:
        confidence = Confidence.HIGH if checksum else Confidence.LOW
        reasons = (*reasons, "its checksum holds" if checksum else "its checksum does not hold: an example, or damaged")
    if typed:
        confidence, reasons = Confidence.LOW, (*reasons, "counts up, repeats or holds a word: perhaps made up by hand")
    told = facts.FACTS[rule.facts](match.secret.decode("latin-1")) if rule.facts else facts.Facts()
    return Verdict(told.label or rule.label, told.confidence or confidence, (*reasons, *told.reasons), distance)


def _called(match: Candidate, around: Surroundings) -> bool:
    """Whether a generated value stands in a field that has the name of the service, and no more: `cloudsmith = ...`."""
    rule, value = match.rule, around.value
    if rule.general or len(value) < SHORTEST_TYPED or _letters(around.leaf.name) != _letters(rule.provider):
        return False
    return signals.looks_random(value)


def _ruled_out(rule: Rule, around: Surroundings) -> str:
    """What speaks against the rule here; where the path is not known, no path does."""
    for context in rule.unless:
        if context.file and around.path is None:
            continue
        if reasons := _holds(context, around):
            return "ruled out: " + ", ".join(reasons)
    return ""


def _made_up(match: Candidate) -> bool:
    """Whether someone seems to have typed it; a word alone does not refuse what is random and has a shape."""
    value, rule = _without_keywords(match), match.rule
    shaped = not (rule.when or rule.general or rule.password)
    return signals.typed(value) or bool(shaped and signals.worded(value) and signals.looks_random(value))


def _example(match: Candidate, around: Surroundings) -> str:
    """Why a value that was typed by hand is no key: in a document or a test, or where any value matches."""
    loose = is_free(match) or _EXAMPLES.search(around.path or "")
    return "a placeholder: counts up, repeats, or holds a word" if loose else ""


def hopeless(match: Candidate) -> bool:
    """Whether a match is no finding whatever stands around it."""
    if match.rule.named:
        return False
    around = Surroundings(match.secret, 0, len(match.secret), None)
    if _checksum(match) is True:
        return False
    reason = _regular(match, around) or _placeholder(match, around)
    return bool(reason or (match.rule.when and is_free(match) and _unlikely(around.value)))


def names_object(data: bytes, start: int, end: int) -> bool:
    """Whether these hexadecimal digits stand where the name of a git object does: `"sha": "…"`, `/commit/…`."""
    if end - start not in _OBJECT_NAMES or data[start:end].strip(_HEXADECIMAL):
        return False
    return bool(_BEFORE_OBJECT.match(data, max(0, start - 40), start))


def _named(match: Candidate, around: Surroundings) -> Verdict | Refusal:
    """What the general detector says of a value that has nothing but its name."""
    from keysift.detect.named import judge as general  # noqa: PLC0415 - only for a value that has nothing else

    if around.path is None:
        weighed = general.somewhere(around.data, around.start, around.end)
    else:
        weighed = general.judge(around.data, around.start, around.end, around.path)
    if isinstance(weighed, str):
        return Refusal(weighed)
    if _is_encrypted(around):
        return Refusal("an encrypted value")
    if reason := _ruled_out(match.rule, around):
        return Refusal(reason)
    return Verdict(match.rule.label, weighed.confidence, weighed.reasons)


def _is_encrypted(around: Surroundings) -> bool:
    """Whether the field says so. To find the field takes long, so the words are looked for first."""
    text = (around.left + around.right).lower()
    return any(word in text for word in _ENCRYPTED) and bool(_ENCRYPTED_FIELD.search(around.field.path))


def _digest(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()[:16]


def _checksum(match: Candidate) -> bool | None:
    """Whether the token's checksum holds; nothing where it has none."""
    if not match.rule.checksum:
        return None
    return checksums.CHECKS[match.rule.checksum](match.secret.decode("latin-1"))


def _stand_in(match: Candidate, around: Surroundings, tests: Iterable[_Test]) -> str:
    """Why the value is a placeholder, a reference, a digest or code; empty where it may be a key."""
    for test in tests:
        if reason := test(match, around):
            return reason
    return ""


def _object(match: Candidate, around: Surroundings) -> str:
    named = match.rule.when and names_object(around.data, around.start, around.end)
    return "the name of a git object" if named else ""


def _code(match: Candidate, around: Surroundings) -> str:
    loose = (is_free(match) or match.rule.last) and around.tail[-1:] not in QUOTES
    return "code, not a literal" if loose and around.path and _CODE.search(around.path) else ""


def _regular(match: Candidate, around: Surroundings) -> str:
    if not match.rule.when or match.rule.password or is_free(match) or not _TOKEN.fullmatch(around.value):
        return ""
    named_only = match.rule.last and len(around.value) <= SPELLABLE
    random = signals.generated(around.value) if named_only else signals.looks_random(around.value)
    long = not match.rule.general or len(around.value) >= SHORTEST_TYPED
    return "" if random or (long and signals.typed(around.value)) else "not random enough for a generated key"


def _placeholder(match: Candidate, _around: Surroundings) -> str:
    value = _without_keywords(match)
    reason = signals.masked(value) or ("" if _made_up(match) else signals.worded(value))
    return reason or (signals.placeholder(signals.in_base64(value)) if match.rule.last else "")


def _referring(match: Candidate, around: Surroundings) -> str:
    opened = _OPEN_REFERENCE.match(around.before[-200:])
    if opened:
        return "" if _DEFAULT.search(opened["inside"]) else "inside a reference or an encrypted value"
    return signals.reference(around.literal) if match.rule.when and around.literal != around.value else ""


def _named_otherwise(match: Candidate, around: Surroundings) -> str:
    """What the name of the field says against a value that only its surroundings make a key."""
    if not match.rule.when:
        return ""
    path, free = around.field.path, is_free(match)
    if match.rule.general and _EXAMPLE_FIELD.search(path):
        return f"the field {around.field.name} says that it is an example"
    if _NAMING_FIELD.search(path) or (free and _FILE_FIELD.search(path)):
        return f"the field {around.field.name} names a key, it does not hold it"
    if _ENCRYPTED_FIELD.search(path):
        return "an encrypted value"
    if free:
        return _no_password(around)
    return f"the field {around.field.name} holds an identifier or a digest" if _IDENTIFIER_FIELD.search(path) else ""


def _wrapped(match: Candidate, around: Surroundings) -> str:
    """Signatures, certificates and pictures are blocks of lines, of which a last one may have any length."""
    if not match.rule.when or around.before.strip() or around.after.strip():
        return ""
    above = around.left.rpartition("\n")[0].rpartition("\n")[2].strip()
    return "a line of a block of base64" if _BLOCK.fullmatch(above) else ""


_BY_VALUE = (_object, _code, _regular, _placeholder)
"""The cheapest first: nearly every candidate ends at the first three."""
_BY_CONTEXT = (_wrapped, _referring, _named_otherwise)


def is_free(match: Candidate) -> bool:
    """Whether the rule takes any value: a password, not a shape."""
    return match.rule.matching.free


def _no_password(around: Surroundings) -> str:
    """Why a value of any shape is no password, and no generated key where the field is named like one."""
    value = around.value
    if reason := _unlikely(value):
        return reason
    if _letters(value) == _letters(around.leaf.name):
        return "the name of the field itself"
    if not around.field.name or (_LOOSE.search(around.before) and not _COMMAND_LINE.match(around.before)):
        return "a sentence, not an assignment"
    generated = not _PASSWORD.search(around.field.path.rpartition(".")[2])
    if generated and _TOKEN.fullmatch(value) and not signals.looks_random(value):
        return "not random enough for a generated key"
    return ""


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _unlikely(value: str) -> str:
    """Why a value is no password, whatever its field is called."""
    if reason := signals.reference(value):
        return reason
    if len(value) < SHORTEST_PASSWORD or _WORD.fullmatch(value):
        return "too short, or too plain a word, for a password"
    if value.count(" ") >= MOST_BLANKS or _PATTERN.search(value):
        return "a sentence or a pattern, not a password"
    return ""


def _without_keywords(match: Candidate) -> str:
    """The value without the fixed prefix by which it is known: `sk_test_` holds a word, yet is no placeholder."""
    value = _text(match.secret)
    for word in match.rule.keywords:
        if value.lower().startswith(word.lower()):
            return value[len(word) :]
    return value


def _evidence(match: Candidate, around: Surroundings) -> tuple[Confidence | None, tuple[str, ...], int]:
    """How sure the surroundings make us, by what, and how far from the value that stands (see `Verdict.distance`)."""
    rule = match.rule
    shape = f"has the shape of {'an' if rule.name[0] in 'AEIOUaeiou' else 'a'} {rule.name}"
    if not rule.when:
        prefix = next((word for word in rule.keywords if word.lower() in _text(match.secret).lower()), "")
        return rule.confidence, (f"holds the distinctive '{prefix}'" if prefix else shape,), 0
    for context in rule.when:
        if reasons := _holds(context, around):
            named = _search(context.field, "field", around) if context.field else None
            distance = len(around.field.path) - named.start() if named else NOT_NAMED
            return context.confidence, (*reasons, shape), distance
    return None, (), NOT_NAMED


def _may_hold(context: Context, around: Surroundings) -> bool:
    """False where the last name of the field, or the path, is enough to see that it does not: for most candidates."""
    if context.field and not _may_end(context.field, around.leaf.ending):
        return False
    if context.before and not _search(context.before, "before", around):
        return False
    return not context.file or around.path is None or bool(_search(context.file, "file", around))


@functools.lru_cache(maxsize=1 << 15)
def _may_end(pattern: str, name: str) -> bool:
    """Whether a path with this last name may be what the pattern asks for; in a history the same names come again."""
    ending = _ending(pattern) if name else None
    return ending is None or bool(ending.match(name, partial=True, timeout=1))


@functools.cache
def _ending(pattern: str) -> regex.Pattern[str] | None:
    """The pattern read from its end, for one that can hold only at the end of the path."""
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


def _holds(context: Context, around: Surroundings) -> tuple[str, ...]:
    """What was found, in words, where every part of the context holds; nothing where one does not."""
    reasons = []
    for part in ("file", "value", "before", "after", "near", "field"):
        wanted = getattr(context, part)
        if not wanted:
            continue
        if part == "file" and around.path is None:
            reasons.append("in some file")
            continue
        found = _search(wanted, part, around)
        if not found:
            return ()
        reasons.append(_reason(part, found[0].strip(), around))
    return tuple(reversed(reasons))


def _search(pattern: str, part: str, around: Surroundings) -> regex.Match[str] | None:
    text = around.path or "" if part == "file" else around.field.path if part == "field" else getattr(around, part)
    search = _remembered if len(text) <= SHORT or part == "value" else _searched
    return search(pattern, part == "value", text)


def _searched(pattern: str, mind_case: bool, text: str) -> regex.Match[str] | None:  # noqa: FBT001 - private
    return _part(pattern, mind_case).search(text, timeout=2)


_remembered = functools.lru_cache(maxsize=1 << 14)(_searched)
"""Names of fields and what stands right before a value come again and again, in a history above all."""


@functools.cache
def _part(pattern: str, mind_case: bool) -> regex.Pattern[str]:  # noqa: FBT001 - private
    return lazy.timed(pattern, 0 if mind_case else re.IGNORECASE)


def _reason(part: str, found: str, around: Surroundings) -> str:
    short = " ".join(found.split())[:60]
    return {
        "field": f"stands in the field {'.'.join(around.field.path.split('.')[-3:])}",
        "before": f"stands behind '{short}'",
        "after": f"stands before '{short}'",
        "near": f"near the word '{short}'",
        "file": f"in a file called '{short}'",
        "value": f"{math.ceil(len(around.value))} characters of its kind",
    }[part]
