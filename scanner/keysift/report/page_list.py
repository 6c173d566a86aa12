"""The page's list for a browser without JavaScript: every key with its places, in plain HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from keysift.masking import shorten
from keysift.model import Finding
from keysift.report.kinds import issuer
from keysift.report.plain import plain
from keysift.report.view import View
from keysift.report.wording import count, life, missed, shown

MOST_PLACES = 3
"""Places of a key; further ones are counted."""


def entries(seen: View, findings: Iterable[Finding]) -> Iterator[str]:
    """Yield the list piece by piece, in ASCII; all text is escaped."""
    yield _p("JavaScript is turned off: this is a list of the keys, without filters and charts.", "notice")
    if seen.run.interrupted or missed(seen.run):
        yield _p("The scan is incomplete: not everything could be read.", "notice incomplete")
    yield '<ol class="plain">\n'
    for finding in findings:
        yield f"<li>{''.join(_parts(seen, finding))}</li>\n"
    yield "</ol>\n"


def _parts(seen: View, finding: Finding) -> Iterator[str]:
    verdict = finding.verdict
    accepted = ", accepted" if finding.suppressions else ", not reported" if finding.below_threshold else ""
    yield f"<b>{_text(finding.rule.name)}</b> ({_text(issuer(finding.rule))}): {verdict.label}, "
    key = seen.secret(finding) if seen.options.show_secrets else shorten(seen.secret(finding))
    yield f"<code>{_text(key)}</code>, " if key else ""
    yield f"{verdict.confidence} confidence{accepted}"
    for location in finding.locations[:MOST_PLACES]:
        member = f"!/{shown(seen, location.member)}" if location.member else ""
        commit = f" in commit {_text(location.commit[:12])}" if location.commit else ""
        yield f"<br><code>{_text(shown(seen, location.path) + member)}:{location.start_line}</code>{commit}"
    if (more := len(finding.locations) + finding.more_places - MOST_PLACES) > 0:
        yield f"<br>and {count(more, 'more place')}"
    if finding.history:
        yield f"<br>{_text(life(seen, finding.history))}"


def _p(text: str, kind: str) -> str:
    return f'<p class="{kind}">{_text(text)}</p>\n'


def _text(text: str) -> str:
    return escape(plain(text)).encode("ascii", "xmlcharrefreplace").decode()
