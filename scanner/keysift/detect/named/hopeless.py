"""Name and value -> True if they are refused on every line and in every file.

Data files have tens of thousands of names with `key` in them, whose values differ in their digits alone. So the answer
is worked out for digits in general, and cached: for ten digits in turn, which look more random than most. What is left
in doubt is judged by itself, so nothing is refused here that the judge would not refuse as well.
"""

from __future__ import annotations

import functools
import itertools
import math
import re

from keysift.detect import signals
from keysift.detect.named import candidates, features, judge, model, names
from keysift.detect.named.candidates import NamedValue, Place

MARGIN = 0.7
"""How far below the least log odds of a key the model must see a value, whatever its digits are."""
LEAST = math.log(judge.LOW / (1 - judge.LOW)) - MARGIN
_DIGITS = "7294618305"
_TURNS = itertools.cycle
_ZERO = re.compile("0")


@functools.lru_cache(maxsize=1 << 15)
def is_hopeless(text: bytes, value_start: int, quoted: bool) -> bool:  # noqa: FBT001 - it is called very often
    """Return True if a name and its value are no key, wherever they stand.

    `text` runs from the start of the name to the byte after the value, with each digit as `0`.
    """
    token = candidates.token(text, value_start, quoted=quoted)
    if token and names.in_words(token.decode(), model.load().vocabulary):
        return True
    candidate = _candidate(text, value_start, quoted=quoted)
    if not names.kind(names.words(candidate.name)):
        return True  # no rule is for it
    digits = _TURNS(_DIGITS)
    value = _ZERO.sub(lambda _: next(digits), text[value_start : candidate.end].decode())
    place = Place(candidate, value, "", "", "")
    if names.in_words(value, model.load().vocabulary) or judge.refused_anywhere(place):
        return True
    if signals.crossed(value):
        return False
    trained = model.load()
    measured = list(features.features(place, trained).values())
    return trained.most(measured, features.OF_PLACE) < LEAST


def _candidate(text: bytes, value_start: int, *, quoted: bool) -> NamedValue:
    """Return the candidate that `spans` has found in this text."""
    name_end = len(text[: value_start - quoted].rstrip(b" \t"))
    name_end -= 2 if text[name_end - 2 : name_end] in {b"=>", b":="} else 1
    name_end = len(text[:name_end].rstrip(b" \t"))
    if text[name_end - 1 : name_end] in {b'"', b"'", b"`"}:
        name_end -= 1
    name, separator = text[:name_end].decode(), text[name_end : value_start - quoted].decode()
    quote = chr(text[value_start - 1]) if quoted else ""
    return NamedValue(name, separator, quote, value_start, len(text) - 1)
