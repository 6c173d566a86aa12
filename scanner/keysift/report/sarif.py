"""The report for code scanning: SARIF 2.1.0 with errata 01, https://docs.oasis-open.org/sarif/sarif/v2.1.0/.

What GitHub asks for beyond the standard, and its limits:
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TextIO
from urllib.parse import quote

from keysift.masking import mask_name
from keysift.model import Confidence, Finding, Gone, Label, LiveState, Location, Rule, Run, Skipped, Suppression
from keysift.report.json_report import array, ascii_json, history, liveness, repository
from keysift.report.kinds import issuer
from keysift.report.next_steps import next_steps
from keysift.report.severity import Severity, severity
from keysift.report.view import Options, View, escaped, in_order, view, worst
from keysift.report.wording import count, not_shown

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 25_000
"""GitHub rejects a run with more, and a run in which a result has more locations than this:"""
MOST_LOCATIONS = 1_000
MOST_NOTIFICATIONS = 5_000
LONGEST_NAME = 255
LONGEST_DESCRIPTION = 1024

_LEVEL = {
    Severity.CRITICAL: "error", Severity.HIGH: "warning", Severity.MEDIUM: "warning", Severity.LOW: "note",
    Severity.INFO: "note",
}  # fmt: skip
_SEVERITY = {
    Severity.CRITICAL: "9.1", Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "3.0", Severity.INFO: "1.0",
}  # fmt: skip
"""GitHub shows over 9.0 as critical, from 7.0 as high, from 4.0 as medium, below as low."""
_RANK = {Confidence.HIGH: 90.0, Confidence.MEDIUM: 60.0, Confidence.LOW: 30.0}
_STATUSES = {"accepted", "underReview", "rejected"}
_SEMANTIC = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
_DRIVE = re.compile(r"[A-Za-z]:/")
_SPECIAL = re.compile(r"[\\\[\]]")

_Ruled = tuple[Rule, Label, Confidence, Severity]


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write one run in plain ASCII, one result per line, with keys redacted unless the user asked for them."""
    seen = view(run, options)
    everything = [*seen.findings(), *in_order(run.suppressed)]
    findings = everything[:MOST_RESULTS]
    rules = _rules(findings)
    number = {rule_id: index for index, rule_id in enumerate(rules)}
    described = {
        "tool": {"driver": _driver(run, rules)},
        # GitHub keeps the alerts of each command apart by what stands before the last slash.
        "automationDetails": {"id": f"keysift/{run.command}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(seen, len(everything) - len(findings))],
    }
    out.write(f'{{"$schema": {ascii_json(SCHEMA)},\n"version": "2.1.0",\n"runs": [{{\n')
    out.writelines(f"{ascii_json(name)}: {ascii_json(value)},\n" for name, value in described.items())
    out.write('"results": ')
    results = (_result(seen, finding, number[finding.rule.id]) for finding in findings)
    array(out, [*results, *(_gone(seen, key) for key in run.gone)] if run.gone else results)
    out.write("}]}\n")


def _rules(findings: Iterable[Finding]) -> dict[str, _Ruled]:
    """Return the rules of some findings, each with the gravest label, confidence and severity that it was given.

    A saved report knows no more of a rule, so a report made from it is the same.
    """
    rules: dict[str, _Ruled] = {}
    for finding in findings:
        rule, verdict = finding.rule, finding.verdict
        own = rule, verdict.label, verdict.confidence, severity(finding)
        _, label, confidence, gravest = rules.get(rule.id, own)
        surest = max(confidence, verdict.confidence, key=lambda confidence: confidence.rank)
        rules[rule.id] = (rule, worst([label, verdict.label]), surest, max(gravest, severity(finding)))
    return rules


def _driver(run: Run, rules: dict[str, _Ruled]) -> dict[str, Any]:
    version = run.settings.get("version", "")
    driver: dict[str, Any] = {
        "name": "keysift",
        "notifications": [
            {"id": "not-scanned", "shortDescription": {"text": "Something was not scanned, or only in part"}},
            {"id": "below-threshold", "shortDescription": {"text": "Findings that are less sure than asked for"}},
            {"id": "cut", "shortDescription": {"text": "The report leaves out findings or notifications"}},
        ],
        "rules": [_rule(*ruled) for ruled in rules.values()],
    }
    if version:
        driver["version"] = version
    if _SEMANTIC.fullmatch(version):
        driver["semanticVersion"] = version
    if rule_version := run.settings.get("rules", ""):
        driver["properties"] = {"rules": rule_version}
    return driver


def _rule(rule: Rule, label: Label, confidence: Confidence, gravest: Severity) -> dict[str, Any]:
    references = [_uri(reference) for reference in rule.references]
    described: dict[str, Any] = {
        "id": rule.id,
        "name": rule.id[:LONGEST_NAME],
        "shortDescription": {"text": _message(f"Leaked {rule.name}")[:LONGEST_DESCRIPTION]},
        "fullDescription": {"text": _message(rule.why or rule.name)[:LONGEST_DESCRIPTION]},
        "help": {"text": _message(_help(rule, label)), "markdown": _braces(_markdown(rule, label, references))},
        "defaultConfiguration": {"level": _LEVEL[gravest]},
        "properties": {
            "tags": ["security", "secret-detection", "external/cwe/cwe-798"],
            "precision": confidence.value,
            "security-severity": _SEVERITY[gravest],
            "provider": issuer(rule),
        },
    }
    if references:
        described["helpUri"] = references[0]
    return described


def _help(rule: Rule, label: Label) -> str:
    lines = [f"{rule.name} ({label}).", f"Why: {rule.why}", f"Revoke: {rule.revoke}", *rule.references]
    return "\n".join(line for line in lines if not line.endswith(": "))


def _markdown(rule: Rule, label: Label, references: list[str]) -> str:
    parts = [f"**{rule.name}** ({label})."]
    parts += [f"**Why:** {rule.why}"] if rule.why else []
    parts += [f"**Revoke:** {rule.revoke}"] if rule.revoke else []
    parts += ["\n".join(f"- <{reference}>" for reference in references)] if references else []
    return "\n\n".join(parts)


def _result(seen: View, finding: Finding, rule_index: int) -> dict[str, Any]:
    rule, verdict = finding.rule, finding.verdict
    properties: dict[str, Any] = {
        "label": verdict.label.value,
        "confidence": verdict.confidence.value,
        "reasons": [seen.name(reason) for reason in verdict.reasons],
        "secret": seen.secret(finding),
        "nextSteps": list(next_steps(finding)),
    }
    if finding.history:
        properties["history"] = history(seen, finding.history)
    if finding.repositories:
        properties["repositories"] = [repository(seen, holder) for holder in finding.repositories]
    if finding.liveness:
        properties["liveness"] = liveness(seen, finding.liveness)
    locations = seen.listed(finding.locations)[:MOST_LOCATIONS]
    if (total := len(finding.locations) + finding.more_places) > len(locations):
        properties["allLocations"] = total
    sentences = [f"{rule.name}: {verdict.label}, {verdict.confidence} confidence.", rule.why]
    if finding.liveness:
        sentences.insert(0, f"{finding.liveness.state.capitalize()}: {seen.name(finding.liveness.how)}.")
    sentences += [f"Revoke: {rule.revoke}"] if rule.revoke else []
    described: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": rule_index,
        "kind": "fail",
        "level": _LEVEL[severity(finding)],
        "rank": _rank(finding),
        "message": {"text": _message(" ".join(sentence for sentence in sentences if sentence))},
        "locations": [_location(seen, finding, location) for location in locations],
        # GitHub's `primaryLocationLineHash` is left to its uploader, which warns of any value but its own.
        "fingerprints": {"keysift/v1": finding.fingerprint},
        "partialFingerprints": {"keysift/v1": finding.fingerprint},
        "suppressions": [_suppression(seen, suppression) for suppression in finding.suppressions],
        "properties": properties,
    }
    return described | ({"baselineState": finding.baseline} if finding.baseline else {})


def _rank(finding: Finding) -> float:
    """Return the priority of a result, from 0 to 100 (section 3.27.25): live keys stand above all others."""
    state = finding.liveness.state if finding.liveness else LiveState.UNKNOWN
    return {LiveState.LIVE: 100.0, LiveState.LIMITED: 95.0, LiveState.DEAD: 5.0}.get(
        state, _RANK[finding.verdict.confidence]
    )


def _gone(seen: View, gone: Gone) -> dict[str, Any]:
    """Return the result for a key of the baseline, or of a fleet, that was not found again (section 3.27.24)."""
    of_fleet = seen.run.command == "fleet"
    described = {
        "ruleId": gone.rule_id,
        "level": "none",
        "message": {"text": f"A key {'of the last run' if of_fleet else 'accepted in the baseline'} is gone."},
        "baselineState": "absent",
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(seen, gone.path)}}],
    }
    return described | ({} if of_fleet else {"suppressions": [{"kind": "external", "status": "accepted"}]})


def _location(seen: View, finding: Finding, location: Location) -> dict[str, Any]:
    region = _region(location)
    properties: dict[str, Any] = {"commit": location.commit} if location.commit else {}
    if location.member:
        # A region counts in the artifact, here the archive, but GitHub takes no location without one.
        properties |= {"member": seen.name(location.member), "memberRegion": region}
        region = {"startLine": 1}
    region["snippet"] = {"text": _snippet(seen, finding, location)}
    described: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _artifact(seen, location.path), "region": region}
    }
    if properties:
        described["properties"] = properties
    return described


def _region(location: Location) -> dict[str, Any]:
    return {
        "startLine": max(1, location.start_line),
        "startColumn": max(1, location.start_column),
        "endLine": max(1, location.end_line),
        "endColumn": max(1, location.end_column),
        "byteOffset": location.start_byte,
        "byteLength": location.end_byte - location.start_byte,
    }


def _snippet(seen: View, finding: Finding, location: Location) -> str:
    """Return the masked text of the region; the key itself where its lines are not known."""
    key = seen.key(location) if location is finding.locations[0] else None
    return escaped(key.text[key.start : key.end]) if key else seen.secret(finding)


def _artifact(seen: View, path: str) -> dict[str, str]:
    """A path as a URI reference: relative to the target where it is relative."""
    masked = mask_name(path, seen.hidden).encode("utf-8", "surrogatepass" if _odd(path) else "surrogateescape")
    uri = quote(masked, safe="/~!$&'()+,;=@*")
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    if _DRIVE.match(path):
        return {"uri": f"file:///{uri}"}
    return {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _odd(path: str) -> bool:
    """Return whether a path holds half a surrogate pair that stands for no byte, as a name on Windows may."""
    return any("\ud800" <= character <= "\udfff" and not "\udc80" <= character <= "\udcff" for character in path)


def _suppression(seen: View, suppression: Suppression) -> dict[str, Any]:
    described: dict[str, Any] = {"kind": suppression.kind if suppression.kind == "inSource" else "external"}
    described["status"] = suppression.status if suppression.status in _STATUSES else "accepted"
    if suppression.justification:
        described["justification"] = seen.name(suppression.justification)
    properties = {"who": seen.name(suppression.who), "until": suppression.until}
    if kept := {name: value for name, value in properties.items() if value}:
        described["properties"] = kept
    return described


def _invocation(seen: View, cut: int) -> dict[str, Any]:
    run = seen.run
    notes = [_not_scanned(seen, skipped) for skipped in run.skipped[:MOST_NOTIFICATIONS]]
    left_out = len(run.skipped) - len(notes)
    if left_out:
        notes.append(_note("cut", f"{left_out:,} more not scanned; the JSON report (-f json) lists them.", "warning"))
    if unsure := not_shown(run, public=seen.options.show_public):
        notes.append(_note("below-threshold", unsure, "note"))
    if cut:
        notes.append(_note("cut", f"{count(cut, 'finding')} left out; the JSON report (-f json) has them.", "warning"))
    return {"executionSuccessful": run.complete, "toolExecutionNotifications": notes, **_times(run)}


def _times(run: Run) -> dict[str, str]:
    """Return start and end in UTC; nothing where the start cannot be read."""
    try:
        started = datetime.fromisoformat(run.started)
    except ValueError:
        return {}
    ended = started + timedelta(seconds=run.duration_s)
    return {name: _utc(time) for name, time in (("startTimeUtc", started), ("endTimeUtc", ended))}


def _utc(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _not_scanned(seen: View, skipped: Skipped) -> dict[str, Any]:
    note = _note("not-scanned", f"Not scanned: {seen.name(skipped.reason)}", "note" if skipped.expected else "warning")
    return {**note, "locations": [{"physicalLocation": {"artifactLocation": _artifact(seen, skipped.path)}}]}


def _note(kind: str, text: str, level: str) -> dict[str, Any]:
    return {"descriptor": {"id": kind}, "level": level, "message": {"text": _message(text)}}


def _message(text: str) -> str:
    """Return plain text that cannot be taken for a link or a placeholder (sections 3.11.5 and 3.11.6)."""
    return _braces(_SPECIAL.sub(r"\\\g<0>", text))


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _uri(text: str) -> str:
    return quote(text, safe="%/:?#[]@!$&'()*+,;=~")
