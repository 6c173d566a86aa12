"""A saved run with another `min-confidence` than that with which it was made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from keysift.model import Confidence, Finding, Run


def with_min_confidence(run: Run, least: Confidence) -> Run:
    """Return the run as it is with this `min-confidence` for all of its findings."""

    def judged(findings: Iterable[Finding]) -> list[Finding]:
        return [replace(finding, below_threshold=finding.verdict.confidence.rank < least.rank) for finding in findings]

    open_ones = judged([*run.findings, *run.below])
    return replace(
        run,
        findings=[finding for finding in open_ones if not finding.below_threshold],
        below=[finding for finding in open_ones if finding.below_threshold],
        suppressed=judged(run.suppressed),
        public=judged(run.public),
    )
