"""Decodes values in place, so that every rule sees them with their field.

The prefilter finds encoded values by `triggers`, `binary` and `text` decode them, and a view copies the bytes around
them and remembers where each part came from. Where nothing is encoded, this costs nothing.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.detect.decode.parts import LimitError, Part
from keysift.detect.decode.triggers import FARTHER, HEADERS, ONCE, TRIGGERS, Kind, Trigger
from keysift.model import Span
from keysift.records import dataclass

if TYPE_CHECKING:
    from keysift.detect.decode import binary, tables, text
else:
    binary = lazy.module("keysift.detect.decode.binary")
    tables = lazy.module("keysift.detect.decode.tables")
    text = lazy.module("keysift.detect.decode.text")

__all__ = ["DEPTH", "FARTHER", "HEADERS", "ONCE", "TRIGGERS", "Kind", "LimitError", "Trigger", "View", "views"]

BEFORE, AFTER = 4096, 2048
"""Bytes that a view copies around what it decodes: as much as a verdict looks at, and a little more."""
WHOLE = frozenset({"base64", "hex"})
"""Encodings of a whole value; the others encode single characters, or text with values in it."""
TABLE = "a table"
"""What tables are called among the encodings."""
MOST_PARTS = 200_000
"""Decoded parts of one text; each takes half a kB, whether it is a value or a single character."""
DEPTH = 6
"""Nested encodings that are decoded."""

Hits = Sequence[tuple[int, int]]
"""The start and end of each hit of a trigger, in order."""


@functools.cache
def _readers() -> dict[Kind, Callable[[bytes, Hits], Iterable[Part | LimitError]]]:
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
        Kind.TABLE: tables.read,
    }


@dataclass(frozen=True, slots=True)
class Segment:
    """A decoded part: its span in the view, and that of the encoded bytes in the parent, which is `origin`."""

    view: Span
    origin: Span
    part: Part = field(repr=False)


@dataclass(frozen=True, slots=True)
class View:
    """A copy of some bytes of a blob or of another view, with encoded values decoded."""

    data: bytes = field(repr=False)
    segments: tuple[Segment, ...]
    parent: View | None = None
    """The view that was decoded further; None if it was the blob."""
    low: int = 0
    """The offset in the parent at which the view starts."""
    starts: tuple[int, ...] = field(default=(), repr=False)
    ends: tuple[int, ...] = field(default=(), repr=False)

    @property
    def is_table(self) -> bool:
        """True if it is made of the cells of a table, or is a view of such a view."""
        return self.segments[0].part.steps == (TABLE,) or bool(self.parent and self.parent.is_table)

    def touched(self, start: int, end: int) -> Segment | None:
        """Return the first decoded part in a range of the view, None if there is none: then its bytes are not new."""
        index = bisect_right(self.ends, start)
        return self.segments[index] if index < len(self.segments) and self.starts[index] < end else None

    def origin(self, span: Span) -> Span | None:
        """Return where in the blob a span of the view comes from.

        None if neither it nor the bytes next to it were decoded. None also if it runs from before a value that is
        encoded as a whole into it, because such bytes were never together.
        """
        if not self.touched(span.start - 1, span.end + 1) or self._torn(span):
            return None
        return self._origin(span)

    def _torn(self, span: Span) -> bool:
        first = self.touched(span.start, span.end)
        return first is not None and span.start < first.view.start and first.part.steps[0] in WHOLE

    def steps(self, span: Span) -> tuple[str, ...]:
        """Return the names of the encodings around a span, the outermost first."""
        inner = self.touched(span.start - 1, span.end + 1)
        names = inner.part.steps if inner else ()
        if not self.parent:
            return names
        return (*self.parent.steps(Span(self._start(span.start), self._end(span.end))), *names)

    def _origin(self, span: Span) -> Span:
        above = Span(self._start(span.start), self._end(span.end))
        return self.parent._origin(above) if self.parent else above  # noqa: SLF001 - of its own class

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
    """Yield the views of some bytes, by the hits of `TRIGGERS` in them, which are grouped by `Kind`.

    If the bytes are those of a view, `parent`, only what that view itself has decoded is decoded further.

    Raises:
        LimitError: a value unpacks to too much; after the views of all others.
    """
    failed: LimitError | None = None
    for kinds in _GROUPS:
        parts: list[Part] = []
        for kind in kinds:
            if kind is Kind.TABLE and parent and parent.is_table:
                continue  # what it reads is a table no longer
            for part in _readers()[kind](data, hits[kind]) if kind in hits else ():
                if isinstance(part, LimitError):
                    failed = part
                elif not parent or parent.touched(part.start, part.end):
                    parts.append(part)
                    if len(parts) > MOST_PARTS:
                        failed = LimitError(f"more than {MOST_PARTS:,} values or characters of it are encoded")
                        break
        for cluster in _clusters(_without_overlaps(parts)):
            yield _view(data, cluster, parent)
    if failed:
        raise failed


_GROUPS = ((Kind.KUBERNETES, Kind.BASE64), *((kind,) for kind in Kind if kind not in {Kind.KUBERNETES, Kind.BASE64}))


def _without_overlaps(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the parts in order, without those that overlap an earlier or longer one."""
    end = 0
    for part in sorted(parts, key=lambda part: (part.start, -part.end)):
        if part.start >= end:
            end = part.end
            yield part


def _clusters(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Yield the parts in groups that share one view, because their surroundings meet."""
    cluster: list[Part] = []
    for part in parts:
        if cluster and part.start - cluster[-1].end > BEFORE + AFTER:
            yield cluster
            cluster = []
        cluster.append(part)
    if cluster:
        yield cluster


def _view(data: bytes, cluster: Sequence[Part], parent: View | None) -> View:
    low = copied = max(0, cluster[0].start - BEFORE)
    pieces: list[bytes] = []
    segments: list[Segment] = []
    length = 0
    for part in cluster:
        pieces += [data[copied : part.start], part.decoded]
        length += part.start - copied
        view = Span(length, length + len(part.decoded))
        segments.append(Segment(view, Span(part.start, part.end), part))
        length, copied = view.end, part.end
    pieces.append(data[copied : copied + AFTER])
    starts = tuple(segment.view.start for segment in segments)
    ends = tuple(segment.view.end for segment in segments)
    return View(b"".join(pieces), tuple(segments), parent, low, starts, ends)
