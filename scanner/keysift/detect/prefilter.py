"""Bytes -> where the rules' keywords stand in them.

The first of the two seams: hyperscan where it has a wheel, plain Python where not. Both find every keyword,
in the order in which the keywords end.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import re
import threading
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from keysift import cache
from keysift.rules.keywords import Word

if TYPE_CHECKING:
    from hyperscan import Database

FEW, SMALL = 4_000, 100_000
"""Up to so many bytes in all, plain search is faster than reading a database that was kept (5 ms, with the import), and
than compiling one (half a second for 4,200 words, which most later runs need not pay again).
"""
WORTH_KEEPING = 1_000
"""Words: fewer are soon compiled."""


Hit = tuple[int, int]
"""Which keyword, and where it ends (exclusive)."""


class Engine(Protocol):
    """Finds literal words in bytes."""

    def hits(self, data: bytes) -> list[Hit]:
        """Every occurrence of every word, by end."""
        ...


class PlainEngine:
    """Looks for the words whose first three bytes the data holds; hardly any preparation, so best for little input."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._shapes = [(number, word) for number, word in enumerate(words) if word.shape]
        self._starting: dict[tuple[int, ...], list[tuple[int, bytes, Word]]] = {}
        for number, word in enumerate(words):
            lowered = word.literal.lower()
            literal = lowered if word.caseless else word.literal
            if literal:
                start = (*lowered[:3],) if len(lowered) >= 3 else ()  # the empty start is met everywhere
                self._starting.setdefault(start, []).append((number, literal, word))

    def hits(self, data: bytes) -> list[Hit]:
        """See `Engine`."""
        lowered = data.lower()
        met = self._starting.keys() & {(), *zip(lowered, lowered[1:], lowered[2:], strict=False)}
        hits = [
            (number, end + word.more)
            for start in met
            for number, literal, word in self._starting[start]
            for end in _ends(lowered if word.caseless else data, literal)
            if self._goes_on(data, end, word)
        ]
        shapes = ((number, end) for number, word in self._shapes if word.needs in data for end in _shaped(data, word))
        return sorted(
            (*hits, *shapes),
            key=lambda hit: (hit[1], hit[0]),
        )

    def _goes_on(self, data: bytes, end: int, word: Word) -> bool:
        """Whether the bytes behind a literal are those that the word asks for."""
        if word.behind:
            return bool(_caseless(word.behind).match(data, end))
        following = data[end : end + word.more]
        return len(following) == word.more and not following.strip(word.alphabet)


def _shaped(data: bytes, word: Word) -> Iterable[int]:
    """Where matches of a shape end, overlapping ones as well."""
    ends = {found.end(1) for found in islice(_overlapping(word.shape).finditer(data), 1 if word.once else None)}
    return sorted(ends)


@functools.cache
def _caseless(text: bytes) -> re.Pattern[bytes]:
    return re.compile(text, re.IGNORECASE)


@functools.cache
def _overlapping(shape: bytes) -> re.Pattern[bytes]:
    return re.compile(b"(?=(" + shape + b"))")


class HyperscanEngine:
    """One pass over the bytes for all words at once, at more than a hundred megabytes a second."""

    def __init__(self, words: Sequence[Word], database: Database | None = None) -> None:
        self._database = database or _kept(words) or _compiled(words)
        self._scratch = _Scratch(self._database)

    def hits(self, data: bytes) -> list[Hit]:
        """See `Engine`."""
        found: list[Hit] = []

        def note(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            found.append((number, end))

        if data:
            self._database.scan(data, match_event_handler=note, scratch=self._scratch.space)
        return found


class _Scratch(threading.local):
    """The space that a search writes to: one for each thread, so that all may search with one database."""

    def __init__(self, database: Database) -> None:
        import hyperscan  # noqa: PLC0415 - as below

        self.space = hyperscan.Scratch(database)


def _kept(words: Sequence[Word]) -> Database | None:
    """The database that an earlier run has compiled of these words; none where this machine cannot use it."""
    import hyperscan  # noqa: PLC0415 - 5 ms that little input need not pay

    data = cache.read(_KEPT, _key(words)) if len(words) >= WORTH_KEEPING else None
    if data is None:
        return None
    try:
        database = hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        database.scan(b" ", match_event_handler=lambda *_: None)
    except hyperscan.error:
        return None  # damaged, of another version, or of a processor that can do more
    return database


def _compiled(words: Sequence[Word]) -> Database:
    import hyperscan  # noqa: PLC0415 - as above

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    # Mixed up: with all shapes side by side, it takes twice as long to compile.
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
        cache.write(_KEPT, _key(words), hyperscan.dumpb(database))
    return database


_KEPT = "keywords.hyperscan"


def _key(words: Sequence[Word]) -> bytes:
    """Stands for the words, and for how a database is compiled of them (the source of this module)."""
    text = hashlib.blake2b(Path(__file__).read_bytes(), digest_size=32)
    for parts in zip(*words, strict=True):
        text.update(b"\xff".join(part if isinstance(part, bytes) else b"%d" % part for part in parts))
    return text.digest()


class Prefilter:
    """Starts plain, and changes to hyperscan (where it is installed) once there is enough to read."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._words = tuple(words)
        self._engine: Engine = PlainEngine(self._words)
        self._read = 0

    def prepare(self) -> None:
        """Change now: before worker processes are forked off."""
        if isinstance(self._engine, PlainEngine) and _have_hyperscan():
            self._engine = HyperscanEngine(self._words)

    def hits(self, data: bytes) -> list[Hit]:
        """See `Engine`."""
        before, self._read = self._read, self._read + len(data)
        if before <= SMALL < self._read:
            self.prepare()
        elif before <= FEW < self._read and _have_hyperscan() and (database := _kept(self._words)):
            self._engine = HyperscanEngine(self._words, database)
        return self._engine.hits(data)


def _have_hyperscan() -> bool:
    return importlib.util.find_spec("hyperscan") is not None


def _ends(data: bytes, word: bytes) -> Iterable[int]:
    position = data.find(word)
    while position >= 0:
        yield position + len(word)
        position = data.find(word, position + 1)
