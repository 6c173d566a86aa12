"""Bytes -> the hits of all keywords in them.

The first of the two seams: hyperscan if it is installed, else plain Python. Both find every keyword, in the order of
their ends.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Protocol

from keysift import lazy
from keysift.detect import values
from keysift.rules.keywords import Word

if TYPE_CHECKING:
    from keysift.detect import databases
    from keysift.detect.databases import Found, Hit, Part
else:
    databases = lazy.module("keysift.detect.databases")

FEW, SMALL = 4_000, 100_000
"""Bytes up to which plain search is faster than reading a saved database (5 ms, with the import), and than compiling
one (half a second for 4,200 words, which most later runs need not pay again).
"""


class Engine(Protocol):
    """An engine that finds words in bytes."""

    def hits(self, data: bytes) -> list[Hit]:
        """Return every occurrence of every word, in the order of their ends.

        Of a long word of one character, an engine may leave out what is between the first and the last of a run.
        """
        ...

    def search(self, data: bytes) -> Found:
        """Return the occurrences of all words that count, in the order of their ends, and the values in the data.

        What counts of the words that are `near` is at least what is near a value; an engine may return more.
        """
        ...

    def hits_of(self, part: Part, data: bytes) -> list[Hit]:
        """Return every occurrence of the words of one part, in the order of their ends."""
        ...


class PlainEngine:
    """Searches for the words whose first three bytes occur: hardly any preparation, so best for little input."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._shapes: list[tuple[int, Word]] = []
        self._starting: defaultdict[bytes, list[tuple[int, bytes, Word]]] = defaultdict(list)
        for number, word in enumerate(words):
            if word.shape:
                self._shapes.append((number, word))
            if literal := word.literal:
                lowered = literal.lower()
                start = lowered[:3] if len(lowered) >= 3 else b""  # the empty start occurs everywhere
                self._starting[start].append((number, lowered if word.caseless else literal, word))

    def hits(self, data: bytes) -> list[Hit]:
        """Return every occurrence of every word, as `Engine` says."""
        lowered = data.lower()
        triples = {*zip(lowered, lowered[1:], lowered[2:], strict=False)}
        starts = self._starting.keys() & {b"", *map(bytes, triples)}
        hits = [
            (number, end + word.more)
            for start in starts
            for number, literal, word in self._starting[start]
            for end in _ends(lowered if word.caseless else data, literal)
            if _continues(data, end, word)
        ]
        shapes = ((number, end) for number, word in self._shapes if word.needs in data for end in _shaped(data, word))
        return sorted((*hits, *shapes), key=itemgetter(1, 0))

    def search(self, data: bytes) -> Found:
        """Return every occurrence, and the values, as `Engine` says."""
        return self.hits(data), values.runs(data, values.KINDS, values.PAIRS, cut=False)

    def hits_of(self, part: Part, data: bytes) -> list[Hit]:
        """Return every occurrence of the words of one part, as `Engine` says."""
        return [hit for hit in self.hits(data) if databases.part_of(self._words[hit[0]]) is part]


def _continues(data: bytes, end: int, word: Word) -> bool:
    """Return True if the bytes after a literal are those that the word asks for."""
    if word.behind:
        return bool(_caseless(word.behind).match(data, end))
    following = data[end : end + word.more]
    return len(following) == word.more and not following.strip(word.alphabet)


def _shaped(data: bytes, word: Word) -> Iterable[int]:
    """Return the ends of all matches of a shape, overlapping ones as well."""
    ends = {match.end(1) for match in islice(_overlapping(word.shape).finditer(data), 1 if word.once else None)}
    return sorted(ends)


@functools.cache
def _caseless(text: bytes) -> re.Pattern[bytes]:
    return re.compile(text, re.IGNORECASE)


@functools.cache
def _overlapping(shape: bytes) -> re.Pattern[bytes]:
    return re.compile(b"(?=(" + shape + b"))")


class Prefilter:
    """Starts with plain search, and changes to hyperscan, if it is installed, once there is enough to read."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._words = tuple(words)
        self._engine: Engine = PlainEngine(self._words)
        self._read = 0

    def prepare(self) -> None:
        """Change now, before worker processes are started."""
        if isinstance(self._engine, PlainEngine) and _have_hyperscan():
            self._engine = databases.HyperscanEngine(self._words)

    def hits(self, data: bytes) -> list[Hit]:
        """Return every occurrence of every word, as `Engine` says."""
        return self._ready(data).hits(data)

    def search(self, data: bytes) -> Found:
        """Return the occurrences of words that count, and the values that may be generated, as `Engine` says."""
        return self._ready(data).search(data)

    def hits_of(self, part: Part, data: bytes) -> list[Hit]:
        """Return every occurrence of the words of one part, as `Engine` says."""
        return self._ready(data).hits_of(part, data)

    def _ready(self, data: bytes) -> Engine:
        """Return the engine that suits all that has been read so far."""
        before, self._read = self._read, self._read + len(data)
        if before <= SMALL < self._read:
            self.prepare()
        elif before <= FEW < self._read and _have_hyperscan() and (found := databases.load_saved(self._words)):
            self._engine = databases.HyperscanEngine(self._words, found)
        return self._engine


def _have_hyperscan() -> bool:
    return importlib.util.find_spec("hyperscan") is not None


def _ends(data: bytes, word: bytes) -> Iterable[int]:
    """Yield the ends of all occurrences of a word, overlapping ones as well."""
    position = data.find(word)
    while position >= 0:
        yield position + len(word)
        position = data.find(word, position + 1)
