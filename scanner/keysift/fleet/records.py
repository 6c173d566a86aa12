"""What a store holds, and in which form: the inventory, a record for each repository, the progress of a run, the salt.

salt                          makes the fingerprints those of this fleet
inventory.json                which repositories there are, and what is left out
repositories/NAME.json        what came of each, with its report
progress.json                 how far the run is; written again and again
last.json                     the report of the run before
"""

from __future__ import annotations

import os
from typing import TypeVar

import msgspec

from keysift.errors import SourceError
from keysift.fleet.model import Inventory, Repository, file_name
from keysift.fleet.store import Store, read_all
from keysift.model import Skipped

SALT, INVENTORY, PROGRESS, LAST, FOLDER = "salt", "inventory.json", "progress.json", "last.json", "repositories"
_Record = TypeVar("_Record", bound=msgspec.Struct)


class Outcome(msgspec.Struct):
    """What came of one repository, and the newest report of it."""

    name: str
    state: str
    reason: str = ""
    mark: str = ""
    """Of the report; empty if there is none."""
    until: str = ""
    when: str = ""
    """When it was last tried: RFC 3339, UTC."""
    scanned: str = ""
    """When the report was made."""
    seconds: float = 0.0
    report: msgspec.Raw = msgspec.Raw(b"null")


class Listed(msgspec.Struct):
    """A repository of the inventory."""

    name: str
    teams: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


class Left(msgspec.Struct):
    """What is not among the repositories, and why."""

    path: str
    reason: str
    expected: bool = False


class Listing(msgspec.Struct):
    """The inventory of a run."""

    run: str
    """The start of the run: RFC 3339, UTC."""
    repositories: tuple[Listed, ...] = ()
    left: tuple[Left, ...] = ()

    def skipped(self) -> list[Skipped]:
        """Return what is not among the repositories."""
        return [Skipped(each.path, each.reason, each.expected) for each in self.left]


class Running(msgspec.Struct):
    """A repository that is being scanned."""

    name: str
    since: float
    where: str = ""


class Failed(msgspec.Struct):
    """A repository that was not scanned."""

    name: str
    reason: str


class Progress(msgspec.Struct):
    """How far a run is."""

    run: str
    host: str
    pid: int
    beat: float
    """Seconds since 1970: the driver writes it every few seconds, as long as it lives."""
    total: int
    done: int = 0
    unchanged: int = 0
    failed: tuple[Failed, ...] = ()
    running: tuple[Running, ...] = ()
    began: float = 0.0
    ended: bool = False
    """True once every repository was tried."""
    stopped: bool = False
    """True once the driver has stopped, for whatever reason."""


def read_salt(store: Store) -> bytes:
    """Return the salt of a fleet, made at the first run."""
    salt = store.read(SALT)
    if salt is None:
        salt = os.urandom(16).hex().encode()
        store.write(SALT, salt)
    return salt


def read_outcomes(store: Store) -> dict[str, Outcome]:
    """Return what came of all repositories that were ever tried, by their names."""
    outcomes = (_decode(data, Outcome, name) for name, data in read_all(store, FOLDER))
    return {outcome.name: outcome for outcome in outcomes}


def write_outcome(store: Store, outcome: Outcome) -> None:
    """Write what came of a repository. Raises ReportError."""
    store.write(f"{FOLDER}/{file_name(outcome.name)}.json", msgspec.json.encode(outcome))


def read_listing(store: Store) -> Listing | None:
    """Return the inventory of the last run; None if there was none."""
    data = store.read(INVENTORY)
    return None if data is None else _decode(data, Listing, INVENTORY)


def write_listing(store: Store, run: str, inventory: Inventory) -> Listing:
    """Write and return the inventory of a run. Raises ReportError.

    If a source could not be listed to its end, what was there before is not gone: it stays, with its last reports.
    """
    before = None if inventory.whole else read_listing(store)
    found = {repository.name: _listed(repository) for repository in inventory.repositories}
    kept = {listed.name: listed for listed in before.repositories} if before else {}
    repositories = tuple((kept | found).values())
    left = tuple(Left(each.path, each.reason, each.expected) for each in inventory.skipped)
    listing = Listing(run, repositories, left)
    store.write(INVENTORY, msgspec.json.encode(listing))
    return listing


def _listed(repository: Repository) -> Listed:
    return Listed(repository.name, repository.teams, repository.topics)


def read_progress(store: Store) -> Progress | None:
    """Return the progress of the last run; None if there was none."""
    data = store.read(PROGRESS)
    return None if data is None else _decode(data, Progress, PROGRESS)


def write_progress(store: Store, progress: Progress) -> None:
    """Write the progress of a run. Raises ReportError."""
    store.write(PROGRESS, msgspec.json.encode(progress))


def _decode(data: bytes, kind: type[_Record], name: str) -> _Record:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        advice = "another keysift wrote it, or it is damaged; remove it, and run the fleet again"
        raise SourceError(f"{name} in the store of the fleet cannot be read", help=advice) from error
