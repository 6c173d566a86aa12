"""What the server offers, without the protocol: text or a path -> what is found there, masked and of bounded size."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from keysift import config, masking
from keysift.accept import baseline
from keysift.accept.acceptances import Acceptances, AcceptanceSources, accepted
from keysift.detect.explain import explain
from keysift.detect.matcher import Matcher
from keysift.errors import UsageError
from keysift.files import listing, naming
from keysift.model import Blob, Finding, Rule, Run, ScanResult
from keysift.report.plain import plain
from keysift.rules import ruleset
from keysift.rules.suggestions import suggestion
from keysift.scan import parallel
from keysift.scan.contents import scan_contents
from keysift.scan.tally import tally

LONGEST_TEXT = 1 << 20
"""Characters of a text that is looked at."""
MOST_FILES, LARGEST_FILE = 20_000, 64 << 20
"""Files of a path, and bytes of one."""
MOST_FINDINGS, MOST_NOTES, LONGEST_NAME = 50, 20, 400
"""Findings and notes of an answer, and characters of a name in it."""

Answer = dict[str, Any]


class Tools:
    """The tools, for some directories."""

    def __init__(self, roots: Sequence[Path]) -> None:
        """Take the directories that paths must be in.

        Raises:
            UsageError: one of them is no directory.
        """
        for root in roots:
            if not root.is_dir():
                raise UsageError(f"no such directory: {root}", help="name directories that may be scanned")
        self.roots = [Path(os.path.realpath(root)) for root in roots]
        self.matcher = Matcher(ruleset.load())

    def scan_text(self, text: str, path: str = "") -> Answer:
        """Return the keys in a text, judged as the content of a file with this path."""
        run = Run("scan", ("text",))
        tally(run, [scan_contents(self.matcher, Blob(_name(path), _bytes(text)))])
        return _answer(run)

    def scan_path(self, path: str) -> Answer:
        """Return the keys in a file or below a directory, as `keysift scan` finds them.

        Raises:
            UsageError: the path is outside of the roots, is or leads through a link, or is not there.
            ConfigError: the configuration of the repository is invalid.
        """
        place = self._inside(path)
        paths, directory = naming.of(str(place)), place if place.is_dir() else place.parent
        known = baseline.find(directory)
        sources = AcceptanceSources(config.find(directory), baseline.read(known) if known else None)
        files = iter(listing.files(str(place)))
        chosen = list(islice(files, MOST_FILES))
        results: Iterable[ScanResult] = parallel.scan_files(
            self.matcher, chosen, limits=parallel.Limits(LARGEST_FILE), jobs=1
        )
        run = Run("scan", (str(place),))
        tally(run, naming.named(accepted(Acceptances(sources), results, paths), paths))
        answer = _answer(run)
        if next(files, None) is not None:
            answer["notes"] += [f"only the first {MOST_FILES:,} files were scanned: name a directory below"]
        return answer

    def explain(self, text: str, path: str = "") -> Answer:
        """Return every candidate in a text with its outcome: a finding, or why it is none."""
        explained, unfinished = explain(self.matcher, Blob(_name(path), _bytes(text)))
        hidden = masking.keys(each.candidate.secret for each in explained)
        candidates = [
            {
                "rule": each.candidate.rule.id,
                "line": each.location.start_line,
                "column": each.location.start_column,
                "key": plain(masking.redact(each.candidate.secret)),
                "outcome": masking.mask(plain(each.outcome), hidden),
                "reasons": [masking.mask(plain(why), hidden) for why in (each.verdict.reasons if each.verdict else ())],
            }
            for each in explained[:MOST_FINDINGS]
        ]
        return {
            "candidates": candidates,
            "more": max(0, len(explained) - MOST_FINDINGS),
            "notes": [plain(unfinished)] if unfinished else [],
        }

    def advice(self, rule: str) -> Answer:
        """Return what a rule finds, why that has its label, and how to revoke it.

        Raises:
            UsageError: there is no such rule.
        """
        known = self.matcher.rules.ids
        if rule not in known:
            raise UsageError(f"keysift has no such rule: {plain(rule[:LONGEST_NAME])}", help=suggestion(rule, known))
        return _rule(self.matcher.rules[known.index(rule)])

    def _inside(self, path: str) -> Path:
        """Return a place inside of the roots that no link leads to."""
        if "\0" in path:
            raise UsageError("not a path", help="name a file or a directory")
        for root in self.roots:
            stated = Path(os.path.normpath(root / path))
            if stated.is_relative_to(root) and Path(os.path.realpath(stated)) == stated and stated.exists():
                return stated
        where = ", ".join(map(str, self.roots))
        raise UsageError(f"there is no such path inside of {where}", help="links are not followed")


def _bytes(text: str) -> bytes:
    if len(text) > LONGEST_TEXT:
        raise UsageError(f"the text has more than {LONGEST_TEXT:,} characters", help="save it, and use scan_path")
    return text.encode("utf-8", "surrogatepass")


def _name(path: str) -> str:
    return path[:LONGEST_NAME].replace("\\", "/")


def _answer(run: Run) -> Answer:
    hidden = masking.keys(finding.secret for finding in run.everything())
    notes = [
        f"{masking.mask_name(plain(each.path), hidden)}: {plain(each.reason)}"
        for each in run.skipped
        if not each.expected
    ]
    return {
        "findings": [_finding(finding, hidden) for finding in run.findings[:MOST_FINDINGS]],
        "more": max(0, len(run.findings) - MOST_FINDINGS),
        "accepted": len(run.suppressed),
        "notes": notes[:MOST_NOTES],
    }


def _finding(finding: Finding, hidden: masking.Keys) -> Answer:
    place = finding.locations[0]
    return {
        "rule": finding.rule.id,
        "name": finding.rule.name,
        "label": str(finding.verdict.label),
        "confidence": str(finding.verdict.confidence),
        "key": plain(masking.redact(finding.secret)),
        "path": masking.mask_name(plain(place.path), hidden)[:LONGEST_NAME],
        "line": place.start_line,
        "column": place.start_column,
        "places": len(finding.locations) + finding.more_places,
        "revoke": finding.rule.revoke,
    }


def _rule(rule: Rule) -> Answer:
    return {
        "rule": rule.id, "name": rule.name, "provider": rule.provider, "label": str(rule.label), "why": rule.why,
        "revoke": rule.revoke, "references": list(rule.references),
    }  # fmt: skip
