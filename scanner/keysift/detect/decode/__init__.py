"""Bytes -> the same bytes with encoded values decoded in place, so that every rule sees a value with its field.

Where nothing is encoded, nothing is done: the prefilter finds the places (`triggers`), and each place is decoded for
itself (`binary`, `text`). A view is a copy of the bytes around such places, and knows where each part came from.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from keysift.detect.decode.parts import LimitError, Part
from keysift.detect.decode.triggers import TRIGGERS, Kind, Trigger
from keysift.model import Span

__all__ = ["DEPTH", "TRIGGERS", "Kind", "LimitError", "Trigger", "View", "views"]

BEFORE, AFTER = 4096, 2048
"""How much of the surroundings a view copies: what a verdict may look at, and a little more."""
WHOLE = frozenset({"base64", "hex"})
"""Encodings of whole values; others are of single characters, or of text with values in it."""
DEPTH = 6
"""How many encodings inside each other are undone."""

Hits = Sequence[tuple[int, int]]


@functools.cache
def _readers() -> dict[Kind, Callable[[bytes, Hits], Iterable[Part]]]:
    from keysift.detect.decode import binary, text  # noqa: PLC0415 - their patterns take a while to compile, and many runs need none

    return {
        Kind.KUBERNETES: binary.kubernetes,
        Kind.BASE64: binary.base64_runs,
        Kind.HEX: binary.hex_runs,
        Kind.WIDE: binary.wide_runs,
        Kind.ESCAPES: text.escapes,
        Kind.PERCENT: text.percent,
        Kind.ENTITIES: text.entities,
        Kind.QUOTED: text.quoted_printable,
        Kind.JOINED: text.joined,
    }


@dataclass(frozen=True, slots=True)
class Segment:
    """`view` is where the decoded bytes stand in the view, `origin` where the encoded ones stand in what it is of."""

    view: Span
    origin: Span
    part: Part = field(repr=False)


@dataclass(frozen=True, slots=True)
class View:
    """Bytes, some of them decoded."""

    data: bytes = field(repr=False)
    segments: tuple[Segment, ...]
    parent: View | None = None
    """The view that it is a view of; none where that is the blob."""
    low: int = 0
    """Where in the parent it starts."""
    starts: tuple[int, ...] = field(default=(), repr=False)
    ends: tuple[int, ...] = field(default=(), repr=False)

    def touched(self, start: int, end: int) -> Segment | None:
        """The first decoded part in a range of the view: what touches none was seen before."""
        index = bisect_right(self.ends, start)
        return self.segments[index] if index < len(self.segments) and self.starts[index] < end else None

    def origin(self, span: Span) -> Span | None:
        """Where in the blob a span of the view comes from; nothing where neither it nor its neighbours were decoded,
        or where it begins before a value that is encoded as a whole, and ends in it: such bytes were never together.
        """
        if not self.touched(span.start - 1, span.end + 1) or self._torn(span):
            return None
        return self._origin(span)

    def _torn(self, span: Span) -> bool:
        first = self.touched(span.start, span.end)
        return first is not None and span.start < first.view.start and first.part.steps[0] in WHOLE

    def steps(self, span: Span) -> tuple[str, ...]:
        """How a span that touches a decoded part was decoded, outermost first."""
        inner = self.touched(span.start - 1, span.end + 1)
        names = inner.part.steps if inner else ()
        if not self.parent:
            return names
        return (*self.parent.steps(Span(self._start(span.start), self._end(span.end))), *names)

    def _origin(self, span: Span) -> Span:
        above = Span(self._start(span.start), self._end(span.end))
        return self.parent._origin(above) if self.parent else above  # noqa: SLF001 - its own kind

    def _start(self, place: int) -> int:
        index = bisect_right(self.starts, place) - 1
        if index < 0:
            return self.low + place
        segment = self.segments[index]
        if place >= segment.view.end:
            return segment.origin.end + place - segment.view.end
        return segment.origin.start + segment.part.offset(place - segment.view.start)

    def _end(self, place: int) -> int:
        index = bisect_right(self.starts, place - 1) - 1
        if index < 0:
            return self.low + place
        segment = self.segments[index]
        if place >= segment.view.end:
            return segment.origin.end + place - segment.view.end
        return segment.origin.start + segment.part.offset_of_end(place - segment.view.start)


def views(data: bytes, hits: Mapping[Kind, Hits], parent: View | None = None) -> Iterator[View]:
    """The views worth a look, by what the prefilter has found of `TRIGGERS` in the data.

    Of a view, only what it has decoded itself is decoded further.
    """
    for kinds in _GROUPS:
        parts = [part for kind in kinds if kind in hits for part in _readers()[kind](data, hits[kind])]
        if parent:
            parts = [part for part in parts if parent.touched(part.start, part.end)]
        for cluster in _clusters(_apart(parts)):
            yield _view(data, cluster, parent)


_GROUPS = ((Kind.KUBERNETES, Kind.BASE64), *((kind,) for kind in Kind if kind not in {Kind.KUBERNETES, Kind.BASE64}))


def _apart(parts: Iterable[Part]) -> Iterator[Part]:
    """In order, none inside another."""
    taken = 0
    for part in sorted(parts, key=lambda part: (part.start, -part.end)):
        if part.start >= taken:
            taken = part.end
            yield part


def _clusters(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Parts whose surroundings meet are decoded together."""
    cluster: list[Part] = []
    for part in parts:
        if cluster and part.start - cluster[-1].end > BEFORE + AFTER:
            yield cluster
            cluster = []
        cluster.append(part)
    if cluster:
        yield cluster


def _view(data: bytes, cluster: Sequence[Part], parent: View | None) -> View:
    low = taken = max(0, cluster[0].start - BEFORE)
    pieces: list[bytes] = []
    segments: list[Segment] = []
    length = 0
    for part in cluster:
        pieces += [data[taken : part.start], part.decoded]
        length += part.start - taken
        view = Span(length, length + len(part.decoded))
        segments.append(Segment(view, Span(part.start, part.end), part))
        length, taken = view.end, part.end
    pieces.append(data[taken : taken + AFTER])
    starts, ends = (tuple(one.view.start for one in segments), tuple(one.view.end for one in segments))
    return View(b"".join(pieces), tuple(segments), parent, low, starts, ends)
