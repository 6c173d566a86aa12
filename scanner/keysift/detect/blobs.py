"""The straight line: blob -> match -> classify -> resolve -> locate -> suppress -> findings; and their tally."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from keysift.detect import classify, comments, decode, locate, nested, resolve
from keysift.detect.confirm import RuleTimeoutError, Zone
from keysift.detect.matcher import Matcher
from keysift.fingerprint import fingerprint
from keysift.model import Blob, Candidate, Finding, Label, Run, Skipped, Span, Verdict

MOST_REMEMBERED = 2_000
"""Matches of one blob whose surroundings, some kilobytes each, are kept for other rules on the same bytes."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What came of some blobs."""

    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    blobs: int = 0
    bytes: int = 0


def scan_blob(matcher: Matcher, blob: Blob) -> ScanResult:
    """The findings of one blob, each with the one place where it stands. A rule that runs out of time is reported."""
    windows = matcher.windows(blob.data)
    if not windows:
        return ScanResult(blobs=1, bytes=len(blob.data))
    skipped: tuple[Skipped, ...] = ()
    judged: list[resolve.Judged] = []
    try:
        _judge(matcher, blob, windows, judged)
        if nested.calls_for(windows):
            for view, near in nested.views(matcher, blob.data, windows):
                _judge(matcher, blob, near, judged, view)
    except (RuleTimeoutError, TimeoutError, decode.LimitError) as error:
        skipped = (Skipped(blob.path, f"not scanned to its end: {error or 'a rule took too long'}"),)
    if not judged:
        return ScanResult((), skipped, 1, len(blob.data))
    places = locate.Places(blob)
    findings = [_finding(places, match, verdict) for match, verdict in resolve.resolve(judged, matcher.rules.off)]
    return ScanResult(tuple(comments.inline(blob, findings)), skipped, 1, len(blob.data))


def _judge(
    matcher: Matcher,
    blob: Blob,
    windows: Mapping[int, list[Zone]],
    judged: list[resolve.Judged],
    view: decode.View | None = None,
) -> None:
    """Adds the matches that may be findings, of a view only those that it has decoded.

    What is final for one rule is so for every rule on some of its bytes. General rules come last, for they give way
    to all others: they need not be asked about what is a finding already.

    Raises:
        RuleTimeoutError, TimeoutError: a rule ran out of time; what was found before it is added all the same.
    """
    data = view.data if view else blob.data
    surroundings: dict[Span, classify.Surroundings] = {}
    settled: set[Span] = set()
    known: dict[int, int] = {}
    found: list[resolve.Judged] = []
    try:
        for match in matcher.matches(data, matcher.in_order(windows), known):
            span = match.span
            if span.within(settled) or (view and not view.origin(span)):
                continue
            if len(surroundings) >= MOST_REMEMBERED:
                surroundings.clear()
            around = surroundings.get(span)
            if around is None:
                around = surroundings[span] = classify.Surroundings(data, span.start, span.end, blob.path)
            verdict = classify.judge(match, around)
            if isinstance(verdict, Verdict):
                found.append(_decoded(match, verdict, view) if view else (match, verdict))
                if not match.rule.general:
                    known[span.start] = span.end
            elif verdict.final:
                settled.add(span)
    finally:
        judged += (one for one in found if not one[0].span.within(settled))


def _decoded(match: Candidate, verdict: Verdict, view: decode.View) -> resolve.Judged:
    """A match of a view, with its place in the blob."""
    steps = view.steps(match.span)
    reasons = (*verdict.reasons, f"decoded from {', '.join(steps)}")
    return replace(match, origin=view.origin(match.span), steps=steps), replace(verdict, reasons=reasons)


def _finding(places: locate.Places, match: Candidate, verdict: Verdict) -> Finding:
    location = places.locate(match.origin or match.span)
    return Finding(match.rule, match.secret, verdict, (location,), fingerprint(match.rule.id, match.secret))


def tally(run: Run, results: Iterable[ScanResult]) -> None:
    """Adds results to the run: one finding for each key, suppressed only where it is accepted in every place."""
    places: dict[str, list[Finding]] = {}
    try:
        for result in results:
            run.blobs += result.blobs
            run.bytes += result.bytes
            run.skipped += result.skipped
            for finding in result.findings:
                places.setdefault(finding.fingerprint, []).append(finding)
    except KeyboardInterrupt:
        run.interrupted = True
    for found in places.values():
        _sort_into(run, found)


def _sort_into(run: Run, found: list[Finding]) -> None:
    open_places = [finding for finding in found if not finding.suppressions]
    accepted = [finding for finding in found if finding.suppressions]
    if open_places:
        merged = merge(open_places)
        (run.public if merged.verdict.label is Label.PUBLIC else run.findings).append(merged)
    if accepted:
        run.suppressed.append(merge(accepted))


def merge(found: list[Finding]) -> Finding:
    """One finding with all the places, and the gravest verdict of them."""
    gravest = max(found, key=lambda one: (one.verdict.label is Label.SECRET, one.verdict.confidence.rank))
    locations = sorted(
        (one.locations[0] for one in found), key=lambda place: (place.path, place.member, place.start_byte)
    )
    suppressions = dict.fromkeys(suppression for one in found for suppression in one.suppressions)
    return replace(gravest, locations=tuple(locations), suppressions=tuple(suppressions))
