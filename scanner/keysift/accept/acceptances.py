"""What a comment, the configuration or the baseline accepts -> suppressed findings; and what does not hold any more.

`accepted` stands between the scan and the tally, where every finding still has one place; `close` adds to the run what
can only be said at its end.
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
from keysift.detect.blobs import ScanResult
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.model import Confidence, Finding, Gone, Location, Run, Suppression

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
    """The tally of acceptances in one run."""

    terms: AcceptanceSources
    left_out: AcceptanceSources | None = None
    """What the repository says for itself where nobody listens to it (`--no-repo-config`)."""
    today: str = ""
    """The date, `2026-12-31`."""
    used: set[Ignore] = field(default_factory=set)
    met: set[str] = field(default_factory=set)
    """The ids of the entries whose keys were found."""
    ended: set[str] = field(default_factory=set)
    """The places of the acceptances that are over."""
    hidden: set[str] = field(default_factory=set)
    """The fingerprints of findings that would be accepted if the repository were listened to."""
    thresholds: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Claim:
    """Someone says that a finding is accepted."""

    suppression: Suppression
    where: str
    """`.keysift.toml: [[ignore]] number 2`."""
    since: str = ""
    bound: bool = True
    """Whether the policy speaks of it: a difference between paths is no acceptance."""


def accepted(ledger: Acceptances, results: Iterable[ScanResult], paths: Naming) -> Iterator[ScanResult]:
    """The results of a target, with each finding marked that is accepted, and told why where that does not hold."""
    for result in results:
        if result.findings:
            yield replace(result, findings=tuple(_judged(ledger, finding, paths) for finding in result.findings))
        else:
            yield result


def close(ledger: Acceptances, run: Run, *, whole: bool) -> None:
    """Adds to the run what is gone, ended or hidden; `whole` says that all was scanned of which the terms speak."""
    config, baseline = ledger.terms.config, ledger.terms.baseline
    run.thresholds = {fingerprint: tuple(sorted(stated)) for fingerprint, stated in ledger.thresholds.items()}
    ended = ledger.ended | {where for where, one in _stated(config, baseline) if _over(one.until, ledger.today)}
    idle: list[str] = []
    if whole and run.complete:
        run.gone = gone(ledger)
        idle = [*unused(ledger), *(one.entry for one in run.gone)]
    said = [f"{len(ended):,} ended"] if ended else []
    said += [f"{len(idle):,} without a finding any more"] if idle else []
    if said:
        run.notes.append(f"acceptances: {', '.join(said)}; `keysift baseline prune` lists them")
    if ledger.hidden:
        which = "its comments, configuration and baseline"
        run.notes.append(f"the repository would have hidden {len(ledger.hidden):,} of these findings ({which})")


def gone(ledger: Acceptances) -> list[Gone]:
    """The entries of the baseline whose keys were not found."""
    baseline = ledger.terms.baseline
    if baseline is None:
        return []
    lost = sorted(entry.id for entry in baseline.entries.values() if entry.id not in ledger.met)
    paths = naming.of(str(Path(baseline.origin).parent))
    return [naming.named_place(_gone(baseline.entries[entry]), paths) for entry in lost]


def _gone(entry: Entry) -> Gone:
    return Gone(entry.id, entry.rule, entry.seen.rpartition(":")[0])


def unused(ledger: Acceptances) -> list[str]:
    """The `[[ignore]]` tables that no finding needed, by place; those of paths alone are there for what may come."""
    config = ledger.terms.config
    stated = ((number, one) for number, one in enumerate(config.ignore, 1) if one not in ledger.used)
    return [_where(config, number) for number, one in stated if one.rule or one.fingerprint or one.value or one.line]


def ended(ledger: Acceptances) -> list[str]:
    """The acceptances that are over, by place; those of comments only as far as their keys were found."""
    stated = _stated(ledger.terms.config, ledger.terms.baseline)
    return sorted(ledger.ended | {where for where, one in stated if _over(one.until, ledger.today)})


def _stated(config: Config, baseline: Baseline | None) -> Iterator[tuple[str, Ignore | Entry]]:
    for number, one in enumerate(config.ignore, 1):
        yield _where(config, number), one
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


def _judged(ledger: Acceptances, finding: Finding, paths: Naming) -> Finding:
    terms = ledger.terms
    held, lapsed = _weighed(ledger, finding, terms, paths)
    reasons = (*finding.verdict.reasons, *lapsed)
    if ledger.left_out and not held:
        by = _left_out(ledger, finding, ledger.left_out, paths)
        if by:
            ledger.hidden.add(finding.fingerprint)
            reasons = (*reasons, f"the repository would hide it: {by}")
    state = ""
    if terms.baseline:
        entry = terms.baseline.entry(finding)
        state = "unchanged" if entry else "new"
        if entry and entry.status == REAL:
            reasons = (*reasons, f"known to be real since {entry.since}" + (f", says {entry.who}" if entry.who else ""))
    _note_threshold(ledger, finding, paths)
    verdict = finding.verdict if reasons == finding.verdict.reasons else replace(finding.verdict, reasons=reasons)
    return replace(finding, verdict=verdict, suppressions=held, baseline=state)


def _weighed(
    ledger: Acceptances, finding: Finding, terms: AcceptanceSources, paths: Naming
) -> tuple[tuple[Suppression, ...], tuple[str, ...]]:
    """What accepts a finding, and why what says so as well does not hold."""
    held: list[Suppression] = []
    lapsed: list[str] = []
    for claim in _claims(ledger, finding, terms, paths):
        why_not = _broken(claim, terms.config.policy, ledger.today)
        if _over(claim.suppression.until, ledger.today):
            ledger.ended.add(claim.where)
        if why_not:
            lapsed.append(why_not)
        else:
            held.append(claim.suppression)
    return tuple(held), () if held else tuple(lapsed)


def _broken(claim: _Claim, policy: Policy, today: str) -> str:
    """Why a claim does not hold; empty where it does."""
    until = claim.suppression.until
    if _over(until, today):
        return f"its acceptance ended on {until} ({claim.where})"
    if not claim.bound:
        return ""
    if policy.require_reason and not claim.suppression.justification:
        return f"its acceptance gives no reason, which the policy demands ({claim.where})"
    if policy.max_lifetime_days:
        from datetime import date, timedelta  # noqa: PLC0415 - few have a policy

        latest = date.fromisoformat(claim.since or today) + timedelta(policy.max_lifetime_days)
        if not until or until > latest.isoformat():
            return f"its acceptance lasts longer than the {policy.max_lifetime_days} days of the policy ({claim.where})"
    return ""


def _claims(ledger: Acceptances, finding: Finding, terms: AcceptanceSources, paths: Naming) -> Iterator[_Claim]:
    location = finding.locations[0]
    if terms.comments:
        for comment in finding.suppressions:
            yield _Claim(comment, f"comment near {paths.shown(location.path)}:{location.start_line}")
    config = terms.config
    path = paths.beside(location.path, config.origin)
    for number, one in enumerate(config.ignore, 1):
        if _ignores(one, finding, path):
            ledger.used.add(one)
            yield _Claim(Suppression("external", one.reason, who=one.owner, until=one.until), _where(config, number),
                         one.since)  # fmt: skip
    for policy in config.path:
        said = _differs(policy, finding, path)
        if said:
            yield _Claim(Suppression("external", said), Path(config.origin).name, bound=False)
    entry = terms.baseline.entry(finding) if terms.baseline else None
    if terms.baseline and entry:
        ledger.met.add(entry.id)
        if entry.status != REAL and _inside(entry.path, paths.beside(location.path, terms.baseline.origin)):
            accepted_by = Suppression("external", entry.why, who=entry.who, until=entry.until)
            yield _Claim(accepted_by, _entry_place(terms.baseline, entry), entry.since)


def _left_out(ledger: Acceptances, finding: Finding, terms: AcceptanceSources, paths: Naming) -> str:
    """What of the repository's own would hide a finding; empty where nothing would."""
    unheard = Acceptances(terms, today=ledger.today)
    claims = _claims(unheard, finding, terms, paths)
    held = next((one for one in claims if not _broken(one, terms.config.policy, ledger.today)), None)
    if held:
        return held.where
    config = terms.config
    path = paths.beside(finding.locations[0].path, config.origin)
    if any(_inside(pattern, path) for pattern in config.exclude):
        return f"{Path(config.origin).name}: exclude"
    if any(fnmatchcase(finding.rule.id, pattern) for pattern in config.disable):
        return f"{Path(config.origin).name}: disable"
    return ""


def _note_threshold(ledger: Acceptances, finding: Finding, paths: Naming) -> None:
    """Remembers the `fail-on` of this place, empty where the paths say nothing of it."""
    config = ledger.terms.config
    if any(one.fail_on for one in config.path):
        path = paths.beside(finding.locations[0].path, config.origin)
        stated = [one.fail_on for one in config.path if one.fail_on and _inside(one.pattern, path)]
        ledger.thresholds.setdefault(finding.fingerprint, set()).add(stated[-1] if stated else "")


# --- Whether a table means a finding ----------------------------------------------------------------------------------


def _ignores(one: Ignore, finding: Finding, path: str) -> bool:
    """Whether all is true that an `[[ignore]]` states."""
    return (
        (not one.rule or fnmatchcase(finding.rule.id, one.rule))
        and (not one.fingerprint or one.fingerprint == finding.fingerprint)
        and _inside(one.path, path)
        and _found(one.path_regex, path)
        and _found(one.value, finding.secret.decode("utf-8", "surrogateescape"))
        and (not one.line or _found(one.line, _line(finding.locations[0])))
    )


def _differs(policy: PathPolicy, finding: Finding, path: str) -> str:
    """What a `[[path]]` says against a finding."""
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
    """Whether a pattern that may be a stranger's is found; one that takes too long is not."""
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
