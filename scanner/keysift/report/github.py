"""Annotations for GitHub Actions: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions.

GitHub shows 10 errors, 10 warnings and 10 notices of a step and drops the rest, so further keys are lines of the log,
and a notice has the total. Escaping as in https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from keysift.model import Finding, Run
from keysift.report.next_steps import next_steps
from keysift.report.plain import plain
from keysift.report.severity import Severity, severity
from keysift.report.view import Options, View, view
from keysift.report.wording import by_label, count, not_shown, place, scanned, shown

MOST = 10
_LEVEL = {
    Severity.CRITICAL: "error", Severity.HIGH: "warning", Severity.MEDIUM: "warning", Severity.LOW: "notice",
    Severity.INFO: "notice",
}  # fmt: skip
_LEGACY = "##["
"""The older form of a command, which a runner obeys anywhere on a line."""


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write the gravest keys as annotations, all others as lines, and the total as a notice."""
    seen = view(run, options)
    out.writelines(f"{line.replace(_LEGACY, '# #[')}\n" for line in _lines(seen))


def _lines(seen: View) -> Iterator[str]:
    shown_so_far: Counter[str] = Counter({"notice": 1})
    further = []
    for finding in seen.findings():
        level = _LEVEL[severity(finding)]
        shown_so_far[level] += 1
        if shown_so_far[level] <= MOST:
            yield _annotation(seen, finding, level)
        else:
            further.append(finding)
    if further:
        yield f"::group::{count(len(further), 'more leaked key')}"
        yield from (f" {_where(seen, finding)}: {_what(seen, finding)}" for finding in further)
        yield "::endgroup::"
    yield f"::notice title=keysift::{_data(_total(seen))}"


def _annotation(seen: View, finding: Finding, level: str) -> str:
    rule, first = finding.rule, finding.locations[:1]
    properties = {"title": f"{finding.verdict.label}: {plain(rule.name)}"}
    for location in first:
        lines = {"line": max(1, location.start_line), "endLine": max(1, location.end_line)}
        columns = {"col": location.start_column, "endColumn": location.end_column}
        # GitHub takes columns only where start and end stand on one line.
        known = lines | (columns if location.start_line == location.end_line else {})
        properties = {"file": shown(seen, location.path)} | {name: str(at) for name, at in known.items()} | properties
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = [_what(seen, finding), *filter(None, [plain(rule.why)]), *map(plain, next_steps(finding))]
    return f"::{level} {listed}::{_data(chr(10).join(message))}"


def _where(seen: View, finding: Finding) -> str:
    return place(seen, finding.locations[0]) if finding.locations else "?"


def _what(seen: View, finding: Finding) -> str:
    rule, verdict = finding.rule, finding.verdict
    more = f", in {len(finding.locations):,} places" if len(finding.locations) > 1 else ""
    key = f" {plain(seen.secret(finding))}" if finding.secret else ""
    state = f"{finding.liveness.state}, " if finding.liveness else ""
    return f"{plain(rule.name)}{key}: {state}{verdict.label}, {verdict.confidence} confidence{more} [{plain(rule.id)}]"


def _total(seen: View) -> str:
    run = seen.run
    keys = f"{count(len(run.findings), 'leaked key')} ({by_label(run.findings)})" if run.findings else "no leaked keys"
    incomplete = "" if run.complete else "; the scan is incomplete"
    unsure = not_shown(run, public=seen.options.show_public)
    return f"{keys} in {scanned(run)}{incomplete}" + (f"; {unsure}" if unsure else "")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
