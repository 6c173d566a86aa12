"""Finding -> severity, from which the formats of other services take their own words.

It follows label and confidence: harm that is unlikely is worth a notice, never an error. Where the vendor was asked,
its word counts for more: a live key is worse than any other, and a dead one is worth a notice.
"""

from __future__ import annotations

import enum

from keysift.model import Confidence, Finding, Label, LiveState


class Severity(enum.IntEnum):
    """The gravity of a finding for a service that shows findings of many tools."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


_SEVERITIES = {
    (Label.SECRET, Confidence.HIGH): Severity.CRITICAL,
    (Label.SECRET, Confidence.MEDIUM): Severity.HIGH,
    (Label.SECRET, Confidence.LOW): Severity.LOW,
    (Label.SENSITIVE, Confidence.HIGH): Severity.MEDIUM,
    (Label.SENSITIVE, Confidence.MEDIUM): Severity.MEDIUM,
}
"""All others are for information: a key that is public by design, and a sensitive one of low confidence."""


def severity(finding: Finding) -> Severity:
    """Return the severity of a finding."""
    verdict = finding.verdict
    state = finding.liveness.state if finding.liveness else LiveState.UNKNOWN
    if state is LiveState.DEAD:
        return Severity.INFO
    if state is LiveState.LIVE and verdict.label is not Label.PUBLIC:
        return Severity.CRITICAL
    return _SEVERITIES.get((verdict.label, verdict.confidence), Severity.INFO)
