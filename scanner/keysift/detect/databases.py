"""All keywords as Hyperscan databases -> their hits. Compiled once, and kept for later runs.

There are two databases. Most bytes are in one pass of the first, at half a gigabyte a second; what costs more is
looked for only where it can matter.
"""

from __future__ import annotations

import enum
import hashlib
import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from keysift import cache, lazy
from keysift.detect import values
from keysift.rules.keywords import Word
from keysift.rules.patterns import longest

if TYPE_CHECKING:
    import hyperscan
else:
    hyperscan = lazy.module("hyperscan")

WORTH_KEEPING = 1_000
"""Words; fewer are compiled quickly."""
REACH = 400 + 128
"""Bytes from a value to the far end of a keyword for it: `patterns.DEFAULT_REACH` and `keywords.LONGEST_KEYWORD`."""
MOSTLY = 2
"""If one part in so many of the data is near values, the near words are looked for in all of them."""

Hit = tuple[int, int]
"""The number of a keyword, and its end (exclusive)."""
Found = tuple[list[Hit], list[int]]
"""Hits in the order of their ends; and the values that may be generated, as in `values.runs`."""


class Part(enum.IntEnum):
    """The words that are looked for in one way."""

    EVERYWHERE = 0
    NEAR = 1
    """Those that count only near a value that may be generated."""
    WIDE = 2
    """Text in wide characters: a loop finds it, not a database."""


def part_of(word: Word) -> Part:
    """Return the part that a word belongs to."""
    if word.width:
        return Part.WIDE
    return Part.NEAR if word.near else Part.EVERYWHERE


class HyperscanEngine:
    """Searches with a database of words for each way of searching, at hundreds of megabytes a second."""

    def __init__(self, words: Sequence[Word], databases: Databases | None = None) -> None:
        self._databases = databases or load_saved(words) or _compiled(words)
        self._scratch = _Scratch(self._databases)
        self._of_one_character = frozenset(
            number for number, word in enumerate(words) if len(word.literal) >= 16 and len(set(word.literal)) == 1
        )
        self._wide_words = [
            (number, word.width, longest(word.shape.decode()) // word.width)
            for number, word in enumerate(words)
            if word.width
        ]

    def hits(self, data: bytes) -> list[Hit]:
        """Return every occurrence of every word, as `Engine` says."""
        hits = [hit for part in Part for hit in self.hits_of(part, data)]
        return sorted(hits, key=itemgetter(1))

    def search(self, data: bytes) -> Found:
        """Return what counts, as `Engine` says."""
        hits = self.hits_of(Part.EVERYWHERE, data)
        if b"\0" in data:
            hits += self.hits_of(Part.WIDE, data)
        found = values.runs(data, values.KINDS, values.PAIRS, cut=False)
        if found and (near := self._near(data, values.zones(found, REACH, len(data)))):
            hits += near
            hits.sort(key=itemgetter(1))
        return hits, found

    def _wide(self, data: bytes) -> Iterator[Hit]:
        """Yield the first hit of each word for wide characters."""
        for number, width, count in self._wide_words:
            end = values.first_wide(data, width, count, values.TEXT)
            if end >= 0:
                yield number, end

    def _near(self, data: bytes, zones: list[int]) -> list[Hit]:
        """Return the hits in these stretches of the data; with few bytes between them, those there as well."""
        covered = sum(zones[1::2]) - sum(zones[::2])
        if covered * MOSTLY > len(data):
            return self.hits_of(Part.NEAR, data)
        hits = self.hits_of(Part.NEAR, b"\0".join(map(data.__getitem__, map(slice, zones[::2], zones[1::2]))))
        if hits:
            begins = [
                *accumulate((high - low + 1 for low, high in zip(zones[::2], zones[1::2], strict=True)), initial=0)
            ]
            for index, (word, end) in enumerate(hits):
                zone = bisect_left(begins, end) - 1
                hits[index] = word, end - begins[zone] + zones[2 * zone]
        return hits

    def hits_of(self, part: Part, data: bytes) -> list[Hit]:
        """Return every occurrence of the words of one part, as `Engine` says."""
        hits: list[Hit] = []
        repeats = False

        def note(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            nonlocal repeats
            # A long word of one character is at every place of a run, as of zeros in base64: its ends are enough.
            if number in self._of_one_character and hits and hits[-1] == (number, end - 1):
                if repeats:
                    hits.pop()
                repeats = True
            else:
                repeats = False
            hits.append((number, end))

        if part is Part.WIDE:
            return [*self._wide(data)]
        database = self._databases[part]
        if data and database:
            database.scan(data, match_event_handler=note, scratch=self._scratch.spaces[part])
        return hits


class _Scratch(threading.local):
    """The space that a search writes to: one for each thread, so that all may search with one database."""

    def __init__(self, databases: Sequence[hyperscan.Database | None]) -> None:
        self.spaces = [hyperscan.Scratch(database) if database else None for database in databases]


Databases = list["hyperscan.Database | None"]
"""One for each part; None if it has no words."""


def load_saved(words: Sequence[Word]) -> Databases | None:
    """Return the databases that an earlier run has saved for these words; None if this machine can use none."""
    if len(words) < WORTH_KEEPING:
        return None
    databases: Databases = []
    key = _key(words)
    for part in Part:
        data = cache.read(_saved_name(part), key)
        if data is None:
            return None
        databases.append(_loaded(data) if data else None)
        if data and not databases[-1]:
            return None
    return databases


def _loaded(data: bytes) -> hyperscan.Database | None:
    try:
        database = hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        database.scan(b" ", match_event_handler=lambda *_: None)
    except hyperscan.error:
        return None  # damaged, of another version, or of a processor that can do more
    return database


def _compiled(words: Sequence[Word]) -> Databases:
    databases = [_compiled_part(words, part) for part in Part]
    if len(words) >= WORTH_KEEPING:
        key = _key(words)
        for part, database in zip(Part, databases, strict=True):
            cache.write(_saved_name(part), key, hyperscan.dumpb(database) if database else b"")
    return databases


def _compiled_part(words: Sequence[Word], part: Part) -> hyperscan.Database | None:
    # In mixed order: with all shapes side by side, compiling takes twice as long.
    order = sorted(range(len(words)), key=lambda number: number * 7919 % len(words))
    order = [number for number in order if part_of(words[number]) is part]
    mixed = [words[number] for number in order]
    if not mixed or part is Part.WIDE:
        return None
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[word.pattern() for word in mixed],
        ids=order,
        elements=len(mixed),
        flags=[
            hyperscan.HS_FLAG_CASELESS * word.caseless | hyperscan.HS_FLAG_SINGLEMATCH * word.once for word in mixed
        ],
    )
    return database


def _saved_name(part: Part) -> str:
    return f"keywords-{part.name.lower()}.hyperscan"


def _key(words: Sequence[Word]) -> bytes:
    """Return a digest of the words, and of the code that compiles them: the source of this module, and hyperscan."""
    text = hashlib.blake2b(Path(__file__).read_bytes(), digest_size=32)
    text.update(str(getattr(hyperscan, "__version__", "")).encode())
    for parts in zip(*words, strict=True):
        text.update(b"\xff".join(part if isinstance(part, bytes) else b"%d" % part for part in parts))
    return text.digest()
