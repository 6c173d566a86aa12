"""The text of a document -> what a scan of its file would find there, by the configuration of its repository."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

from keysift import masking
from keysift.accept.acceptances import Acceptances, AcceptanceSources, accepted, excluded_by
from keysift.config import Config
from keysift.detect.matcher import Matcher
from keysift.errors import KeysiftError
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.git import process
from keysift.model import Blob, Finding, Label, ScanResult
from keysift.records import dataclass
from keysift.report.plain import plain
from keysift.rules import ruleset
from keysift.scan.contents import scan_contents

LARGEST = 32 << 20
"""Characters of a document that is looked at."""

Grounds = tuple[AcceptanceSources, str, Matcher]
"""What holds for a file: the statements that accept findings, the lowest confidence that is asked for, the rules."""
Settle = Callable[[str], Grounds]
"""Returns what holds for a file or a directory; raises KeysiftError where it is invalid."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in a document, and by what it was judged."""

    findings: tuple[Finding, ...] = ()
    """Those that a scan would report as leaked keys: none that is accepted, public or below the threshold."""
    remarks: tuple[str, ...] = ()
    """What was not looked at, and why."""
    problem: str = ""
    """Why the configuration does not hold; empty if it does."""
    config: Config = Config()
    path: str = ""
    """Of the file, beside its configuration."""
    hidden: masking.Keys = masking.keys(())
    """The keys, which no message may show."""


class Judge:
    """Judges documents; keeps what holds for their directories until it is told to forget it."""

    def __init__(self, settle: Settle) -> None:
        self._settle = settle
        self._grounds: dict[str, tuple[Grounds, str]] = {}
        self._ignored: dict[str, bool] = {}

    def forget(self) -> None:
        """Read configurations anew from now on."""
        self._grounds.clear()
        self._ignored.clear()

    def judge(self, place: str, name: str, text: str) -> Judged:
        """Return what a scan of this text would find.

        `place` is the path of its file, or of the directory in which a document lives that was never saved; `name` is
        the path by which the latter is judged, and empty for a file. Runs in any thread.
        """
        directory = place if name else os.path.dirname(place)  # noqa: PTH120 - a path, as the editor names it
        grounds, problem = self._grounds_of(directory, place)
        sources, least, matcher = grounds
        paths = naming.of(place)
        path = name or paths.target
        if not name and (excluded_by(sources.config, path, paths) or self._is_ignored(place, paths)):
            return Judged(config=sources.config)
        if len(text) > LARGEST:
            return Judged(remarks=(f"not looked at: the document has more than {LARGEST:,} characters",))
        result = scan_contents(matcher, Blob(path, text.encode("utf-8", "surrogatepass")))
        acceptances = Acceptances(sources, today=datetime.now(UTC).date().isoformat(), min_confidence=least)
        [marked] = accepted(acceptances, [result], paths)
        return _judged(marked, problem, sources.config, paths.beside(path, sources.config.origin))

    def _grounds_of(self, directory: str, place: str) -> tuple[Grounds, str]:
        """Return what holds for the files of a directory; where that is invalid, all rules hold, and the reason."""
        known = self._grounds.get(directory)
        if known is None:
            try:
                known = self._settle(place), ""
            except KeysiftError as error:
                problem = plain(f"{error}; {error.help}" if error.help else str(error))
                known = (AcceptanceSources(), "", Matcher(ruleset.load())), problem
            self._grounds[directory] = known
        return known

    def _is_ignored(self, place: str, paths: Naming) -> bool:
        """Return True if git ignores the file and does not track it, so that a scan leaves it out."""
        if not paths.repository:
            return False
        if place not in self._ignored:
            question = ("check-ignore", "--quiet", "--", f"./{paths.in_repository(paths.target)}")
            try:
                answer = process.run(paths.repository, *question, accept=(0, 1))
            except KeysiftError:
                return False
            self._ignored[place] = answer.returncode == 0
        return self._ignored[place]


def _judged(result: ScanResult, problem: str, config: Config, path: str) -> Judged:
    findings = [
        finding
        for finding in result.findings
        if not (finding.suppressions or finding.below_threshold or finding.verdict.label is Label.PUBLIC)
    ]
    hidden = masking.keys(finding.secret for finding in result.findings)
    remarks = tuple(
        plain(masking.mask_name(skipped.reason, hidden)) for skipped in result.skipped if not skipped.expected
    )
    findings.sort(key=lambda finding: finding.locations[0].start_byte)
    return Judged(tuple(findings), remarks, problem, config, path, hidden)
