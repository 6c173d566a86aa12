"""Results -> a run: one finding for each key, with all the places where it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from keysift import shortage
from keysift.model import Finding, Label, Run, ScanResult, Skipped


def tally(run: Run, results: Iterable[ScanResult]) -> None:
    """Add all results to the run; what was found when someone interrupts stays."""
    count = Tally(run)
    count.add(results)
    count.close()


class Tally:
    """Collects results for a run, until it is closed.

    A key is suppressed where it is accepted, and open where it is not: it may be both, in different places. A key that
    several repositories have is a finding in each of them, for it has a life in each. Places are sorted by path, except
    for those of an audit, which come in the order in which to look at them.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._places: dict[tuple[str, str], list[Finding]] = {}

    def add(self, results: Iterable[ScanResult]) -> None:
        """Take all results. On Ctrl-C those so far are kept, and the run is marked as interrupted.

        Likewise where the system is short of something: then the run is marked as stopped.
        """
        run = self._run
        try:
            for result in results:
                run.blobs += result.blobs
                run.bytes += result.bytes
                run.skipped += result.skipped
                for finding in result.findings:
                    self._places.setdefault((finding.fingerprint, result.repository), []).append(finding)
        except KeyboardInterrupt:
            run.interrupted = True
        except (OSError, MemoryError, RuntimeError) as error:
            if (short := shortage.of(error)) is None:
                raise
            run.stopped = True
            run.skipped.append(Skipped("the rest", f"not scanned: {short.reason} ({short.help})"))

    def close(self) -> None:
        """Hand the findings over to the run, merged by key."""
        for (_, repository), findings in self._places.items():
            self._sort_into_run(findings, in_order=bool(repository))
        self._places = {}

    def _sort_into_run(self, findings: list[Finding], *, in_order: bool) -> None:
        open_places = [finding for finding in findings if not finding.suppressions]
        accepted = [finding for finding in findings if finding.suppressions]
        if open_places:
            add_open(self._run, merge(open_places, in_order=in_order))
        if accepted:
            self._run.suppressed.append(merge(accepted, in_order=in_order))


def add_open(run: Run, finding: Finding) -> None:
    """Add a finding that nobody has accepted to the list of a run to which it belongs."""
    public = finding.verdict.label is Label.PUBLIC
    (run.public if public else run.below if finding.below_threshold else run.findings).append(finding)


def merge(findings: list[Finding], *, in_order: bool) -> Finding:
    """Join the findings of one key: all of its places, sorted unless they are in order, and the gravest verdict.

    A verdict that is below the threshold of confidence at its place counts only if all of them are.
    """
    gravest = max(findings, key=_gravity)
    history = gravest.history or next((finding.history for finding in findings if finding.history), None)
    places = findings if in_order else sorted(findings, key=by_place)
    locations = dict.fromkeys(finding.locations[0] for finding in places)
    suppressions = dict.fromkeys(suppression for finding in findings for suppression in finding.suppressions)
    return replace(gravest, locations=tuple(locations), suppressions=tuple(suppressions), history=history)


def _gravity(finding: Finding) -> tuple[bool, bool, int]:
    return not finding.below_threshold, finding.verdict.label is Label.SECRET, finding.verdict.confidence.rank


def by_place(finding: Finding) -> tuple[str, str, int]:
    """Return what findings with one location are sorted by: path, member, byte."""
    location = finding.locations[0]
    return location.path, location.member, location.start_byte
