"""Findings -> findings, suppressed where a comment, the configuration or the baseline accepts them.

`accepted` comes between the scan and the tally, where every finding still has one place; `close` adds to the run what
is known only at its end: acceptances that have ended or no longer match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from keysift.accept import matching
from keysift.accept.baseline import HISTORY, REAL, Baseline, Entry
from keysift.accept.claim import Claim, is_over, why_lapsed
from keysift.config import DEFAULT_CONFIDENCE, Config, Ignore, Skip
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.model import Confidence, Finding, Gone, Run, ScanResult, Skipped, Suppression
from keysift.records import dataclass


@dataclass(frozen=True, slots=True)
class AcceptanceSources:
    """The statements that may accept a finding."""

    config: Config = field(default_factory=Config)
    baseline: Baseline | None = None
    comments: bool = True


@dataclass(slots=True)
class Acceptances:
    """The acceptances of one run, and which of them have been used so far."""

    sources: AcceptanceSources
    unheard: AcceptanceSources | None = None
    """The statements of the repository itself when they are ignored (`--no-repo-config`)."""
    today: str = ""
    """The date, `2026-12-31`."""
    used: set[Ignore | Skip] = field(default_factory=set)
    met: set[str] = field(default_factory=set)
    """The ids of the baseline entries whose keys were found."""
    ended: set[str] = field(default_factory=set)
    """The places of the acceptances that have ended."""
    hidden: set[str] = field(default_factory=set)
    """The fingerprints of findings that would be accepted if the repository were not ignored."""
    thresholds: dict[str, set[str]] = field(default_factory=dict)
    """By fingerprint, the `fail-on` of its places."""
    min_confidence: str = ""
    """That of the command line, which holds for all paths; empty if it states none."""


def accepted(acceptances: Acceptances, results: Iterable[ScanResult], paths: Naming) -> Iterator[ScanResult]:
    """Yield the results of a target, accepted findings and what is accepted of what was not scanned marked.

    The others get the reasons why an acceptance lapsed.
    """
    has_skips = bool(acceptances.sources.config.skip)
    for result in results:
        marked = result
        if result.findings:
            marked = replace(marked, findings=tuple(_marked(acceptances, one, paths) for one in result.findings))
        if result.skipped and has_skips:
            marked = replace(marked, skipped=tuple(_accept_skipped(acceptances, one, paths) for one in result.skipped))
        yield marked


def claims(acceptances: Acceptances, finding: Finding, paths: Naming) -> list[Claim]:
    """Return all claims that a finding is accepted, those that hold first."""
    checked = (_checked(acceptances, claim) for claim in _claims(acceptances, finding, acceptances.sources, paths))
    return sorted(checked, key=lambda claim: bool(claim.lapsed))


def excluded_by(config: Config, path: str, paths: Naming) -> str:
    """Return the `exclude` pattern of the configuration that leaves out a path of a target; empty if none does."""
    relative = paths.beside(path, config.origin)
    return next((pattern for pattern in config.exclude if matching.covers(pattern, relative)), "")


def close(
    every: Sequence[Acceptances], run: Run, *, whole: Sequence[Acceptances] = (), audited: Sequence[Acceptances] = ()
) -> None:
    """Add to the run what is gone, ended or hidden.

    Of `whole` everything was scanned that they apply to; of `audited`, everything in the history as well.
    """
    thresholds: dict[str, set[str]] = {}
    for acceptances in every:
        for fingerprint, stated in acceptances.thresholds.items():
            thresholds.setdefault(fingerprint, set()).update(stated)
    run.thresholds = {fingerprint: tuple(sorted(stated)) for fingerprint, stated in thresholds.items()}
    over = [place for acceptances in every for place in ended(acceptances)]
    idle: list[str] = []
    for acceptances in whole if run.complete else ():
        lost = gone(acceptances)
        run.gone += lost
        idle += [*unused(acceptances), *(entry.entry for entry in lost)]
    parts = [f"{len(over):,} ended"] if over else []
    parts += [f"{len(idle):,} no longer match{'' if len(idle) > 1 else 'es'} a finding"] if idle else []
    if parts:
        run.notes.append(f"acceptances: {', '.join(parts)}; `keysift baseline prune --dry-run` lists them")
    needless = [place for acceptances in whole for place in unused_skips(acceptances)]
    needless += [place for acceptances in audited for place in unused_skips(acceptances, in_history=True)]
    if needless and run.complete:
        run.notes.append(f"nothing that was not scanned matches {', '.join(needless)}")
    if fingerprints := set().union(*(acceptances.hidden for acceptances in every)):
        hidden = f"{len(fingerprints):,} of these findings"
        run.notes.append(f"the comments, configuration and baseline of the repository would have hidden {hidden}")


def gone(acceptances: Acceptances) -> list[Gone]:
    """Return the entries of the baseline whose keys were not found."""
    baseline = acceptances.sources.baseline
    if baseline is None:
        return []
    entries = (entry for entry in baseline.entries.values() if entry.scope != HISTORY)
    lost = sorted(entry.id for entry in entries if entry.id not in acceptances.met)
    paths = naming.of(str(Path(baseline.origin).parent))
    return [naming.named_place(_gone(baseline.entries[entry]), paths) for entry in lost]


def _gone(entry: Entry) -> Gone:
    return Gone(entry.id, entry.rule, entry.seen.rpartition(":")[0])


def unused(acceptances: Acceptances) -> list[str]:
    """Return the places of `[[ignore]]` tables that no finding needed; those of paths alone are for future findings."""
    config = acceptances.sources.config
    idle = ((number, table) for number, table in enumerate(config.ignore, 1) if table not in acceptances.used)
    return [
        _where(config, number) for number, table in idle if table.rule or table.fingerprint or table.value or table.line
    ]


def unused_skips(acceptances: Acceptances, *, in_history: bool = False) -> list[str]:
    """Return the places of `[[skip]]` tables that nothing needed; a scan knows nothing of those that name an object."""
    config = acceptances.sources.config
    idle = ((number, table) for number, table in enumerate(config.skip, 1) if table not in acceptances.used)
    return [_where(config, number, "skip") for number, table in idle if in_history or not table.object]


def ended(acceptances: Acceptances) -> list[str]:
    """Return the places of acceptances that have ended; those of comments only if their keys were found."""
    stated = _stated(acceptances.sources.config, acceptances.sources.baseline)
    over = {where for where, acceptance in stated if is_over(acceptance.until, acceptances.today)}
    return sorted(acceptances.ended | over)


def _stated(config: Config, baseline: Baseline | None) -> Iterator[tuple[str, Ignore | Skip | Entry]]:
    for number, table in enumerate(config.ignore, 1):
        yield _where(config, number), table
    for number, skip in enumerate(config.skip, 1):
        yield _where(config, number, "skip"), skip
    for entry in baseline.entries.values() if baseline else ():
        yield _entry_place(baseline, entry), entry


def _where(config: Config, number: int, kind: str = "ignore") -> str:
    return f"{Path(config.origin).name}: [[{kind}]] number {number}"


def _entry_place(baseline: Baseline | None, entry: Entry) -> str:
    return f"{Path(baseline.origin).name if baseline else ''}: {entry.id[:9]} {entry.rule}"


# --- What was not scanned ---------------------------------------------------------------------------------------------


def _accept_skipped(acceptances: Acceptances, skipped: Skipped, paths: Naming) -> Skipped:
    """Return what was not scanned, marked if a `[[skip]]` accepts it; else with the reason why one does not hold."""
    config = acceptances.sources.config
    lapsed: list[str] = []
    for number, table in enumerate(config.skip, 1):
        if matching.skips(table, skipped, paths, config.origin):
            acceptances.used.add(table)
            if skipped.expected:
                continue  # such as an archive that this run was told not to open
            stated = Suppression("external", table.reason, until=table.until)
            claim = _checked(acceptances, Claim(stated, _where(config, number, "skip"), table.since))
            if not claim.lapsed:
                until = f" until {table.until}" if table.until else ""
                why = f": {table.reason}" if table.reason else ""
                reason = f"{skipped.reason}; accepted{until}{why}"
                return replace(skipped, reason=reason, expected=True, accepted=True)
            lapsed.append(claim.lapsed)
    return replace(skipped, reason="; ".join((skipped.reason, *lapsed))) if lapsed else skipped


# --- One finding ------------------------------------------------------------------------------------------------------


def _marked(acceptances: Acceptances, finding: Finding, paths: Naming) -> Finding:
    """Return the finding with what accepts it, and with the reasons why an acceptance of it does not hold."""
    stated = claims(acceptances, finding, paths)
    held = tuple(claim.suppression for claim in stated if not claim.lapsed)
    reasons = finding.verdict.reasons if held else (*finding.verdict.reasons, *(claim.lapsed for claim in stated))
    below = is_below(acceptances, finding, paths)
    if acceptances.unheard and not held:
        by = _hidden_by(acceptances, finding, acceptances.unheard, paths)
        if by and not below:
            acceptances.hidden.add(finding.fingerprint)
            reasons = (*reasons, f"the repository would hide it ({by})")
    state, baseline = "", acceptances.sources.baseline
    if baseline:
        entry = baseline.entry(finding)
        state = "unchanged" if entry else "new"
        if entry and entry.status == REAL:
            who = f", according to {entry.who}" if entry.who else ""
            reasons = (*reasons, f"known to be real since {entry.since}{who}")
    if not (held or below):
        _note_threshold(acceptances, finding, paths)
    verdict = finding.verdict if reasons == finding.verdict.reasons else replace(finding.verdict, reasons=reasons)
    return replace(finding, verdict=verdict, suppressions=held, baseline=state, below_threshold=below)


def is_below(acceptances: Acceptances, finding: Finding, paths: Naming) -> bool:
    """Return True if a finding is less sure than `min-confidence` asks for at its place."""
    return _is_less_sure(finding, min_confidence(acceptances, finding, paths))


def min_confidence(acceptances: Acceptances, finding: Finding, paths: Naming) -> str:
    """Return the `min-confidence` that holds for a finding where it is."""
    stated = acceptances.min_confidence or _stated_confidence(acceptances.sources.config, finding, paths)
    return stated or DEFAULT_CONFIDENCE


def _stated_confidence(config: Config, finding: Finding, paths: Naming) -> str:
    return matching.min_confidence(config, paths.beside(finding.locations[0].path, config.origin))


def _is_less_sure(finding: Finding, threshold: str) -> bool:
    return bool(threshold) and finding.verdict.confidence.rank < Confidence(threshold).rank


def _checked(acceptances: Acceptances, claim: Claim) -> Claim:
    """Return the claim with the reason why it does not hold, if it does not."""
    if is_over(claim.suppression.until, acceptances.today):
        acceptances.ended.add(claim.where)
    why_not = why_lapsed(claim, acceptances.sources.config.policy, acceptances.today)
    return replace(claim, lapsed=why_not) if why_not else claim


def _claims(acceptances: Acceptances, finding: Finding, sources: AcceptanceSources, paths: Naming) -> Iterator[Claim]:
    location = finding.locations[0]
    if sources.comments:
        for comment in finding.suppressions:
            yield Claim(comment, f"comment near {paths.shown(location.path)}:{location.start_line}")
    config, baseline = sources.config, sources.baseline
    path = paths.beside(location.path, config.origin)
    for number, table in enumerate(config.ignore, 1):
        if matching.ignores(table, finding, path):
            acceptances.used.add(table)
            suppression = Suppression("external", table.reason, who=table.owner, until=table.until)
            yield Claim(suppression, _where(config, number), table.since)
    for policy in config.path:
        if matching.is_off(policy, finding, path):
            reason = f"the rule is turned off in {policy.pattern}"
            yield Claim(Suppression("external", reason), Path(config.origin).name, bound=False)
    entry = baseline.entry(finding) if baseline else None
    if baseline and entry:
        acceptances.met.update(known.id for known in baseline.all_entries(finding))
        if entry.status != REAL and matching.covers(entry.path, paths.beside(location.path, baseline.origin)):
            suppression = Suppression("external", entry.why, who=entry.who, until=entry.until)
            yield Claim(suppression, _entry_place(baseline, entry), entry.since)


def _hidden_by(acceptances: Acceptances, finding: Finding, unheard: AcceptanceSources, paths: Naming) -> str:
    """Return the statement of the repository that would hide a finding; empty if none would."""
    other = Acceptances(unheard, today=acceptances.today)
    held = next((claim for claim in claims(other, finding, paths) if not claim.lapsed), None)
    if held:
        return held.where
    config = unheard.config
    if excluded_by(config, finding.locations[0].path, paths):
        return f"{Path(config.origin).name}: exclude"
    if any(fnmatchcase(finding.rule.id, pattern) for pattern in config.disable):
        return f"{Path(config.origin).name}: disable"
    if _is_less_sure(finding, _stated_confidence(config, finding, paths)):
        return f"{Path(config.origin).name}: min-confidence"
    return ""


def _note_threshold(acceptances: Acceptances, finding: Finding, paths: Naming) -> None:
    """Note the `fail-on` of this place: of its path or of the configuration; empty if neither states one."""
    config = acceptances.sources.config
    path = paths.beside(finding.locations[0].path, config.origin) if config.path else ""
    of_path = [policy.fail_on for policy in config.path if policy.fail_on and matching.covers(policy.pattern, path)]
    acceptances.thresholds.setdefault(finding.fingerprint, set()).add([config.fail_on, *of_path][-1])
