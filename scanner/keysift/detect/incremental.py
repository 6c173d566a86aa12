"""Blobs of a history -> occurrences of candidates in them, before their paths are known.

A blob that git stores as a delta of another is scanned only where it differs: it inherits the keywords and occurrences
of its base in the stretches that it copies. The result is the same as for the whole blob, and a test proves it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from keysift.detect import assess, carry, decode, nested, refusals, seams
from keysift.detect.candidates import Candidate
from keysift.detect.confirm import Remembered, RuleTimeoutError
from keysift.detect.databases import Hit
from keysift.detect.decode import tables
from keysift.detect.decode.triggers import Kind
from keysift.detect.fields import AFTER, BEFORE
from keysift.detect.judge import judge
from keysift.detect.margins import Margins
from keysift.detect.matcher import LONGEST_SHAPE, Matcher, Windows
from keysift.detect.occurrences import NOTHING, BlobState, ContextMatch, Fate, Occurrence, open_occurrences
from keysift.detect.surroundings import NEARBY, Surroundings
from keysift.detect.versions import SeamSearch, Version
from keysift.model import Span, Verdict

MOST_REMEMBERED = 100_000
"""Judgements that are cached."""
_WORD = (1 << carry.WORD_BITS) - 1
"""The bits of a hit that are the number of its keyword."""
_RUNS = frozenset({Kind.BASE64, Kind.HEX})
"""Those of a run, which may be long."""
_LONG_RUN = re.compile(
    rb"[\s\"'`>|=]{0,80}(?=[\w+/=\\-]{40})(?:[\w+/-]{40,}={0,2}(?:(?:\\r)?\\n|\\?\r?\n)[ \t]*|[\w+/-]{1000}){1,}"
)
"""A run over several lines, or a very long one."""
_Key = tuple[bytes, int, int, int]
"""A digest of bytes around a match, its rule, its start in these bytes, and its length."""
_Match = tuple[int, Fate]
_REFUSED, _SETTLED, _NEARBY = (0, Fate.REFUSED), (0, Fate.SETTLED), (0, Fate.NEARBY)
_AROUND = {Fate.OPEN: (BEFORE, AFTER), Fate.REFUSED: (BEFORE, AFTER), Fate.NEARBY: (NEARBY, NEARBY)}
"""The bytes before and after an occurrence on which its fate depends."""


class IncrementalDetector:
    """Scans one blob after the other, and numbers the context matches in them."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._lengths = matcher.extents()
        self._margins = Margins(matcher, self._lengths)
        self._seams = SeamSearch(matcher, self._lengths)
        self._unkept = frozenset(word for word in matcher.near if word >= len(decode.TRIGGERS))
        """Keywords that count only near a value: they are looked for anew in every version."""
        self._triggers = len(decode.TRIGGERS)
        self._refused: dict[_Key, _Match] = {}
        self._numbers: dict[tuple[_Key, tuple[str, ...]], _Match] = {}
        self._confirmed: Remembered = {}
        self._windows: dict[bytes, Windows] = {}
        self._views: dict[bytes, tuple[list[tuple[Span, Occurrence]], bool]] = {}
        self.matches: list[ContextMatch] = []
        """All context matches, by their numbers."""
        self.unfinished = ""
        """The first reason why a blob was not fully scanned; whoever asks for the next one clears it."""

    def begin(self, matches: list[ContextMatch]) -> None:
        """Number the context matches anew, into this list."""
        self.matches = matches
        self._numbers.clear()
        if len(self._refused) >= MOST_REMEMBERED:
            self._refused.clear()
        self._windows.clear()
        self._views.clear()

    def whole(self, data: bytes) -> BlobState:
        """Return the state of a blob, without the matches of rules that were too slow: `unfinished` names them."""
        hits, values = self._matcher.prefilter.search(data)
        if not hits:
            return BlobState([], [], [], values, quiet=True) if values else NOTHING
        occurrences = self._judged(data, self._candidates(data, hits, values), set())
        decoded, quiet = self._decoded(data, hits)
        # Sorted, because Hyperscan does not define which of two hits with one end comes first.
        numbered = sorted(end << carry.WORD_BITS | word for word, end in hits if word not in self._unkept)
        return BlobState(numbered, occurrences, decoded, values, quiet, partial=bool(self.unfinished))

    def search(self, versions: Sequence[Version]) -> None:
        """Search what is new in these versions, all of them deltas: `changed` is faster for those that were."""
        self._seams.search(versions)

    def changed(self, version: Version) -> BlobState:
        """Return the state of a version from that of its base."""
        base, data = version.base, version.data
        if base is None or base.state is None or base.state.partial:
            return self._whole(version)
        if version.hits is None:
            self.search([version])
        hits, state = version.hits or [], base.state
        triggers = self._announcing(data, carry.below(hits, self._triggers))
        if triggers and carry.marked(triggers, decode.ONCE):
            return self._whole(version)  # only the first of many hits was noted: those after it are not known
        margins = self._margins.before, self._margins.behind
        touched = carry.touched(hits, *margins, version.copies, len(data), len(base.data)) if hits else []
        if version.near:
            touched = seams.merged(touched, version.near)
        carried = list(self._carried(version, base)) if state.occurrences else []
        occurrences = carried
        if touched:
            known = {(occurrence.start, occurrence.end, occurrence.rule) for occurrence in carried}
            candidates = self._candidates(data, map(_pair, touched), version.values)
            occurrences += self._judged(data, candidates, known)
        decoded, quiet = self._decoded_anew(version, state, triggers, touched) if triggers else ([], True)
        return BlobState(hits, sorted(occurrences), decoded, version.values, quiet, partial=bool(self.unfinished))

    def _whole(self, version: Version) -> BlobState:
        """Return the state of a version as if it were stored whole."""
        state = self.whole(version.data)
        version.hits, version.values = state.hits, state.values
        return state

    def _candidates(self, data: bytes, hits: Iterable[Hit], values: list[int]) -> Iterator[Candidate]:
        if len(self._confirmed) >= MOST_REMEMBERED // 2:
            self._confirmed.clear()
        windows = self._matcher.around([*hits])
        windows.values = values
        return self._in_time(self._matcher.candidates(data, windows, remembered=self._confirmed))

    def _in_time(self, candidates: Iterator[Candidate]) -> Iterator[Candidate]:
        """Yield the candidates, and note which rules took too long."""
        try:
            yield from candidates
        except RuleTimeoutError as error:  # raised after the candidates of all other rules
            self.unfinished = self.unfinished or str(error)

    def _judged(
        self, data: bytes, candidates: Iterable[Candidate], known: set[tuple[int, int, int]]
    ) -> list[Occurrence]:
        """Return the occurrences of the candidates that are not hopeless, without those that are known."""
        occurrences: list[Occurrence] = []
        for candidate in candidates:
            start, end = candidate.span
            if (start, end, candidate.number) in known or _names_object(data, candidate):
                continue
            occurrences.append(Occurrence(start, end, candidate.number, *self._match(candidate)))
        return occurrences

    def _match(self, candidate: Candidate) -> _Match:
        """Return the number of a context match and the fate of it, judged once for the same surroundings.

        Most candidates are refused by the bytes right beside them, whatever is farther away.
        """
        around, rule = candidate.around, candidate.number
        nearby = _digest(around, rule, NEARBY, NEARBY)
        if (known := self._refused.get(nearby)) is not None:
            return known
        wide = (_digest(around, rule, BEFORE, AFTER), candidate.steps)
        known = self._numbers.get(wide)
        if known is None:
            try:
                judgement = judge(candidate, None)
            except TimeoutError:
                self.unfinished = self.unfinished or assess.TOO_LONG
                return _REFUSED
            if isinstance(judgement, Verdict):
                known = len(self.matches), Fate.OPEN
                low = max(0, around.start - BEFORE)
                context = around.data[low : around.end + AFTER]
                self.matches.append(ContextMatch(rule, context, around.start - low, around.end - low, candidate.steps))
            else:
                far = around.far or judgement.far
                known = _SETTLED if judgement.final else _REFUSED if far else _NEARBY
                if not far:
                    self._refused[nearby] = known
            self._numbers[wide] = known
        return known

    def _carried(self, version: Version, base: Version) -> Iterator[Occurrence]:
        """Yield the occurrences of the base that no change is near; judge them anew if their surroundings changed."""
        data, copies, base_size = version.data, version.copies, len(base.data)
        inherited = base.state.occurrences if base.state else []
        margins = self._margins.occurrences
        ordered = sorted(inherited, key=lambda occurrence: occurrence.start - margins[occurrence.rule][0])
        spans: list[int] = []
        for occurrence in ordered:
            before, behind = margins[occurrence.rule]
            spans += (occurrence.start - before, occurrence.end + behind)
        places = carry.carried(spans, copies, len(data), base_size)
        for index, shift in zip(places[::2], places[1::2], strict=True):
            start, end, rule, match, fate = ordered[index]
            start += shift
            end += shift
            before, after = _AROUND.get(fate, (0, 0))
            if not carry.unchanged(copies, start - before, end + after, len(data), base_size):
                around = Surroundings(data, start, end)
                span = Span(start, end)
                match, fate = self._match(
                    Candidate(self._matcher.rules[rule], span, data[start:end], around=around, number=rule)
                )
            yield Occurrence(start, end, rule, match, fate)

    def _decoded(self, data: bytes, hits: Iterable[Hit]) -> tuple[list[Occurrence], bool]:
        """Return the occurrences in decoded values, and True if there was not even a candidate in one.

        Few views are new, because a value recurs in many versions.
        """
        places = self._matcher.encoded(hits)
        if not places:
            return [], True
        occurrences: list[Occurrence] = []
        quiet = True
        try:
            for view, near in nested.views(self._matcher, data, places, self._windows):
                if near:
                    own, found = self._in_blob(view, near)
                    occurrences += own
                    quiet = quiet and not found
        except decode.LimitError as error:
            self.unfinished = self.unfinished or str(error)
            quiet = False
        return occurrences, quiet

    def _announcing(self, data: bytes, triggers: list[int]) -> list[int]:
        """Return the triggers without the first line that only looks like the header of a table: many name authors."""
        first = carry.marked(triggers, decode.HEADERS) if triggers else []
        if not first or tables.is_header(data, first[0] >> carry.WORD_BITS):
            return triggers
        return [hit for hit in triggers if hit not in first]

    def _decoded_anew(
        self, version: Version, state: BlobState, triggers: list[int], touched: list[int]
    ) -> tuple[list[Occurrence], bool]:
        """Return the same for a version whose base has this state: few of the triggers are near a change."""
        data = version.data
        if state.quiet:
            near = self._announcing(data, self._near_triggers(version, triggers, touched))
            distant = carry.marked(triggers, decode.FARTHER)
            far = [hit for hit in {*distant}.difference(near) if self._is_far(data, hit)] if distant else []
            if not near and not far:
                return [], True
            if len(near) + len(far) < len(triggers):
                before = self.unfinished
                occurrences, quiet = self._decoded(data, map(_pair, sorted((*near, *far))))
                if quiet and self.unfinished == before:
                    return occurrences, True
                self.unfinished = before
        return self._decoded(data, map(_pair, triggers))

    def _near_triggers(self, version: Version, triggers: list[int], touched: list[int]) -> list[int]:
        """Return the triggers that are so near a change that there may be a candidate in what they announce now."""
        distant = self._margins.distant.intersection(hit & _WORD for hit in touched)
        if not distant or not version.base:
            return carry.below(touched, self._triggers)
        margins = [max(self._margins.before[word] for word in distant) + 2 * LONGEST_SHAPE] * self._triggers
        return carry.touched(triggers, margins, margins, version.copies, len(version.data), len(version.base.data))

    def _is_far(self, data: bytes, hit: int) -> bool:
        """Return True if what such a trigger announces may be all over the blob, or go on to where it was changed."""
        trigger = decode.TRIGGERS[hit & _WORD]
        start = (hit >> carry.WORD_BITS) - trigger.length
        return trigger.kind not in _RUNS or bool(_LONG_RUN.match(data, start))

    def _in_blob(self, view: decode.View, near: Windows) -> tuple[list[Occurrence], bool]:
        """Return the occurrences of a view, with their places in the blob, and True if it has candidates."""
        known = self._views.get(view.data)
        if known is None:
            known = self._in_view(view, near)
            if not self.unfinished:  # else the next blob with this view is to be reported as well
                self._views[view.data] = known
        spans, found = known
        placed = ((view.origin(span), occurrence) for span, occurrence in spans)
        return [
            occurrence._replace(start=origin.start, end=origin.end) for origin, occurrence in placed if origin
        ], found

    def _in_view(self, view: decode.View, near: Windows) -> tuple[list[tuple[Span, Occurrence]], bool]:
        """Return the occurrences of a view, with their places in it, and True if it has candidates."""
        candidates = [
            replace(candidate, steps=view.steps(candidate.span))
            for candidate in self._in_time(self._matcher.candidates(view.data, near))
            if view.origin(candidate.span)
        ]
        occurrences = open_occurrences(self._judged(view.data, candidates, set()))
        found = bool(candidates) or not self._margins.wide.isdisjoint(near.rules)
        return [(Span(occurrence.start, occurrence.end), occurrence) for occurrence in occurrences], found


def _digest(around: Surroundings, rule: int, before: int, after: int) -> _Key:
    """Return the key for a match of a rule with so many bytes around it."""
    start, end = around.start, around.end
    low = max(0, start - before)
    return hashlib.blake2b(around.data[low : end + after], digest_size=12).digest(), rule, start - low, end - start


def _names_object(data: bytes, candidate: Candidate) -> bool:
    return bool(candidate.rule.when) and refusals.names_object(data, candidate.span.start, candidate.span.end)


def _pair(hit: int) -> Hit:
    return hit & _WORD, hit >> carry.WORD_BITS
