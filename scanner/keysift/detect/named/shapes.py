"""Tells by the shape of a value that it is code, a reference or a pattern, unless it is mixed like a password."""

from __future__ import annotations

import re

from keysift.detect import signals
from keysift.detect.named.mixed import is_mixed

_CODE = re.compile(
    r"[\w$.>-]*[\[({].*|[$@%&*!]?[A-Za-z_][\w$]*(?:(?:\.|->|::)[A-Za-z_][\w$]*)+[;,)]?|![01](?:[,;})&|?:].*)?"
)
_CALL = re.compile(r"[A-Za-z_][\w.]*(?:\([^()]*\)|\[[^\[\]]*\])+;?")
_TWO_WORDS = re.compile(r"[A-Z][a-z]{2,}\.[A-Z][a-z]{2,}\d+")
_LONGEST_NAMES = 48
"""Characters below which names with dots between them are code, however random they look."""
_OPEN = re.compile(r"[$#]\{|\{\{|<%|%[({]|\$\(|^\$[A-Za-z_]|^<|^&|^\*[a-z]|^%\w+%$")
_CLOSED = re.compile(r"[$#%]\{[\w.:\[\]()'\" /|?-]*\}|\{\{.*\}\}|<%.*%>|\$\([^()]*\)|%\([\w.]+\)|^%\w+%$|^<[^<>]*>$")
"""The same with its end, which generated passwords rarely have."""
_CONSTRUCTS = r"^\^|\(\?[:!=<P]|\[[^\]]{1,30}\](?:[+*?]|\{\d{1,4}(?:,\d{0,4})?\}?)|\\[dwsbDWSB.+*(\[]|\.[*+]"
_PATTERN = re.compile(_CONSTRUCTS)
_OF_PATTERNS = re.compile(_CONSTRUCTS + r"|\[[^\]]{1,30}\]|\{\d{1,4}(?:,\d{0,4})?\}|[$()|]")
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[0-7]{1,3}|%[0-9A-Fa-f]{2}|&#?\w{1,8};)+")
_WORD_OF_MEMORY = re.compile(r"[+-]?0x[0-9a-fA-F]{1,16}")
_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,16}|[+-]?[\d._]+[a-zA-Z]?")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[T ][\d:.+ -]{2,20}Z?)?")
_LINK = re.compile(r"(?i)(?:^|<| )[a-z][a-z0-9+.-]{1,15}://[^@]*$")
_CHECKS = re.compile(r"[a-z_]{2,30}(?::[\w,.-]{1,40})?(?:\|[a-z_]{2,30}(?::[\w,.-]{1,40})?)+")
"""As Laravel has them: `required|min:8|max:191`, https://laravel.com/docs/validation#available-validation-rules."""
_LITERAL_PATTERN = re.compile(r"/(?=.*[\\\[(|]).+/[dgimsuvy]{0,8}[,;)]*")
"""A regular expression as JavaScript and Ruby write it."""
_HASHED = re.compile(r"\$[a-z0-9][a-z0-9-]{0,20}\$.")
"""https://passlib.readthedocs.io/en/stable/modular_crypt_format.html."""


def is_code(value: str, *, in_code: bool) -> bool:
    """Return True for a bare value that is a call, an index or dotted names.

    Outside of code, brackets and dots stand in passwords as well. Long random parts with dots between them are a token.
    """
    if not _CODE.fullmatch(value) or signals.crossed(value):
        return False
    if not in_code and not _CALL.fullmatch(value) and (is_mixed(value) or _TWO_WORDS.fullmatch(value)):
        return False
    return len(value) < _LONGEST_NAMES or not signals.looks_random(value)


def is_reference(value: str) -> bool:
    """Return True if a value names another with the marks of some language: `${X}`, `{{ x }}`, `$X`, `<x>`."""
    if not _OPEN.search(value) or signals.crossed(value):
        return False
    return bool(_CLOSED.search(value)) or not is_mixed(value)


def is_pattern(value: str) -> bool:
    """Return True for a regular expression, for escapes alone, or for what a form is checked by."""
    if _CHECKS.fullmatch(value) or _ESCAPES.fullmatch(value) or _LITERAL_PATTERN.fullmatch(value):
        return True
    return bool(_PATTERN.search(value)) and not is_mixed(_OF_PATTERNS.sub("", value))


def is_number(value: str) -> bool:
    """Return True for a number in any of the usual notations."""
    return bool(_NUMBER.fullmatch(value))


def is_word_of_memory(value: str) -> bool:
    """Return True for a number in hexadecimal that fits a word of memory."""
    return bool(_WORD_OF_MEMORY.fullmatch(value))


def is_date(value: str) -> bool:
    """Return True for a day, with a time or without."""
    return bool(_DATE.fullmatch(value))


def is_link(value: str) -> bool:
    """Return True for an address without a user, and for text that ends with one."""
    return bool(_LINK.search(value))


def is_hashed(value: str) -> bool:
    """Return True for the hash of a password in the form that `crypt` writes."""
    return bool(_HASHED.match(value))
