"""The report as a comment on a pull request: GitHub's and GitLab's Markdown, 65,536 characters at most.

Text from files is inside `<code>`, where nobody is mentioned and no link is made, and every character with a meaning in
Markdown is written as a character reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from keysift.model import Finding, Label, Run
from keysift.report.next_steps import next_steps
from keysift.report.plain import plain
from keysift.report.view import Options, View, view
from keysift.report.wording import by_label, count, life, liveness, missed, not_shown, place, scanned, shown

MOST_CHARACTERS = 65_536
"""GitHub refuses a longer comment; GitLab accepts 1,000,000."""
MORE_PLACES = 3
LONGEST_CELL = 300
_RESERVE = 600
_SIGNS = re.compile(r"[\\`*_{}\[\]<>()#+\-.!|&@:~=$^\"]")
_STARS = re.compile(r"\*{4,}")
"""Each star is five characters here, and their number says little."""
_MARKS = {
    Label.SECRET: "\N{LARGE RED CIRCLE}",
    Label.SENSITIVE: "\N{LARGE ORANGE CIRCLE}",
    Label.PUBLIC: "\N{LARGE BLUE CIRCLE}",
}


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write the total, a table of the keys, and what to do about each; what does not fit is counted."""
    seen = view(run, options)
    findings = seen.findings()
    head, end = _head(run), _end(seen)
    room = MOST_CHARACTERS - len(head) - len(end) - _RESERVE
    table = list(_fitting((_row(seen, finding) for finding in findings), room * 2 // 3))
    room -= sum(map(len, table))
    details = list(_fitting((_details(seen, finding) for finding in findings[: len(table)]), room))
    out.write(head)
    if table:
        out.write("\n| | key | where | confidence |\n|---|---|---|---|\n")
        out.writelines(table)
        out.writelines(["\n", *details])
    if left_out := len(findings) - min(len(table), len(details)):
        out.write(f"\n_{count(left_out, 'key')} did not fit here in full; other formats list every key._\n")
    out.write(end)


def _head(run: Run) -> str:
    if not run.findings:
        return "### keysift: no leaked keys found\n"
    counts = by_label(run.findings, {label: f"{mark} " for label, mark in _MARKS.items()})
    return f"### keysift: {count(len(run.findings), 'leaked key')} found\n\n{counts}. Revoke first, then clean up.\n"


def _end(seen: View) -> str:
    run = seen.run
    parts = [f"{scanned(run)} scanned"]
    parts += [f"{len(run.suppressed):,} accepted"] if run.suppressed else []
    unread = missed(run)
    parts += [f"**{len(unread):,} could not be scanned**"] if unread else []
    parts += ["**interrupted**"] if run.interrupted else []
    parts += [_words(unsure)] if (unsure := not_shown(run, public=seen.options.show_public)) else []
    return f"\n<sub>{', '.join(parts)}.</sub>\n"


def _fitting(parts: Iterator[str], room: int) -> Iterator[str]:
    for part in parts:
        room -= len(part)
        if room < 0:
            return
        yield part


def _row(seen: View, finding: Finding) -> str:
    rule, verdict = finding.rule, finding.verdict
    places = [_code(place(seen, location)) for location in finding.locations[:MORE_PLACES]]
    more = len(finding.locations) + finding.more_places - len(places)
    where = "<br>".join(places) + (f"<br>and {more:,} more" if more else "")
    key = f"<br>{_code(seen.secret(finding))}" if finding.secret else ""
    state = f"<br>**{finding.liveness.state}**" if finding.liveness else ""
    label = f"{_MARKS[verdict.label]} {verdict.label}{state}"
    return f"| {label} | {_words(rule.name)}{key} | {where} | {verdict.confidence} |\n"


def _details(seen: View, finding: Finding) -> str:
    rule = finding.rule
    key = f" {_code(seen.secret(finding))}" if finding.secret else ""
    lines = [f"<details><summary>{_words(rule.name)}{key}: what to do</summary>", ""]
    lines += [f"{number}. {_words(step)}" for number, step in enumerate(next_steps(finding), 1)]
    lines += ["", f"- Why: {_words(rule.why)}"] if rule.why else [""]
    lines += [f"- Evidence: {', '.join(_code(shown(seen, reason)) for reason in finding.verdict.reasons)}"]
    lines += [f"- State: {_code(liveness(seen, finding))}"] if finding.liveness else []
    lines += [f"- History: {_code(life(seen, finding.history))}"] if finding.history else []
    return "\n".join([*lines, "", "</details>", ""])


def _code(text: str) -> str:
    text = _STARS.sub("***", plain(text))
    return f"<code>{_escaped(text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + '…')}</code>"


def _words(text: str) -> str:
    """Escape a rule's own sentence. A custom rule may be a stranger's, so it mentions nobody either."""
    return _escaped(plain(text)).replace("&#64;", "&#64;&#8288;").replace("&#35;", "&#35;&#8288;")


def _escaped(text: str) -> str:
    return _SIGNS.sub(lambda sign: f"&#{ord(sign[0])};", text)
