"""A run as every format shows it: in order, with masked names and masked snippets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TypeVar

from keysift import lazy
from keysift.detect.locate import LONGEST_LINE
from keysift.masking import Keys, keys, mask, mask_name, redact
from keysift.model import Finding, History, Label, LiveState, Location, Run
from keysift.records import dataclass

MOST_LISTED = 20
"""Places and refs of a finding that a report lists."""
_Item = TypeVar("_Item")
_LABELS = list(Label)
_NEAR = LONGEST_LINE + 8192
"""Bytes: the longest part of a line in a snippet, and the longest key that may reach into it."""
_SURROGATE = lazy.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Options:
    """The form of a report; what it says is decided before."""

    show_secrets: bool = False
    show_public: bool = False
    colour: bool = False
    """For the text format only, as all that follows but `everything`."""
    width: int = 100
    """Columns of the terminal: lines of code are cut to them, sentences are wrapped."""
    everything: bool = False
    """List all findings in text, and all places and refs of each in any format."""
    group_by: str = ""
    """`file`, `rule` or `label`; empty: the gravest findings come first."""
    snippets: bool = True
    quiet: bool = False
    """A line for each finding, and no summary."""
    verbose: bool = False
    """List with each finding all that is known of it."""


@dataclass(frozen=True, slots=True)
class Key:
    """The masked lines of a key as one text, with the key from character `start` (0-based) to `end` (exclusive)."""

    first_line: int
    text: str
    start: int
    end: int


_Line = tuple[str, str, str, int]
"""Path, member, commit and number of a line."""


@dataclass(frozen=True, slots=True)
class View:
    """A run as a report shows it."""

    run: Run
    options: Options
    hidden: Keys
    places: Mapping[_Line, list[Location]] = field(repr=False)
    """All keys on the lines that are shown: one that was found decoded cannot be found in them as text."""
    names: dict[str, str] = field(default_factory=dict, repr=False)
    """The results of `name`: thousands of refs may hold the same key, and the next one."""

    def findings(self) -> list[Finding]:
        """Return the open findings, the gravest first, then the public ones where they are wanted.

        What is below the threshold of confidence is not among them.
        """
        public = self.run.public if self.options.show_public else ()
        return [*in_order(self.run.findings), *in_order(each for each in public if not each.below_threshold)]

    def listed(self, items: Sequence[_Item]) -> Sequence[_Item]:
        """Return the first places or refs of a finding, or all where they are wanted; the rest is counted."""
        return items if self.options.everything else items[:MOST_LISTED]

    def secret(self, finding: Finding) -> str:
        """Return the key: redacted, or in full (`escaped`) where the user asked for it."""
        if self.options.show_secrets:
            return escaped(finding.secret.decode("utf-8", "surrogateescape"))
        return redact(finding.secret)

    def name(self, text: str) -> str:
        """Return a path or a sentence without keys, for a format that can hold any character of Unicode."""
        known = self.names.get(text)
        if known is None:
            known = self.names[text] = escaped(mask_name(text, self.hidden))
        return known

    def key(self, location: Location) -> Key | None:
        """Return the key in its lines; None where they are not known."""
        snippet = location.snippet
        if snippet is None:
            return None
        first = location.start_line - snippet.first_line
        lines = snippet.lines[max(first, 0) : first + 1 + location.end_line - location.start_line]
        if first < 0 or not lines:
            return None
        text = "\n".join(lines)
        cut = _cut(location, lines)
        start, end = _span(location, location, lines, cut)
        spans = [span for other in self._others(location) if (span := _span(other, location, lines, cut))[0] < span[1]]
        return Key(location.start_line, mask(text, self.hidden, [(start, end), *spans]), start, end)

    def _others(self, location: Location) -> Iterator[Location]:
        """Yield the keys that may reach into the lines shown for one: on a very long line, those nearby."""
        for line in _lines(location):
            there = self.places.get(line, [])
            first = bisect_left(there, location.start_byte - _NEAR, key=_start)
            yield from there[first : bisect_right(there, location.end_byte + _NEAR, key=_start)]


def view(run: Run, options: Options) -> View:
    """Return the view of a run; each report makes one."""
    if options.show_secrets:
        return View(run, options, Keys(shown=True), {})
    everything = [*run.everything()]
    return View(run, options, keys(finding.secret for finding in (*everything, *run.hidden)), _places(everything))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by urgency: live keys first and dead ones last, where the vendor was asked; then secret before
    sensitive before public, in HEAD before in history only, then the surest first, then by path and line.
    """
    return sorted(findings, key=_rank)


def worst(labels: Iterable[Label]) -> Label:
    """Return the gravest of some labels."""
    return min(labels, key=_LABELS.index)


def escaped(text: str) -> str:
    r"""Return text that UTF-8 can encode: an undecodable byte becomes `\xNN`, another lone surrogate `\uNNNN`."""
    return text if text.isascii() else _SURROGATE.sub(_escape, text)


def _escape(surrogate: re.Match[str]) -> str:
    code = ord(surrogate[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


_LIVENESS = {LiveState.LIVE: 0, LiveState.LIMITED: 1, LiveState.DEAD: 3}
"""All others, and keys about which nobody asked, stand between."""


def _rank(finding: Finding) -> tuple[int, int, int, int, str, int, str]:
    verdict = finding.verdict
    first = finding.locations[0] if finding.locations else Location("", 0, 0, 0, 0, 0, 0)
    where = first.path, first.start_byte, finding.rule.id
    state = _LIVENESS.get(finding.liveness.state, 2) if finding.liveness else 2
    return state, _LABELS.index(verdict.label), _distance(finding.history), -verdict.confidence.rank, *where


def _distance(history: History | None) -> int:
    """Return how far a key is from a checkout: 0 in HEAD, 1 at the tip of a ref, 2 in its history, 3 elsewhere."""
    if history is None or history.in_head:
        return 0
    return 1 if history.refs else 2 if history.kept_by in {"", "refs"} else 3


def _lines(location: Location) -> Iterator[_Line]:
    """Yield the lines that a report may show for a location."""
    for number in range(location.start_line, location.end_line + 1):
        yield location.path, location.member, location.commit, number


def _places(findings: list[Finding]) -> Mapping[_Line, list[Location]]:
    """Return the locations on each line that the first location of some finding will show."""
    first = [finding.locations[0] for finding in findings if finding.locations]
    # Without a snippet, as in a saved report, nothing is shown, and the line numbers there may be absurd.
    places: dict[_Line, list[Location]] = {
        line: [] for location in first if location.snippet for line in _lines(location)
    }
    for finding in findings if places else ():
        for location in finding.locations:
            for line in _lines(location):
                if line in places:
                    places[line].append(location)
    for there in places.values():
        there.sort(key=_start)
    return places


def _start(location: Location) -> int:
    return location.start_byte


def _span(location: Location, shown: Location, lines: tuple[str, ...], cut: int) -> tuple[int, int]:
    """Return the span of a location in the joined lines of another, of which `cut` characters are left out."""
    start = _offset(location.start_line - shown.start_line, location.start_column, lines, cut)
    end = _offset(location.end_line - shown.start_line, location.end_column, lines, cut)
    return start, max(start, end)


def _offset(row: int, column: int, lines: tuple[str, ...], cut: int) -> int:
    """Return the offset of a row and column in the joined lines; the nearest end where it is outside of them."""
    if row < 0:
        return 0
    if row >= len(lines):
        return sum(len(text) + 1 for text in lines) - 1
    column -= cut if row == 0 else 0
    return sum(len(text) + 1 for text in lines[:row]) + min(max(column - 1, 0), len(lines[row]))


def _cut(shown: Location, lines: tuple[str, ...]) -> int:
    """Return how many characters a snippet leaves out at the start of a very long line.

    `locate` keeps `LONGEST_LINE` bytes before a key, so the key of a line that was cut starts right behind them.
    """
    before = lines[0].encode("utf-8", "surrogateescape")[:LONGEST_LINE]
    return max(0, shown.start_column - 1 - len(before.decode("utf-8", "surrogateescape")))
