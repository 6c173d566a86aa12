"""A file or git blob with everything inside of it -> what was found, through `scan_blob` for each window."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from keysift.containers import has_inside
from keysift.containers.limits import LIMITS, LimitError, Limits
from keysift.containers.windows import FIRST, MARGIN, Window
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding, Rule, ScanResult, Skipped

MOST_FINDINGS = 100_000
"""Keys of one file that are reported; who has more needs no list."""
GRACE = 10
"""Seconds over the limit, in which a file that keeps to the rules ends by itself."""
_CUT = "an encoded value in it is too long to be decoded as a whole"
MOST_SNIPPETS = 10_000
"""Of these, those that come with their lines: on a line without end each costs 8 kB."""


def scan_contents(matcher: Matcher, blob: Blob, limits: Limits = LIMITS) -> ScanResult:
    """What came of a blob and all that is inside of it; of a plain one, at the cost of `scan_blob`."""
    if len(blob.data) <= FIRST and not has_inside(blob.data):
        return scan_blob(matcher, blob)
    from keysift.containers.walk import expand  # noqa: PLC0415 - most runs meet no container

    return scan_pieces(matcher, expand(blob, limits), len(blob.data), limits.seconds)


def scan_inside(matcher: Matcher, blob: Blob, limits: Limits = LIMITS) -> ScanResult:
    """What came of all that is inside of a blob, its own bytes left out."""
    from keysift.containers.walk import expand  # noqa: PLC0415 - likewise

    pieces = (one for one in expand(blob, limits) if isinstance(one, Skipped) or one.blob.member or not one.opened)
    return scan_pieces(matcher, pieces, len(blob.data), limits.seconds)


def scan_open_file(matcher: Matcher, file: BinaryIO, path: str, limits: Limits = LIMITS) -> ScanResult:
    """The same for a file of any length, in bounded memory. Raises OSError."""
    from keysift.containers.walk import expand_file  # noqa: PLC0415 - likewise

    size = file.seek(0, os.SEEK_END)
    return scan_pieces(matcher, expand_file(file, path, limits), size, limits.seconds)


def scan_stream(matcher: Matcher, read: Callable[[int], bytes], path: str, limits: Limits = LIMITS) -> ScanResult:
    """The same for what can only be read forwards; `read(n)` gives at most n bytes, none at the end."""
    from keysift.containers.walk import expand_stream  # noqa: PLC0415 - likewise

    return scan_pieces(matcher, expand_stream(read, path, limits), seconds=limits.seconds)


def scan_pieces(
    matcher: Matcher,
    pieces: Iterable[Window | Skipped],
    size: int | None = None,
    seconds: float = LIMITS.seconds,
) -> ScanResult:
    """What came of the windows of one file, whose length is `size` bytes where that is known beforehand."""
    tally = _Tally()
    try:
        with _alarm(seconds + GRACE):
            for piece in pieces:
                tally.add(matcher, piece)
    except LimitError as error:
        tally.skipped[Skipped(tally.path, f"not fully scanned: {error}")] = None
    known = {finding.fingerprint for finding in tally.inside}
    secrets = {finding.secret for finding in tally.inside}
    outside = [
        finding
        for finding in tally.outside
        if finding.fingerprint not in known and not repeats(finding.rule, finding.secret, secrets)
    ]
    return ScanResult((*outside, *tally.inside), tuple(tally.skipped), 1, tally.length if size is None else size)


def repeats(rule: Rule, secret: bytes, inside: Iterable[bytes]) -> bool:
    """Whether a match in the bytes of a container is a key from inside of it with its neighbours in the file format."""
    return rule.general and any(key in secret for key in inside)


class _Tally:
    """What came of the windows so far."""

    def __init__(self) -> None:
        self.path = ""
        self.length = 0
        self.inside: list[Finding] = []
        self.outside: list[Finding] = []  # in bytes whose inside comes as well
        self.skipped: dict[Skipped, None] = {}

    def add(self, matcher: Matcher, piece: Window | Skipped) -> None:
        """Scans one. Raises LimitError when there are more keys than anyone reads."""
        if isinstance(piece, Skipped):
            self.skipped[piece] = None
            return
        self.path = piece.blob.path
        scanned = scan_window(matcher, piece)
        self.length += 0 if piece.blob.member else scanned.bytes
        self.skipped |= dict.fromkeys(scanned.skipped)
        found = self.outside if piece.opened else self.inside
        found += _without_snippets(scanned.findings, len(self.inside) + len(self.outside))
        if len(self.inside) + len(self.outside) > MOST_FINDINGS:
            raise LimitError(f"it holds more than {MOST_FINDINGS:,} keys")


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raises LimitError in the middle of whatever runs longer: no library that reads documents can be told to hurry.

    Only where signals are to be had, in the main thread of a system that is not Windows; elsewhere limits hold between
    the members.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise LimitError(f"it took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), 1)  # again each second, if something catches everything
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _without_snippets(findings: Sequence[Finding], count: int) -> Sequence[Finding]:
    """The findings of a window, their lines left out once there are very many."""
    if count + len(findings) <= MOST_SNIPPETS:
        return findings
    return [replace(one, locations=tuple(replace(place, snippet=None) for place in one.locations)) for one in findings]


def scan_window(matcher: Matcher, window: Window) -> ScanResult:
    """The findings that are a window's own, placed in the whole of which it is a part."""
    scanned = scan_blob(matcher, window.blob)
    start, end = window.core
    if window.byte == 0 and end == len(window.blob.data):
        return scanned
    own = [one for one in scanned.findings if start <= one.locations[0].start_byte < end]
    from keysift.detect.decode.binary import goes_on  # noqa: PLC0415 - only long files are cut

    skipped = scanned.skipped
    if end < len(window.blob.data) and goes_on(window.blob.data, end, MARGIN):
        name = window.blob.path + (f"!/{window.blob.member}" if window.blob.member else "")
        skipped = (*skipped, Skipped(name, _CUT))
    return replace(scanned, findings=tuple(_moved(one, window) for one in own), bytes=end - start, skipped=skipped)


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
