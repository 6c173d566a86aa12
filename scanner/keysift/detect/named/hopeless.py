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
from keysift.detect.named import candidates, features, judge, measures, model, names
from keysift.detect.named.candidates import NamedValue, Place

MARGIN = 0.7
"""How far below the least log odds of a key the model must see a value, whatever its digits are."""
LEAST = math.log(judge.LOW / (1 - judge.LOW)) - MARGIN
_DIGITS = "7294618305"
_TURNS = itertools.cycle
_ZERO = re.compile("0")


@functools.lru_cache(maxsize=1 << 15)
def is_hopeless(text: bytes, name_end: int, separator_end: int, start: int) -> bool:
    """Return True if a name and its value are no key, wherever they stand.

    `text` runs from the start of the name to the byte after the value, with each digit as `0`; the value begins at
    `start`, behind its quotation mark.
    """
    trained = model.load()
    end = len(text) - 1
    if measures.in_words(text[start:end], trained.vocabulary):
        return True
    token = candidates.token(text, start, quoted=separator_end < start)
    if token and len(token) != end - start and measures.in_words(token, trained.vocabulary):
        return True
    name = text[:name_end].decode()
    if not names.kind(names.words(name)):
        return True  # no rule is for it
    quote = text[separator_end:start].decode()
    candidate = NamedValue(name, text[name_end:separator_end].decode(), quote, start, end)
    digits = _TURNS(_DIGITS)
    value = _ZERO.sub(lambda _: next(digits), text[start:end].decode())
    place = Place(candidate, value, "", "", "")
    if _is_refused(place):
        return True
    if signals.crossed(value) or (names.kind(names.words(name)) == "password" and judge.WITH_DIGITS.fullmatch(value)):
        return False
    measured = list(features.features(place, trained).values())
    return trained.most(measured, _unknown()) < LEAST


def _is_refused(place: Place) -> bool:
    try:
        return judge.refused_anywhere(place)
    except TimeoutError:  # whoever judges the candidate meets it again, and reports it
        return False


@functools.cache
def _unknown() -> list[bool]:
    """Return for each feature if the line or the file decides it."""
    return [feature in features.OF_PLACE for feature in model.load().features]
