"""The report for programs, as `schema/keysift-report-1.json` describes it.

Plain ASCII, whatever the encoding of the stream, and one finding per line, so that a report of any length is written as
it is made and can be read line by line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from keysift.model import Finding, Gone, History, Holder, Liveness, Location, Run, Skipped, Suppression
from keysift.report.kinds import provider
from keysift.report.next_steps import next_steps
from keysift.report.view import Options, View, in_order, view

SCHEMA = "keysift-report/1"


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write the whole report, with keys redacted unless the user asked for them."""
    seen = view(run, options)
    out.write(
        f'{{"schema": {ascii_json(SCHEMA)},\n"tool": {ascii_json(_tool(run))},\n"run": {ascii_json(_run(seen))},\n'
    )
    out.write('"findings": ')
    array(out, (_finding(seen, finding) for finding in (*in_order(run.findings), *in_order(run.below))))
    out.write(',\n"suppressed": ')
    array(out, (_suppressed(seen, finding) for finding in in_order(run.suppressed)))
    if options.show_public:
        out.write(',\n"public": ')
        array(out, (_finding(seen, finding) for finding in in_order(run.public)))
    out.write(',\n"skipped": ')
    array(out, (_skipped(seen, skipped) for skipped in run.skipped))
    if run.gone:
        out.write(',\n"gone": ')
        array(out, (_gone(seen, one) for one in run.gone))
    out.write("}\n")


def array(out: TextIO, items: Iterable[dict[str, Any]]) -> None:
    """Write an array, one item per line."""
    out.write("[")
    out.writelines(("," if number else "") + "\n" + ascii_json(item) for number, item in enumerate(items))
    out.write("]")


def ascii_json(value: object) -> str:
    """Return a value as JSON in one line of ASCII."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def _tool(run: Run) -> dict[str, str]:
    stated = {name: run.settings.get(name, "") for name in ("version", "rules")}
    package = run.settings.get("rules_package")
    return {"name": "keysift", **stated} | ({"rules_package": package} if package else {})


def _run(seen: View) -> dict[str, Any]:
    run = seen.run
    return {
        "command": run.command,
        "targets": [seen.name(target) for target in run.targets],
        "started": run.started,
        "duration_s": round(run.duration_s, 3),
        "blobs": run.blobs,
        "bytes": run.bytes,
        "complete": run.complete,
        "interrupted": run.interrupted,
    } | ({"notes": [seen.name(note) for note in run.notes]} if run.notes else {})


def _finding(seen: View, finding: Finding) -> dict[str, Any]:
    rule, verdict = finding.rule, finding.verdict
    return {
        "rule_id": rule.id,
        "rule_name": rule.name,
        "provider": provider(rule),
        "label": verdict.label.value,
        "confidence": verdict.confidence.value,
        "below_threshold": finding.below_threshold,
        "reasons": [seen.name(reason) for reason in verdict.reasons],
        "secret": seen.secret(finding),
        "fingerprint": finding.fingerprint,
        "locations": list(_locations(seen, seen.listed(finding.locations))),
        "location_count": len(finding.locations) + finding.more_places,
        "why": rule.why,
        "revoke": rule.revoke,
        "references": list(rule.references),
        "next_steps": list(next_steps(finding)),
    } | _where_known(seen, finding)


def _where_known(seen: View, finding: Finding) -> dict[str, Any]:
    """Return what is known only with git, with a baseline, of a fleet, or from the vendor."""
    known: dict[str, Any] = {"baseline": finding.baseline} if finding.baseline else {}
    known |= {"history": history(seen, finding.history)} if finding.history else {}
    known |= {"repositories": [repository(seen, each) for each in finding.repositories]} if finding.repositories else {}
    return known | ({"liveness": liveness(seen, finding.liveness)} if finding.liveness else {})


def liveness(seen: View, known: Liveness) -> dict[str, Any]:
    """Return what the vendor said of a key."""
    facts = {name: seen.name(text) for name, text in known.facts}
    return {"state": known.state.value, "when": known.when, "how": seen.name(known.how), "facts": facts}


def history(seen: View, life: History) -> dict[str, Any]:
    """Return the life of a key, without keys in its names."""
    return {
        "first_commit": life.first_commit or None,
        "first_seen": life.first_seen or None,
        "last_commit": life.last_commit or None,
        "last_seen": life.last_seen or None,
        "in_head": life.in_head,
        "refs": [seen.name(ref) for ref in seen.listed(life.refs)],
        "ref_count": len(life.refs) + life.more_refs,
        "authors": [seen.name(author) for author in life.authors],
        "kept_by": life.kept_by or None,
        "exposed_days": life.exposed_days,
        "copies": life.copies,
        "left_head": life.left_head or None,
    }


def repository(seen: View, holder: Holder) -> dict[str, Any]:
    """Return a repository of a fleet that has a key, with the life of the key there."""
    described: dict[str, Any] = {"name": seen.name(holder.name)}
    described |= {"teams": [seen.name(team) for team in holder.teams]} if holder.teams else {}
    described |= {"topics": [seen.name(topic) for topic in holder.topics]} if holder.topics else {}
    return described | ({"history": history(seen, holder.history)} if holder.history else {})


def _locations(seen: View, locations: Iterable[Location]) -> Iterator[dict[str, Any]]:
    for location in locations:
        yield {
            "path": seen.name(location.path),
            "member": seen.name(location.member) or None,
            "commit": location.commit or None,
            "start_line": location.start_line,
            "start_column": location.start_column,
            "end_line": location.end_line,
            "end_column": location.end_column,
            "start_byte": location.start_byte,
            "end_byte": location.end_byte,
        } | _from_repository(seen, location)


def _suppressed(seen: View, finding: Finding) -> dict[str, Any]:
    suppressions = [_suppression(seen, suppression) for suppression in finding.suppressions]
    return {**_finding(seen, finding), "suppressions": suppressions}


def _suppression(seen: View, suppression: Suppression) -> dict[str, Any]:
    return {
        "kind": suppression.kind,
        "status": suppression.status,
        "justification": seen.name(suppression.justification),
        "who": seen.name(suppression.who) or None,
        "until": suppression.until or None,
    }


def _gone(seen: View, gone: Gone) -> dict[str, Any]:
    described = {"rule_id": gone.rule_id, "entry": gone.entry, "path": seen.name(gone.path)}
    return described | _from_repository(seen, gone)


def _skipped(seen: View, skipped: Skipped) -> dict[str, Any]:
    described = {"path": seen.name(skipped.path), "reason": seen.name(skipped.reason), "expected": skipped.expected}
    described |= {"object": skipped.object} if skipped.object else {}
    described |= {"accepted": True} if skipped.accepted else {}
    return described | _from_repository(seen, skipped)


def _from_repository(seen: View, place: Location | Skipped | Gone) -> dict[str, Any]:
    """Return the path from the top of the repository; outside of git there is none, and code hosts get a full path."""
    known = place.repository_path and not Path(place.repository_path).is_absolute()
    return {"repository_path": seen.name(place.repository_path)} if known else {}
