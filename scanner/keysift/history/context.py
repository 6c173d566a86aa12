"""What an audit is about: one repository, what is wanted of it, and what is known of it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from keysift.containers.limits import LIMITS, Limits
from keysift.detect.matcher import Matcher
from keysift.git.graph import NO_GRAPH, Graph
from keysift.git.repository import Repository
from keysift.history.blob_key import BlobKey
from keysift.history.state import RepositoryState
from keysift.history.verdicts import SweepIndex
from keysift.model import Finding, Run, Skipped

UNKNOWN = "(no path)"
Progress = Callable[[int, int], None]
"""Is told how much of the work is done, and how much it is in all."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a history is wanted; everything where a part is empty."""

    since: int = 0
    """Only keys brought in at or after this time, in seconds since 1970."""
    branch: str = ""
    """Only what the history of this ref has."""
    path: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """How to go about it: the same for a repository and for those within it."""

    limit: int
    """Bytes of the longest object that is read."""
    jobs: int = 0
    progress: Progress = lambda _done, _all: None
    scope: Scope = Scope()
    plain: bool = False
    """Read everything through git: slower, for comparison."""
    accept: Callable[[Sequence[Finding]], Sequence[Finding]] = tuple
    """Marks what is accepted, while each finding still has one place."""
    excluded: Callable[[str], bool] = lambda _path: False
    """Whether the configuration leaves a path out: then nobody needs to know that it cannot be opened."""


@dataclass(slots=True)
class AuditContext:
    """One repository under audit."""

    matcher: Matcher
    store: Repository
    prefix: str
    run: Run
    how: AuditOptions
    jobs: int
    evidence: SweepIndex = field(default_factory=SweepIndex)
    aside: RepositoryState = field(default_factory=lambda: RepositoryState(NO_GRAPH))
    opened: dict[tuple[BlobKey, str], tuple[Finding, ...]] = field(default_factory=dict)
    """What is inside of containers, by their keys and paths."""
    limits: Limits = LIMITS

    def skip(self, skipped: Iterable[Skipped]) -> None:
        """What was not scanned, as seen from the repository that was named."""
        self.run.skipped += (replace(one, path=f"{self.prefix}: {one.path}") if self.prefix else one for one in skipped)

    @property
    def graph(self) -> Graph:
        """The commits."""
        return self.aside.graph

    def uncommitted(self, key: BlobKey) -> list[str]:
        """The paths of what is no object."""
        loose = self.aside.loose.get(key) if isinstance(key, str) else None
        return loose or self.aside.kept.get(key, [])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report shows a key: a blob, its path, and the commit to find it in."""

    oid: BlobKey
    path: str
    commit: str
