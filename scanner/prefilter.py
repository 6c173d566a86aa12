"""Bytes -> where the rules' keywords stand in them.

The first of the two seams: hyperscan where it has a wheel, plain Python where not. Both find every keyword,
in the order in which the keywords end.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

SMALL = 200_000
"""Up to this many bytes in all, plain search is faster than compiling the database (about 60 ms for 1,200 words)."""


class Word(NamedTuple):
    """A literal, and behind it `more` bytes of an alphabet, or else what the regex `behind` asks for."""

    literal: bytes
    caseless: bool
    alphabet: bytes = b""
    more: int = 0
    behind: bytes = b""

    def pattern(self) -> bytes:
        """The word as a regex that every engine reads alike."""
        characters = b"".join(b"\\x%02x" % byte for byte in self.alphabet)
        more = b"[%b]{%d}" % (characters, self.more) if self.more else b""
        return re.escape(self.literal) + more + self.behind


Hit = tuple[int, int]
"""Which keyword, and where it ends (exclusive)."""


class Engine(Protocol):
    """Finds literal words in bytes."""

    def hits(self, data: bytes) -> list[Hit]:
        """Every occurrence of every word, by end."""
        ...


class PlainEngine:
    """Looks for one word after the other; without preparation, so best for little input."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = tuple(
            (number, word.literal.lower() if word.caseless else word.literal, word) for number, word in enumerate(words)
        )
        self._behind = {word.behind: re.compile(word.behind, re.IGNORECASE) for word in words if word.behind}

    def hits(self, data: bytes) -> list[Hit]:
        """See `Engine`."""
        lowered = data.lower()
        found = [
            (number, end)
            for number, literal, word in self._words
            for end in _ends(lowered if word.caseless else data, literal)
        ]
        words = self._words
        return sorted(
            (
                (number, end + words[number][2].more)
                for number, end in found
                if self._goes_on(data, end, words[number][2])
            ),
            key=lambda hit: (hit[1], hit[0]),
        )

    def _goes_on(self, data: bytes, end: int, word: Word) -> bool:
        """Whether the bytes behind a literal are those that the word asks for."""
        if word.behind:
            return bool(self._behind[word.behind].match(data, end))
        following = data[end : end + word.more]
        return len(following) == word.more and not following.strip(word.alphabet)


class HyperscanEngine:
    """One pass over the bytes for all words at once, at more than a gigabyte a second."""

    def __init__(self, words: Sequence[Word]) -> None:
        import hyperscan  # noqa: PLC0415 - 10 ms that little input need not pay

        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[word.pattern() for word in words],
            ids=list(range(len(words))),
            elements=len(words),
            flags=[hyperscan.HS_FLAG_CASELESS if word.caseless else 0 for word in words],
        )

    def hits(self, data: bytes) -> list[Hit]:
        """See `Engine`."""
        found: list[Hit] = []

        def note(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            found.append((number, end))

        if data:
            self._database.scan(data, match_event_handler=note)
        return found


class Prefilter:
    """Starts plain, and changes to hyperscan (where it is installed) once there is enough to read."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._words = tuple(words)
        self._engine: Engine = PlainEngine(self._words)
        self._left = SMALL if _have_hyperscan() else -1

    def prepare(self) -> None:
        """Compile now: before worker processes are forked off."""
        if self._left >= 0:
            self._engine = HyperscanEngine(self._words)
            self._left = -1

    def hits(self, data: bytes) -> list[Hit]:
        """See `Engine`."""
        if self._left >= 0:
            self._left -= len(data)
            if self._left < 0:
                self._engine = HyperscanEngine(self._words)
        return self._engine.hits(data)


def _have_hyperscan() -> bool:
    return importlib.util.find_spec("hyperscan") is not None


def _ends(data: bytes, word: bytes) -> Iterable[int]:
    position = data.find(word)
    while position >= 0:
        yield position + len(word)
        position = data.find(word, position + 1)
