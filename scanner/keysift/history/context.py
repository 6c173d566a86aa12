"""What an audit is about: one repository, what is wanted of it, and what is known of it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from keysift.containers.limits import LIMITS, Limits
from keysift.detect.matcher import Matcher
from keysift.git.graph import NO_GRAPH, Graph
from keysift.git.repository import Repository
from keysift.history.blob_key import BlobKey
from keysift.history.state import RepositoryState
from keysift.history.verdicts import SweepIndex
from keysift.model import Finding, Skipped

UNKNOWN = "(no path)"


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a history that is wanted; a part that is empty wants everything."""

    since: int = 0
    """Only keys introduced at or after this time, in seconds since 1970."""
    branch: str = ""
    """Only what the history of this ref has."""
    path: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """How to audit: the same for a repository and for its submodules."""

    limit: int
    """Bytes of the longest object that is read."""
    jobs: int = 0
    scope: Scope = Scope()
    plain: bool = False
    """Read everything through git: slower, for comparison."""
    excluded: Callable[[str], bool] = lambda _path: False
    """Returns whether the configuration leaves a path out."""

    def wants(self, path: str) -> bool:
        """Return whether keys at a path are reported."""
        return (self.scope.path is None or self.scope.path(path)) and not self.excluded(path)


@dataclass(slots=True)
class AuditContext:
    """One repository under audit."""

    matcher: Matcher
    repository: Repository
    options: AuditOptions
    jobs: int
    prefix: str = ""
    """The path of a submodule in the repository that was named."""
    index: SweepIndex = field(default_factory=SweepIndex)
    state: RepositoryState = field(default_factory=lambda: RepositoryState(NO_GRAPH))
    opened: dict[tuple[BlobKey, str], tuple[Finding, ...]] = field(default_factory=dict)
    """What is inside of containers, by their keys and paths."""
    limits: Limits = LIMITS
    skipped: list[Skipped] = field(default_factory=list)
    """What was not scanned and is not reported yet."""

    def skip(self, skipped: Iterable[Skipped]) -> None:
        """Note what was not scanned."""
        self.skipped += skipped

    def drain(self) -> tuple[Skipped, ...]:
        """Return what was not scanned, as seen from the repository that was named, and forget it."""
        skipped, self.skipped = self.skipped, []
        if not self.prefix:
            return tuple(skipped)
        return tuple(replace(item, path=f"{self.prefix}: {item.path}") for item in skipped)

    @property
    def name(self) -> str:
        """The place of the repository, to tell it from others."""
        return str(self.repository.path)

    @property
    def graph(self) -> Graph:
        """The commits."""
        return self.state.graph

    def uncommitted(self, key: BlobKey) -> list[str]:
        """Return the paths of what is no git object; none for one that is."""
        loose = self.state.loose.get(key) if isinstance(key, str) else None
        return loose or self.state.kept.get(key, [])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report shows a key: a blob, its path, and the commit to find it in."""

    blob: BlobKey
    path: str
    commit: str
