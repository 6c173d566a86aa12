"""Small helpers for sentences about keys, and for names in them."""

from __future__ import annotations

import functools

_VOWEL_LETTERS = "AEFHILMNORSX"
"""Letters whose names begin with a vowel: an SSH key, an X.509 certificate."""
_SOUND_LIKE_CONSONANTS = ("uni", "use", "usu", "ubi", "eu", "one")
"""Beginnings of words that are written with a vowel and spoken with a consonant: a user, a one-time password."""
_PLURAL = "credentials"


@functools.cache
def with_article(name: str) -> str:
    """Return a rule name as it reads in a sentence: "a Slack token", "an SSH key", "credentials in a URL"."""
    if name.startswith(_PLURAL) or name.endswith(_PLURAL):
        return name
    return f"{_article(name.split(' ', maxsplit=1)[0])} {name}"


def _article(word: str) -> str:
    """Return "an" before a word that is spoken with a vowel first."""
    if word.isupper():
        return "an" if word[0] in _VOWEL_LETTERS else "a"
    vowel = word[:1].lower() in "aeiou" and not word.lower().startswith(_SOUND_LIKE_CONSONANTS)
    return "an" if vowel else "a"


def letters(text: str) -> str:
    """Return the letters and digits of a text, in lower case: names are compared by them."""
    return "".join(filter(str.isalnum, text.lower()))
