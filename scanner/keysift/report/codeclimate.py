"""The report for GitLab's Code Quality: `artifacts:reports:codequality`.

Its fields: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format, of which this is all; the form
is that of https://github.com/codeclimate/platform/blob/master/spec/analyzers/SPEC.md.
"""

from __future__ import annotations

from typing import Any, TextIO

from keysift.model import Finding, Label, Run
from keysift.report.json_report import array
from keysift.report.view import Options, View, view

_SEVERITY = {Label.SECRET: "blocker", Label.SENSITIVE: "major", Label.PUBLIC: "info"}


def write(run: Run, out: TextIO, options: Options) -> None:
    """One issue a key, at its first place."""
    seen = view(run, options)
    array(out, (_issue(seen, finding) for finding in seen.findings() if finding.locations))
    out.write("\n")


def _issue(seen: View, finding: Finding) -> dict[str, Any]:
    rule, verdict, place = finding.rule, finding.verdict, finding.locations[0]
    more = f" (and {len(finding.locations) - 1:,} more places)" if len(finding.locations) > 1 else ""
    key = f" {seen.secret(finding)}" if finding.secret else ""
    return {
        "type": "issue",
        "description": f"{rule.name}{key}: {verdict.label}, {verdict.confidence} confidence{more}",
        "check_name": rule.id,
        "categories": ["Security"],
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITY[verdict.label],
        "location": {
            "path": seen.name(place.path),
            "lines": {"begin": max(1, place.start_line), "end": max(1, place.end_line)},
        },
    }
