"""What to do about a leaked key, in the order in which it should be done. All formats say the same."""

from __future__ import annotations

import re

from keysift.model import Finding, History, Label

_NEW_FIRST = re.compile(r"\bnew\b.{0,40}\bfirst\b|\bfirst\b.{0,20}\bnew\b", re.IGNORECASE)
"""A rule's words for keys that the vendor shows once: the new one must be at work before the old one ends."""
_LOGS = {
    "AWS": "CloudTrail's event history",
    "Amazon SNS": "CloudTrail's event history",
    "Anthropic": "the Console's usage and logs",
    "Atlassian": "Atlassian Administration's audit log",
    "Azure": "Azure Monitor's activity log",
    "Cloudflare": "Cloudflare's audit logs",
    "Datadog": "Datadog's Audit Trail",
    "GitHub": "GitHub's security log (the user's) and audit log (the organisation's)",
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
"""Where the vendor writes down who did what; names change little, menus often, so no menus."""
_KEEPERS = {
    "stash": "`git stash list` shows the entry that holds it: `git stash drop` it, then `git gc --prune=now`.",
    "reflog": "Only the reflog holds it: `git reflog expire --expire=now --all`, then `git gc --prune=now`.",
    "index": "It is staged: `git restore --staged FILE` before you commit.",
    "nothing": "Nothing refers to it any more: `git gc --prune=now` removes it here; other clones may have it.",
}
_NEW = "Create a new key, and give it to everything that uses this one."
_CODE = "Take it out of the files: let them read it from the environment or a secret store."
_HISTORY = (
    "Take it out of the history: `keysift audit --write-replacements FILE`, `git filter-repo --replace-text FILE`, "
    "a forced push, and new clones for everyone."
)
FIRST = (_NEW, "Revoke")
"""How the steps start that end the key, and those that look for its use and take it out of the files."""
SECOND = ("Look for", _CODE)


def next_steps(finding: Finding) -> tuple[str, ...]:
    """Sentences without any text of the scanned files; none for a key that is public by design."""
    rule, history = finding.rule, finding.history
    if finding.verdict.label is Label.PUBLIC:
        return ()
    if not finding.secret:
        return (rule.revoke,) if rule.revoke else ()  # a file as such, not a key
    steps = [_NEW] if _NEW_FIRST.search(rule.revoke) else []
    how = rule.revoke.removeprefix("Create the new key first. ")
    steps.append(f"Revoke this one: {how}" if rule.revoke else "Revoke it where it was issued.")
    since = f" since {history.first_seen[:10]}" if history and history.first_seen else ""
    steps.append(f"Look for its use{since} in {_LOGS.get(rule.provider, 'the audit log of whoever issued it')}.")
    return (*steps, *_removal(history))


def _removal(history: History | None) -> tuple[str, ...]:
    """What takes it out of the files and of the repository."""
    if history is None:
        return (_CODE,)
    code = (_CODE,) if history.in_head or history.refs else ()
    return (*code, _KEEPERS.get(history.kept_by, _HISTORY))
