"""The report for GitLab's vulnerability report and merge requests: `artifacts:reports:secret_detection`.

As GitLab's schema asks, in version 15.0.7, which every GitLab since 16 accepts:
https://gitlab.com/gitlab-org/security-products/security-report-schemas, dist/secret-detection-report-format.json
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

from keysift.model import Finding, Run, Skipped
from keysift.report.json_report import array, ascii_json
from keysift.report.next_steps import next_steps
from keysift.report.severity import severity
from keysift.report.view import Options, View, view
from keysift.report.wording import life, liveness, missed, not_shown, reasons

VERSION = "15.0.7"
NO_COMMIT = "0000000"
"""The schema requires a commit; GitLab's own analyzer writes this where it scanned files."""
LONGEST_NAME = 255
LONGEST_SOLUTION = 7_000
MOST_MESSAGES = 100


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write one vulnerability for each key, at its first place; GitLab has no word for suppressed keys."""
    seen = view(run, options)
    url = "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v"
    schema = f"{url}{VERSION}/dist/secret-detection-report-format.json"
    out.write(f'{{"version": "{VERSION}",\n"schema": {ascii_json(schema)},\n"scan": {ascii_json(_scan(seen))},\n')
    out.write('"vulnerabilities": ')
    array(out, (_vulnerability(seen, finding) for finding in seen.findings() if finding.locations))
    out.write("}\n")


def _scan(seen: View) -> dict[str, Any]:
    run = seen.run
    tool = {
        "id": "keysift",
        "name": "keysift",
        "version": run.settings.get("version") or "unknown",
        "vendor": {"name": "keysift"},
    }
    start, end = _times(run)
    scan = {"analyzer": tool, "scanner": tool, "type": "secret_detection", "start_time": start, "end_time": end}
    return {**scan, "status": "success" if run.complete else "failure", "messages": _messages(seen)}


def _messages(seen: View) -> list[dict[str, str]]:
    """Return the first messages about what was not scanned although it was asked for, and what is not shown."""
    skipped = missed(seen.run)
    texts = [_not_scanned(seen, item) for item in skipped[:MOST_MESSAGES]]
    texts += [f"{len(skipped) - MOST_MESSAGES:,} more not scanned"] if len(skipped) > MOST_MESSAGES else []
    unsure = not_shown(seen.run, public=seen.options.show_public)
    notes = [{"level": "info", "value": unsure}] if unsure else []
    accepted = [item for item in seen.run.skipped if item.accepted][:MOST_MESSAGES]
    notes += [{"level": "info", "value": _not_scanned(seen, item)} for item in accepted]
    return [{"level": "warn", "value": text} for text in texts] + notes


def _not_scanned(seen: View, item: Skipped) -> str:
    return f"{seen.name(item.path)} was not scanned: {seen.name(item.reason)}"


def _times(run: Run) -> tuple[str, str]:
    """Return start and end in UTC without a zone, as the schema asks; the epoch where the start cannot be read."""
    try:
        start = datetime.fromisoformat(run.started).astimezone(UTC)
    except ValueError:
        start = datetime.fromtimestamp(0, UTC)
    end = start + timedelta(seconds=run.duration_s)
    return start.strftime("%Y-%m-%dT%H:%M:%S"), end.strftime("%Y-%m-%dT%H:%M:%S")


def _vulnerability(seen: View, finding: Finding) -> dict[str, Any]:
    rule = finding.rule
    vulnerability: dict[str, Any] = {
        "id": finding.fingerprint,
        "category": "secret_detection",
        "name": rule.name[:LONGEST_NAME],
        "description": _description(seen, finding),
        "severity": severity(finding).name.capitalize(),
        "location": _location(seen, finding),
        "identifiers": [{"type": "keysift_rule_id", "name": rule.id, "value": rule.id}],
        "raw_source_code_extract": seen.secret(finding),
    }
    if steps := next_steps(finding):
        vulnerability["solution"] = " ".join(steps)[:LONGEST_SOLUTION]
    links = [{"url": reference} for reference in rule.references if reference.startswith(("https://", "http://"))]
    return {**vulnerability, "links": links} if links else vulnerability


def _description(seen: View, finding: Finding) -> str:
    rule, verdict = finding.rule, finding.verdict
    evidence = f"{verdict.confidence.capitalize()} confidence: {reasons(seen, finding)}."
    parts = [f"{rule.name} ({verdict.label}).", rule.why, evidence]
    parts += [f"State: {liveness(seen, finding)}."] if finding.liveness else []
    parts += [f"History: {life(seen, finding.history)}."] if finding.history else []
    return " ".join(part for part in parts if part)


def _location(seen: View, finding: Finding) -> dict[str, Any]:
    place, history = finding.locations[0], finding.history
    commit = {"sha": place.commit or (history.first_commit if history else "") or NO_COMMIT}
    if history and history.authors and commit["sha"] == history.first_commit:
        commit |= {"author": seen.name(history.authors[0]), "date": history.first_seen}
    return {
        "file": seen.name(place.path),
        "commit": commit,
        "start_line": max(1, place.start_line),
        "end_line": max(1, place.end_line),
    }
