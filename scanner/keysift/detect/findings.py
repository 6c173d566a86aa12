"""Blob -> findings: assess, resolve, locate, and mark what comments accept. The straight line, for one blob."""

from __future__ import annotations

from keysift.detect import comments, locate, resolve
from keysift.detect.assess import assess
from keysift.detect.candidates import Candidate
from keysift.detect.matcher import Matcher
from keysift.fingerprint import fingerprint
from keysift.model import Blob, Finding, ScanResult, Skipped, Verdict


def scan_blob(matcher: Matcher, blob: Blob) -> ScanResult:
    """Return the findings of one blob, each with the one place where it stands.

    Where a rule runs out of time, what was found before stays, and the blob is reported as not fully scanned.
    """
    windows = matcher.windows(blob.data)
    if not windows:
        return ScanResult(blobs=1, bytes=len(blob.data))
    assessment = assess(matcher, blob, windows)
    skipped: tuple[Skipped, ...] = ()
    if assessment.unfinished:
        skipped = (Skipped(blob.path, f"not fully scanned: {assessment.unfinished}"),)
    found = resolve.resolve(assessment.verdicts(), matcher.rules.off) if assessment.candidates else []
    if not found:
        return ScanResult((), skipped, 1, len(blob.data))
    places = locate.Places(blob)
    findings = [build_finding(places, candidate, verdict) for candidate, verdict in found]
    return ScanResult(tuple(comments.inline(blob, findings)), skipped, 1, len(blob.data))


def build_finding(places: locate.Places, candidate: Candidate, verdict: Verdict) -> Finding:
    """Return the finding of a candidate, with its one place in the blob."""
    location = places.locate(candidate.place)
    rule = candidate.rule
    return Finding(rule, candidate.secret, verdict, (location,), fingerprint(rule.id, candidate.secret))
