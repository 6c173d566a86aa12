"""A decision on keys -> entries of the baseline, as the policy of the configuration allows it."""

from __future__ import annotations

from dataclasses import replace

from keysift.accept.baseline import REAL, Baseline, Entry
from keysift.accept.decision import Answer, Kind
from keysift.cli.accepting import make_entries, parse_end
from keysift.config import Policy
from keysift.errors import UsageError
from keysift.masking import Keys
from keysift.model import Finding


def entries_of(
    findings: list[Finding], known: Baseline, answer: Answer, policy: Policy, hidden: Keys | None = None
) -> list[Entry]:
    """Return the entries of a baseline that state a decision, and show none of the `hidden` keys.

    Raises:
        UsageError: the date is none or in the past, or the policy asks for a reason or an earlier end.
    """
    real, until = answer.kind is Kind.REAL, parse_end(answer.until)
    if answer.kind is Kind.ACCEPTED and not until:
        raise UsageError("an acceptance needs a last day", help="write 2026-12-31, or a number of days: 90d")
    if policy.require_reason and not answer.why and not real:
        raise UsageError("the policy of the configuration requires a reason")
    if policy.max_lifetime_days and until > parse_end(f"{policy.max_lifetime_days}d") and not real:
        raise UsageError(f"the policy of the configuration allows {policy.max_lifetime_days} days at most")
    options = {"why": answer.reason(), "who": "", "until": until, "path": ""}
    entries = make_entries(findings, known, options, policy.max_lifetime_days, hidden)
    return [replace(entry, status=REAL, until="") for entry in entries] if real else entries
