"""What was masked in a stream -> findings with their places, for a report."""

from __future__ import annotations

from collections.abc import Sequence

from keysift.fingerprint import fingerprint
from keysift.model import Finding, Location, ScanResult
from keysift.streams.places import Place

MOST = 100_000
"""Places that a report has of one run; whoever has more needs no list."""


class Recorder:
    """Counts the lines of a stream as it goes by, and notes where keys were masked."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._at = 0
        self._line = self._column = 1
        self._findings: list[Finding] = []
        self.masked = 0
        """The number of places."""

    def note(self, window: bytes, base: int, places: Sequence[Place], end: int) -> None:
        """Note places in the bytes that are known, of which the first is number `base`, as `redactor.Note` says."""
        for place in places:
            self.masked += 1
            self._advance(window, base, base + place.start)
            line, column = self._line, self._column
            self._advance(window, base, base + place.end)
            if len(self._findings) < MOST:
                start, stop = base + place.start, base + place.end
                location = Location(self._path, line, column, self._line, self._column, start, stop)
                key = place.key
                identity = fingerprint(key.rule.id, key.secret)
                self._findings.append(Finding(key.rule, key.secret, key.verdict, (location,), identity))
        self._advance(window, base, base + end)

    def result(self) -> ScanResult:
        """Return the findings of the stream so far."""
        return ScanResult(tuple(self._findings), (), 1, self._at)

    def _advance(self, window: bytes, base: int, to: int) -> None:
        """Count lines and columns up to a byte of the stream."""
        if to <= self._at:
            return
        passed = window[self._at - base : to - base]
        last = passed.rfind(b"\n")
        if last >= 0:
            self._line += passed.count(b"\n")
            self._column = 1
        self._column += len(passed[last + 1 :].decode("utf-8", "surrogateescape"))
        self._at = to
