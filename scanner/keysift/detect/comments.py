"""Comments in a file -> suppressions.

keysift's own comment is `keysift: ignore[rule-id] reason`, on the line of the key or alone on the line above. Blocks go
from `keysift: ignore-start[rule-id] reason` to `keysift: ignore-end`. A reason may have an end: `until 2026-12-31`. The
marks of other scanners count where those scanners look for them.

Only lines with findings and the bytes near them (`BEFORE` and `AFTER`) are looked at; only blocks may be longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from keysift import lazy, wide
from keysift.model import Blob, Finding, Suppression
from keysift.wide import Wide

_MARK = b"keysift:"
BEFORE, AFTER = 4096, 1024
"""Bytes before and after a key in which a comment of it may be."""
_COMMENT = lazy.timed(
    rb"keysift:[ \t]*ignore(?P<edge>-start|-end)?(?![\w-])"
    rb"(?:\[(?P<rules>[\w*,. \t-]{0,400})\])?[ \t]*(?P<reason>[^\r\n]{0,300})"
)
_COMMENT_END = lazy.compile(r"\s*(?:\*/|-->|#}|%>|\*\))?\s*$")
_BLOCK_END = b"keysift: ignore-end"
_UNTIL = lazy.compile(r"(?:^|\s)until[ =:]?\s*(?P<date>\d{4}-\d\d-\d\d)\b")
_FOREIGN_OWN = lazy.timed(
    rb"(?:gitleaks|betterleaks):allow|pragma: ?(?:allow|white)list[ -]secret|trufflehog:ignore|kingfisher:ignore"
    rb"|(?<![\w-])nosecret(?![\w-])"
)
_FOREIGN_ABOVE = lazy.timed(rb"pragma: ?allowlist[ -]nextline[ -]secret|kingfisher:ignore")
"""Marks of gitleaks, betterleaks, detect-secrets, trufflehog and kingfisher: on the line of a key, alone above it."""
_FOREIGN_WORDS = (b":allow", b"pragma:", b":ignore", b"nosecret")
_Block = tuple[int, int, "bytes | None", bytes]
"""The start and end of a block, its rules as written, and its reason."""


def inline(blob: Blob, findings: list[Finding]) -> list[Finding]:
    """Return the findings of a blob, those with a comment marked as suppressed."""
    if not findings:
        return findings
    text = _wide(blob, findings)
    if text:
        return _inline_in_wide(blob, findings, text)
    if not _may_have_comments(blob.data):
        return findings
    blocks = list(_blocks(blob.data)) if b"ignore-start" in blob.data else []
    return [_marked(finding, _suppression(blob.data, finding, blocks)) for finding in findings]


def _marked(finding: Finding, suppression: Suppression | None) -> Finding:
    return replace(finding, suppressions=(suppression,)) if suppression else finding


def _wide(blob: Blob, findings: list[Finding]) -> Wide | None:
    """Return the encoding of a blob of wide text, judging by its first finding; None for any other."""
    first = findings[0].locations[0]
    text = wide.around(blob.data, first.start_byte, first.end_byte)
    return None if text is None or text.amid else text


def _inline_in_wide(blob: Blob, findings: list[Finding], text: Wide) -> list[Finding]:
    """Return what `inline` does for text of two or four bytes a character: its comments are read as UTF-8."""
    data = text.utf8(blob.data[text.start :])
    if not _may_have_comments(data):
        return findings
    recoded: list[Finding] = []
    counted, moved = text.start, 0
    for finding in findings:
        place = finding.locations[0]
        if place.start_byte < counted:
            counted, moved = text.start, 0
        moved += len(text.utf8(blob.data[counted : place.start_byte]))
        counted = place.start_byte
        end = moved + len(text.utf8(blob.data[place.start_byte : place.end_byte]))
        recoded.append(replace(finding, locations=(replace(place, start_byte=moved, end_byte=end),)))
    accepted = inline(Blob(blob.path, data), recoded)
    known = (finding.suppressions for finding in accepted)
    return [replace(finding, suppressions=each) for finding, each in zip(findings, known, strict=True)]


def _may_have_comments(data: bytes) -> bool:
    return _MARK in data or any(word in data for word in _FOREIGN_WORDS)


def unused(blob: Blob, findings: list[Finding]) -> Iterator[int]:
    """Yield the lines, counted from 1, with a comment of keysift's own that accepts none of the findings."""
    suppressed = [finding for finding in findings if finding.suppressions]
    for comment in _COMMENT.finditer(blob.data):
        if comment["edge"] == b"-end":
            continue
        line = blob.data.count(b"\n", 0, comment.start()) + 1
        end = blob.data.find(_BLOCK_END, comment.end()) if comment["edge"] else comment.end()
        last = blob.data.count(b"\n", 0, end) + 1 if end >= 0 else line
        if not any(
            _means(comment["rules"], finding) and line <= place.end_line and place.start_line <= last + 1
            for finding in suppressed
            for place in finding.locations
        ):
            yield line


def _suppression(data: bytes, finding: Finding, blocks: list[_Block]) -> Suppression | None:
    """Return the suppression of a finding: by a comment on its lines, alone on the line above, or around its block."""
    location = finding.locations[0]
    own_start = data.rfind(b"\n", max(0, location.start_byte - BEFORE), location.start_byte) + 1
    own_start = own_start or max(0, location.start_byte - BEFORE)
    own_end = data.find(b"\n", location.end_byte, location.end_byte + AFTER)
    own = data[own_start : own_end if own_end >= 0 else location.end_byte + AFTER]
    above_start = data.rfind(b"\n", max(0, own_start - 1 - BEFORE), max(0, own_start - 1)) + 1
    above = data[max(above_start, own_start - BEFORE) : max(0, own_start - 1)]
    for text, above_it in ((own, False), (above, True)):
        comment = _COMMENT.search(text, timeout=1)
        counts = comment and not comment["edge"] and (not above_it or _is_alone(text, comment.start()))
        if comment and counts and _means(comment["rules"], finding):
            return _accepted(comment["reason"])
    for start, end, rules, reason in blocks:
        if start <= location.start_byte < end and _means(rules, finding):
            return _accepted(reason)
    return _foreign(own, above)


def _blocks(data: bytes) -> Iterator[_Block]:
    """Yield the blocks, each from a start to the next end; a start without an end opens none."""
    opened = None
    for comment in _COMMENT.finditer(data, timeout=5):
        if comment["edge"] == b"-start":
            opened = opened or comment
        elif comment["edge"] == b"-end" and opened:
            yield opened.end(), comment.start(), opened["rules"], opened["reason"]
            opened = None


def _accepted(reason: bytes) -> Suppression:
    """Return the suppression with this reason, of which `until DATE` is taken out."""
    text = _COMMENT_END.sub("", reason.decode("utf-8", "replace")).strip(" -:")
    until = _UNTIL.search(text)
    if until:
        text = (text[: until.start()] + text[until.end() :]).strip(" ,;-:")
    return Suppression("inSource", text, until=until["date"] if until else "")


def _foreign(own: bytes, above: bytes) -> Suppression | None:
    """Return the suppression by the mark of another scanner, on the line of a key or alone on the line above."""
    mark = _FOREIGN_OWN.search(own, timeout=1)
    if not mark:
        mark = _FOREIGN_ABOVE.search(above, timeout=1)
        if not mark or not _is_alone(above, mark.start()):
            return None
    return Suppression("inSource", "", who=f"the mark {mark[0].decode()}")


def _is_alone(line: bytes, start: int) -> bool:
    """Return True if a comment has its line to itself: only then does it count for the next line."""
    return not any(chr(byte).isalnum() for byte in line[:start] if byte < 128)


def _means(rules: bytes | None, finding: Finding) -> bool:
    """Return True if a comment means this finding: no list means every rule, `pagerduty-*` a family."""
    if rules is None:
        return True
    names = [name.strip() for name in rules.decode("ascii", "replace").split(",")]
    return any(fnmatchcase(finding.rule.id, name) for name in names if name)
