"""What may be a key in the blobs of a history, when their paths are not known yet.

A blob that git stores as a delta of another is looked at only where it differs: keywords and candidates of the base
are handed down through what was copied. The result is the same as for the whole blob, and a test proves it.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from keysift.detect import carry, classify, decode, nested
from keysift.detect.confirm import SLACK, Remembered, Zone
from keysift.detect.fields import AFTER, BEFORE
from keysift.detect.matcher import LONGEST_SHAPE, NAMED, Matcher
from keysift.detect.prefilter import Hit
from keysift.model import Candidate, Span, Verdict

REFUSED, SETTLED = -1, -2
_Key = tuple[bytes, int, int, int]
MOST_REMEMBERED = 100_000
NAMED_REACH = 1200
"""Bytes from a name to the end of its value."""


class Occurrence(NamedTuple):
    """A match in a blob, by its place in it."""

    start: int
    end: int
    rule: int
    sighting: int
    """The number of its sighting. `REFUSED` where its surroundings speak against it whatever the path is; `SETTLED`
    where the bytes do: it is kept all the same, for a delta may show another rule's match on the same bytes.
    """


@dataclass(frozen=True, slots=True)
class ContextMatch:
    """A match with all of its surroundings that its verdict may depend on, except the path."""

    rule: int
    context: bytes = field(repr=False)
    start: int
    """Of the key, in the context."""
    end: int
    steps: tuple[str, ...] = ()


class BlobState(NamedTuple):
    """What is known of one blob, and handed down to the deltas of it."""

    hits: list[int]
    candidates: list[Occurrence]
    decoded: list[Occurrence]

    def sighted(self) -> list[Occurrence]:
        """The candidates that some path makes findings."""
        return [*_open(self.candidates), *self.decoded]


def _open(candidates: list[Occurrence]) -> list[Occurrence]:
    """Those that may be findings; what is final for one rule is so for every rule on some of the same bytes."""
    settled = [Span(one.start, one.end) for one in candidates if one.sighting == SETTLED]
    open_ones = [one for one in candidates if one.sighting >= 0]
    return [one for one in open_ones if not Span(one.start, one.end).within(settled)] if settled else open_ones


NOTHING = BlobState([], [], [])


class IncrementalDetector:
    """Looks at one blob after the other, and numbers what it sights."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._reaches = [(NAMED_REACH if brief.named else brief.reach) + SLACK for brief in matcher.briefs]
        named = max(
            (reach for brief, reach in zip(matcher.briefs, self._reaches, strict=True) if brief.named), default=0
        )
        # A key stands within reach of its keyword, and what changed within reach of the key.
        self._lengths = matcher.extents()
        self._margins = [
            2 * max((self._reaches[rule] if rule >= 0 else named for rule in rules if rule >= NAMED), default=0)
            + length
            for rules, length in zip(matcher.rules_of, self._lengths, strict=True)
        ]
        self._longest = max(LONGEST_SHAPE, *self._lengths)
        self._triggers = len(decode.TRIGGERS)
        self._once = frozenset(number for number, trigger in enumerate(decode.TRIGGERS) if trigger.once)
        self._hopeless: dict[tuple[int, bytes], bool] = {}
        self._refused: dict[_Key, int] = {}
        self._sighted: dict[tuple[_Key, tuple[str, ...]], int] = {}
        self._confirmed: Remembered = {}
        self._windows: dict[bytes, dict[int, list[Zone]]] = {}
        self._views: dict[bytes, list[tuple[Span, Occurrence]]] = {}
        self.sightings: list[ContextMatch] = []
        """All of them, by their numbers."""
        self.unfinished = ""
        """Why the last blob was not decoded to its end, if it was not."""

    def begin(self, sightings: list[ContextMatch]) -> None:
        """Number the sightings anew, into this list."""
        self.sightings = sightings
        self._sighted.clear()
        if len(self._refused) >= MOST_REMEMBERED:
            self._refused.clear()
        self._windows.clear()
        self._views.clear()

    def whole(self, data: bytes) -> BlobState:
        """What is in a blob.

        Raises:
            RuleTimeoutError: a rule was too slow on these bytes.
            TimeoutError: likewise.
        """
        hits = self._matcher.prefilter.hits(data)
        if not hits:
            return NOTHING
        candidates = self._judged(data, self._matches(data, hits), set())
        # Sorted, for hyperscan leaves open which of two with one end comes first.
        numbered = sorted(end << carry.WORD_BITS | word for word, end in hits)
        return BlobState(numbered, candidates, self._decoded(data, hits))

    def changed(self, data: bytes, copies: list[int], base: BlobState, base_size: int) -> BlobState:
        """What is in a blob that was made from `base` by these copies. Raises as `whole` does."""
        hits = self._hits(data, copies, base, base_size)
        if not hits:
            return NOTHING
        triggers = carry.below(hits, self._triggers)
        if any(hit & _WORD in self._once for hit in triggers):
            return self.whole(data)  # only the first of many places was noted: what follows it is not known
        touched = carry.touched(hits, self._margins, copies, len(data), base_size)
        if not touched and len(hits) == len(base.hits) and not base.candidates and not base.decoded:
            return BlobState(hits, [], [])
        carried = list(self._carried(data, copies, base, base_size))
        found = {(one.start, one.end, one.rule) for one in carried}
        fresh = self._judged(data, self._matches(data, map(_pair, touched)), found)
        return BlobState(hits, sorted((*carried, *fresh)), self._decoded(data, map(_pair, triggers)))

    def _hits(self, data: bytes, copies: list[int], base: BlobState, base_size: int) -> list[int]:
        """All keywords: those handed down, and those at the seams."""
        handed_down = carry.inherited(base.hits, self._lengths, copies) if base.hits else []
        zones = carry.zones(copies, len(data), base_size, self._longest)
        text, begins = carry.gather(data, zones)
        found = self._matcher.prefilter.hits(text)
        if not found:
            return handed_down
        new = set(handed_down)
        for word, end in found:
            zone = bisect_right(begins, end - 1) - 1
            new.add((end - begins[zone] + zones[2 * zone]) << carry.WORD_BITS | word)
        return sorted(new)

    def _matches(self, data: bytes, hits: Iterable[Hit]) -> Iterator[tuple[int, Candidate]]:
        if len(self._confirmed) >= MOST_REMEMBERED // 2:
            self._confirmed.clear()
        return self._matcher.numbered(data, self._matcher.around(hits), remembered=self._confirmed)

    def _judged(
        self,
        data: bytes,
        matches: Iterable[tuple[int, Candidate]],
        known: set[tuple[int, int, int]],
        view: decode.View | None = None,
    ) -> list[Occurrence]:
        """The matches that are worth remembering."""
        found: list[Occurrence] = []
        for rule, match in matches:
            start, end = match.span.start, match.span.end
            if (start, end, rule) in known or self._is_hopeless(data, rule, match):
                continue
            found.append(Occurrence(start, end, rule, self._sighting(data, rule, match, view)))
        return found

    def _is_hopeless(self, data: bytes, rule: int, match: Candidate) -> bool:
        if match.rule.when and classify.names_object(data, match.span.start, match.span.end):
            return True
        key = (rule, match.secret)
        known = self._hopeless.get(key)
        if known is None:
            if len(self._hopeless) >= MOST_REMEMBERED:
                self._hopeless.clear()
            known = self._hopeless[key] = classify.hopeless(match)
        return known

    def _sighting(self, data: bytes, rule: int, match: Candidate, view: decode.View | None = None) -> int:
        """The number of a sighting, or `REFUSED`, or `SETTLED`: asked once for the same surroundings.

        Most matches are refused for what stands right beside them, and then nothing else matters.
        """
        start, end = match.span.start, match.span.end
        nearby = _surroundings(data, rule, start, end, classify.NEARBY, classify.NEARBY)
        known = self._refused.get(nearby)
        if known is not None:
            return known
        low = max(0, start - BEFORE)
        steps = view.steps(match.span) if view else ()
        wide = (_surroundings(data, rule, start, end, BEFORE, AFTER), steps)
        known = self._sighted.get(wide)
        if known is None:
            around = classify.Surroundings(data, start, end, None)
            verdict = classify.judge(match, around)
            if isinstance(verdict, Verdict):
                known = len(self.sightings)
                self.sightings.append(ContextMatch(rule, data[low : end + AFTER], start - low, end - low, steps))
            else:
                known = SETTLED if verdict.final else REFUSED
                if not around.far:
                    self._refused[nearby] = known
            self._sighted[wide] = known
        return known

    def _carried(self, data: bytes, copies: list[int], base: BlobState, base_size: int) -> Iterator[Occurrence]:
        """The candidates of the base that nothing near has changed; judged anew where their surroundings have."""
        ordered = sorted(base.candidates, key=lambda one: one.start - self._reaches[one.rule])
        spans: list[int] = []
        for one in ordered:
            reach = self._reaches[one.rule]
            spans += (one.start - reach, one.end + reach)
        places = carry.carried(spans, copies, len(data), base_size)
        for index, shift in zip(places[::2], places[1::2], strict=True):
            start, end, rule, sighting = ordered[index]
            start += shift
            end += shift
            if not carry.unchanged(copies, start - BEFORE, end + AFTER, len(data), base_size):
                match = Candidate(self._matcher.rules[rule], Span(start, end), data[start:end])
                sighting = self._sighting(data, rule, match)
            yield Occurrence(start, end, rule, sighting)

    def _decoded(self, data: bytes, hits: Iterable[Hit]) -> list[Occurrence]:
        """What stands in the blob in another form. Few views are new: the same value is met in many versions."""
        places = self._matcher.encoded(hits)
        if not places:
            return []
        found: list[Occurrence] = []
        try:
            for view, near in nested.views(self._matcher, data, places, self._windows):
                if near:
                    found += self._viewed(view, near)
        except decode.LimitError as error:
            self.unfinished = str(error)
        return found

    def _viewed(self, view: decode.View, near: dict[int, list[Zone]]) -> Iterator[Occurrence]:
        known = self._views.get(view.data)
        if known is None:
            known = self._views[view.data] = [*self._seen(view, near)]
        for span, one in known:
            if origin := view.origin(span):
                yield one._replace(start=origin.start, end=origin.end)

    def _seen(self, view: decode.View, near: dict[int, list[Zone]]) -> Iterator[tuple[Span, Occurrence]]:
        """The candidates of a view, with their place in it."""
        matches = ((rule, one) for rule, one in self._matcher.numbered(view.data, near) if view.origin(one.span))
        for one in _open(self._judged(view.data, matches, set(), view)):
            yield Span(one.start, one.end), one


def _surroundings(data: bytes, rule: int, start: int, end: int, before: int, after: int) -> tuple[bytes, int, int, int]:  # noqa: PLR0913, PLR0917 - private
    """Stands for a rule, a match of it and so many bytes around."""
    low = max(0, start - before)
    return hashlib.blake2b(data[low : end + after], digest_size=12).digest(), rule, start - low, end - start


_WORD = (1 << carry.WORD_BITS) - 1


def _pair(hit: int) -> Hit:
    return hit & _WORD, hit >> carry.WORD_BITS
