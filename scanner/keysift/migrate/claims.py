"""What another scanner knows of a key, matched with our findings: only those can become entries of a baseline."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from keysift.migrate import CARRIED, LOST, NEEDLESS, Claim, Line
from keysift.model import Finding

SHORTEST = 6
"""Bytes; a shorter piece of a key proves nothing."""
_LONGEST_START = 200
"""Bytes of the longest part of a key that is tried."""
_HEAD = re.compile(rb"BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?")
_TOKENS = tuple(
    re.compile(pattern)
    for pattern in (r'"([^"\n]*)"', r"'([^'\n]*)'", r"([^\s\"'`,;]+)", r"([^\s=:,\"'`]+)", r"[=:]\s*(.*\S)")
)


def settle(
    claims: Sequence[Claim], look: Callable[[Claim], Sequence[Finding] | str]
) -> Iterator[tuple[Line, Claim, list[Finding]]]:
    """Yield for each claim its outcome, the claim, and our findings that it is about.

    `look` returns the findings of the file that a claim names, at its commit; for a commit without a file, the findings
    that it introduced; for neither, all findings. It returns the reason in words where there is nothing to look at.
    """
    for claim in claims:
        findings = look(claim)
        if isinstance(findings, str):
            yield _line(claim, NEEDLESS, findings), claim, []
            continue
        meant = [finding for finding in findings if _means(claim, finding)]
        if meant:
            rules = ", ".join(sorted({finding.rule.id for finding in meant}))
            yield _line(claim, CARRIED, f"as {rules}"), claim, meant
        elif there := [finding for finding in findings if claim.path and _on_line(claim, finding)]:
            rules = ", ".join(sorted({finding.rule.id for finding in there}))
            known = "key" if claim.secret else "hash"
            how = f"its {known} is not that of what keysift finds there ({rules}); see `keysift baseline audit`"
            yield _line(claim, LOST, how), claim, []
        else:
            yield _line(claim, NEEDLESS, "keysift finds nothing there"), claim, []


def _line(claim: Claim, outcome: str, how: str) -> Line:
    return Line(claim.place, claim.what, outcome, how)


def _means(claim: Claim, finding: Finding) -> bool:
    """Return whether a claim is about a finding: by the key, by its hash, or by its line if it has neither."""
    if claim.secret:
        ours = finding.secret
        return ours == claim.secret or (
            min(len(ours), len(claim.secret)) >= SHORTEST and (ours in claim.secret or claim.secret in ours)
        )
    if claim.sha1:
        spellings = chain(_spellings(finding), _parts(claim, finding))
        return any(hashlib.sha1(text, usedforsecurity=False).hexdigest() == claim.sha1 for text in spellings)
    return bool(finding.secret) and (not claim.path or _on_line(claim, finding))


def _on_line(claim: Claim, finding: Finding) -> bool:
    return any(place.start_line <= claim.line <= place.end_line for place in finding.locations)


def _parts(claim: Claim, finding: Finding) -> Iterator[bytes]:
    """Yield the parts of a key that a scanner may take for all of it: its start, the head of a block of PEM.

    detect-secrets hashes what the first group of its pattern matches. That is the start of a key of Stripe that is
    longer than they once were; and of a token of GitHub the few letters of its prefix, which prove something only on
    the line that is named.
    """
    secret = finding.secret
    yield from (secret[:end] for end in range(SHORTEST, min(len(secret), _LONGEST_START)))
    if head := _HEAD.search(secret):
        yield head[0]
    if _on_line(claim, finding):
        yield secret.partition(b"_")[0]


def _spellings(finding: Finding) -> Iterator[bytes]:
    """Yield the key, and each piece of its lines that another scanner may have taken for the key."""
    yield finding.secret
    secret = finding.secret.decode("utf-8", "surrogateescape")
    for place in finding.locations:
        if place.snippet and len(secret) >= SHORTEST:
            first = place.start_line - place.snippet.first_line
            line = "\n".join(place.snippet.lines[first : first + 1 + place.end_line - place.start_line])
            for token in _TOKENS:
                for match in token.finditer(line):
                    text = match[1]
                    if secret in text or (text in secret and len(text) >= SHORTEST):
                        yield text.encode("utf-8", "surrogateescape")
