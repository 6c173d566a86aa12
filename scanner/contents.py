"""A file or git blob with everything inside of it -> what was found, through `scan_blob` for each window."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import BinaryIO

from scanner.match import Matcher
from scanner.model import Blob, Finding, Skipped
from scanner.scan import Scanned, scan_blob
from scanner.sources import expand
from scanner.sources.windows import FIRST, Window

MOST_FINDINGS = 100_000
"""Keys of one file that are reported; who has more needs no list."""
MOST_SNIPPETS = 10_000
"""Of these, those that come with their lines: on a line without end each costs 8 kB."""


def scan_contents(matcher: Matcher, blob: Blob, limits: expand.Limits = expand.LIMITS) -> Scanned:
    """What came of a blob and all that is inside of it; of a plain one, at the cost of `scan_blob`."""
    if len(blob.data) <= FIRST and not expand.has_inside(blob.data):
        return scan_blob(matcher, blob)
    return scan_pieces(matcher, expand.expand(blob, limits), len(blob.data))


def scan_open_file(matcher: Matcher, file: BinaryIO, path: str, limits: expand.Limits = expand.LIMITS) -> Scanned:
    """The same for a file of any length, in bounded memory. Raises OSError."""
    size = file.seek(0, os.SEEK_END)
    return scan_pieces(matcher, expand.expand_file(file, path, limits), size)


def scan_pieces(matcher: Matcher, pieces: Iterable[Window | Skipped], size: int | None = None) -> Scanned:
    """What came of the windows of one file, whose length is `size` bytes where that is known beforehand."""
    inside: list[Finding] = []
    outside: list[Finding] = []
    skipped: dict[Skipped, None] = {}
    length = 0
    for piece in pieces:
        if isinstance(piece, Skipped):
            skipped[piece] = None
            continue
        scanned = scan_window(matcher, piece)
        length += scanned.bytes if not piece.blob.member else 0
        skipped |= dict.fromkeys(scanned.skipped)
        found = outside if piece.opened else inside
        found += _without_snippets(scanned.findings, len(inside) + len(outside))
        if len(inside) + len(outside) > MOST_FINDINGS:
            skipped[Skipped(piece.blob.path, f"not scanned to its end: more than {MOST_FINDINGS:,} keys in it")] = None
            break
    known = {finding.fingerprint for finding in inside}
    outside = [finding for finding in outside if finding.fingerprint not in known]
    return Scanned((*outside, *inside), tuple(skipped), 1, length if size is None else size)


def _without_snippets(findings: Sequence[Finding], count: int) -> Sequence[Finding]:
    """The findings of a window, their lines left out once there are very many."""
    if count + len(findings) <= MOST_SNIPPETS:
        return findings
    return [replace(one, locations=tuple(replace(place, snippet=None) for place in one.locations)) for one in findings]


def scan_window(matcher: Matcher, window: Window) -> Scanned:
    """The findings that are a window's own, placed in the whole of which it is a part."""
    scanned = scan_blob(matcher, window.blob)
    start, end = window.core
    if window.byte == 0 and end == len(window.blob.data):
        return scanned
    own = [one for one in scanned.findings if start <= one.locations[0].start_byte < end]
    return replace(scanned, findings=tuple(_moved(one, window) for one in own), bytes=end - start)


def _moved(finding: Finding, window: Window) -> Finding:
    """A finding of a window with its place in the whole."""
    [place] = finding.locations
    snippet = place.snippet
    moved = replace(
        place,
        start_line=place.start_line + window.line,
        end_line=place.end_line + window.line,
        start_column=place.start_column + (window.column if place.start_line == 1 else 0),
        end_column=place.end_column + (window.column if place.end_line == 1 else 0),
        start_byte=place.start_byte + window.byte,
        end_byte=place.end_byte + window.byte,
        snippet=replace(snippet, first_line=snippet.first_line + window.line) if snippet else None,
    )
    return replace(finding, locations=(moved,))
