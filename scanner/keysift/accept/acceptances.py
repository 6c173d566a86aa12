"""What a comment, the configuration or the baseline accepts -> suppressed findings; and what no longer holds.

`accepted` stands between the scan and the tally, where every finding still has one place; `close` adds to the run what
can be said only at its end.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from keysift import lazy, patterns
from keysift.accept.baseline import REAL, Baseline, Entry
from keysift.config import Config, Ignore, PathPolicy, Policy
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.model import Confidence, Finding, Gone, Location, Run, ScanResult, Suppression

if TYPE_CHECKING:
    import regex


@dataclass(frozen=True, slots=True)
class AcceptanceSources:
    """What may accept a finding."""

    config: Config = field(default_factory=Config)
    baseline: Baseline | None = None
    comments: bool = True


@dataclass(slots=True)
class Acceptances:
    """The acceptances of one run, and what has come of them so far."""

    sources: AcceptanceSources
    unheard: AcceptanceSources | None = None
    """What the repository says for itself where nobody listens to it (`--no-repo-config`)."""
    today: str = ""
    """The date, `2026-12-31`."""
    used: set[Ignore] = field(default_factory=set)
    met: set[str] = field(default_factory=set)
    """The ids of the baseline entries whose keys were found."""
    ended: set[str] = field(default_factory=set)
    """The places of the acceptances that are over."""
    hidden: set[str] = field(default_factory=set)
    """The fingerprints of findings that would be accepted if the repository were listened to."""
    thresholds: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """Someone says that a finding is accepted."""

    suppression: Suppression
    where: str
    """`.keysift.toml: [[ignore]] number 2`."""
    since: str = ""
    bound: bool = True
    """Whether the policy applies to it: a difference between paths is no acceptance."""
    lapsed: str = ""
    """Why it does not hold; empty if it does."""


def accepted(acceptances: Acceptances, results: Iterable[ScanResult], paths: Naming) -> Iterator[ScanResult]:
    """Yield the results of a target with accepted findings marked; the others are told why an acceptance lapsed."""
    for result in results:
        if result.findings:
            marked = tuple(_marked(acceptances, finding, paths) for finding in result.findings)
            yield replace(result, findings=marked)
        else:
            yield result


def claims(acceptances: Acceptances, finding: Finding, paths: Naming) -> list[Claim]:
    """Return everything that says a finding is accepted, those that hold first."""
    found = (_checked(acceptances, claim) for claim in _claims(acceptances, finding, acceptances.sources, paths))
    return sorted(found, key=lambda claim: bool(claim.lapsed))


def excluded_by(config: Config, path: str, paths: Naming) -> str:
    """Return the `exclude` pattern of the configuration that leaves out a path of a target; empty if none does."""
    relative = paths.beside(path, config.origin)
    return next((pattern for pattern in config.exclude if _inside(pattern, relative)), "")


def close(acceptances: Acceptances, run: Run, *, whole: bool) -> None:
    """Add to the run what is gone, ended or hidden; `whole` says that all was scanned to which the sources apply."""
    config, baseline = acceptances.sources.config, acceptances.sources.baseline
    run.thresholds = {fingerprint: tuple(sorted(stated)) for fingerprint, stated in acceptances.thresholds.items()}
    over = acceptances.ended | {
        where for where, stated in _stated(config, baseline) if _over(stated.until, acceptances.today)
    }
    idle: list[str] = []
    if whole and run.complete:
        run.gone = gone(acceptances)
        idle = [*unused(acceptances), *(entry.entry for entry in run.gone)]
    said = [f"{len(over):,} ended"] if over else []
    said += [f"{len(idle):,} no longer match{'' if len(idle) > 1 else 'es'} a finding"] if idle else []
    if said:
        run.notes.append(f"acceptances: {', '.join(said)}; `keysift baseline prune` lists them")
    if acceptances.hidden:
        which = "its comments, configuration and baseline"
        run.notes.append(f"the repository would have hidden {len(acceptances.hidden):,} of these findings ({which})")


def gone(acceptances: Acceptances) -> list[Gone]:
    """Return the entries of the baseline whose keys were not found."""
    baseline = acceptances.sources.baseline
    if baseline is None:
        return []
    lost = sorted(entry.id for entry in baseline.entries.values() if entry.id not in acceptances.met)
    paths = naming.of(str(Path(baseline.origin).parent))
    return [naming.named_place(_gone(baseline.entries[entry]), paths) for entry in lost]


def _gone(entry: Entry) -> Gone:
    return Gone(entry.id, entry.rule, entry.seen.rpartition(":")[0])


def unused(acceptances: Acceptances) -> list[str]:
    """Return the places of `[[ignore]]` tables that no finding needed; tables of paths alone are for what may come."""
    config = acceptances.sources.config
    idle = ((number, table) for number, table in enumerate(config.ignore, 1) if table not in acceptances.used)
    return [
        _where(config, number) for number, table in idle if table.rule or table.fingerprint or table.value or table.line
    ]


def ended(acceptances: Acceptances) -> list[str]:
    """Return the places of acceptances that are over; those of comments only as far as their keys were found."""
    stated = _stated(acceptances.sources.config, acceptances.sources.baseline)
    over = {where for where, acceptance in stated if _over(acceptance.until, acceptances.today)}
    return sorted(acceptances.ended | over)


def _stated(config: Config, baseline: Baseline | None) -> Iterator[tuple[str, Ignore | Entry]]:
    for number, table in enumerate(config.ignore, 1):
        yield _where(config, number), table
    for entry in baseline.entries.values() if baseline else ():
        yield _entry_place(baseline, entry), entry


def _where(config: Config, number: int) -> str:
    return f"{Path(config.origin).name}: [[ignore]] number {number}"


def _entry_place(baseline: Baseline | None, entry: Entry) -> str:
    return f"{Path(baseline.origin).name if baseline else ''}: {entry.id[:9]} {entry.rule}"


def _over(until: str, today: str) -> bool:
    return bool(until) and until < today


def stands_in(pattern: str, finding: Finding, beside: Path) -> bool:
    """Return whether any place of a reported finding matches a pattern that the file `beside` states."""
    return any(_inside(pattern, naming.from_report(place.path, str(beside))) for place in finding.locations)


# --- One finding ------------------------------------------------------------------------------------------------------


def _marked(acceptances: Acceptances, finding: Finding, paths: Naming) -> Finding:
    """Return the finding with what accepts it, and with the reasons why an acceptance of it does not hold."""
    found = claims(acceptances, finding, paths)
    held = tuple(claim.suppression for claim in found if not claim.lapsed)
    reasons = finding.verdict.reasons if held else (*finding.verdict.reasons, *(claim.lapsed for claim in found))
    if acceptances.unheard and not held:
        by = _hidden_by(acceptances, finding, acceptances.unheard, paths)
        if by:
            acceptances.hidden.add(finding.fingerprint)
            reasons = (*reasons, f"the repository would hide it: {by}")
    state, baseline = "", acceptances.sources.baseline
    if baseline:
        entry = baseline.entry(finding)
        state = "unchanged" if entry else "new"
        if entry and entry.status == REAL:
            who = f", according to {entry.who}" if entry.who else ""
            reasons = (*reasons, f"known to be real since {entry.since}{who}")
    _note_threshold(acceptances, finding, paths)
    verdict = finding.verdict if reasons == finding.verdict.reasons else replace(finding.verdict, reasons=reasons)
    return replace(finding, verdict=verdict, suppressions=held, baseline=state)


def _checked(acceptances: Acceptances, claim: Claim) -> Claim:
    """Return the claim with the reason why it does not hold, if it does not."""
    if _over(claim.suppression.until, acceptances.today):
        acceptances.ended.add(claim.where)
    why_not = _why_lapsed(claim, acceptances.sources.config.policy, acceptances.today)
    return replace(claim, lapsed=why_not) if why_not else claim


def _why_lapsed(claim: Claim, policy: Policy, today: str) -> str:
    """Return why a claim does not hold; empty if it does."""
    until = claim.suppression.until
    if _over(until, today):
        return f"its acceptance ended on {until} ({claim.where})"
    if not claim.bound:
        return ""
    if policy.require_reason and not claim.suppression.justification:
        return f"its acceptance gives no reason, which the policy requires ({claim.where})"
    if policy.max_lifetime_days:
        from datetime import date, timedelta  # noqa: PLC0415 - few have a policy

        latest = date.fromisoformat(claim.since or today) + timedelta(policy.max_lifetime_days)
        if not until or until > latest.isoformat():
            return f"its acceptance lasts longer than the {policy.max_lifetime_days} days of the policy ({claim.where})"
    return ""


def _claims(acceptances: Acceptances, finding: Finding, sources: AcceptanceSources, paths: Naming) -> Iterator[Claim]:
    location = finding.locations[0]
    if sources.comments:
        for comment in finding.suppressions:
            yield Claim(comment, f"comment near {paths.shown(location.path)}:{location.start_line}")
    config, baseline = sources.config, sources.baseline
    path = paths.beside(location.path, config.origin)
    for number, table in enumerate(config.ignore, 1):
        if _ignores(table, finding, path):
            acceptances.used.add(table)
            suppression = Suppression("external", table.reason, who=table.owner, until=table.until)
            yield Claim(suppression, _where(config, number), table.since)
    for policy in config.path:
        said = _differs(policy, finding, path)
        if said:
            yield Claim(Suppression("external", said), Path(config.origin).name, bound=False)
    entry = baseline.entry(finding) if baseline else None
    if baseline and entry:
        acceptances.met.add(entry.id)
        if entry.status != REAL and _inside(entry.path, paths.beside(location.path, baseline.origin)):
            suppression = Suppression("external", entry.why, who=entry.who, until=entry.until)
            yield Claim(suppression, _entry_place(baseline, entry), entry.since)


def _hidden_by(acceptances: Acceptances, finding: Finding, unheard: AcceptanceSources, paths: Naming) -> str:
    """Return what of the repository's own would hide a finding; empty if nothing would."""
    other = Acceptances(unheard, today=acceptances.today)
    held = next((claim for claim in claims(other, finding, paths) if not claim.lapsed), None)
    if held:
        return held.where
    config = unheard.config
    if excluded_by(config, finding.locations[0].path, paths):
        return f"{Path(config.origin).name}: exclude"
    if any(fnmatchcase(finding.rule.id, pattern) for pattern in config.disable):
        return f"{Path(config.origin).name}: disable"
    return ""


def _note_threshold(acceptances: Acceptances, finding: Finding, paths: Naming) -> None:
    """Note the `fail-on` of this place; empty if no `[[path]]` states one for it."""
    config = acceptances.sources.config
    if any(policy.fail_on for policy in config.path):
        path = paths.beside(finding.locations[0].path, config.origin)
        stated = [policy.fail_on for policy in config.path if policy.fail_on and _inside(policy.pattern, path)]
        acceptances.thresholds.setdefault(finding.fingerprint, set()).add(stated[-1] if stated else "")


# --- What a table means ----------------------------------------------------------------------------------


def _ignores(table: Ignore, finding: Finding, path: str) -> bool:
    """Return whether all is true that an `[[ignore]]` states."""
    return (
        (not table.rule or fnmatchcase(finding.rule.id, table.rule))
        and (not table.fingerprint or table.fingerprint == finding.fingerprint)
        and _inside(table.path, path)
        and _found(table.path_regex, path)
        and _found(table.value, finding.secret.decode("utf-8", "surrogateescape"))
        and (not table.line or _found(table.line, _line(finding.locations[0])))
    )


def _differs(policy: PathPolicy, finding: Finding, path: str) -> str:
    """Return what a `[[path]]` says against a finding; empty if nothing."""
    if not (policy.disable or policy.min_confidence) or not _inside(policy.pattern, path):
        return ""
    if any(fnmatchcase(finding.rule.id, pattern) for pattern in policy.disable):
        return f"the rule is turned off in {policy.pattern}"
    if policy.min_confidence and finding.verdict.confidence.rank < Confidence(policy.min_confidence).rank:
        return f"less than {policy.min_confidence} confidence, in {policy.pattern}"
    return ""


def _line(location: Location) -> str:
    if location.snippet is None:
        return ""
    first = location.start_line - location.snippet.first_line
    return "\n".join(location.snippet.lines[first : first + 1 + location.end_line - location.start_line])


_slow: set[str] = set()
"""Patterns that took too long once: not every finding need wait for them again."""


def _found(pattern: str, text: str) -> bool:
    """Return whether a pattern that may be a stranger's is found; one that takes too long is not."""
    if not pattern or pattern in _slow:
        return not pattern
    try:
        return bool(_compiled(pattern).search(text, timeout=1))
    except TimeoutError:
        _slow.add(pattern)
        return False


@functools.lru_cache(maxsize=8192)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return lazy.timed(pattern)


def _inside(pattern: str, path: str) -> bool:
    """Return whether a path, or a directory above it, matches a pattern as in .gitignore; no pattern means every path.

    A text that is no pattern, as a baseline may hold, matches nothing.
    """
    return not pattern or patterns.covers(_compiled_path(pattern), path)


@functools.lru_cache(maxsize=8192)
def _compiled_path(pattern: str) -> patterns.PatternList:
    return patterns.of([pattern])
