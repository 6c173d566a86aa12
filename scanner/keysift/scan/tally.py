"""Results -> a run: one finding for each key and life, with all the places where it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from keysift.model import Finding, History, Label, Location, Run, ScanResult

_Key = tuple[str, History | None]


def tally(run: Run, results: Iterable[ScanResult]) -> None:
    """Add all results to the run; what was found when someone interrupts stays."""
    count = Tally(run)
    count.add(results)
    count.close()


class Tally:
    """Collects results for a run, until it is closed.

    A key is suppressed where it is accepted, and open where it is not: it may be both, in different places. A key that
    several repositories have is a finding in each of them, for it has a life in each.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._places: dict[_Key, list[Finding]] = {}

    def add(self, results: Iterable[ScanResult]) -> None:
        """Take all results. On Ctrl-C those so far are kept, and the run is marked as interrupted."""
        run = self._run
        try:
            for result in results:
                run.blobs += result.blobs
                run.bytes += result.bytes
                run.skipped += result.skipped
                for finding in result.findings:
                    self._places.setdefault((finding.fingerprint, finding.history), []).append(finding)
        except KeyboardInterrupt:
            run.interrupted = True

    def close(self) -> None:
        """Hand the findings over to the run, those of a key merged."""
        places = self._places if not self._run.interrupted else self._without_lives()
        for findings in places.values():
            self._sort_into_run(findings)
        self._places = {}

    def _without_lives(self) -> dict[_Key, list[Finding]]:
        """Return the findings by key alone: an interrupted audit tells some keys twice, once without their lives."""
        places: dict[_Key, list[Finding]] = {}
        for (fingerprint, _), findings in self._places.items():
            places.setdefault((fingerprint, None), []).extend(findings)
        return places

    def _sort_into_run(self, findings: list[Finding]) -> None:
        open_places = [finding for finding in findings if not finding.suppressions]
        accepted = [finding for finding in findings if finding.suppressions]
        if open_places:
            merged = merge(open_places)
            (self._run.public if merged.verdict.label is Label.PUBLIC else self._run.findings).append(merged)
        if accepted:
            self._run.suppressed.append(merge(accepted))


def merge(findings: list[Finding]) -> Finding:
    """Join the findings of one key: all of its places, and the gravest verdict of them.

    Places are sorted by path, except for those of an audit, which come in the order in which to look at them.
    """
    gravest = max(
        findings, key=lambda finding: (finding.verdict.label is Label.SECRET, finding.verdict.confidence.rank)
    )
    history = next((finding.history for finding in findings if finding.history), None)
    locations = [finding.locations[0] for finding in findings]
    if history is None:
        locations.sort(key=by_place)
    suppressions = dict.fromkeys(suppression for finding in findings for suppression in finding.suppressions)
    return replace(
        gravest, locations=tuple(dict.fromkeys(locations)), suppressions=tuple(suppressions), history=history
    )


def by_place(location: Location) -> tuple[str, str, int]:
    """Return what locations are sorted by: path, member, byte."""
    return location.path, location.member, location.start_byte
