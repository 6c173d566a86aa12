"""Keys in the names of files: all names of a batch are looked at together, so that one costs next to nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Confidence, Finding, ScanResult

MEMBER = "its name"
"""Stands for the member of a location that is in the name of the file itself."""


def scan_names(matcher: Matcher, paths: Sequence[str]) -> ScanResult:
    """The keys in some paths. Only shapes that speak for themselves: a path says little about what its parts are."""
    text = os.fsencode("\n".join(paths))
    if not any(_speaks(matcher, number) for number in matcher.windows(text).rules):
        return ScanResult()
    text = b"\n".join(os.fsencode(path.replace("\n", " ")) for path in paths)
    found = scan_blob(matcher, Blob("", text)).findings
    return ScanResult(tuple(_placed(one, paths) for one in found if _certain(one)))


def _speaks(matcher: Matcher, number: int) -> bool:
    """Whether a rule needs no surroundings."""
    return not matcher.rules[number].when


def _certain(finding: Finding) -> bool:
    place = finding.locations[0]
    alone = not finding.rule.when and finding.verdict.confidence is Confidence.HIGH
    return alone and place.start_line == place.end_line


def _placed(finding: Finding, paths: Sequence[str]) -> Finding:
    """The finding, in the name on whose line it was found."""
    [place] = finding.locations
    path = paths[place.start_line - 1]
    width = len(os.fsencode(path[place.start_column - 1 : place.end_column - 1]))
    start = len(os.fsencode(path[: place.start_column - 1]))
    moved = replace(
        place,
        path=path,
        member=MEMBER,
        start_line=1,
        end_line=1,
        start_byte=start,
        end_byte=start + width,
        snippet=None,
    )
    return replace(finding, locations=(moved,), suppressions=())
