"""Keys in the names of files: all names of a batch are scanned together, so that each costs next to nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Confidence, Finding, Run, ScanResult

REF_NAMES = "(names of refs)"
"""The path of a key in the name of a branch or tag."""
MEMBER = "its name"
"""The member of a location that is in the name of the file itself."""


def scan_names(matcher: Matcher, paths: Sequence[str]) -> ScanResult:
    """Return the findings in some paths.

    Only shapes that need no surroundings count, because a path says little about its parts.
    """
    text = os.fsencode("\n".join(paths))
    if not any(_needs_no_surroundings(matcher, number) for number in matcher.windows(text).rules):
        return ScanResult()
    text = b"\n".join(os.fsencode(path.replace("\n", " ")) for path in paths)
    findings = scan_blob(matcher, Blob("", text)).findings
    return ScanResult(tuple(_placed(finding, paths) for finding in findings if _is_certain(finding)))


def hide(matcher: Matcher, run: Run) -> None:
    """Have the reports of a run hide the keys in names that it does not judge because they are not new."""
    paths = dict.fromkeys(place.path for finding in run.everything() for place in finding.locations)
    paths |= dict.fromkeys((*(skipped.path for skipped in run.skipped), *run.targets))
    if paths:
        run.hidden += scan_names(matcher, list(paths)).findings


def _needs_no_surroundings(matcher: Matcher, number: int) -> bool:
    return not matcher.rules[number].when


def _is_certain(finding: Finding) -> bool:
    place = finding.locations[0]
    alone = not finding.rule.when and finding.verdict.confidence is Confidence.HIGH
    return alone and place.start_line == place.end_line


def _placed(finding: Finding, paths: Sequence[str]) -> Finding:
    """Return the finding with its place in the name that is on its line."""
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
