"""Prefilter, then `confirm`: which rules' patterns hold where in these bytes. Sees bytes only."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from keysift.detect.candidates import Candidate
from keysift.detect.confirm import (
    SLACK,
    TIMEOUT,
    Remembered,
    RuleTimeoutError,
    Seen,
    Zone,
    confirmed,
    recalled,
)
from keysift.detect.decode.triggers import TRIGGERS, Kind, Trigger
from keysift.detect.named import trigger as named
from keysift.detect.prefilter import Hit, Prefilter
from keysift.detect.surroundings import Surroundings
from keysift.model import Rule, Span
from keysift.rules.keywords import Word
from keysift.rules.patterns import longest
from keysift.rules.ruleset import Rules

LONGEST_KEYWORD = 128
"""Bytes, with what must stand behind it."""
LONGEST_SHAPE = 128
"""Bytes of what calls for decoding, or of a name with the beginning of its value, at the most."""
MOST_SHARED = 2_000
"""Candidates of one text whose surroundings, some kilobytes each, are kept for other rules on the same bytes."""

_NOTHING: Mapping[int, int] = {}


@dataclass(slots=True)
class Windows:
    """Where in some bytes something may be found."""

    rules: dict[int, list[Zone]] = field(default_factory=dict)
    """By the number of a rule with a keyword there, the zones in which its matches may lie: apart and in order."""
    encoded: dict[Kind, list[Zone]] = field(default_factory=dict)
    """By what they call for, the places at which something should be decoded, each by itself."""
    names: list[Zone] = field(default_factory=list)
    """Where a name like that of a password may have a value: empty zones, for nothing but the place is needed."""

    def __bool__(self) -> bool:
        return bool(self.rules or self.encoded or self.names)


class Matcher:
    """The rules, made ready: their keywords in one prefilter, their regexes compiled when first needed."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = Rules.of(rules)
        known, self.summaries = self.rules.keywords
        """What a run needs of every rule: nearly all rules themselves are never read."""
        self._documented = frozenset(digest for summary in self.summaries for digest in summary.documented)
        self._named: dict[str, int] = {
            summary.named: number for number, summary in enumerate(self.summaries) if summary.named
        }
        self._reaches = [summary.reach for summary in self.summaries]
        starting: list[list[int]] = [[] for _ in known]
        for number, summary in enumerate(self.summaries):
            for keyword in summary.words:
                starting[keyword].append(number)
        stems = [Word(stem.encode(), caseless=True, tail=named.FOLLOWED) for stem in named.STEMS if self._named]
        used = [(word, numbers) for word, numbers in zip(known, starting, strict=True) if numbers]
        # First what calls for decoding, then the stems of names, then the keywords of rules.
        self._words = [*map(_word, TRIGGERS), *stems, *(word for word, _ in used)]
        self._first_stem, self._first_keyword = len(TRIGGERS), len(TRIGGERS) + len(stems)
        self._rules_of = [numbers for _, numbers in used]
        """For each keyword, by its number less that of the first, the numbers of the rules that have it."""
        self.lengths = [
            max(len(word.literal) + word.more, TRIGGERS[number].length if number < len(TRIGGERS) else 0)
            for number, word in enumerate(self._words)
        ]
        """Of each keyword, in bytes, without what must stand `behind` it."""
        self.prefilter = Prefilter(self._words)

    def __reduce__(self) -> tuple[type[Matcher], tuple[Sequence[Rule]]]:
        """Only the rules travel to another process: the compiled databases cannot."""
        return Matcher, (self.rules,)

    def rules_of(self, word: int) -> Sequence[int]:
        """Return the numbers of the rules that have this keyword; none for stems and what calls for decoding."""
        return self._rules_of[word - self._first_keyword] if word >= self._first_keyword else ()

    def is_stem(self, word: int) -> bool:
        """Return whether this keyword is the stem of a name, such as `pass`."""
        return self._first_stem <= word < self._first_keyword

    def extents(self) -> list[int]:
        """Return the most bytes of each keyword, with what must stand `behind` it; of a shape `LONGEST_SHAPE`.

        What is taken for shorter than it is would be handed down to a delta that has only a part of it.
        """
        return [
            min(longest(word.shape.decode()), LONGEST_SHAPE)
            if word.shape
            else length + (longest(word.behind.decode()) if word.behind else 0)
            for length, word in zip(self.lengths, self._words, strict=True)
        ]

    def width(self, number: int) -> int:
        """Return the bytes from one end of what a match of this rule depends on to the other, windows apart."""
        matching = self.rules[number].matching
        return min(longest(matching.pattern), 2 * matching.reach + LONGEST_KEYWORD) + SLACK

    def windows(self, data: bytes) -> Windows:
        """Search for all keywords, and return where something may be found."""
        return self.around(self.prefilter.hits(data))

    def around(self, hits: Iterable[Hit]) -> Windows:
        """Return the windows around these keywords, which come in order."""
        windows = Windows()
        rules, names, reaches, lengths = windows.rules, windows.names, self._reaches, self.lengths
        first_keyword, first_stem, rules_of = self._first_keyword, self._first_stem, self._rules_of
        for word, end in hits:
            if word < first_stem:
                windows.encoded.setdefault(TRIGGERS[word].kind, []).append((end - TRIGGERS[word].length, end))
                continue
            if word < first_keyword:
                names.append((end, end))
                continue
            start = end - lengths[word]
            for number in rules_of[word - first_keyword]:
                reach = reaches[number]
                low, high = (start - reach if start > reach else 0), end + reach
                known = rules.get(number)
                if known is None:
                    rules[number] = [(low, high)]
                elif low <= known[-1][1]:
                    known[-1] = (min(known[-1][0], low), max(known[-1][1], high))
                else:
                    known.append((low, high))
        return windows

    def encoded(self, hits: Iterable[Hit]) -> dict[Kind, list[Zone]]:
        """Return what these keywords say of encoded values, as in `Windows.encoded`."""
        places: dict[Kind, list[Zone]] = {}
        for word, end in hits:
            if word < self._first_stem:
                trigger = TRIGGERS[word]
                places.setdefault(trigger.kind, []).append((end - trigger.length, end))
        return places

    def candidates(
        self,
        data: bytes,
        windows: Windows,
        known: Mapping[int, int] = _NOTHING,
        remembered: Remembered | None = None,
    ) -> Iterator[Candidate]:
        """Yield every match of every rule in these windows, general rules behind all others; matches may overlap.

        General rules leave out what is `known`, by its start and end; it may grow while candidates are taken.
        `remembered` keeps what windows with the same bytes hold, for versions of a file.

        Raises:
            RuleTimeoutError: a rule was too slow on these bytes.
        """
        shared: dict[Span, Surroundings] = {}
        for number, span, secret in self._matches(data, windows, known, remembered):
            around = shared.get(span)
            if around is None:
                if len(shared) >= MOST_SHARED:
                    shared.clear()
                around = shared[span] = Surroundings(data, span.start, span.end)
            yield Candidate(self.rules[number], span, secret, around=around, number=number)

    def _matches(
        self, data: bytes, windows: Windows, known: Mapping[int, int], remembered: Remembered | None
    ) -> Iterator[tuple[int, Span, bytes]]:
        """Yield the number of a rule, the span of the key, and the key."""
        seen: Seen = {}
        spans = confirmed if remembered is None else partial(recalled, remembered)
        for number in sorted(windows.rules, key=self._is_general):
            rule = self.rules[number]
            gives_way = rule.general and not rule.documented
            for span in spans(rule, data, windows.rules[number], seen):
                if not gives_way or known.get(span.start) != span.end:
                    yield number, span, data[span.start : span.end]
        if windows.names:
            yield from self._behind_names(data, windows.names, known)

    def _is_general(self, number: int) -> bool:
        return self.summaries[number].general

    def _behind_names(
        self, data: bytes, places: Iterable[Zone], known: Mapping[int, int]
    ) -> Iterator[tuple[int, Span, bytes]]:
        """Yield the values behind a name that one of the rules is for.

        Raises:
            RuleTimeoutError: finding and judging them took too long.
        """
        from keysift.detect.named import candidates, names  # noqa: PLC0415 - 8 ms that most small scans need not pay

        limit = time.monotonic() + 2 * TIMEOUT
        for value in candidates.find(data, (end for _, end in places), known):
            number = self._named.get(names.kind(names.words(value.name)))
            secret = data[value.start : value.end]
            if time.monotonic() > limit:
                raise RuleTimeoutError(f"the rules for names took longer than {2 * TIMEOUT:.0f} s")
            if number is not None and hashlib.sha256(secret).hexdigest()[:16] not in self._documented:
                yield number, Span(value.start, value.end), secret


def _word(trigger: Trigger) -> Word:
    return Word(
        trigger.literal, trigger.caseless, trigger.alphabet, trigger.more, trigger.shape, trigger.once, trigger.needs
    )
