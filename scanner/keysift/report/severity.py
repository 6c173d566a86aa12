"""Verdict -> severity, from which the formats of other services take their own words.

It follows label and confidence: harm that is unlikely is worth a notice, never an error.
"""

from __future__ import annotations

import enum

from keysift.model import Confidence, Label, Verdict


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


def severity(verdict: Verdict) -> Severity:
    """Return the severity of a verdict."""
    return _SEVERITIES.get((verdict.label, verdict.confidence), Severity.INFO)
