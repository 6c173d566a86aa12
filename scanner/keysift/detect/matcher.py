"""Bytes -> candidates: the prefilter finds keywords, and `confirm` the matches of rules near them. Sees bytes only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property, lru_cache, partial
from itertools import compress
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.detect import reaches, sieve
from keysift.detect.candidates import Candidate
from keysift.detect.confirm import (
    SLACK,
    Remembered,
    RuleTimeoutError,
    Seen,
    Zone,
    confirmed,
    recalled,
)
from keysift.detect.decode.triggers import TRIGGERS, Kind, Trigger
from keysift.detect.judge import hopeless
from keysift.detect.named import trigger as named
from keysift.detect.prefilter import Prefilter
from keysift.detect.refusals import in_column, is_sifted, unnamed
from keysift.detect.surroundings import Surroundings
from keysift.detect.values import PAIRS
from keysift.model import Rule, Span
from keysift.records import dataclass
from keysift.rules.keywords import LONGEST_KEYWORD, Word
from keysift.rules.patterns import longest
from keysift.rules.ruleset import Rules

if TYPE_CHECKING:
    from keysift.detect.databases import Hit
    from keysift.detect.named import candidates, names
else:
    candidates = lazy.module("keysift.detect.named.candidates")
    names = lazy.module("keysift.detect.named.names")

LONGEST_SHAPE = 128
"""Bytes of a trigger for decoding, or of a name with the beginning of its value."""
MOST_SHARED = 2_000
"""Candidates of one text whose surroundings, some kilobytes each, are shared with other rules on the same bytes."""

MOST_REMEMBERED = 100_000
"""Refusals that are cached."""

_NONE_TAKEN: Mapping[int, int] = {}


@dataclass(slots=True)
class Windows:
    """The places in some bytes where candidates may be."""

    rules: dict[int, list[Zone]] = field(default_factory=dict)
    """By the number of a rule, the zones around its keywords in which its matches may be: apart and in order."""
    encoded: dict[Kind, list[Zone]] = field(default_factory=dict)
    """By the kind of encoding, the hits of its triggers, each by itself."""
    names: list[Zone] = field(default_factory=list)
    """The places where a name like that of a password may have a value, as empty zones."""
    apart: list[Zone] = field(default_factory=list)
    """The places where a name that says nothing, such as `value`, has a value, as empty zones."""
    values: list[int] | None = field(default=None, compare=False)
    """The values that may be generated (start, end, start, end, ...); None if they are not known."""

    def __bool__(self) -> bool:
        return bool(self.rules or self.encoded or self.names or self.apart)


class Matcher:
    """The rules, ready to be matched: their keywords in one prefilter, their patterns compiled when first needed."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = Rules.of(rules)
        words, self.summaries = self.rules.keywords
        """The parts of every rule that a run needs: nearly all rules themselves are never read."""
        self._named: dict[str, int] = {
            summary.named: number for number, summary in enumerate(self.summaries) if summary.named
        }
        self._reaches = [summary.reach for summary in self.summaries]
        self._general = [summary.general for summary in self.summaries]
        starting: list[list[int]] = [[] for _ in words]
        for number, summary in enumerate(self.summaries):
            for keyword in summary.words:
                starting[keyword].append(number)
        stems = [*_stems()] if self._named else []
        generic = [Word(word, caseless=True, tail=named.GENERIC_FOLLOWED) for word in named.GENERIC if self._named]
        # First the triggers for decoding, then the stems of names, then what says nothing, then the keywords of rules.
        self._rules_of = [*filter(None, starting)]
        self._words = [*map(_word, TRIGGERS), *stems, *generic, *compress(words, starting)]
        self._first_stem, self._first_generic = len(TRIGGERS), len(TRIGGERS) + len(stems)
        self._first_keyword = self._first_generic + len(generic)
        """The numbers of the rules that have each keyword, by its number less that of the first."""
        self.lengths = [len(word.literal) + word.more for word in self._words]
        """The bytes of each keyword, without what must follow it."""
        for number, trigger in enumerate(TRIGGERS):
            self.lengths[number] = max(self.lengths[number], trigger.length)
        self.near = frozenset(number for number, word in enumerate(self._words) if word.near)
        """The keywords that count only near a value that may be generated."""
        self.prefilter = Prefilter(self._words)
        self._hopeless: dict[tuple[int, bytes], bool] = {}

    def __reduce__(self) -> tuple[type[Matcher], tuple[Sequence[Rule]]]:
        """Pickle the rules alone: compiled databases cannot be sent to another process."""
        return Matcher, (self.rules,)

    def rules_of(self, word: int) -> Sequence[int]:
        """Return the numbers of the rules that have this keyword; none for stems and triggers."""
        return self._rules_of[word - self._first_keyword] if word >= self._first_keyword else ()

    def is_stem(self, word: int) -> bool:
        """Return True if this keyword is the stem of a name, such as `pass`."""
        return self._first_stem <= word < self._first_keyword

    def extents(self) -> list[int]:
        """Return the most bytes of each keyword with what must follow it; of a shape at most `LONGEST_SHAPE`.

        A keyword that is longer than this says could be inherited by a delta that has only a part of it.
        """
        return [
            min(longest(word.shape.decode()), LONGEST_SHAPE)
            if word.shape
            else length + (longest(word.behind.decode()) if word.behind else 0)
            for length, word in zip(self.lengths, self._words, strict=True)
        ]

    def width(self, number: int) -> int:
        """Return how many bytes around it a match of this rule depends on, apart from windows."""
        rule = self.rules[number]
        most = 2 * rule.matching.reach + LONGEST_KEYWORD
        return (most if rule.usages else min(longest(rule.matching.pattern), most)) + SLACK

    def windows(self, data: bytes) -> Windows:
        """Search for all keywords, and return the windows around them."""
        hits, values = self.prefilter.search(data)
        windows = self.around(hits)
        windows.values = values
        return windows

    def around(self, hits: list[Hit]) -> Windows:
        """Return the windows around these hits, which are in order."""
        first_keyword, first_generic = self._first_keyword, self._first_generic
        rules = reaches.windows(hits, self.lengths, self._rules_of, first_keyword, self._reaches)
        names = reaches.ends(hits, self._first_stem, first_generic)
        return Windows(rules, self.encoded(hits), names, reaches.ends(hits, first_generic, first_keyword))

    def encoded(self, hits: Iterable[Hit]) -> dict[Kind, list[Zone]]:
        """Return the hits that are triggers for decoding, as in `Windows.encoded`."""
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
        taken: Mapping[int, int] = _NONE_TAKEN,
        remembered: Remembered | None = None,
        *,
        everything: bool = False,
    ) -> Iterator[Candidate]:
        """Yield every match of every rule in these windows, general rules after all others; matches may overlap.

        What the bytes of a match alone refuse is left out, unless `everything` is asked for. General rules leave out
        bytes that are `taken`, which maps starts to ends and may grow meanwhile. `remembered` keeps the matches in
        windows with the same bytes, for the versions of a file.

        Raises:
            RuleTimeoutError: rules were too slow on these bytes; after the matches of all others.
        """
        shared: dict[Span, Surroundings] = {}
        # The judge sees columns as well. A delta must know what is refused for bytes that are out of its rule's reach.
        soon = remembered is None and not everything
        for number, span, secret in self._matches(data, windows, taken, remembered, everything=everything):
            around = shared.get(span)
            if around is None:
                if len(shared) >= MOST_SHARED:
                    shared.clear()
                around = shared[span] = Surroundings(data, span.start, span.end)
            if soon and (unnamed(self.rules[number], around) or in_column(self.rules[number], around)):
                continue
            if not everything and self._is_hopeless(number, span, secret):
                continue
            yield Candidate(self.rules[number], span, secret, around=around, number=number)

    def _is_hopeless(self, number: int, span: Span, secret: bytes) -> bool:
        """Return True if the bytes of a match alone refuse it. Most values recur, with another rule or elsewhere."""
        key = number, secret
        answer = self._hopeless.get(key)
        if answer is None:
            if len(self._hopeless) >= MOST_REMEMBERED:
                self._hopeless.clear()
            try:
                answer = hopeless(Candidate(self.rules[number], span, secret))
            except TimeoutError:  # whoever judges the candidate meets it again, and reports it
                answer = False
            self._hopeless[key] = answer
        return answer

    def _matches(
        self,
        data: bytes,
        windows: Windows,
        taken: Mapping[int, int],
        remembered: Remembered | None,
        *,
        everything: bool,
    ) -> Iterator[tuple[int, Span, bytes]]:
        """Yield the number of a rule, the span of the key, and the key. Raise as `candidates` does."""
        seen: Seen = {}
        find = confirmed if remembered is None else partial(recalled, remembered)
        sifted: list[int] | None = None
        slow: list[RuleTimeoutError] = []
        for number in sorted(windows.rules, key=self._general.__getitem__):
            rule = self.rules[number]
            gives_way = rule.general and not rule.documented
            values = windows.values
            if values and remembered is None and not everything and is_sifted(rule):
                sifted = values = sieve.sieve(data, values, PAIRS) if sifted is None else sifted
            try:
                for span in find(rule, data, windows.rules[number], seen, values):
                    if not gives_way or taken.get(span.start) != span.end:
                        yield number, span, data[span.start : span.end]
            except RuleTimeoutError as error:
                slow.append(error)
        if windows.names or windows.apart:
            in_delta = remembered is not None
            yield from self._values_of_names(data, windows, taken, everything=everything, in_delta=in_delta)
        if slow:
            raise RuleTimeoutError(", ".join(map(str, slow)))

    @cached_property
    def _documented(self) -> frozenset[str]:
        """The digests of all values from the documentation of vendors."""
        return frozenset(digest for summary in self.summaries for digest in summary.documented)

    def _values_of_names(
        self, data: bytes, windows: Windows, taken: Mapping[int, int], *, everything: bool, in_delta: bool
    ) -> Iterator[tuple[int, Span, bytes]]:
        """Yield the values of names that one of the rules is for. No name costs more than a bounded look around it."""
        names, apart = (end for _, end in windows.names), [end for _, end in windows.apart]
        for value in candidates.find(data, names, apart, taken, everything=everything, in_delta=in_delta):
            number = self._named.get(_kind(value.name))
            secret = data[value.start : value.end]
            if number is not None and hashlib.sha256(secret).hexdigest()[:16] not in self._documented:
                yield number, Span(value.start, value.end), secret


@lru_cache(maxsize=4096)
def _kind(name: str) -> str:
    """Return the kind of value that a name has; names recur, and a module behind the lazy door is slow to ask."""
    return names.kind(names.words(name))


def _stems() -> Iterator[Word]:
    """Yield the stems of names, and the words before names whose values stand behind nothing but a space."""
    for stem in named.STEMS:
        yield Word(stem.encode(), caseless=True, tail=named.FOLLOWED)
    for directive in named.DIRECTIVES:
        yield Word(directive, caseless=True, tail=named.DIRECTED)


def _word(trigger: Trigger) -> Word:
    return Word(
        trigger.literal,
        trigger.caseless,
        trigger.alphabet,
        trigger.more,
        trigger.shape,
        trigger.once,
        trigger.needs,
        near=trigger.near,
        width=trigger.width,
    )
