"""Candidate -> what its value says of itself, and what name and lines say of it, against a key.

Every rule is asked here, named ones, general ones and those of vendors; a rule whose own format proves a key is asked
only if someone published the value, or if it is made of words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keysift import lazy
from keysift.detect import signals
from keysift.detect.candidates import Candidate
from keysift.model import FactsKind, Label, Rule

if TYPE_CHECKING:
    from keysift.detect import forms
    from keysift.detect.forms import lines, plain, published
else:
    forms = lazy.module("keysift.detect.forms")
    lines = lazy.module("keysift.detect.forms.lines")
    plain = lazy.module("keysift.detect.forms.plain")
    published = lazy.module("keysift.detect.forms.published")

WORDED = 0.6
"""Share of neighbouring letters that are common in words, from which letters alone are words: 1 in 100 at random."""
SHORTEST_WORDED, LONGEST_WORDED = 16, 48
"""Letters."""


def of_itself(candidate: Candidate) -> str:
    """Return what the value says of itself against a key: its form, its plain text, who published it; else empty."""
    rule, value = candidate.rule, candidate.around.value
    if reason := published.said(value):
        return reason
    if rule.facts == FactsKind.BASIC and (reason := plain.said(value)):
        return reason
    if _has_format(rule):
        return _in_words(value)
    if rule.label is Label.PUBLIC:
        return ""
    means = forms.said(value)
    if means in forms.LOOSE and not (rule.general or rule.named):
        means = ""
    if means and forms.lets_in(means, candidate.around.ending):
        means = ""
    return means or plain.said(value)


def around(candidate: Candidate, path: str | None) -> str:
    """Return what name, line and lines around say against a key; empty if nothing, or if its format proves it."""
    rule = candidate.rule
    return "" if _has_format(rule) or rule.label is Label.PUBLIC else lines.said(candidate.around, path)


def _has_format(rule: Rule) -> bool:
    """Return True if the form of a value makes it a key of the rule, whatever is around it."""
    return not (rule.when or rule.named or rule.password)


def _in_words(value: str) -> str:
    """Return the reason against words behind, or across, the letters that keys of a rule start with; else empty."""
    letters = value.rstrip("0123456789")
    worded = letters.isalpha() and SHORTEST_WORDED <= len(letters) <= LONGEST_WORDED
    return "words, not a key" if worded and signals.wordiness(letters) >= WORDED else ""
