"""Two reports of a fleet -> what is new, what is gone, and what is still there."""

from __future__ import annotations

from dataclasses import replace

from keysift.model import Finding, Gone, Run
from keysift.records import dataclass
from keysift.report.wording import count

NEW, STILL = "new", "unchanged"
"""As SARIF calls them: https://docs.oasis-open.org/sarif/sarif/v2.1.0/, section 3.27.24."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Open keys, by what has become of them."""

    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    """As the earlier report has them."""
    still: tuple[Finding, ...]

    def sentence(self) -> str:
        """Return the three numbers in words."""
        return f"{count(len(self.new), 'key')} new, {len(self.gone):,} gone, {len(self.still):,} still there"


def compare(before: Run, after: Run) -> Comparison:
    """Return the difference between two reports of the same fleet.

    A key of which a repository can no longer be scanned is still there: its last report stands.
    """
    earlier = {finding.fingerprint: finding for finding in before.findings}
    later = {finding.fingerprint for finding in after.everything()}
    return Comparison(
        tuple(finding for finding in after.findings if finding.fingerprint not in earlier),
        tuple(finding for known, finding in earlier.items() if known not in later),
        tuple(finding for finding in after.findings if finding.fingerprint in earlier),
    )


def marked(after: Run, compared: Comparison, since: str) -> Run:
    """Return a report in which each open key says whether it is new, with those that are gone."""
    news = {finding.fingerprint for finding in compared.new}
    gone = [
        Gone(each.fingerprint, each.rule.id, each.locations[0].path if each.locations else "") for each in compared.gone
    ]
    return replace(
        after,
        findings=[
            replace(finding, baseline=NEW if finding.fingerprint in news else STILL) for finding in after.findings
        ],
        gone=gone,
        notes=[*after.notes, f"since {since}: {compared.sentence()}", *(f"gone: {_where(each)}" for each in gone)],
    )


def _where(gone: Gone) -> str:
    return f"{gone.rule_id} at {gone.path}"
