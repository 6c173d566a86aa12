"""Tells values that a generator of passwords made from code, references and patterns, which have the same marks."""

from __future__ import annotations

import functools

from keysift.detect.named import measures, model

CLASSES = (
    bytes(
        ord("a" if chr(byte).islower() else "A" if chr(byte).isupper() else "0" if chr(byte).isdigit() else "-")
        for byte in range(128)
    )
    + b"-" * 128
)
"""The kind of each byte, as `measures.of_characters` reads it."""
SHORTEST = 8
"""Characters; fewer tell nothing."""
_LEAST_CLASSES = 3
_LEAST_CHANGES = 0.4
"""The share of characters before another kind. 19 of 20 expressions have less, 99 of 100 generated passwords more."""
_MOST_WORDS = 0.45
"""The share of letters in words. 19 of 20 expressions have 0.65 or more, 19 of 20 generated passwords 0.3 or less."""
_CLASSES_AT, _CHANGES_AT, _WORDS_AT = 6, 7, 3


@functools.lru_cache(maxsize=1 << 12)
def is_mixed(value: str) -> bool:
    """Return True if letters, digits and marks follow each other as by chance, and make no words."""
    if len(value) < SHORTEST:
        return False
    characters = measures.of_characters(value, CLASSES)
    if characters[_CLASSES_AT] < _LEAST_CLASSES or characters[_CHANGES_AT] < _LEAST_CHANGES:
        return False
    known = model.load()
    return measures.of_letters(value, known.letters, known.vocabulary, known.longest)[_WORDS_AT] < _MOST_WORDS
