"""Splits names into words, and tells by the words what kind of value a name has."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence

from keysift.detect.named import measures

KINDS: Mapping[str, tuple[str, ...]] = {
    "password": (
        "password", "passwords", "passwd", "passwrd", "pwd", "pswd", "psw", "pass", "pw", "passphrase", "passcode",
        "psk", "passwort", "passe",
    ),
    "secret": ("secret", "secrets", "otp", "totp", "pepper", "salt"),
    "token": ("token", "tokens"),
    "key": ("key", "keys"),
    "credential": ("auth", "oauth", "authorization", "authentication", "cred", "creds", "credential", "credentials"),
}  # fmt: skip
"""The words that tell what a value is, by its kind."""
_KIND_OF = {word: kind for kind, words in KINDS.items() for word in words}
_COMPOUND = re.compile(
    r"(?:.{0,20}(?P<password>password|passwd|passphrase|pwd|(?<!com)(?<!kee)(?<!by)(?<!tres)(?<!sur)(?<!over)(?<!under)(?<!^.)pass)|.{0,20}(?P<secret>secret)|.{0,20}(?P<token>token)"
    r"|(?!(?:mon|tur|don|joc|whis|hoc|hot|soft|pub|public|bus)key).{1,20}(?P<key>key))$"
)
"""Several words written as one: `PGPASSWORD`, `authkey`."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IDENTIFYING = frozenset({"key", "token", "credential"})
"""The kinds of names that identifiers have as well."""


@functools.lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case: `dbPassword`, `DB_PASSWORD` and `db.password` have the same two."""
    return tuple([word.lower() for word in _WORD.findall(name)])  # faster than a generator


@functools.lru_cache(maxsize=4096)
def kind_of(word: str) -> str:
    """Return the kind of value that a word tells of; empty if none."""
    if kind := _KIND_OF.get(word, ""):
        return kind
    compound = _COMPOUND.match(word)
    return compound.lastgroup or "" if compound else ""


def kind(names: Sequence[str]) -> str:
    """Return the kind of value that the last telling word of a name tells of; empty if none."""
    return next(filter(None, map(kind_of, reversed(names))), "")


def may_identify(name: str) -> bool:
    """Return True if identifiers have such names as well, as `key` and `token`; passwords and secrets never do."""
    return kind(words(name)) in _IDENTIFYING


def in_words(value: str, vocabulary: frozenset[str]) -> bool:
    """Return True if a value has neither a number nor a mark as in a password, and is made of words.

    Three quarters of its letters are words of the vocabulary.
    """
    if value.isascii():
        return measures.in_words(value.encode(), vocabulary)
    parts = words(value)
    letters = sum(map(len, parts))
    if not letters or any(part.isdigit() for part in parts):
        return False
    return sum(len(part) for part in parts if part in vocabulary) >= 0.75 * letters
