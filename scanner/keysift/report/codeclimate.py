"""The report for GitLab's Code Quality: `artifacts:reports:codequality`.

Its fields, all of which are written: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format. Their
form: https://github.com/codeclimate/platform/blob/master/spec/analyzers/SPEC.md.
"""

from __future__ import annotations

from typing import Any, TextIO

from keysift.model import Finding, Run
from keysift.report.json_report import array
from keysift.report.severity import Severity, severity
from keysift.report.view import Options, View, view
from keysift.report.wording import count

_SEVERITY = {
    Severity.CRITICAL: "blocker", Severity.HIGH: "critical", Severity.MEDIUM: "major", Severity.LOW: "minor",
    Severity.INFO: "info",
}  # fmt: skip


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write one issue for each key, at its first place."""
    seen = view(run, options)
    array(out, (_issue(seen, finding) for finding in seen.findings() if finding.locations))
    out.write("\n")


def _issue(seen: View, finding: Finding) -> dict[str, Any]:
    rule, verdict, place = finding.rule, finding.verdict, finding.locations[0]
    more = f" (and {count(len(finding.locations) - 1, 'more place')})" if len(finding.locations) > 1 else ""
    key = f" {seen.secret(finding)}" if finding.secret else ""
    state = f"{finding.liveness.state}, " if finding.liveness else ""
    return {
        "type": "issue",
        "description": f"{rule.name}{key}: {state}{verdict.label}, {verdict.confidence} confidence{more}",
        "check_name": rule.id,
        "categories": ["Security"],
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITY[severity(finding)],
        "location": {
            "path": seen.name(place.path),
            "lines": {"begin": max(1, place.start_line), "end": max(1, place.end_line)},
        },
    }
