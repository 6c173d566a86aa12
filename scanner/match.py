"""Prefilter and confirm: which rules hold where in these bytes. Sees bytes only."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import regex

from scanner.decode import TRIGGERS
from scanner.model import Match, Rule, Span
from scanner.prefilter import Prefilter, Word

TIMEOUT = 5.0
"""Seconds that one rule may spend on one blob."""
DECODE = -1
SLACK = 64
"""Bytes beyond a window which the look-ahead of a pattern may see."""

Window = tuple[int, int]
_Stretch = tuple[str, int, int, int]


class RuleTimeoutError(Exception):
    """A rule spent too long on a blob; the message names the rule."""


class Matcher:
    """The rules, made ready: their keywords in one prefilter, their regexes compiled when first needed."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        rules_of: dict[Word, list[int]] = {Word(word.encode(), caseless=False): [DECODE] for word in TRIGGERS}
        for index, rule in enumerate(self.rules):
            for word in words(rule):
                rules_of.setdefault(word, []).append(index)
        self._lengths = [len(word.literal) + word.more for word in rules_of]
        self._rules_of = list(rules_of.values())
        self.prefilter = Prefilter(rules_of)

    def __reduce__(self) -> tuple[type[Matcher], tuple[tuple[Rule, ...]]]:
        """Only the rules travel to another process: the compiled databases cannot."""
        return Matcher, (self.rules,)

    def matches(self, data: bytes, windows: Mapping[int, list[Window]] | None = None) -> Iterator[Match]:
        """Every match of every rule; they may overlap.

        Raises:
            RuleTimeoutError: a rule was too slow on these bytes.
        """
        seen: dict[_Stretch, list[Span]] = {}
        for index, places in (self.windows(data) if windows is None else windows).items():
            if index != DECODE:
                yield from _confirm(self.rules[index], data, places, seen)

    def windows(self, data: bytes) -> dict[int, list[Window]]:
        """For each rule (by its number) with a keyword in the data, where its matches may lie; apart and in order.

        `DECODE` is among the numbers where something in the data should be decoded and looked at again.
        """
        windows: dict[int, list[Window]] = {}
        rules, lengths, rules_of = self.rules, self._lengths, self._rules_of
        for number, end in self.prefilter.hits(data):
            start = end - lengths[number]
            for index in rules_of[number]:
                reach = rules[index].reach if index >= 0 else 0
                low, high = (start - reach if start > reach else 0), end + reach
                known = windows.get(index)
                if known is None:
                    windows[index] = [(low, high)]
                elif low <= known[-1][1]:
                    known[-1] = (min(known[-1][0], low), max(known[-1][1], high))
                else:
                    known.append((low, high))
        return windows


def words(rule: Rule) -> Iterator[Word]:
    """What the prefilter looks for. A keyword minds case when it is part of the pattern, or has a capital in it.

    With one that starts a key, as many more characters of the key are asked for as are worth it: `sk_` is everywhere,
    `sk_` and eight letters or digits is not.
    """
    literal = rule.pattern.replace("\\", "")
    for word in rule.keywords:
        inside = word in literal and "(?i" not in literal and not rule.when
        count = min(8, rule.solid - len(word)) if word in rule.leading and not rule.behind else 0
        caseless = not inside and word not in rule.leading and word.islower()
        yield Word(
            word.encode(),
            caseless or bool(rule.behind),
            rule.alphabet.encode() if count > 0 else b"",
            max(0, count),
            rule.behind.encode(),
        )


@functools.cache
def compiled(pattern: str) -> regex.Pattern[bytes]:
    """The pattern, compiled once in a process."""
    return regex.compile(pattern.encode())


def _confirm(rule: Rule, data: bytes, windows: Iterable[Window], seen: dict[_Stretch, list[Span]]) -> Iterator[Match]:
    """The matches of one rule; `seen` keeps what a pattern that several rules share has found in a stretch."""
    for stretch in _stretches(rule, data, windows):
        spans = seen.get((rule.pattern, *stretch))
        if spans is None:
            spans = seen[rule.pattern, *stretch] = _spans(rule, data, *stretch)
        for span in spans:
            yield Match(rule, span, data[span.start : span.end])


def _spans(rule: Rule, data: bytes, low: int, high: int, limit: int) -> list[Span]:
    """Where the pattern holds between `low` and `high`; it sees the data up to a little behind `limit`."""
    pattern = compiled(rule.pattern)  # here, not before: for most rules there is never a stretch to look at
    group = "secret" if "secret" in pattern.groupindex else 0
    try:
        matches = pattern.finditer(data, low, min(len(data), limit + SLACK), timeout=TIMEOUT)
        found = [one.span(group) for one in matches if one.start() < limit]
    except TimeoutError as error:
        raise RuleTimeoutError(f"rule {rule.id} took longer than {TIMEOUT:.0f} s") from error
    return [Span(start, end) for start, end in found if start < end <= high]


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
