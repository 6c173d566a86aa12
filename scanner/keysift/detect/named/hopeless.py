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
from keysift.detect.named import candidates, features, judge, measures, model, names, plain
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
    place = Place(candidate, _with_digits(text[start:end]), "", "", "")
    if _is_refused(place):
        return True
    if _is_made(place):
        return False
    measured = list(features.features(judge.bare_of(place), trained).values())
    return trained.most(measured, _unknown()) < LEAST


@functools.lru_cache(maxsize=1 << 12)
def is_hopeless_on(line: bytes, places: tuple[int, int, int, int, int]) -> bool:
    """Return True if a name and its value are no key on this line, in whatever file.

    `line` has each digit as `0`; `places` are where its name starts and ends, its separator ends, and its value starts
    and ends. Lists have thousands of lines that differ in their digits alone, and what is in doubt anywhere may be
    certain on its line.
    """
    name_start, name_end, separator_end, start, end = places
    before, after = line[:start].decode("utf-8", "replace"), line[end:].decode("utf-8", "replace")
    name, separator, quote = line[name_start:name_end], line[name_end:separator_end], line[separator_end:start]
    candidate = NamedValue(name.decode(), separator.decode(), quote.decode(), 0, 0)
    place = Place(candidate, _with_digits(line[start:end]), "", before, after)
    try:
        return not _is_made(place) and judge.is_refused_on_line(place, LEAST)
    except TimeoutError:  # whoever judges the candidate meets it again, and reports it
        return False


def _with_digits(value: bytes) -> str:
    """Return a value with ten digits in turn for its zeros."""
    digits = _TURNS(_DIGITS)
    return _ZERO.sub(lambda _: next(digits), value.decode())


def _is_made(place: Place) -> bool:
    """Return True for a value that people make as a password, whatever the model says of it."""
    kind = names.kind(names.words(place.candidate.name))
    return signals.crossed(place.value) or (kind == "password" and bool(plain.WITH_DIGITS.fullmatch(place.value)))


def _is_refused(place: Place) -> bool:
    try:
        return judge.refused_anywhere(place)
    except TimeoutError:  # whoever judges the candidate meets it again, and reports it
        return False


@functools.cache
def _unknown() -> list[bool]:
    """Return for each feature if the line or the file decides it."""
    return [feature in features.OF_PLACE for feature in model.load().features]
