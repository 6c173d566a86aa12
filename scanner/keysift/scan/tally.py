"""Results -> a run: one finding for each key, with all the places where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from keysift.model import Finding, Label, Location, Run, ScanResult


def tally(run: Run, results: Iterable[ScanResult]) -> None:
    """Add results to the run; what was found when someone interrupts stays.

    A key is suppressed where it is accepted, and open where it is not: it may be both, in different places.
    """
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
    """Join the findings of one key: all of its places, and the gravest verdict of them."""
    gravest = max(found, key=lambda finding: (finding.verdict.label is Label.SECRET, finding.verdict.confidence.rank))
    locations = sorted((finding.locations[0] for finding in found), key=_order)
    suppressions = dict.fromkeys(suppression for finding in found for suppression in finding.suppressions)
    return replace(gravest, locations=tuple(locations), suppressions=tuple(suppressions))


def _order(location: Location) -> tuple[str, str, int]:
    return location.path, location.member, location.start_byte
