"""Finds the secrets where a rule's usages have them: `redis-cli -a PASSWORD`, `new mysqli(HOST, USER, PASSWORD)`."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from keysift.detect import calls, commands
from keysift.detect.pieces import CODE, END, Pieces
from keysift.model import Rule, Span, Usage

SHORTEST_REACH = 100
_WORD_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_NOT_BEFORE = {
    "command": _WORD_BYTES | frozenset(b"-.$@%"),
    "directive": _WORD_BYTES | frozenset(b"-.$@%"),
    "call": _WORD_BYTES | frozenset(b"$"),
}
"""The bytes that a usage never begins behind, by how it is read."""
_LINE_START = re.compile(rb"(?:^|\n)[ \t]*(?:config set )?$", re.IGNORECASE)
_OPTION_BEFORE = re.compile(rb"(?:--?[A-Za-z][\w-]*)?$")
"""The first words of an option: of `--db-password` those before `-password`."""
_BEHIND_NAME = frozenset(bytes([byte]) for byte in b" \t\r\n\"'`\\.,")
_KEY_OF_MAPPING = re.compile(rb"[\"'`][ \t]?:")
_OF_OPTION = 2
"""Words of an option without a program."""
_MOST = {"command": 32, "directive": 16, "call": 10}
"""Words or arguments; no usage looks farther."""
_MOST_WITHIN = 3
"""Usages that begin within the words of one before: of a name that is repeated, each would read all again."""
_SPECIAL = re.compile(b"[" + END + CODE + b"]")
_WORD = re.compile(rb"\w+")
_BETWEEN_WORDS = bytes(byte if byte in _WORD_BYTES else 32 for byte in range(256))
"""Makes a blank of each byte that is in no word: splitting is quicker than a regex."""
_SHORTEST = 5
"""Bytes of a secret."""
Cut = Callable[[bytes, int, int, int, int], Pieces]
PIECES: dict[str, Cut] = {
    "command": commands.words,
    "directive": commands.directive,
    "call": calls.arguments,
}


class Found(NamedTuple):
    """A secret where a usage has it."""

    usage: Usage
    begin: int
    """Where the usage begins."""
    start: int
    end: int


class Reader:
    """The usages of a rule, by what they begin with."""

    def __init__(self, rule: Rule) -> None:
        self._read_as = rule.pattern
        self.reach = max(SHORTEST_REACH, rule.matching.reach - commands.LINE)
        """Bytes from the beginning of a usage to the end of its secret; some before it on its line count as well."""
        self._starting: dict[bytes, list[Usage]] = {}
        """By their starts in lower case."""
        for usage in rule.usages:
            for start in usage.starts:
                self._starting.setdefault(start.lower().encode(), []).append(usage)
        self._starts: dict[bytes, list[bytes]] = {}
        """By the longest word of each: looking up all words of a text is quicker than a regex of all starts."""
        for name in self._starting:
            self._starts.setdefault(max(_WORD.findall(name), key=len), []).append(name)
        self._needs: dict[bytes, re.Pattern[bytes] | None] = {}
        """By a start, a regex of what is needed behind it; made when it is first met, as most never are."""
        self._longest = max(map(len, self._starting))

    def find(self, data: bytes, begin: range, limit: int) -> Iterator[Found]:
        """Yield the secrets of all usages that begin in `begin`; bytes from `limit` on are not seen."""
        covered = within = 0
        lowered = data[begin.start : min(begin.stop + self._longest, limit)].lower()
        for place, name in self._places(lowered):
            start = begin.start + place
            if start >= begin.stop:
                break
            first = self._first(data, start, name)
            if self._begins(data, first, name):
                within = within + 1 if first < covered else 0
                if within <= _MOST_WITHIN:
                    found, end = self._at(data, first, start + len(name), name, limit)
                    covered = max(covered, end)
                    yield from found

    def _places(self, lowered: bytes) -> list[tuple[int, bytes]]:
        """Return where a usage may begin, and its start, in order."""
        places: list[tuple[int, bytes]] = []
        for word in self._starts.keys() & {*lowered.translate(_BETWEEN_WORDS).split()}:
            for name in self._starts[word]:
                place = lowered.find(name)
                while place >= 0:
                    places.append((place, name))
                    place = lowered.find(name, place + 1)
        return sorted(places)

    def at(self, data: bytes, start: int, end: int) -> Found | None:
        """Return the usage that has its secret there."""
        found = self.find(data, range(max(0, start - self.reach), start), min(len(data), end + self.reach))
        return next((one for one in found if one.start == start and one.end == end), None)

    def _first(self, data: bytes, start: int, name: bytes) -> int:
        """Return where a usage begins: of an option at its first word."""
        before = _OPTION_BEFORE.search(data, max(0, start - 60), start) if self._is_option(name) else None
        return before.start() if before else start

    def _is_option(self, name: bytes) -> bool:
        return self._read_as == "command" and name[:1] == b"-"

    def _begins(self, data: bytes, start: int, name: bytes) -> bool:
        if self._read_as == "directive":
            return bool(_LINE_START.search(data[max(0, start - 60) : start]) if start else True)
        if self._read_as == "call" and name[0] not in _WORD_BYTES:
            return True
        return not start or data[start - 1] not in _NOT_BEFORE[self._read_as]

    def _at(self, data: bytes, start: int, end: int, name: bytes, limit: int) -> tuple[list[Found], int]:
        """Return the secrets of the usages that begin with this name, at this place, and how far it looked."""
        of_option = self._is_option(name)
        of_program = self._read_as == "command" and not of_option and name[-1:].isalnum()
        if of_program and (data[end : end + 1] not in _BEHIND_NAME or _KEY_OF_MAPPING.match(data, end)):
            return [], start
        special = _SPECIAL.search(data, start, min(limit, start + self.reach))
        limit = special.start() if special else min(limit, start + self.reach)
        needs = self._needed(name)
        if needs and not needs.search(data, end, limit):
            return [], start
        pieces = PIECES[self._read_as](data, start, end, limit, _OF_OPTION if of_option else _MOST[self._read_as])
        text, written = pieces.text(), data[end - len(name) : end].decode("latin-1")
        taken: list[Span] = []
        every: list[Found] = []
        for usage in self._starting[name]:
            if not usage.caseless and written not in usage.starts:
                continue
            found = _compiled(usage.pattern, usage.caseless).match(text)
            if found and (not usage.then or _compiled(usage.then, caseless=False).match(data, pieces.end)):
                place = pieces.place(found.start("secret"))
                span = Span(*commands.unquoted(data, place, place + found.end("secret") - found.start("secret")))
                # What is stated first has its bytes: `USER/PASSWORD@BASE` before `USER/PASSWORD`.
                if span.end - span.start >= _SHORTEST and not any(
                    span.start < other.end and other.start < span.end for other in taken
                ):
                    taken.append(span)
                    every.append(Found(usage, start, *span))
        return every, pieces.end

    def _needed(self, name: bytes) -> re.Pattern[bytes] | None:
        """Return the regex of what is needed behind a start; None if a usage needs nothing there."""
        if name not in self._needs:
            needs = {usage.needs: 0 for usage in self._starting[name]}
            self._needs[name] = None if "" in needs else re.compile("|".join(needs).encode(), re.IGNORECASE)
        return self._needs[name]


@functools.cache
def _compiled(pattern: str, caseless: bool) -> re.Pattern[bytes]:  # noqa: FBT001 - private
    return re.compile(pattern.encode(), re.IGNORECASE if caseless else 0)


_readers: dict[str, Reader] = {}


def reader(rule: Rule) -> Reader:
    """Return the usages of a rule, made ready once in a process: the name of their pattern tells them apart."""
    name = rule.matching.pattern
    if name not in _readers:
        _readers[name] = Reader(rule)
    return _readers[name]
