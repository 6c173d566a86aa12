"""The report for tools that show test results: JUnit's XML, in the form that Jenkins and GitLab read.

https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TextIO

from keysift.model import Finding, Run, Skipped
from keysift.report.next_steps import next_steps
from keysift.report.plain import plain
from keysift.report.view import Options, View, in_order, view
from keysift.report.wording import count, life, liveness, missed, not_shown, place, reasons, shown

MOST_PLACES = 100


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write a failed test for each key, a skipped one for each suppressed key, an error for each item not scanned.

    What is accepted of the latter is a skipped test. There is always at least one test, so that a run without findings
    shows as passed.
    """
    seen = view(run, options)
    findings, accepted = seen.findings(), in_order(run.suppressed)
    unread, allowed = missed(run), [skipped for skipped in run.skipped if skipped.accepted]
    passed_over = len(accepted) + len(allowed)
    tests = max(1, len(findings) + passed_over + len(unread))
    counts = f'tests="{tests}" failures="{len(findings)}" errors="{len(unread)}"'
    suite = f'{counts} skipped="{passed_over}" time="{run.duration_s:.3f}"'
    out.write(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="keysift" {counts} time="{run.duration_s:.3f}">\n'
    )
    out.write(f'<testsuite name="keysift {escape(plain(run.command))}" {suite}{_stamp(run)}>\n')
    out.writelines(_case(seen, finding, _failure(seen, finding)) for finding in findings)
    out.writelines(_case(seen, finding, _accepted(seen, finding)) for finding in accepted)
    out.writelines(_unread(seen, skipped) for skipped in (*unread, *allowed))
    if not (findings or accepted or unread or allowed):
        out.write('<testcase classname="keysift" name="no leaked keys"/>\n')
    if unsure := not_shown(run, public=options.show_public):
        out.write(f"<system-out>{_text(unsure)}</system-out>\n")
    out.write("</testsuite>\n</testsuites>\n")


def _stamp(run: Run) -> str:
    return f' timestamp="{escape(plain(run.started.removesuffix("Z")))}"' if run.started else ""


def _case(seen: View, finding: Finding, outcome: str) -> str:
    first = place(seen, finding.locations[0]) if finding.locations else ""
    name = f"{finding.rule.name} {seen.secret(finding)}".strip()
    return f'<testcase classname="{_text(first)}" name="{_text(name)}">{outcome}</testcase>\n'


def _failure(seen: View, finding: Finding) -> str:
    rule, verdict = finding.rule, finding.verdict
    message = f"{verdict.label}, {verdict.confidence} confidence"
    body = "\n".join(_text(line) for line in _lines(seen, finding))
    return f'<failure type="{_text(rule.id)}" message="{message}">{body}</failure>'


def _lines(seen: View, finding: Finding) -> Iterator[str]:
    if finding.liveness:
        yield f"state: {liveness(seen, finding)}"
    yield f"evidence: {reasons(seen, finding)}"
    yield from (f"at: {place(seen, location)}" for location in finding.locations[:MOST_PLACES])
    if (more := len(finding.locations[MOST_PLACES:]) + finding.more_places) > 0:
        yield f"and {count(more, 'more place')}"
    if finding.history:
        yield f"history: {life(seen, finding.history)}"
    if finding.rule.why:
        yield f"why: {finding.rule.why}"
    yield from (f"next: {number}. {step}" for number, step in enumerate(next_steps(finding), 1))


def _accepted(seen: View, finding: Finding) -> str:
    stated = "; ".join(shown(seen, suppression.justification) for suppression in finding.suppressions)
    message = f"suppressed: {stated}" if stated else "suppressed"
    return f'<skipped message="{_text(message)}"/>'


def _unread(seen: View, skipped: Skipped) -> str:
    name, reason = _text(shown(seen, skipped.path)), _text(shown(seen, skipped.reason))
    outcome = "skipped" if skipped.accepted else 'error type="not-scanned"'
    return f'<testcase classname="not scanned" name="{name}"><{outcome} message="{reason}"/></testcase>\n'


def _text(text: str) -> str:
    """Escape text for elements and attributes; no character that XML 1.0 forbids is left."""
    # `Password='`, a reason, is not to look like a password behind `&#x27;`; attributes stand in double quotes.
    return escape(plain(text)).replace("&#x27;", "'")
