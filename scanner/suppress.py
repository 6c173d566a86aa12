"""Inline comments -> suppressions: `keysift: ignore[rule-id] reason`, on the key's line or the line above."""

from __future__ import annotations

import functools
from collections.abc import Callable

import regex

from scanner.model import Blob, Finding, Suppression

_MARK = b"keysift:"
_COMMENT = regex.compile(
    rb"keysift:[ \t]*ignore(?![\w-])(?:\[(?P<rules>[\w*,. \t-]{0,400})\])?[ \t]*(?P<reason>[^\n]{0,300})"
)
_COMMENT_END = regex.compile(r"\s*(?:\*/|-->|#}|%>|\*\))?\s*$")


def inline(blob: Blob, findings: list[Finding]) -> list[Finding]:
    """The findings of a blob, those with a comment marked as suppressed."""
    if not findings or _MARK not in blob.data:
        return findings
    from dataclasses import replace  # noqa: PLC0415 - most blobs have no comment

    lines = blob.data.split(b"\n")
    comment = functools.cache(lambda number: _COMMENT.search(lines[number], timeout=1))  # once, however many keys
    return [
        replace(finding, suppressions=(found,)) if (found := _suppression(finding, lines, comment)) else finding
        for finding in findings
    ]


def _suppression(
    finding: Finding, lines: list[bytes], comment: Callable[[int], regex.Match[bytes] | None]
) -> Suppression | None:
    location = finding.locations[0]
    own = range(location.start_line - 1, location.end_line)
    for number in (*own, location.start_line - 2):
        if not 0 <= number < len(lines):
            continue
        found = comment(number)
        if found and (number in own or _alone(lines[number], found.start())) and _names(found["rules"], finding):
            reason = _COMMENT_END.sub("", found["reason"].decode("utf-8", "replace")).strip(" -:")
            return Suppression("inSource", reason)
    return None


def _alone(line: bytes, start: int) -> bool:
    """Whether the comment has its line to itself: only then does it speak for the next."""
    return not any(chr(byte).isalnum() for byte in line[:start] if byte < 128)


def _names(rules: bytes | None, finding: Finding) -> bool:
    """Whether the comment means this finding: no list means every rule, `pagerduty-*` a family."""
    import fnmatch  # noqa: PLC0415 - most blobs have no comment

    if rules is None:
        return True
    wanted = [name.strip() for name in rules.decode("ascii", "replace").split(",")]
    return any(fnmatch.fnmatchcase(finding.rule.id, name) for name in wanted if name)
