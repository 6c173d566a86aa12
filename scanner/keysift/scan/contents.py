"""A file or git blob with everything inside of it -> its findings, by `scan_blob` for each window."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from keysift import lazy
from keysift.containers import kinds
from keysift.containers.limits import LIMITS, LimitError, Limits
from keysift.containers.windows import FIRST, MARGIN, Window
from keysift.detect.assess import MOST_FOUND
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding, Rule, ScanResult, Skipped

if TYPE_CHECKING:
    from keysift.containers import walk
    from keysift.detect.decode import binary
else:
    walk = lazy.module("keysift.containers.walk")
    binary = lazy.module("keysift.detect.decode.binary")

MOST_FINDINGS = MOST_FOUND
"""Findings that are reported of one file; whoever has more needs no list."""
MOST_SNIPPETS = 10_000
"""Findings of one file that come with their lines: on a line without end each costs 8 kB."""
GRACE = 5
"""Seconds over the limit, in which a file that observes the limits finishes by itself."""
_LATE = "it took longer than {:g} s"
_CUT = "an encoded value in it is too long to be decoded as a whole"


def scan_contents(matcher: Matcher, blob: Blob, limits: Limits = LIMITS) -> ScanResult:
    """Return the result of a blob with everything inside of it; a plain blob costs no more than `scan_blob`."""
    if len(blob.data) <= FIRST:
        family = kinds.kind(blob.data, blob.data)
        if family is None:
            return scan_blob(matcher, blob)
        if family and not limits.depth:
            result = scan_blob(matcher, blob)
            return replace(result, skipped=(*result.skipped, Skipped(blob.path, walk.NOT_WANTED, expected=True)))
    return scan_pieces(matcher, walk.expand(blob, limits), len(blob.data), limits)


def scan_inside(matcher: Matcher, blob: Blob, limits: Limits = LIMITS) -> ScanResult:
    """Return the result of everything inside of a blob, without the blob's own bytes."""
    pieces = (
        piece
        for piece in walk.expand(blob, limits)
        if isinstance(piece, Skipped) or piece.blob.member or not piece.opened
    )
    return scan_pieces(matcher, pieces, len(blob.data), limits)


def scan_open_file(matcher: Matcher, file: BinaryIO, path: str, limits: Limits = LIMITS) -> ScanResult:
    """Return the result of a file of any length, in bounded memory. Raises OSError."""
    size = file.seek(0, os.SEEK_END)
    return scan_pieces(matcher, walk.expand_file(file, path, limits), size, limits)


def scan_stream(matcher: Matcher, read: Callable[[int], bytes], path: str, limits: Limits = LIMITS) -> ScanResult:
    """Return the result of what can only be read forwards; `read(n)` returns at most n bytes, none at the end."""
    return scan_pieces(matcher, walk.expand_stream(read, path, limits), limits=limits)


def scan_pieces(
    matcher: Matcher,
    pieces: Iterable[Window | Skipped],
    size: int | None = None,
    limits: Limits = LIMITS,
) -> ScanResult:
    """Return the result of the windows of one file, whose length is `size` bytes if that is known beforehand."""
    tally = _Tally()
    # What is held in memory, as everything is that a library reads, is no longer than this.
    seconds = limits.time(limits.held if size is None else size)
    try:
        for piece in _guarded(pieces, seconds):
            tally.add(matcher, piece)
    except LimitError as error:
        tally.skipped[Skipped(tally.path, f"not fully scanned: {error}")] = None
    return ScanResult(tally.findings(), tuple(tally.skipped), 1, tally.length if size is None else size)


def repeats(rule: Rule, secret: bytes, inside: Iterable[bytes]) -> bool:
    """Return True if a match in a container's own bytes is a key from inside of it, with some bytes beside it."""
    return rule.general and any(key in secret for key in inside)


class _Tally:
    """The findings of the windows so far."""

    def __init__(self) -> None:
        self.path = ""
        self.length = 0
        self.inside: list[Finding] = []
        self.outside: list[Finding] = []
        """Those in the own bytes of a container whose inside is scanned as well."""
        self.skipped: dict[Skipped, None] = {}

    def add(self, matcher: Matcher, piece: Window | Skipped) -> None:
        """Scan one window.

        Raises:
            LimitError: there are more findings than anyone reads.
        """
        if isinstance(piece, Skipped):
            self.skipped[piece] = None
            return
        self.path = piece.blob.path
        result = scan_window(matcher, piece)
        self.length += 0 if piece.blob.member else result.bytes
        self.skipped |= dict.fromkeys(result.skipped)
        findings = self.outside if piece.opened else self.inside
        findings += _limit_snippets(result.findings, len(self.inside) + len(self.outside))
        if len(self.inside) + len(self.outside) > MOST_FINDINGS:
            raise LimitError(f"it contains more than {MOST_FINDINGS:,} keys")

    def findings(self) -> tuple[Finding, ...]:
        """Return all findings; of a container's own bytes only those that are not found inside of it."""
        fingerprints = {finding.fingerprint for finding in self.inside}
        secrets = {finding.secret for finding in self.inside}
        outside = (
            finding
            for finding in self.outside
            if finding.fingerprint not in fingerprints and not repeats(finding.rule, finding.secret, secrets)
        )
        return (*outside, *self.inside)


def _guarded(pieces: Iterable[Window | Skipped], seconds: float) -> Iterator[Window | Skipped]:
    """Yield pieces; raise LimitError when making them and scanning members has taken `seconds`.

    What observes the limits ends by itself; what takes `GRACE` longer is ended in the middle, for no library that reads
    documents takes a time limit. What counts is the CPU time of this process, so that a busy machine opens no less than
    an idle one. This needs signals, in the main thread of a system other than Windows; elsewhere limits hold between
    pieces only. A file's own bytes may take as long as they do: people wait for what they have.
    """
    source = iter(pieces)
    spent = 0.0
    with _alarm(seconds) as alarm:
        while True:
            left = seconds + GRACE - spent
            started = time.thread_time()
            with alarm(left):
                piece = next(source, None)
            if piece is None:
                return
            opened = time.thread_time()
            yield piece
            spent += (time.thread_time() if isinstance(piece, Window) and piece.blob.member else opened) - started
            if spent > seconds:
                raise LimitError(_LATE.format(seconds))


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[Callable[[float], contextlib.AbstractContextManager[None]]]:
    """Yield what makes a block raise LimitError after so much CPU time; nothing does where there are no signals."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield lambda _: contextlib.nullcontext()
        return

    def ring(*_: object) -> None:
        raise LimitError(_LATE.format(seconds))

    @contextlib.contextmanager
    def alarm(left: float) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_VIRTUAL, max(left, 0.001), 1)  # and each second: it may be caught
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    before = signal.signal(signal.SIGVTALRM, ring)
    try:
        yield alarm
    finally:
        signal.signal(signal.SIGVTALRM, before)


def _limit_snippets(findings: Sequence[Finding], count: int) -> Sequence[Finding]:
    """Return the findings of a window, without their lines if there are `count` before them and so very many."""
    if count + len(findings) <= MOST_SNIPPETS:
        return findings
    return [
        replace(finding, locations=tuple(replace(place, snippet=None) for place in finding.locations))
        for finding in findings
    ]


def scan_window(matcher: Matcher, window: Window) -> ScanResult:
    """Return the findings in the core of a window, with their places in the whole that it is a part of."""
    result = scan_blob(matcher, window.blob)
    start, end = window.core
    if window.byte == 0 and end == len(window.blob.data):
        return result
    own = (finding for finding in result.findings if start <= finding.locations[0].start_byte < end)
    skipped = result.skipped
    if end < len(window.blob.data) and binary.goes_on(window.blob.data, end, MARGIN):
        name = window.blob.path + (f"!/{window.blob.member}" if window.blob.member else "")
        skipped = (*skipped, Skipped(name, _CUT))
    return replace(
        result, findings=tuple(_moved(finding, window) for finding in own), bytes=end - start, skipped=skipped
    )


def _moved(finding: Finding, window: Window) -> Finding:
    """Return a finding of a window with its place in the whole."""
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
