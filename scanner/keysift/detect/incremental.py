"""What may be a key in the blobs of a history, when their paths are not known yet.

A blob that git stores as a delta of another is looked at only where it differs: keywords and occurrences of the base
are handed down through what was copied. The result is the same as for the whole blob, and a test proves it.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from keysift.detect import carry, decode, nested, refusals
from keysift.detect.candidates import Candidate
from keysift.detect.confirm import SLACK, Remembered
from keysift.detect.fields import AFTER, BEFORE
from keysift.detect.judge import hopeless, judge
from keysift.detect.matcher import LONGEST_SHAPE, Matcher, Windows
from keysift.detect.prefilter import Hit
from keysift.detect.surroundings import NEARBY, Surroundings
from keysift.model import Rule, Span, Verdict

REFUSED, SETTLED = -1, -2
_Key = tuple[bytes, int, int, int]
MOST_REMEMBERED = 100_000
NAMED_REACH = 1200
"""Bytes from a name to the end of its value."""
_WORD = (1 << carry.WORD_BITS) - 1


class Occurrence(NamedTuple):
    """A candidate in a blob, by its place in it."""

    start: int
    end: int
    rule: int
    match: int
    """The number of its `ContextMatch`. `REFUSED` where its surroundings speak against it whatever the path is;
    `SETTLED` where the bytes do: it is kept all the same, for a delta may show another rule's match on the same bytes.
    """


@dataclass(frozen=True, slots=True)
class ContextMatch:
    """A candidate with all of the surroundings that its verdict may depend on, except the path."""

    rule: int
    context: bytes = field(repr=False)
    start: int
    """Of the key, in the context."""
    end: int
    steps: tuple[str, ...] = ()

    def candidate(self, rule: Rule) -> Candidate:
        """Return the candidate in its context, to be judged as any other."""
        span = Span(self.start, self.end)
        around = Surroundings(self.context, self.start, self.end)
        return Candidate(rule, span, self.context[self.start : self.end], steps=self.steps, around=around)


class BlobState(NamedTuple):
    """What is known of one blob, and handed down to the deltas of it."""

    hits: list[int]
    occurrences: list[Occurrence]
    decoded: list[Occurrence]

    def open(self) -> list[Occurrence]:
        """Return the occurrences that some path makes findings."""
        return [*_open(self.occurrences), *self.decoded]


def _open(occurrences: list[Occurrence]) -> list[Occurrence]:
    """Return those that may be findings; what is final for one rule is so for every rule on some of the same bytes."""
    settled = [Span(one.start, one.end) for one in occurrences if one.match == SETTLED]
    left = [one for one in occurrences if one.match >= 0]
    return [one for one in left if not Span(one.start, one.end).within(settled)] if settled else left


NOTHING = BlobState([], [], [])


class IncrementalDetector:
    """Looks at one blob after the other, and numbers the context matches in them."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        summaries = matcher.summaries
        self._reaches = [(NAMED_REACH if summary.named else summary.reach) + SLACK for summary in summaries]
        named = [reach for summary, reach in zip(summaries, self._reaches, strict=True) if summary.named]
        self._lengths = matcher.extents()
        # A key stands within reach of its keyword, and what changed within reach of the key.
        self._margins = [
            2 * max((self._reaches[rule] for rule in matcher.rules_of(word)), default=max(named, default=0)) + length
            for word, length in enumerate(self._lengths)
        ]
        self._longest = max(LONGEST_SHAPE, *self._lengths)
        self._triggers = len(decode.TRIGGERS)
        self._once = frozenset(number for number, trigger in enumerate(decode.TRIGGERS) if trigger.once)
        self._hopeless: dict[tuple[int, bytes], bool] = {}
        self._refused: dict[_Key, int] = {}
        self._numbers: dict[tuple[_Key, tuple[str, ...]], int] = {}
        self._confirmed: Remembered = {}
        self._windows: dict[bytes, Windows] = {}
        self._views: dict[bytes, list[tuple[Span, Occurrence]]] = {}
        self.matches: list[ContextMatch] = []
        """All of them, by their numbers."""
        self.unfinished = ""
        """The reason why the last blob was not fully decoded; empty if it was."""

    def begin(self, matches: list[ContextMatch]) -> None:
        """Number the context matches anew, into this list."""
        self.matches = matches
        self._numbers.clear()
        if len(self._refused) >= MOST_REMEMBERED:
            self._refused.clear()
        self._windows.clear()
        self._views.clear()

    def whole(self, data: bytes) -> BlobState:
        """Return what is in a blob.

        Raises:
            RuleTimeoutError, TimeoutError: a rule was too slow on these bytes.
        """
        hits = self._matcher.prefilter.hits(data)
        if not hits:
            return NOTHING
        occurrences = self._judged(data, self._candidates(data, hits), set())
        # Sorted, for Hyperscan leaves open which of two with one end comes first.
        numbered = sorted(end << carry.WORD_BITS | word for word, end in hits)
        return BlobState(numbered, occurrences, self._decoded(data, hits))

    def changed(self, data: bytes, copies: list[int], base: BlobState, base_size: int) -> BlobState:
        """Return what is in a blob that was made from `base` by these copies. Raises as `whole` does."""
        hits = self._hits(data, copies, base, base_size)
        if not hits:
            return NOTHING
        triggers = carry.below(hits, self._triggers)
        if any(hit & _WORD in self._once for hit in triggers):
            return self.whole(data)  # only the first of many places was noted: what follows it is not known
        touched = carry.touched(hits, self._margins, copies, len(data), base_size)
        if not touched and len(hits) == len(base.hits) and not base.occurrences and not base.decoded:
            return BlobState(hits, [], [])
        carried = list(self._carried(data, copies, base, base_size))
        known = {(occurrence.start, occurrence.end, occurrence.rule) for occurrence in carried}
        fresh = self._judged(data, self._candidates(data, map(_pair, touched)), known)
        return BlobState(hits, sorted((*carried, *fresh)), self._decoded(data, map(_pair, triggers)))

    def _hits(self, data: bytes, copies: list[int], base: BlobState, base_size: int) -> list[int]:
        """Return all keywords: those handed down, and those at the seams."""
        handed_down = carry.inherited(base.hits, self._lengths, copies) if base.hits else []
        zones = carry.zones(copies, len(data), base_size, self._longest)
        text, begins = carry.gather(data, zones)
        found = self._matcher.prefilter.hits(text)
        if not found:
            return handed_down
        hits = set(handed_down)
        for word, end in found:
            zone = bisect_right(begins, end - 1) - 1
            hits.add((end - begins[zone] + zones[2 * zone]) << carry.WORD_BITS | word)
        return sorted(hits)

    def _candidates(self, data: bytes, hits: Iterable[Hit]) -> Iterator[Candidate]:
        if len(self._confirmed) >= MOST_REMEMBERED // 2:
            self._confirmed.clear()
        return self._matcher.candidates(data, self._matcher.around(hits), remembered=self._confirmed)

    def _judged(
        self, data: bytes, candidates: Iterable[Candidate], known: set[tuple[int, int, int]]
    ) -> list[Occurrence]:
        """Return the candidates that are worth remembering."""
        found: list[Occurrence] = []
        for candidate in candidates:
            start, end = candidate.span
            if (start, end, candidate.number) in known or self._is_hopeless(data, candidate):
                continue
            found.append(Occurrence(start, end, candidate.number, self._match(candidate)))
        return found

    def _is_hopeless(self, data: bytes, candidate: Candidate) -> bool:
        if candidate.rule.when and refusals.names_object(data, candidate.span.start, candidate.span.end):
            return True
        key = (candidate.number, candidate.secret)
        known = self._hopeless.get(key)
        if known is None:
            if len(self._hopeless) >= MOST_REMEMBERED:
                self._hopeless.clear()
            known = self._hopeless[key] = hopeless(candidate)
        return known

    def _match(self, candidate: Candidate) -> int:
        """Return the number of a context match, or `REFUSED`, or `SETTLED`: judged once for the same surroundings.

        Most candidates are refused for what stands right beside them, and then nothing else matters.
        """
        around, rule = candidate.around, candidate.number
        nearby = _digest(around, rule, NEARBY, NEARBY)
        known = self._refused.get(nearby)
        if known is not None:
            return known
        wide = (_digest(around, rule, BEFORE, AFTER), candidate.steps)
        known = self._numbers.get(wide)
        if known is None:
            said = judge(candidate, None)
            if isinstance(said, Verdict):
                known = len(self.matches)
                low = max(0, around.start - BEFORE)
                context = around.data[low : around.end + AFTER]
                start, end = around.start - low, around.end - low
                self.matches.append(ContextMatch(rule, context, start, end, candidate.steps))
            else:
                known = SETTLED if said.final else REFUSED
                if not around.far:
                    self._refused[nearby] = known
            self._numbers[wide] = known
        return known

    def _carried(self, data: bytes, copies: list[int], base: BlobState, base_size: int) -> Iterator[Occurrence]:
        """Yield the occurrences of the base that no change is near, judged anew if their surroundings have changed."""
        ordered = sorted(base.occurrences, key=lambda occurrence: occurrence.start - self._reaches[occurrence.rule])
        spans: list[int] = []
        for occurrence in ordered:
            reach = self._reaches[occurrence.rule]
            spans += (occurrence.start - reach, occurrence.end + reach)
        places = carry.carried(spans, copies, len(data), base_size)
        for index, shift in zip(places[::2], places[1::2], strict=True):
            start, end, rule, match = ordered[index]
            start += shift
            end += shift
            if not carry.unchanged(copies, start - BEFORE, end + AFTER, len(data), base_size):
                around = Surroundings(data, start, end)
                span = Span(start, end)
                match = self._match(
                    Candidate(self._matcher.rules[rule], span, data[start:end], around=around, number=rule)
                )
            yield Occurrence(start, end, rule, match)

    def _decoded(self, data: bytes, hits: Iterable[Hit]) -> list[Occurrence]:
        """Return what stands in the blob in another form. Few views are new: a value is met in many versions."""
        places = self._matcher.encoded(hits)
        if not places:
            return []
        found: list[Occurrence] = []
        try:
            for view, near in nested.views(self._matcher, data, places, self._windows):
                if near:
                    found += self._in_blob(view, near)
        except decode.LimitError as error:
            self.unfinished = str(error)
        return found

    def _in_blob(self, view: decode.View, near: Windows) -> Iterator[Occurrence]:
        known = self._views.get(view.data)
        if known is None:
            known = self._views[view.data] = [*self._in_view(view, near)]
        for span, occurrence in known:
            if origin := view.origin(span):
                yield occurrence._replace(start=origin.start, end=origin.end)

    def _in_view(self, view: decode.View, near: Windows) -> Iterator[tuple[Span, Occurrence]]:
        """Yield the occurrences of a view, with their place in it."""
        candidates = (
            replace(candidate, steps=view.steps(candidate.span))
            for candidate in self._matcher.candidates(view.data, near)
            if view.origin(candidate.span)
        )
        for occurrence in _open(self._judged(view.data, candidates, set())):
            yield Span(occurrence.start, occurrence.end), occurrence


def _digest(around: Surroundings, rule: int, before: int, after: int) -> _Key:
    """Return what stands for a rule, a match of it and so many bytes around."""
    start, end = around.start, around.end
    low = max(0, start - before)
    return hashlib.blake2b(around.data[low : end + after], digest_size=12).digest(), rule, start - low, end - start


def _pair(hit: int) -> Hit:
    return hit & _WORD, hit >> carry.WORD_BITS
