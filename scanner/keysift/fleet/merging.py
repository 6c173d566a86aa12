"""The reports of all repositories -> one run: a key is one finding, whatever number of repositories has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from keysift.errors import SourceError
from keysift.files.naming import is_no_file
from keysift.fleet.model import State
from keysift.fleet.records import Listed, Listing, Outcome, read_listing, read_outcomes
from keysift.fleet.store import Store
from keysift.model import Finding, Gone, History, Holder, Location, Run, Skipped
from keysift.report import merge as merging
from keysift.report import saved
from keysift.version import VERSION

_Place = TypeVar("_Place", Location, Skipped, Gone)
NO_RUN = "start with `keysift fleet run`"
Wanted = Callable[[Listed], bool]


def read_runs(store: Store, wanted: Wanted = lambda _: True) -> tuple[Listing, list[Run]]:
    """Return the inventory, and a run for each repository that has a report, with the paths of the fleet.

    `wanted` leaves out repositories.

    Raises:
        SourceError: there is no inventory, or a report cannot be read.
    """
    listing = read_listing(store)
    if listing is None:
        raise SourceError("this fleet was never scanned", help=NO_RUN)
    outcomes = read_outcomes(store)
    chosen = [listed for listed in listing.repositories if wanted(listed)]
    return listing, [_run(listed, outcomes.get(listed.name)) for listed in chosen]


def merge(origin: str, listing: Listing, runs: list[Run]) -> Run:
    """Return one run for those of all repositories; `origin` is the file that describes the fleet."""
    merged = replace(merging.merge(runs)) if runs else Run("fleet", ())
    merged.command, merged.targets, merged.started = "fleet", (origin,), listing.run
    merged.settings = {"version": VERSION, "rules": merged.settings.get("rules", "")}
    merged.skipped = [*listing.skipped(), *merged.skipped]
    merged.duration_s = round(merged.duration_s, 3)
    return merged


def apart(origin: str, listing: Listing, runs: list[Run]) -> Run:
    """Return one run in which a key is a finding in each of its repositories, with the life that it has there."""
    merged = merge(origin, listing, runs)
    for name in ("findings", "below", "suppressed", "public"):
        setattr(merged, name, [finding for run in runs for finding in getattr(run, name)])
    return merged


def count_by(run: Run, what: str) -> Iterator[str]:
    """Yield a sentence for each team or topic that has keys, the one with most first."""
    keys: dict[str, set[str]] = {}
    holders: dict[str, set[str]] = {}
    for finding in run.findings:
        for holder in finding.repositories:
            for name in (holder.teams if what == "team" else holder.topics) or ("",):
                keys.setdefault(name, set()).add(finding.fingerprint)
                holders.setdefault(name, set()).add(holder.name)
    for name, found in sorted(keys.items(), key=lambda item: (-len(item[1]), item[0])):
        group = f"{what} {name}" if name else f"no {what}"
        yield f"{group}: keys {len(found):,}, repositories {len(holders[name]):,}"


def _run(listed: Listed, outcome: Outcome | None) -> Run:
    """Return the run of one repository, with what keeps it from being complete."""
    run = Run("fleet", (listed.name,))
    if outcome and outcome.mark:
        run = _named(saved.parse(bytes(outcome.report), listed.name), listed)
    if outcome is None:
        run.skipped.append(Skipped(listed.name, "not scanned yet"))
    elif outcome.state == State.ABSENT:
        run.skipped.append(Skipped(listed.name, "it is announced, and there is none", expected=True))
    elif outcome.state == State.FAILED:
        stands = f"; the report of {outcome.scanned[:10]} stands" if outcome.mark else ""
        run.skipped.append(Skipped(listed.name, f"{outcome.reason}{stands}"))
    return run


def _named(run: Run, listed: Listed) -> Run:
    now = datetime.now(UTC)

    def held(findings: Iterable[Finding]) -> list[Finding]:
        return [_held(finding, listed, now) for finding in findings]

    return replace(
        run,
        command="fleet",
        findings=held(run.findings),
        below=held(run.below),
        suppressed=held(run.suppressed),
        public=held(run.public),
        skipped=[_moved(skipped, listed.name) for skipped in run.skipped],
        gone=[],
        notes=[f"{listed.name}: {note}" for note in run.notes],
    )


def _held(finding: Finding, listed: Listed, now: datetime) -> Finding:
    life = _until(finding.history, now) if finding.history else None
    holder = Holder(listed.name, listed.teams, listed.topics, life)
    places = tuple(_moved(location, listed.name) for location in finding.locations)
    return replace(finding, locations=places, history=life, repositories=(holder,))


def _moved(place: _Place, name: str) -> _Place:
    """Return a place with the repository before its path."""
    between = ": " if is_no_file(place.path) else "/"
    return replace(place, path=f"{name}{between}{place.path}", repository_path="")


def _until(life: History, now: datetime) -> History:
    """Return a life that goes on until now, if it has not ended: an unchanged repository is not scanned every day."""
    if life.last_seen or not life.first_seen:
        return life
    try:
        days = (now - datetime.fromisoformat(life.first_seen)).days
    except (ValueError, TypeError):
        return life
    return replace(life, exposed_days=max(life.exposed_days, days))
