"""Prefilter, then `confirm`: which rules hold where in these bytes. Sees bytes only."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from keysift.detect.confirm import SLACK, TIMEOUT, Remembered, RuleTimeoutError, Seen, Zone, confirmed, recalled
from keysift.detect.decode import TRIGGERS, Trigger
from keysift.detect.named import trigger as general
from keysift.detect.prefilter import Hit, Prefilter
from keysift.model import Candidate, Rule, Span
from keysift.rules.keywords import Word
from keysift.rules.patterns import longest
from keysift.rules.ruleset import Rules

NAMED = -100
"""Beside the numbers of the rules and of `decode.Kind`: a name like that of a password, with a value."""
LONGEST_KEYWORD = 128
"""Bytes, with what must stand behind it."""
LONGEST_SHAPE = 128
"""Bytes of what calls for decoding, or of a name with the beginning of its value, at the most."""

_NOTHING: Mapping[int, int] = {}


class Matcher:
    """The rules, made ready: their keywords in one prefilter, their regexes compiled when first needed."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = Rules.of(rules)
        known, self.briefs = self.rules.keywords
        """What a run needs of every rule: nearly all rules themselves are never read."""
        self._documented = frozenset(digest for brief in self.briefs for digest in brief.documented)
        self._named: dict[str, int] = {brief.named: number for number, brief in enumerate(self.briefs) if brief.named}
        self._reaches = [brief.reach for brief in self.briefs]
        starting: list[list[int]] = [[] for _ in known]
        for number, brief in enumerate(self.briefs):
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
        self._words = [word for word, _ in words]
        self.rules_of = [numbers for _, numbers in words]
        """For each keyword the numbers of the rules that it could begin, or what kind of decoding it calls for."""
        self.prefilter = Prefilter(self._words)

    def __reduce__(self) -> tuple[type[Matcher], tuple[Sequence[Rule]]]:
        """Only the rules travel to another process: the compiled databases cannot."""
        return Matcher, (self.rules,)

    def extents(self) -> list[int]:
        """The longest that each keyword can be, in bytes, with what must stand `behind` it; a shape `LONGEST_SHAPE`.

        What is taken for shorter than it is would be handed down to a delta that has only a part of it.
        """
        return [
            min(longest(word.shape.decode()), LONGEST_SHAPE)
            if word.shape
            else length + (longest(word.behind.decode()) if word.behind else 0)
            for length, word in zip(self.lengths, self._words, strict=True)
        ]

    def width(self, index: int) -> int:
        """Bytes from one end of what a match of this rule depends on to the other, windows apart."""
        rule = self.rules[index]
        return min(longest(rule.matching.pattern), 2 * rule.matching.reach + LONGEST_KEYWORD) + SLACK

    def matches(
        self, data: bytes, windows: Mapping[int, list[Zone]] | None = None, known: Mapping[int, int] = _NOTHING
    ) -> Iterator[Candidate]:
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
        windows: Mapping[int, list[Zone]],
        known: Mapping[int, int] = _NOTHING,
        remembered: Remembered | None = None,
    ) -> Iterator[tuple[int, Candidate]]:
        """Every match in these windows, with the number of its rule. `known` and errors as in `matches`.

        `remembered` keeps what windows with the same bytes hold, for versions of a file.
        """
        seen: Seen = {}
        for index, places in windows.items():
            if index >= 0:
                rule = self.rules[index]
                gives_way = rule.general and not rule.documented
                spans = confirmed if remembered is None else partial(recalled, remembered)
                for span in spans(rule, data, places, seen):
                    match = Candidate(rule, span, data[span.start : span.end])
                    if not gives_way or known.get(match.span.start) != match.span.end:
                        yield index, match
            elif index == NAMED:
                yield from self._behind_names(data, places, known)

    def in_order(self, windows: Mapping[int, list[Zone]]) -> dict[int, list[Zone]]:
        """The windows of general rules behind those of all others."""
        return {index: windows[index] for index in sorted(windows, key=self._is_general)}

    def _is_general(self, index: int) -> int:
        return self.briefs[index].general if index >= 0 else 2

    def _behind_names(
        self, data: bytes, places: Iterable[Zone], known: Mapping[int, int]
    ) -> Iterator[tuple[int, Candidate]]:
        """Values behind a name that one of the rules is for.

        Raises:
            RuleTimeoutError: finding and judging them took too long.
        """
        from keysift.detect.named import candidates, names  # noqa: PLC0415 - 8 ms that most small scans need not pay

        limit = time.monotonic() + 2 * TIMEOUT
        for one in candidates.find(data, (end for _, end in places), known):
            index = self._named.get(names.kind(names.words(one.name)))
            secret = data[one.start : one.end]
            if time.monotonic() > limit:
                raise RuleTimeoutError(f"the rules for names took longer than {2 * TIMEOUT:.0f} s")
            if index is not None and hashlib.sha256(secret).hexdigest()[:16] not in self._documented:
                yield index, Candidate(self.rules[index], Span(one.start, one.end), secret)

    def windows(self, data: bytes) -> dict[int, list[Zone]]:
        """For each rule (by its number) with a keyword in the data, where its matches may lie; apart and in order.

        Below zero stand the places at which something should be decoded (`decode.Kind`), each by itself, and `NAMED`
        where a name may have a value; its windows are empty, for `candidates.find` needs no more than a place.
        """
        return self.around(self.prefilter.hits(data))

    def encoded(self, hits: Iterable[Hit]) -> dict[int, list[Zone]]:
        """What these keywords say of encoded values, as in `windows`."""
        places: dict[int, list[Zone]] = {}
        count = len(TRIGGERS)
        for number, end in hits:
            if number < count:
                trigger = TRIGGERS[number]
                places.setdefault(trigger.kind, []).append((end - trigger.length, end))
        return places

    def around(self, hits: Iterable[Hit]) -> dict[int, list[Zone]]:
        """The windows around these keywords, which come in order."""
        windows: dict[int, list[Zone]] = {}
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
