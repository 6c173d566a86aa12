"""The claim that a finding, or what was not scanned, is accepted, and why it may not hold."""

from __future__ import annotations

from datetime import date, timedelta

from keysift.config import Policy
from keysift.model import Suppression
from keysift.records import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement that something is accepted."""

    suppression: Suppression
    where: str
    """The place of the statement: `.keysift.toml: [[ignore]] number 2`."""
    since: str = ""
    bound: bool = True
    """True if the policy applies to it; a difference between paths is not an acceptance."""
    lapsed: str = ""
    """The reason why it does not hold; empty if it does."""


def is_over(until: str, today: str) -> bool:
    """Return True if a last day, which may be empty, is past; both as `2026-12-31`."""
    return bool(until) and until < today


def why_lapsed(claim: Claim, policy: Policy, today: str) -> str:
    """Return why a claim does not hold; empty if it does."""
    until = claim.suppression.until
    if is_over(until, today):
        return f"its acceptance ended on {until} ({claim.where})"
    if not claim.bound:
        return ""
    if policy.require_reason and not claim.suppression.justification:
        return f"its acceptance gives no reason, which the policy requires ({claim.where})"
    if policy.max_lifetime_days:
        latest = date.fromisoformat(claim.since or today) + timedelta(policy.max_lifetime_days)
        if not until or until > latest.isoformat():
            return f"its acceptance lasts longer than the {policy.max_lifetime_days} days of the policy ({claim.where})"
    return ""
