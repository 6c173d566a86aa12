"""The keys of a saved report, which masks them, read again from the places where they were found.

A key is taken only if its fingerprint is that of the report: nothing else that stands there now is ever sent.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace

from keysift.cli import scan
from keysift.config import Config
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.files import naming
from keysift.git import layout
from keysift.git.objects import Object, ObjectReader
from keysift.model import Blob, Finding, Location, Run
from keysift.rules.ruleset import Rules
from keysift.verify import plan

MOST_PLACES = 5
"""Places of a key that are tried."""
LARGEST = 256 << 20
"""Bytes of a file that is read again."""


def recover(run: Run, rules: Rules) -> list[Finding]:
    """Put the keys into the findings of a run, and return all findings of the places that were read.

    Masked keys that are not there any more stay masked, and cannot be verified.
    """
    masked = [finding for finding in run.findings if not plan.is_whole(finding)]
    if not masked:
        return []
    wanted = dict.fromkeys(place for finding in masked for place in finding.locations[:MOST_PLACES])
    found = [*_read(wanted, Matcher(rules))]
    secrets = {finding.fingerprint: finding.secret for finding in found}
    run.findings = [
        replace(finding, secret=secrets.get(finding.fingerprint, finding.secret)) for finding in run.findings
    ]
    return found


def _read(places: dict[Location, None], matcher: Matcher) -> Iterator[Finding]:
    """Yield the findings of each file, and of each version in a commit, once."""
    done: set[tuple[str, str]] = set()
    for place in places:
        if (place.commit, place.path) in done:
            continue
        done.add((place.commit, place.path))
        yield from _in_commit(place, matcher) if place.commit else _on_disk(place.path, matcher)


def _on_disk(path: str, matcher: Matcher) -> Iterator[Finding]:
    if not is_text(path):
        return
    options = scan.defaults(max_expanded="1G", jobs=1, no_ignore=True)
    for result in scan.scan_target(path, matcher, Config(), options):
        for finding in result.findings:
            yield replace(finding, locations=tuple(replace(place, path=path) for place in finding.locations))


def is_text(path: str) -> bool:
    """Return True for a file with something in it, which those that the system invents as one reads have not."""
    try:
        known = os.stat(path)  # noqa: PTH116 - a name, as the report has it
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(known.st_mode) and known.st_size > 0


def _in_commit(place: Location, matcher: Matcher) -> Iterator[Finding]:
    paths = naming.of(place.path)
    top = layout.toplevel(paths.repository or ".")
    if top is None:
        return
    name = place.repository_path or paths.target
    with ObjectReader(top, limit=LARGEST) as reader:
        answer = reader.read(f"{place.commit}:{name}")
    if isinstance(answer, Object):
        for finding in scan_blob(matcher, Blob(name, answer.data)).findings:
            places = (replace(each, path=place.path, commit=place.commit) for each in finding.locations)
            yield replace(finding, locations=tuple(places))
