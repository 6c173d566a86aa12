"""Several runs, merged into one: the same key is one finding with the places of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from keysift.model import Finding, History, Run, Verdict
from keysift.report.view import worst

_T = TypeVar("_T")


def merge(runs: Sequence[Run]) -> Run:
    """Return one run for several."""
    if len(runs) == 1:
        return runs[0]
    found = _merged(finding for run in runs for finding in (*run.findings, *run.below))
    commands, versions = ({run.command for run in runs}, {run.settings.get("version", "") for run in runs})
    return Run(
        commands.pop() if len(commands) == 1 else "report",
        _unique(target for run in runs for target in run.targets),
        min((run.started for run in runs if run.started), default=""),
        sum(run.duration_s for run in runs),
        sum(run.blobs for run in runs),
        sum(run.bytes for run in runs),
        [finding for finding in found if not finding.below_threshold],
        _merged(finding for run in runs for finding in run.suppressed),
        _merged(finding for run in runs for finding in run.public),
        list(_unique(skipped for run in runs for skipped in run.skipped)),
        any(run.interrupted for run in runs),
        {"version": versions.pop() if len(versions) == 1 else "", "rules": runs[0].settings.get("rules", "")},
        list(_unique(gone for run in runs for gone in run.gone)),
        list(_unique(note for run in runs for note in run.notes)),
        below=[finding for finding in found if finding.below_threshold],
    )


def _unique(items: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(items))


def _merged(findings: Iterable[Finding]) -> list[Finding]:
    """Return one finding for each key of several runs."""
    known: dict[str, Finding] = {}
    for finding in findings:
        other = known.get(finding.fingerprint)
        known[finding.fingerprint] = _merge_findings(other, finding) if other else finding
    return list(known.values())


def _merge_findings(first: Finding, second: Finding) -> Finding:
    """Return a key that two runs found, with the graver label, the higher confidence, all places and the whole life."""
    counted = [finding for finding in (first, second) if not finding.below_threshold] or [first, second]
    verdicts = [finding.verdict for finding in counted]
    verdict = Verdict(
        worst(verdict.label for verdict in verdicts),
        max((verdict.confidence for verdict in verdicts), key=lambda confidence: confidence.rank),
        _unique(reason for verdict in verdicts for reason in verdict.reasons),
    )
    return replace(
        first,
        # A mask is never longer than its key, and of two keys of a length the one with stars is the mask.
        secret=min(first.secret, second.secret, key=lambda secret: secret.count(b"*")),
        verdict=verdict,
        locations=_unique([*first.locations, *second.locations]),
        suppressions=_unique([*first.suppressions, *second.suppressions]),
        history=_merge_histories(first.history, second.history),
        baseline=first.baseline or second.baseline,
        below_threshold=first.below_threshold and second.below_threshold,
        liveness=max((first.liveness, second.liveness), key=lambda known: known.when if known else ""),
        more_places=_more((first.locations, first.more_places), (second.locations, second.more_places)),
        repositories=_unique([*first.repositories, *second.repositories]),
    )


def _merge_histories(life: History | None, other: History | None) -> History | None:
    """Return two lives as one: from the earlier introduction to the later removal."""
    if life is None or other is None:
        return life or other
    first, second = sorted((life, other), key=lambda history: history.first_seen or "9")
    removed = life.last_seen and other.last_seen
    last = max((life, other), key=lambda history: history.last_seen)
    return History(
        first.first_commit,
        first.first_seen,
        _unique([*first.authors, *second.authors]),
        last.last_commit if removed else "",
        last.last_seen if removed else "",
        life.in_head or other.in_head,
        _unique([*life.refs, *other.refs]),
        life.kept_by if life.kept_by == other.kept_by else "refs",
        max(life.exposed_days, other.exposed_days),
        max(life.copies, other.copies),
        "" if life.in_head or other.in_head else max(life.left_head, other.left_head),
        _more((life.refs, life.more_refs), (other.refs, other.more_refs)),
    )


def _more(first: tuple[Sequence[_T], int], second: tuple[Sequence[_T], int]) -> int:
    """Return how many items two lists count and do not name: of one repository they are the same."""
    numbers = first[1], second[1]
    return sum(numbers) if set(first[0]).isdisjoint(second[0]) else max(numbers)
