"""Bytes -> the hits of all keywords in them.

The first of the two seams: hyperscan if it is installed, else plain Python. Both find every keyword, in the order of
their ends.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from keysift import cache, lazy
from keysift.rules.keywords import Word

if TYPE_CHECKING:
    import hyperscan
else:
    hyperscan = lazy.module("hyperscan")

FEW, SMALL = 4_000, 100_000
"""Bytes up to which plain search is faster than reading a saved database (5 ms, with the import), and than compiling
one (half a second for 4,200 words, which most later runs need not pay again).
"""
WORTH_KEEPING = 1_000
"""Words; fewer are compiled quickly."""

Hit = tuple[int, int]
"""The number of a keyword, and its end (exclusive)."""


class Engine(Protocol):
    """An engine that finds words in bytes."""

    def hits(self, data: bytes) -> list[Hit]:
        """Return every occurrence of every word, in the order of their ends."""
        ...


class PlainEngine:
    """Searches for the words whose first three bytes occur: hardly any preparation, so best for little input."""

    def __init__(self, words: Sequence[Word]) -> None:
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


class HyperscanEngine:
    """Searches for all words in one pass, at more than a hundred megabytes a second."""

    def __init__(self, words: Sequence[Word], database: hyperscan.Database | None = None) -> None:
        self._database = database or _load_saved(words) or _compiled(words)
        self._scratch = _Scratch(self._database)

    def hits(self, data: bytes) -> list[Hit]:
        """Return every occurrence of every word, as `Engine` says."""
        hits: list[Hit] = []

        def note(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            hits.append((number, end))

        if data:
            self._database.scan(data, match_event_handler=note, scratch=self._scratch.space)
        return hits


class _Scratch(threading.local):
    """The space that a search writes to: one for each thread, so that all may search with one database."""

    def __init__(self, database: hyperscan.Database) -> None:
        self.space = hyperscan.Scratch(database)


def _load_saved(words: Sequence[Word]) -> hyperscan.Database | None:
    """Return the database that an earlier run has saved for these words; None if this machine can use none."""
    data = cache.read(_SAVED, _key(words)) if len(words) >= WORTH_KEEPING else None
    if data is None:
        return None
    try:
        database = hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        database.scan(b" ", match_event_handler=lambda *_: None)
    except hyperscan.error:
        return None  # damaged, of another version, or of a processor that can do more
    return database


def _compiled(words: Sequence[Word]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    # In mixed order: with all shapes side by side, compiling takes twice as long.
    order = sorted(range(len(words)), key=lambda number: number * 7919 % len(words))
    mixed = [words[number] for number in order]
    database.compile(
        expressions=[word.pattern() for word in mixed],
        ids=order,
        elements=len(mixed),
        flags=[
            hyperscan.HS_FLAG_CASELESS * word.caseless | hyperscan.HS_FLAG_SINGLEMATCH * word.once for word in mixed
        ],
    )
    if len(words) >= WORTH_KEEPING:
        cache.write(_SAVED, _key(words), hyperscan.dumpb(database))
    return database


_SAVED = "keywords.hyperscan"
"""The name of the saved database in the cache."""


def _key(words: Sequence[Word]) -> bytes:
    """Return a digest of the words, and of the code that compiles them: the source of this module, and hyperscan."""
    text = hashlib.blake2b(
        Path(__file__).read_bytes() + str(getattr(hyperscan, "__version__", "")).encode(), digest_size=32
    )
    for parts in zip(*words, strict=True):
        text.update(b"\xff".join(part if isinstance(part, bytes) else b"%d" % part for part in parts))
    return text.digest()


class Prefilter:
    """Starts with plain search, and changes to hyperscan, if it is installed, once there is enough to read."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._words = tuple(words)
        self._engine: Engine = PlainEngine(self._words)
        self._read = 0

    def prepare(self) -> None:
        """Change now, before worker processes are started."""
        if isinstance(self._engine, PlainEngine) and _have_hyperscan():
            self._engine = HyperscanEngine(self._words)

    def hits(self, data: bytes) -> list[Hit]:
        """Return every occurrence of every word, as `Engine` says."""
        before, self._read = self._read, self._read + len(data)
        if before <= SMALL < self._read:
            self.prepare()
        elif before <= FEW < self._read and _have_hyperscan() and (database := _load_saved(self._words)):
            self._engine = HyperscanEngine(self._words, database)
        return self._engine.hits(data)


def _have_hyperscan() -> bool:
    return importlib.util.find_spec("hyperscan") is not None


def _ends(data: bytes, word: bytes) -> Iterable[int]:
    """Yield the ends of all occurrences of a word, overlapping ones as well."""
    position = data.find(word)
    while position >= 0:
        yield position + len(word)
        position = data.find(word, position + 1)
