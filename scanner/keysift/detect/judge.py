"""Candidate and path -> verdict (label, confidence and the reasons in words), or refusal.

A pure function of the candidate's bytes, of the bytes around them, and of the path.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.detect import evidence, refusals, says, signals
from keysift.detect.candidates import Candidate
from keysift.model import Confidence, NameKind, Verdict
from keysift.records import dataclass

if TYPE_CHECKING:
    from keysift.detect import catalogues, usages
    from keysift.detect.named import judge as named
    from keysift.detect.named import placed, plain, strangers
    from keysift.rules import checksums, facts
else:
    catalogues = lazy.module("keysift.detect.catalogues")
    named = lazy.module("keysift.detect.named.judge")
    placed = lazy.module("keysift.detect.named.placed")
    plain = lazy.module("keysift.detect.named.plain")
    strangers = lazy.module("keysift.detect.named.strangers")
    checksums = lazy.module("keysift.rules.checksums")
    facts = lazy.module("keysift.rules.facts")
    usages = lazy.module("keysift.detect.usages")


_EXAMPLE = "in a test, an example or a document"
_OF_TEST = "says that it is for tests"
_PLAIN = "a text, or a word with a number: a default as well as a password"
_MESSAGE = "a text of a message catalogue, in the words of some language"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why a candidate is not a key."""

    reason: str
    final: bool = False
    """True if it follows from the bytes themselves, so that no other rule needs to look at them."""
    far: bool = False
    """True if it follows from bytes that are farther away than those nearby."""


def judge(candidate: Candidate, path: str | None) -> Verdict | Refusal:
    """Return the verdict on a candidate, or its refusal.

    `path` is None if it is not known yet: then a candidate is refused only if it is refused on every path.
    """
    rule = candidate.rule
    if rule.named or rule.usages:
        return (_judge_named if rule.named else _judge_usage)(candidate, path)
    checksum = _checksum(candidate)
    if refusal := _refused_first(candidate, checksum=checksum):
        return refusal
    made_up = checksum is not True and refusals.made_up(candidate)
    named_after = evidence.named_after_provider(candidate)
    if reason := _reason_against(candidate, path, checksum=checksum, made_up=made_up, named_after=named_after):
        return Refusal(reason)
    confirmation = evidence.find(candidate, path) or (evidence.by_provider(rule) if named_after else None)
    if confirmation is None:
        return Refusal(evidence.NOTHING)
    if reason := evidence.ruled_out(candidate, path) or (_MESSAGE if _is_message(candidate, path) else ""):
        return Refusal(reason)
    confidence, reasons, distance = confirmation
    if checksum is not None:
        confidence = Confidence.HIGH if checksum else Confidence.LOW
        reasons = (*reasons, "its checksum is valid" if checksum else "its checksum is wrong: an example, or damaged")
    if made_up:
        confidence, reasons = Confidence.LOW, (*reasons, "counts up, repeats or contains a word: perhaps made up")
    if doubt := _doubt(candidate, path, confidence, valid=checksum is True):
        confidence, reasons = Confidence.LOW, (*reasons, doubt)
    label = rule.label
    if rule.facts:
        own = facts.FACTS[rule.facts](candidate.secret.decode("latin-1"))
        label, confidence, reasons = own.label or label, own.confidence or confidence, (*reasons, *own.reasons)
    return Verdict(label, confidence, reasons, distance)


def _doubt(candidate: Candidate, path: str | None, confidence: Confidence, *, valid: bool) -> str:
    """Return why a value may be made up, as its place or it itself says; empty if nothing says so."""
    rule = candidate.rule
    if rule.password and signals.of_test(candidate.around.value):
        return _OF_TEST
    if refusals.is_free(candidate) and plain.is_plain(candidate.around.value):
        return _PLAIN
    shown = not valid and confidence is not Confidence.LOW and refusals.is_shown(candidate.around, path)
    return _EXAMPLE if shown or (rule.last and path and refusals.in_example(path)) else ""


def hopeless(candidate: Candidate) -> bool:
    """Return True if a candidate is not a key whatever is around it.

    A documented value is left to `judge`, whose refusal holds for other rules as well.
    """
    rule = candidate.rule
    if rule.named or _checksum(candidate) is True or (rule.documented and _digest(candidate.secret) in rule.documented):
        return False
    return refusals.hopeless(candidate)


def _refused_first(candidate: Candidate, *, checksum: bool | None) -> Refusal | None:
    """Return the refusal of a documented value, of one in a column, or of one without a name; else None."""
    rule = candidate.rule
    if rule.documented and _digest(candidate.secret) in rule.documented:
        return Refusal("a value from the vendor's documentation", final=True)
    if refusals.unnamed(rule, candidate.around):
        return Refusal(evidence.NOTHING)
    if checksum is not True and refusals.in_column(rule, candidate.around):
        return Refusal(refusals.COLUMN, far=True)
    return None


def _reason_against(
    candidate: Candidate, path: str | None, *, checksum: bool | None, made_up: bool, named_after: bool
) -> str:
    """Return the reason against a candidate, by the cheapest tests first; empty if there is none."""
    rule, doubted = candidate.rule, checksum is not True
    reason = refusals.by_kind(candidate, path) if doubted else ""
    # The name of the field refuses most values of a general rule, at little cost. Of a vendor's rule, what the value
    # says of itself is the better reason to show.
    if not reason and doubted and not rule.general:
        reason = refusals.by_words(candidate)
    if not (reason or named_after) and rule.when and not evidence.may_hold(candidate, path):
        return evidence.NOTHING
    if not reason and doubted and rule.general:
        reason = refusals.by_words(candidate)
    if not reason and doubted:
        reason = refusals.by_context(candidate, path) or (refusals.example(candidate, path) if made_up else "")
    return reason


def _judge_named(candidate: Candidate, path: str | None) -> Verdict | Refusal:
    """Judge a value that has nothing but its name to tell it by."""
    around = candidate.around
    if path is None:
        weighed = named.somewhere(around.data, around.start, around.end)
    else:
        weighed = named.judge(around.data, around.start, around.end, path)
    if isinstance(weighed, str):
        return Refusal(weighed, far=weighed == refusals.COLUMN)
    if reason := says.of_itself(candidate) or refusals.by_place(candidate, path) or strangers.find(around):
        return Refusal(reason)
    if _is_message(candidate, path):
        return Refusal(_MESSAGE)
    if reason := evidence.ruled_out(candidate, path):
        return Refusal(reason)
    confidence, reasons = weighed
    if confidence is not Confidence.LOW and refusals.is_shown(around, path):
        confidence, reasons = Confidence.LOW, (*reasons, _EXAMPLE)
    if candidate.rule.named == NameKind.PASSWORD and signals.of_test(around.value):
        confidence, reasons = Confidence.LOW, (*reasons, _OF_TEST)
    if confidence is not Confidence.LOW and (doubt := strangers.doubt(around, path)):
        confidence, reasons = Confidence.LOW, (*reasons, doubt)
    return Verdict(candidate.rule.label, confidence, reasons)


def _judge_usage(candidate: Candidate, path: str | None) -> Verdict | Refusal:
    """Judge a value that stands where a command, a directive or a call has its secret."""
    around = candidate.around
    found = usages.reader(candidate.rule).at(around.data, around.start, around.end)
    if not found:
        return Refusal("not where a command or call has its secret", far=True)
    line = around.data[max(0, found.begin - placed.LINE) : found.begin]
    weighed = placed.weigh(candidate.secret, found.usage.kind, line, path)
    if isinstance(weighed, str):
        return Refusal(weighed, far=True)
    if reason := says.of_itself(candidate) or evidence.ruled_out(candidate, path):
        return Refusal(reason, far=True)
    if _is_message(candidate, path):
        return Refusal(_MESSAGE)
    place = f"where '{found.usage.text}' has its {found.usage.kind}"
    return Verdict(candidate.rule.label, weighed.confidence, (place, *weighed.reasons))


def _is_message(candidate: Candidate, path: str | None) -> bool:
    """Return True for a text of a message catalogue; only what people choose, such as a password, can look like one."""
    rule = candidate.rule
    if path is None or not (rule.named or rule.password or refusals.is_free(candidate)):
        return False
    return catalogues.is_message(candidate.around, path)


def _digest(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()[:16]


def _checksum(candidate: Candidate) -> bool | None:
    """Return True if the checksum of the key is valid, False if it is wrong, None if there is none."""
    checksum = candidate.rule.checksum
    return checksums.CHECKS[checksum](candidate.secret.decode("latin-1")) if checksum else None
