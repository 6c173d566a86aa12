"""Prefilter and confirm: which rules hold where in these bytes. Sees bytes only."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence

import regex

from scanner.model import Match, Rule, Span
from scanner.prefilter import Prefilter, Word

TIMEOUT = 5.0
"""Seconds that one rule may spend on one blob."""
SLACK = 64
"""Bytes beyond a window which the look-ahead of a pattern may see."""

Window = tuple[int, int]


class RuleTimeout(Exception):
    """A rule spent too long on a blob; the message names the rule."""


class Matcher:
    """The rules, made ready: their keywords in one prefilter, their regexes compiled when first needed."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        rules_of: dict[Word, list[int]] = {}
        for index, rule in enumerate(self.rules):
            for word in words(rule):
                rules_of.setdefault(word, []).append(index)
        self._lengths = [len(word) for word, _ in rules_of]
        self._rules_of = list(rules_of.values())
        self.prefilter = Prefilter(rules_of)

    def __reduce__(self) -> tuple[type[Matcher], tuple[tuple[Rule, ...]]]:
        """Only the rules travel to another process: the compiled databases cannot."""
        return Matcher, (self.rules,)

    def matches(self, data: bytes) -> Iterator[Match]:
        """Every match of every rule; they may overlap.

        Raises:
            RuleTimeout: a rule was too slow on these bytes.
        """
        for index, windows in self._windows(data).items():
            rule = self.rules[index]
            yield from _confirm(rule, data, windows)

    def _windows(self, data: bytes) -> dict[int, list[Window]]:
        """For each rule with a keyword in the data, where its matches may lie; apart and in order."""
        windows: dict[int, list[Window]] = {}
        for number, end in self.prefilter.hits(data):
            start = end - self._lengths[number]
            for index in self._rules_of[number]:
                reach = self.rules[index].reach
                low, high = max(0, start - reach), end + reach
                known = windows.setdefault(index, [])
                if known and low <= known[-1][1]:
                    known[-1] = (min(known[-1][0], low), max(known[-1][1], high))
                else:
                    known.append((low, high))
        return windows


def words(rule: Rule) -> Iterator[Word]:
    """What the prefilter looks for. A keyword minds case when it is part of the pattern, or has a capital in it."""
    literal = rule.pattern.replace("\\", "")
    for word in rule.keywords:
        inside = not rule.when and word in literal and "(?i" not in literal
        yield word.encode(), not inside and word.islower()


@functools.cache
def compiled(pattern: str) -> regex.Pattern[bytes]:
    """The pattern, compiled once in a process."""
    return regex.compile(pattern.encode())


def _confirm(rule: Rule, data: bytes, windows: Iterable[Window]) -> Iterator[Match]:
    pattern = compiled(rule.pattern)
    group = "secret" if "secret" in pattern.groupindex else 0
    for low, high in windows:
        try:
            for found in pattern.finditer(data, low, min(len(data), high + SLACK), timeout=TIMEOUT):
                start, end = found.span(group)
                if end <= high and end > start:
                    yield Match(rule, Span(start, end), data[start:end])
        except TimeoutError as error:
            raise RuleTimeout(f"rule {rule.id} took longer than {TIMEOUT:.0f} s") from error
