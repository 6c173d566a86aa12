"""The versions of a blob that git stores as deltas of one another, and what is new in each: its hits and its values.

A search costs more than the few bytes at the seams of a version, so many versions are searched as one text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field

from keysift.detect import carry, seams, values
from keysift.detect.confirm import SLACK
from keysift.detect.databases import REACH, Hit, Part
from keysift.detect.decode.triggers import TRIGGERS
from keysift.detect.matcher import LONGEST_SHAPE, Matcher
from keysift.detect.occurrences import BlobState
from keysift.records import dataclass
from keysift.rules.keywords import LONGEST_KEYWORD
from keysift.rules.patterns import DEFAULT_REACH

NEAR_MARGIN = 2 * (DEFAULT_REACH + SLACK) + LONGEST_KEYWORD
"""Bytes from a change to a keyword that counts only near a value: a key is between them."""


@dataclass(slots=True)
class Version:
    """A blob and what is known of it."""

    data: bytes = field(repr=False)
    base: Version | None = None
    """The version that it is a delta of; None if it is stored whole."""
    copies: list[int] = field(default_factory=list, repr=False)
    """The stretches that it copies from the base, as in `carry`."""
    state: BlobState | None = None
    """None until it is examined, and if that failed."""
    hits: list[int] | None = field(default=None, repr=False)
    """As in `BlobState`; None until they are searched for."""
    values: list[int] = field(default_factory=list, repr=False)
    """As in `BlobState`."""
    near: list[int] = field(default_factory=list, repr=False)
    """The hits, near its seams, of keywords that count only near a value; in order."""


class _Text:
    """Stretches of many versions, to be searched as one."""

    def __init__(self) -> None:
        self._parts = [b""]
        self._size = len(seams.BETWEEN)
        self.begins: list[int] = []
        self.firsts = [0]
        """As in `seams.placed`."""

    def add(self, data: bytes, stretches: list[int]) -> bool:
        """Add the stretches of one version; return True if there are NUL bytes in them."""
        size = seams.gather(data, stretches, self._parts, self.begins, self._size)
        self._size = abs(size)
        self.firsts.append(len(self.begins))
        return size < 0

    def joined(self) -> bytes:
        return seams.BETWEEN.join(self._parts)

    def placed(self, hits: list[Hit]) -> list[list[int]]:
        """Return the hits in it for each of the versions."""
        return seams.placed(hits, self.begins, self.firsts)


class SeamSearch:
    """Searches the seams of versions for keywords and values."""

    def __init__(self, matcher: Matcher, lengths: list[int]) -> None:
        """Prepare the search; `lengths` are the most bytes of each keyword."""
        self._prefilter = matcher.prefilter
        self._reach = max(LONGEST_SHAPE, *lengths)
        self._at_start = [
            (number, re.compile(trigger.shape))
            for number, trigger in enumerate(TRIGGERS)
            if trigger.shape.startswith(b"^")
        ]
        """Keywords that only the first bytes of a blob can be: in a text of many, those are anywhere."""
        self._lengths = [*lengths]
        for number, _ in self._at_start:
            self._lengths[number] = 1 << 40  # so that it is handed down only from beginning to beginning

    def search(self, versions: Sequence[Version]) -> None:
        """Note the hits and values of all these versions; each has a base, which is searched, or before it here."""
        text, near = _Text(), _Text()
        binary = [text.add(version.data, self._zones(version, self._reach)) for version in versions]
        joined = text.joined()
        everywhere = text.placed(self._prefilter.hits_of(Part.EVERYWHERE, joined))
        found = values.runs(joined, values.KINDS, values.PAIRS, cut=True)
        for version, fresh in zip(versions, seams.placed_values(found, text.begins, text.firsts), strict=True):
            version.values = self._values(version, fresh)
            near.add(version.data, self._near_zones(version) if version.values else [])
        nearby = near.placed(self._prefilter.hits_of(Part.NEAR, near.joined()) if near.begins else [])
        for version, hits, others, special in zip(versions, everywhere, nearby, binary, strict=True):
            triggers = carry.below(others, len(TRIGGERS)) if others else []
            if others:
                version.near = sorted({*others}.difference(triggers))
            self._inherit(version, [*hits, *triggers, *(self._search_binary(version) if special else [])])

    def _inherit(self, version: Version, fresh: list[int]) -> None:
        """Note the hits of a version: the fresh ones, those at its start, and those of its base."""
        for number, shape in self._at_start:
            if start := shape.match(version.data):
                fresh.append(start.end() << carry.WORD_BITS | number)
        base = version.base
        inherited = carry.inherited(base.hits, self._lengths, version.copies) if base and base.hits else []
        version.hits = seams.merged(inherited, fresh)

    def _search_binary(self, version: Version) -> list[int]:
        """Search a version with NUL bytes by itself: of some keywords in these, only the first in a text is found."""
        text = _Text()
        text.add(version.data, self._zones(version, self._reach))
        return text.placed(self._prefilter.hits_of(Part.WIDE, text.joined()))[0]

    def _zones(self, version: Version, margin: int) -> list[int]:
        base_size = len(version.base.data) if version.base else 0
        return carry.zones(version.copies, len(version.data), base_size, margin)

    def _values(self, version: Version, fresh: list[int]) -> list[int]:
        base, data = version.base, version.data
        if fresh:
            fresh = values.complete(data, fresh, values.KINDS, values.PAIRS)
        if not base:
            return fresh
        return seams.inherited_values(base.values, fresh, version.copies, len(data), len(base.data))

    def _near_zones(self, version: Version) -> list[int]:
        """Return the stretches in which a keyword counts that does so only near a value: near a seam as well."""
        around_values = values.zones(version.values, REACH, len(version.data))
        return seams.common(around_values, self._zones(version, NEAR_MARGIN))
