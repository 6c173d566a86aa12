"""The versions of a blob that git stores as deltas of one another, and what of each is to be searched: its seams.

A search costs more than the few bytes at the seams of a version, so many versions are searched as one text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from keysift.detect import carry
from keysift.detect.decode.triggers import TRIGGERS
from keysift.detect.matcher import LONGEST_SHAPE, Matcher
from keysift.detect.occurrences import BlobState


@dataclass(slots=True)
class Version:
    """A blob and what is known of it."""

    data: bytes = field(repr=False)
    base: Version | None = None
    """The version that it is a delta of; None if it is stored whole."""
    copies: list[int] = field(default_factory=list, repr=False)
    """The stretches that it copies from the base, as in `carry`."""
    state: BlobState | None = None
    """None until it is examined, and if a rule took too long."""
    fresh: list[int] | None = field(default=None, repr=False)
    """The hits at its seams, in no order; None until they are searched for."""


class SeamSearch:
    """Searches the seams of versions for keywords."""

    def __init__(self, matcher: Matcher, lengths: Sequence[int]) -> None:
        """Prepare the search; `lengths` are the most bytes of each keyword."""
        self._matcher = matcher
        self._reach = max(LONGEST_SHAPE, *lengths)
        self._at_start = [
            (number, re.compile(trigger.shape))
            for number, trigger in enumerate(TRIGGERS)
            if trigger.shape.startswith(b"^")
        ]
        """Keywords that only the first bytes of a blob can be: in a text of many, those are anywhere."""

    def search(self, versions: Sequence[Version]) -> None:
        """Note the hits at the seams of all these versions, all of which have a base."""
        parts, begins, place = [b""], list[int](), len(carry.BETWEEN)
        firsts, together = [0], list[Version]()
        for version in versions:
            zones = self._zones(version)
            end = carry.gather(version.data, zones, parts, begins, place, plain=True)
            if end < 0:
                self._search_alone(version, zones)
                continue
            place = end
            together.append(version)
            firsts.append(len(begins))
        hits = self._matcher.prefilter.hits(carry.BETWEEN.join(parts)) if begins else []
        for version, fresh in zip(together, carry.placed(hits, begins, firsts), strict=True):
            version.fresh = fresh
            if self._at_start and begins:
                self._search_start(version, fresh)

    def _search_alone(self, version: Version, zones: list[int]) -> None:
        """Search a version with NUL bytes: of some keywords in these, only the first in a text is found."""
        parts, begins = [b""], list[int]()
        carry.gather(version.data, zones, parts, begins, len(carry.BETWEEN), plain=False)
        hits = self._matcher.prefilter.hits(carry.BETWEEN.join(parts))
        [version.fresh] = carry.placed(hits, begins, [0, len(begins)])
        self._search_start(version, version.fresh)

    def _zones(self, version: Version) -> list[int]:
        base_size = len(version.base.data) if version.base else 0
        return carry.zones(version.copies, len(version.data), base_size, self._reach)

    def _search_start(self, version: Version, fresh: list[int]) -> None:
        for number, shape in self._at_start:
            if found := shape.match(version.data):
                fresh.append(found.end() << carry.WORD_BITS | number)
