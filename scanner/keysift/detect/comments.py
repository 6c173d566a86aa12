"""Comments in a file -> suppressions.

Our own is `keysift: ignore[rule-id] reason`, on the key's line or alone on the line above, and for a block from
`keysift: ignore-start[rule-id] reason` to `keysift: ignore-end`. A reason may say when it ends: `until 2026-12-31`.
The marks of other scanners are honoured where those scanners look for them.

Only lines with findings are looked at, and their neighbourhood: `BEFORE` and `AFTER` bytes. Blocks alone may be longer.
"""

from __future__ import annotations

from collections.abc import Iterator

from keysift import lazy
from keysift.model import Blob, Finding, Suppression

_MARK = b"keysift:"
BEFORE, AFTER = 4096, 1024
"""How many bytes before and behind a key a comment may stand."""
_COMMENT = lazy.timed(
    rb"keysift:[ \t]*ignore(?P<edge>-start|-end)?(?![\w-])"
    rb"(?:\[(?P<rules>[\w*,. \t-]{0,400})\])?[ \t]*(?P<reason>[^\r\n]{0,300})"
)
_COMMENT_END = lazy.compile(r"\s*(?:\*/|-->|#}|%>|\*\))?\s*$")
_UNTIL = lazy.compile(r"(?:^|\s)until[ =:]?\s*(?P<date>\d{4}-\d\d-\d\d)\b")

_FOREIGN_OWN = lazy.timed(
    rb"(?:gitleaks|betterleaks):allow|pragma: ?(?:allow|white)list[ -]secret|trufflehog:ignore|kingfisher:ignore"
    rb"|(?<![\w-])nosecret(?![\w-])"
)
_FOREIGN_ABOVE = lazy.timed(rb"pragma: ?allowlist[ -]nextline[ -]secret|kingfisher:ignore")
"""Marks of gitleaks, betterleaks, detect-secrets, trufflehog and kingfisher, on the key's line and alone above it."""
_FOREIGN_WORDS = (b":allow", b"pragma:", b":ignore", b"nosecret")


def inline(blob: Blob, findings: list[Finding]) -> list[Finding]:
    """The findings of a blob, those with a comment marked as suppressed."""
    if not findings or not (_MARK in blob.data or any(word in blob.data for word in _FOREIGN_WORDS)):
        return findings
    from dataclasses import replace  # noqa: PLC0415 - most blobs have no comment

    blocks = list(_blocks(blob.data)) if b"ignore-start" in blob.data else []
    return [
        replace(finding, suppressions=(found,)) if (found := _suppression(blob.data, finding, blocks)) else finding
        for finding in findings
    ]


def unused(blob: Blob, findings: list[Finding]) -> Iterator[int]:
    """The lines with a comment of ours that accepts none of the findings: numbers from 1."""
    starts = [found for found in _COMMENT.finditer(blob.data) if found["edge"] != b"-end"]
    for found in starts:
        line = blob.data.count(b"\n", 0, found.start()) + 1
        end = blob.data.find(b"keysift: ignore-end", found.end()) if found["edge"] else found.end()
        last = blob.data.count(b"\n", 0, end) + 1 if end >= 0 else line
        if not any(
            one.suppressions and _names(found["rules"], one) and line <= place.end_line and place.start_line <= last + 1
            for one in findings
            for place in one.locations
        ):
            yield line


def _suppression(data: bytes, finding: Finding, blocks: list[_Block]) -> Suppression | None:
    """What a comment says of a finding: on its lines, alone on the line above, or around its block."""
    location = finding.locations[0]
    own_start = data.rfind(b"\n", max(0, location.start_byte - BEFORE), location.start_byte) + 1
    own_start = own_start or max(0, location.start_byte - BEFORE)
    own_end = data.find(b"\n", location.end_byte, location.end_byte + AFTER)
    own = data[own_start : own_end if own_end >= 0 else location.end_byte + AFTER]
    above_start = data.rfind(b"\n", max(0, own_start - 1 - BEFORE), max(0, own_start - 1)) + 1
    above = data[max(above_start, own_start - BEFORE) : max(0, own_start - 1)]
    for text, above_it in ((own, False), (above, True)):
        found = _COMMENT.search(text, timeout=1)
        speaks = found and not found["edge"] and (not above_it or _alone(text, found.start()))
        if found and speaks and _names(found["rules"], finding):
            return _accepted(found["reason"])
    for start, end, rules, reason in blocks:
        if start <= location.start_byte < end and _names(rules, finding):
            return _accepted(reason)
    return _foreign(own, above)


_Block = tuple[int, int, "bytes | None", bytes]


def _blocks(data: bytes) -> Iterator[_Block]:
    """From each start to the next end, with the rules and the reason; a start without an end opens no block."""
    opened = None
    for found in _COMMENT.finditer(data, timeout=5):
        if found["edge"] == b"-start":
            opened = opened or found
        elif found["edge"] == b"-end" and opened:
            yield opened.end(), found.start(), opened["rules"], opened["reason"]
            opened = None


def _accepted(reason: bytes) -> Suppression:
    text = _COMMENT_END.sub("", reason.decode("utf-8", "replace")).strip(" -:")
    until = _UNTIL.search(text)
    if until:
        text = (text[: until.start()] + text[until.end() :]).strip(" ,;-:")
    return Suppression("inSource", text, until=until["date"] if until else "")


def _foreign(own: bytes, above: bytes) -> Suppression | None:
    found = _FOREIGN_OWN.search(own, timeout=1)
    if not found:
        found = _FOREIGN_ABOVE.search(above, timeout=1)
        if not found or not _alone(above, found.start()):
            return None
    return Suppression("inSource", "", who=f"the mark {found[0].decode()}")


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
