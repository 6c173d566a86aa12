"""The places on a workstation where keys lie, and the stores among them that are meant to hold some."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from keysift.agent import places
from keysift.agent.places import Home
from keysift.files.naming import working_tree
from keysift.model import Finding, ScanResult, Suppression
from keysift.records import dataclass
from keysift.report.wording import count

_OPEN = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Store:
    """A file that is meant to hold keys."""

    what: str
    path: str
    """In the paths of a run."""
    mode: int
    days: int
    """Since it was last changed."""
    exposed: str
    """Who else may read it, in words; empty if nobody."""

    def state(self) -> str:
        """Return its permissions, age and exposure in words."""
        parts = [
            f"mode {self.mode:03o}",
            f"changed {count(self.days, 'day')} ago",
            self.exposed or "for its owner alone",
        ]
        return ", ".join(parts)


def look(home: Home) -> tuple[list[str], dict[str, Store]]:
    """Return the files of a workstation, and the stores among them, all by the paths of a run."""
    home.name_keyrings()
    files: list[str] = []
    stores: dict[str, Store] = {}
    for place in places.table().machine:
        for path in home.files(places.patterns(place, places.this_system(), os.environ)):
            shown = home.lead + path
            files.append(path)
            if place.store:
                stores[shown] = _store(place.what, home.path / path, shown)
    return list(dict.fromkeys(files)), stores


def kept_in_stores(results: Iterable[ScanResult], stores: dict[str, Store]) -> Iterator[ScanResult]:
    """Yield results in which a key in a store is accepted: that is where it belongs."""
    for result in results:
        yield replace(result, findings=tuple(_kept(finding, stores) for finding in result.findings))


def _kept(finding: Finding, stores: dict[str, Store]) -> Finding:
    store = stores.get(finding.locations[0].path)
    if store is None:
        return finding
    why = f"a store of {store.what}, meant to hold keys: {store.state()}"
    return replace(finding, suppressions=(Suppression("external", why),))


def _store(what: str, path: Path, shown: str) -> Store:
    status = path.stat()
    exposed = []
    if os.name == "posix" and status.st_mode & _OPEN:
        exposed.append(
            "others on this machine may read it" if status.st_mode & stat.S_IRWXO else "its group may read it"
        )
    top = working_tree(path.parent)
    if top is not None:
        exposed.append(f"inside the git repository {top}")
    days = max(0, int((time.time() - status.st_mtime) / 86_400))
    return Store(what, shown, stat.S_IMODE(status.st_mode), days, "; ".join(exposed))
