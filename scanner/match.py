"""Prefilter and confirm: which rules hold where in these bytes. Sees bytes only."""

from __future__ import annotations

import functools
import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scanner import assigned, lazy
from scanner.decode import TRIGGERS, Trigger
from scanner.general import trigger as general
from scanner.keywords import longest
from scanner.model import Match, Rule, Span
from scanner.prefilter import Hit, Prefilter, Word
from scanner.rules import index_of

if TYPE_CHECKING:
    import regex

TIMEOUT = 5.0
"""Seconds that one rule may spend on one blob."""
NAMED = -100
"""Beside the numbers of the rules and of `decode.Kind`: a name like that of a password, with a value."""
LONGEST_KEYWORD = 128
"""Bytes, with what must stand behind it."""
LONGEST_SHAPE = 128
"""Bytes of what calls for decoding, or of a name with the beginning of its value, at the most."""
SLACK = 64
"""Bytes beyond a window which the look-ahead of a pattern may see."""

_NOTHING: Mapping[int, int] = {}
Window = tuple[int, int]
_Stretch = tuple[str, int, int, int]
Remembered = dict[tuple[str, int, bytes, int, int], tuple[tuple[int, int], ...]]
"""By pattern, window and the bytes around it: the matches, counted from the start of the window."""


class RuleTimeoutError(Exception):
    """A rule spent too long on a blob; the message names the rule."""


class Matcher:
    """The rules, made ready: their keywords in one prefilter, their regexes compiled when first needed."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        known, self._briefs = index_of(rules)
        self._documented = frozenset(digest for brief in self._briefs for digest in brief.documented)
        self._named = {brief.named: number for number, brief in enumerate(self._briefs) if brief.named}
        self._reaches = [brief.reach for brief in self._briefs]
        starting: list[list[int]] = [[] for _ in known]
        for number, brief in enumerate(self._briefs):
            for word in brief.words:
                starting[word].append(number)
        stems = [Word(stem.encode(), caseless=True, tail=general.FOLLOWED) for stem in general.STEMS]
        words = [
            *((_word(trigger), [int(trigger.kind)]) for trigger in TRIGGERS),
            *((stem, [NAMED]) for stem in stems if self._named),
            *((word, numbers) for word, numbers in zip(known, starting, strict=True) if numbers),
        ]
        self.lengths = [
            max(len(word.literal) + word.more, TRIGGERS[number].length if number < len(TRIGGERS) else 0)
            for number, (word, _) in enumerate(words)
        ]
        """Of each keyword, in bytes, without what must stand `behind` it."""
        self._patterns = [word.shape.decode("latin-1") or word.behind.decode() for word, _ in words]
        self.rules_of = [numbers for _, numbers in words]
        """For each keyword the numbers of the rules that it could begin, or what kind of decoding it calls for."""
        self.prefilter = Prefilter(word for word, _ in words)

    def __reduce__(self) -> tuple[type[Matcher], tuple[Sequence[Rule]]]:
        """Only the rules travel to another process: the compiled databases cannot."""
        return Matcher, (self.rules,)

    def extents(self) -> list[int]:
        """The longest that each keyword can be, in bytes, with what must stand `behind` it; a shape `LONGEST_SHAPE`.

        What is taken for shorter than it is would be handed down to a delta that has only a part of it.
        """
        shapes = len(TRIGGERS)
        return [
            min(longest(pattern), LONGEST_SHAPE) if pattern and number < shapes else length + longest(pattern or "()")
            for number, (length, pattern) in enumerate(zip(self.lengths, self._patterns, strict=True))
        ]

    def width(self, index: int) -> int:
        """Bytes from one end of what a match of this rule depends on to the other, windows apart."""
        rule = self.rules[index]
        return min(longest(rule.pattern), 2 * rule.reach + LONGEST_KEYWORD) + SLACK

    def matches(
        self, data: bytes, windows: Mapping[int, list[Window]] | None = None, known: Mapping[int, int] = _NOTHING
    ) -> Iterator[Match]:
        """Every match of every rule; they may overlap.

        General rules leave out what is `known`, by its start and end; it may grow while matches are taken.

        Raises:
            RuleTimeoutError: a rule was too slow on these bytes.
        """
        for _, match in self.numbered(data, self.windows(data) if windows is None else windows, known):
            yield match

    def numbered(
        self,
        data: bytes,
        windows: Mapping[int, list[Window]],
        known: Mapping[int, int] = _NOTHING,
        remembered: Remembered | None = None,
    ) -> Iterator[tuple[int, Match]]:
        """Every match in these windows, with the number of its rule. `known` and errors as in `matches`.

        `remembered` keeps what windows with the same bytes hold, for versions of a file.
        """
        seen: dict[_Stretch, list[Span]] = {}
        for index, places in windows.items():
            if index >= 0:
                rule = self.rules[index]
                gives_way = rule.general and not rule.documented
                spans = (
                    _confirmed(rule, data, places, seen)
                    if remembered is None
                    else _recalled(rule, data, places, seen, remembered)
                )
                for span in spans:
                    match = Match(rule, span, data[span.start : span.end])
                    if not gives_way or known.get(match.span.start) != match.span.end:
                        yield index, match
            elif index == NAMED:
                yield from self._behind_names(data, places, known)

    def in_order(self, windows: Mapping[int, list[Window]]) -> dict[int, list[Window]]:
        """The windows of general rules behind those of all others."""
        return {index: windows[index] for index in sorted(windows, key=self._is_general)}

    def _is_general(self, index: int) -> int:
        return self._briefs[index].general if index >= 0 else 2

    def _behind_names(
        self, data: bytes, places: Iterable[Window], known: Mapping[int, int]
    ) -> Iterator[tuple[int, Match]]:
        """Values behind a name that one of the rules is for.

        Raises:
            RuleTimeoutError: finding and judging them took too long.
        """
        from scanner.general import candidates, names  # noqa: PLC0415 - 8 ms that most small scans need not pay

        limit = time.monotonic() + 2 * TIMEOUT
        for one in candidates.find(data, (end for _, end in places), known):
            index = self._named.get(names.kind(names.words(one.name)))
            secret = data[one.start : one.end]
            if time.monotonic() > limit:
                raise RuleTimeoutError(f"the rules for names took longer than {2 * TIMEOUT:.0f} s")
            if index is not None and hashlib.sha256(secret).hexdigest()[:16] not in self._documented:
                yield index, Match(self.rules[index], Span(one.start, one.end), secret)

    def windows(self, data: bytes) -> dict[int, list[Window]]:
        """For each rule (by its number) with a keyword in the data, where its matches may lie; apart and in order.

        Below zero stand the places at which something should be decoded (`decode.Kind`), each by itself, and `NAMED`
        where a name may have a value; its windows are empty, for `candidates.find` needs no more than a place.
        """
        return self.around(self.prefilter.hits(data))

    def encoded(self, hits: Iterable[Hit]) -> dict[int, list[Window]]:
        """What these keywords say of encoded values, as in `windows`."""
        places: dict[int, list[Window]] = {}
        count = len(TRIGGERS)
        for number, end in hits:
            if number < count:
                trigger = TRIGGERS[number]
                places.setdefault(trigger.kind, []).append((end - trigger.length, end))
        return places

    def around(self, hits: Iterable[Hit]) -> dict[int, list[Window]]:
        """The windows around these keywords, which come in order."""
        windows: dict[int, list[Window]] = {}
        reaches, lengths, rules_of = self._reaches, self.lengths, self.rules_of
        for number, end in hits:
            start = end - lengths[number]
            for index in rules_of[number]:
                if index < 0:
                    length = TRIGGERS[number].length if index != NAMED else 0
                    windows.setdefault(index, []).append((end - length, end))
                    continue
                reach = reaches[index]
                low, high = (start - reach if start > reach else 0), end + reach
                known = windows.get(index)
                if known is None:
                    windows[index] = [(low, high)]
                elif low <= known[-1][1]:
                    known[-1] = (min(known[-1][0], low), max(known[-1][1], high))
                else:
                    known.append((low, high))
        return windows


def _word(trigger: Trigger) -> Word:
    return Word(
        trigger.literal, trigger.caseless, trigger.alphabet, trigger.more, trigger.shape, trigger.once, trigger.needs
    )


@functools.cache
def compiled(pattern: str) -> regex.Pattern[bytes]:
    """The pattern, compiled once in a process."""
    return lazy.timed(pattern.encode())


def _confirmed(rule: Rule, data: bytes, windows: Iterable[Window], seen: dict[_Stretch, list[Span]]) -> Iterator[Span]:
    """The matches of one rule; `seen` keeps what a pattern that several rules share has found in a stretch."""
    for stretch in _stretches(rule, data, windows):
        spans = seen.get((rule.pattern, *stretch))
        if spans is None:
            spans = seen[rule.pattern, *stretch] = _spans(rule, data, *stretch)
        yield from spans


def _recalled(
    rule: Rule, data: bytes, windows: Iterable[Window], seen: dict[_Stretch, list[Span]], remembered: Remembered
) -> Iterator[Span]:
    """As `_confirmed`, but of windows whose bytes were met before, with all that a pattern sees of their surroundings,
    what was found then.
    """
    for low, high in windows:
        begin = low - SLACK if low > SLACK else 0
        bytes_seen = hashlib.blake2b(data[begin : high + SLACK], digest_size=12).digest()
        stands_for = rule.pattern, rule.solid, bytes_seen, low - begin, high - low
        spans = remembered.get(stands_for)
        if spans is None:
            found = _confirmed(rule, data, ((low, high),), seen)
            spans = remembered[stands_for] = tuple((span.start - low, span.end - low) for span in found)
        yield from (Span(start + low, end + low) for start, end in spans)


def _spans(rule: Rule, data: bytes, low: int, high: int, limit: int) -> list[Span]:
    """Where the pattern holds between `low` and `high`; it sees the data up to a little behind `limit`."""
    end = min(len(data), limit + SLACK)
    if rule.solid:
        return _solid_spans(rule.pattern, data, low, high, limit, end)
    try:
        if assigned.knows(rule.pattern):
            found = [*assigned.values(rule.pattern, data, range(low, limit), end, TIMEOUT)]
        else:
            pattern = compiled(rule.pattern)  # here, not before: for most rules there is never a stretch to look at
            group = "secret" if "secret" in pattern.groupindex else 0
            matches = pattern.finditer(data, low, end, timeout=TIMEOUT)
            found = [one.span(group) for one in matches if one.start() < limit]
    except TimeoutError as error:
        raise RuleTimeoutError(f"rule {rule.id} took longer than {TIMEOUT:.0f} s") from error
    return [Span(start, end) for start, end in found if start < end <= high]


def _solid_spans(  # noqa: PLR0913, PLR0917 - the same stretch
    pattern: str, data: bytes, low: int, high: int, limit: int, end: int
) -> list[Span]:
    """The same for a run of the characters of one alphabet: nothing in that can be slow, so it needs no clock."""
    find, group = _fast(pattern)
    spans = [one.span(group) for one in find(data, low, end) if one.start() < limit]
    return [Span(start, stop) for start, stop in spans if start < stop <= high]


@functools.cache
def _fast(pattern: str) -> tuple[Callable[..., Iterator[Any]], str | int]:
    """The pattern's `finditer` and the group of the key; by Python's own engine, twice as fast, where it can."""
    try:
        own = re.compile(pattern.encode())
    except re.error:
        other = compiled(pattern)
        return other.finditer, "secret" if "secret" in other.groupindex else 0
    return own.finditer, "secret" if "secret" in own.groupindex else 0


def _stretches(rule: Rule, data: bytes, windows: Iterable[Window]) -> Iterator[tuple[int, int, int]]:
    """Where the regex is worth running: start, the end of the window, and the end of what it needs to see.

    The whole window; or, for a key without structure, only the runs of its characters that are long enough: most
    windows have none, and finding that out is fifty times as fast as the regex.
    """
    if not rule.solid:
        yield from ((low, high, high) for low, high in windows)
        return
    wanted, table = b"x" * rule.solid, _marks(rule.alphabet)
    for low, high in windows:
        marks = data[low:high].translate(table)
        start = marks.find(wanted)
        while start >= 0:
            end = marks.find(b" ", start + rule.solid)
            if end < 0:
                end = len(marks)
            yield low + start, high, low + end
            start = marks.find(wanted, end)


@functools.cache
def _marks(alphabet: str) -> bytes:
    """A table for `bytes.translate`: `x` for the characters of the alphabet, a blank for all others."""
    return bytes(ord("x") if chr(byte) in alphabet else ord(" ") for byte in range(256))
