"""What to do about a leaked key, in the order in which it should be done. All formats say the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

from keysift.model import Finding, History, Label, LiveState
from keysift.report.kinds import has_provider

_NEW_FIRST = re.compile(r"\bnew\b.{0,40}\bfirst\b|\bfirst\b.{0,20}\bnew\b", re.IGNORECASE)
"""A rule's words for keys that the vendor shows once: the new key must be in use before the old one is revoked."""
_CASE = re.compile(r"[A-Z][\w ]{2,40}: ")
"""How a rule's words begin where they tell cases apart: `Account key: Integrations > ...`."""
_SENTENCE = re.compile(
    r"(Add|Ask|Cancel|Change|Decrypt|Delete|End|Ends|Expires|Generate|Let|Make|Nothing|Remove|Revoke|Rotate|Run|Set|Stop|"
    r"Switch|Turn)\b(?! >)|The [^>]*$|[^>]*\bnothing (?:is left )?to revoke"
)
"""How they begin where they name no places: `Change the password of that user.`"""
_LOGS = {
    "AWS": "CloudTrail's event history",
    "Amazon SNS": "CloudTrail's event history",
    "Anthropic": "the Console's usage and logs",
    "Atlassian": "Atlassian Administration's audit log",
    "Azure": "Azure Monitor's activity log",
    "Cloudflare": "Cloudflare's audit logs",
    "Datadog": "Datadog's Audit Trail",
    "GitHub": "GitHub's security log (for a user) or audit log (for an organisation)",
    "GitLab": "GitLab's audit events",
    "Google": "Cloud Audit Logs",
    "Firebase": "Cloud Audit Logs",
    "HashiCorp Vault": "the log of Vault's audit device",
    "Kubernetes": "the API server's audit log",
    "Microsoft Entra": "Entra's sign-in and audit logs",
    "Okta": "Okta's System Log",
    "OpenAI": "the organisation's usage page and audit logs",
    "PagerDuty": "PagerDuty's audit records",
    "Slack": "Slack's access logs and audit logs",
    "Stripe": "the Stripe Dashboard's request logs",
    "Twilio": "the Twilio Console's logs",
}
"""Where the vendor records who did what; names rarely change and menus often do, so no menus."""
_KEEPERS = {
    "stash": "Find its entry with `git stash list`, delete it with `git stash drop`, then run `git gc --prune=now`.",
    "reflog": "Only the reflog still holds it: run `git reflog expire --expire=now --all`, then `git gc --prune=now`.",
    "index": "It is staged: run `git restore --staged FILE` before you commit.",
    "nothing": "Nothing refers to it any longer: `git gc --prune=now` deletes it here, but other clones may still "
    "have it.",
}
_NEW = "Create a new key and deploy it wherever this one is used."
_CODE = "Remove it from the files; read it from the environment or a secret manager instead."
_HISTORY = (
    "Remove it from the history: run `keysift audit --write-replacements FILE`, then "
    "`git filter-repo --replace-text FILE`; force-push, and have everyone clone again."
)


def next_steps(finding: Finding) -> tuple[str, ...]:
    """Return sentences without any text of the scanned files; none for a key that is public by design."""
    return shared_steps([finding])


def shared_steps(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the steps to take for each of several findings of one rule: every step that one of them needs."""
    findings = [finding for finding in findings if finding.verdict.label is not Label.PUBLIC]
    if not findings:
        return ()
    rule = findings[0].rule
    lives = [finding.history for finding in findings if finding.secret]
    if not lives:
        return (rule.revoke,) if rule.revoke else ()  # files as such, not keys
    dead = all(finding.liveness and finding.liveness.state is LiveState.DEAD for finding in findings)
    steps = [_NEW] if _NEW_FIRST.search(rule.revoke) and not dead else []
    how = rule.revoke.removeprefix("Create the new key first. ")
    if not dead:
        steps.append(_revocation(how) if how else "Revoke it where it was issued.")
    since = min((life.first_seen[:10] for life in lives if life and life.first_seen), default="")
    log = _LOGS.get(rule.provider, "the issuer's audit log" if has_provider(rule) else "the log of whatever it opens")
    steps.append(f"Check {log} for use of this key{since and f' since {since}'}.")
    removal = dict.fromkeys(step for life in lives for step in _removal(life))
    return (*steps, *sorted(removal, key=lambda step: step != _CODE))


def _revocation(how: str) -> str:
    """Return the step in a rule's words: places, cases, or a sentence that stands by itself."""
    in_cases, has_places = _CASE.match(how), " > " in how
    if _SENTENCE.match(how) or (in_cases and not has_places):
        return how
    return f"Revoke this key{'.' if in_cases else ':'} {how}"


def _removal(history: History | None) -> tuple[str, ...]:
    """Return the steps that remove a key from the files and from the repository."""
    if history is None:
        return (_CODE,)
    code = (_CODE,) if history.in_head or history.refs else ()
    return (*code, _KEEPERS.get(history.kept_by, _HISTORY))
