"""The report for spreadsheets: RFC 4180, UTF-8, a line for each place of a key; equal fingerprints are one key."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from keysift.model import Finding, History, Location, Run
from keysift.report.kinds import issuer
from keysift.report.next_steps import next_steps
from keysift.report.plain import plain
from keysift.report.view import Options, View, in_order, view
from keysift.report.wording import shown

COLUMNS = (
    "fingerprint", "label", "confidence", "rule_id", "rule_name", "provider", "secret",
    "path", "member", "commit", "line", "column",
    "first_seen", "last_seen", "in_head", "exposed_days", "state", "reasons", "next_steps", "liveness",
)  # fmt: skip
"""The fingerprint comes first: behind a sentence about an integration key it would be taken for one."""
OF_FLEETS = ("repository", "teams", "topics")
"""Further columns of the report of a fleet."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection."""


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write the findings: open, below the threshold, suppressed; a cell that could be a formula has an apostrophe."""
    seen = view(run, options)
    table = csv.writer(out, lineterminator="\n")
    everything = [*seen.findings(), *in_order(run.below), *in_order(run.suppressed)]
    table.writerow([*COLUMNS, *OF_FLEETS] if run.command == "fleet" else COLUMNS)
    for finding in everything:
        held = _held(seen, finding) if run.command == "fleet" else []
        table.writerows([_inert(cell) for cell in (*row, *held)] for row in _rows(seen, finding))


def _rows(seen: View, finding: Finding) -> Iterator[list[str]]:
    rule, verdict = finding.rule, finding.verdict
    key = [
        finding.fingerprint,
        verdict.label,
        verdict.confidence,
        rule.id,
        rule.name,
        issuer(rule),
        seen.secret(finding),
    ]
    unsure = "below threshold" if finding.below_threshold else ""
    state = "suppressed" if finding.suppressions else unsure or finding.baseline or "open"
    live = finding.liveness.state if finding.liveness else ""
    texts = ["; ".join(shown(seen, reason) for reason in verdict.reasons), " ".join(next_steps(finding))]
    for location in finding.locations or (None,):
        yield [*key, *_place(seen, location), *_life(finding.history), state, *texts, live]


def _held(seen: View, finding: Finding) -> list[str]:
    names = [holder.name for holder in finding.repositories]
    teams = [team for holder in finding.repositories for team in holder.teams]
    topics = [topic for holder in finding.repositories for topic in holder.topics]
    return ["; ".join(shown(seen, text) for text in dict.fromkeys(texts)) for texts in (names, teams, topics)]


def _place(seen: View, location: Location | None) -> list[str]:
    if location is None:
        return [""] * 5
    names = [shown(seen, name) for name in (location.path, location.member, location.commit)]
    return [*names, str(location.start_line), str(location.start_column)]


def _life(history: History | None) -> list[str]:
    if history is None:
        return [""] * 4
    return [history.first_seen, history.last_seen, "yes" if history.in_head else "no", str(history.exposed_days)]


def _inert(text: str) -> str:
    text = plain(text)
    # Some programs skip white space and quotation marks before they look.
    return f"'{text}" if text.lstrip(" \"'").startswith(_FORMULA) else text
