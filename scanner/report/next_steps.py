"""What to do about a leaked key, in the order in which it should be done. All formats say the same."""

from __future__ import annotations

import re

from scanner.model import Finding, History, Label

_NEW_FIRST = (_NEW, "Revoke")
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
