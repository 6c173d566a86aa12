"""Weighs a value that is a password or the like by its place: in a command, a directive or a call.

The place says more than a name does, so what a person may have made up counts here as well.
"""

from __future__ import annotations

import functools
import re

from keysift.detect import signals
from keysift.detect.named import features, judge, model, names
from keysift.detect.named.candidates import NamedValue, Place
from keysift.detect.named.judge import Weighed
from keysift.model import Confidence, NameKind

LINE = 400
"""Bytes of a line before the command or call."""
SHORTEST = 6
"""Characters of what a person made up, if the model sees nothing in it."""
TYPED = 24
"""Characters from which even a value that counts up may be a key."""
SHORTEST_LETTERS = 8
"""Characters of a value without digits and marks."""
_ALL_KINDS = 3
"""Small letters, capitals and digits: a value with all of them and hardly a word was generated."""
_MOST_WORDS = 0.34
_MADE_BY_PEOPLE = frozenset({NameKind.PASSWORD, NameKind.SECRET})
_NOT_BEGINNING = ("-", "//", "\\", "@/", "@.", "@~", "exec:", "file:")
"""The beginnings of an option, a URL without scheme, a share, and what is read from a file or from a program."""
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,10}")
_FORMAT = re.compile(r"(?:%[-+0-9.]{0,6}[a-z@]|\\[nrt0]|[:\s])+")
"""Of `printf`: the secret is among the other arguments."""
_PLAIN_END = re.compile(r"[\W\d_]+$")
_MARKS = re.compile(r"[^\w\s./:-]|\d.*\d")


def weigh(value: bytes, kind: NameKind, before: bytes, path: str | None) -> Weighed | str:
    """Return how sure it is that a value in such a place is a key, or the reason why it is none.

    `before` is the line before the command or call. `path` is None if it is not known yet: then the value is refused
    only if it is refused on every path.
    """
    text = value.decode("utf-8", "replace")
    line = before[-LINE:].rpartition(b"\n")[2].decode("utf-8", "replace")
    place = Place(NamedValue(kind, "=", '"', 0, 0), text, path or "", line, "")
    if path is not None:
        return _weighed(place)
    weighed: Weighed | str = ""
    for somewhere in judge.SOMEWHERE:
        weighed = _weighed(place._replace(path=somewhere))
        if isinstance(weighed, Weighed):
            break
    return weighed


@functools.lru_cache(judge.MOST_REMEMBERED)
def _weighed(place: Place) -> Weighed | str:
    value, trained = place.value, model.load()
    if reason := _refusal(value) or judge.refusal(place):
        return reason
    measured = features.features(place, trained)
    probability = trained.probability([*measured.values()])
    long, few_words = len(value) >= SHORTEST_LETTERS, measured["covered"] < _MOST_WORDS
    scrambled = long and few_words and measured["classes"] >= _ALL_KINDS
    made_by_person = not scrambled and (probability < judge.LOW or bool(measured["spelled"]))
    if made_by_person and not (place.candidate.name in _MADE_BY_PEOPLE and _made_by_person(value)):
        return "unlikely to be a key, judging by the value"
    if signals.typed(value):
        return Weighed(Confidence.LOW, ("counts up or repeats: perhaps made up",))
    if measured["tried"] or measured["prose"] or measured["comment"]:
        return Weighed(Confidence.LOW, ("in a test, an example, a document or a comment",))
    if made_by_person or (value.isalpha() and value[1:].islower()):
        return Weighed(Confidence.LOW, ("words with digits or marks" if made_by_person else "letters alone",))
    high = probability >= judge.HIGH and measured["length"] >= 16 and measured["classes"] >= 2
    return Weighed(Confidence.HIGH if high else Confidence.MEDIUM, ("does not look like a word or a name",))


def _refusal(value: str) -> str:
    """Return why a value is no key, in addition to what is true behind any name; empty if it may be one."""
    if value.startswith(_NOT_BEGINNING) or value.isdigit() or _ADDRESS.fullmatch(value):
        return "an option, a number or an address"
    if _FORMAT.fullmatch(value) or (signals.typed(value) and len(value) < TYPED):
        return "a format, or made up: it counts up or repeats"
    if value.isalpha() and len(value) < SHORTEST_LETTERS:
        return "too short for letters alone"
    return "made of words alone" if names.in_words(value, model.load().vocabulary) else ""


def _made_by_person(value: str) -> bool:
    """Return True for words with digits or marks, as people make passwords; not for `password123`."""
    if len(value) < SHORTEST or not _MARKS.search(value) or not any(map(str.isalpha, value)):
        return False
    if value[:-1].isalpha() and value.islower():  # `anonymous@` is a word
        return False
    return not any(map(names.kind_of, names.words(_PLAIN_END.sub("", value))))
