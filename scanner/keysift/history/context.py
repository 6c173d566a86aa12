"""The context of an audit: one repository, what is wanted of it, and what is known of it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace
from pathlib import Path

from keysift.containers.limits import LIMITS, Limits
from keysift.detect.matcher import Matcher
from keysift.git.graph import NO_GRAPH, Graph
from keysift.git.objects import ObjectReader
from keysift.git.pack import Pack
from keysift.git.repository import Repository
from keysift.history.blob_key import BlobKey
from keysift.history.lives import Key
from keysift.history.plan import SweepPlan
from keysift.history.remembered import inside
from keysift.history.remembered.memory import Memory
from keysift.history.remembered.verdicts import RememberedVerdicts
from keysift.history.state import RepositoryState
from keysift.history.sweep import Helpers, sweep_objects
from keysift.history.verdicts import SweepIndex, Verdicts
from keysift.history.worker import SweepResult
from keysift.model import Blob, Finding, Skipped
from keysift.records import dataclass

UNKNOWN = "(no path)"


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a history that is wanted; an empty field is no limit."""

    since: int = 0
    """Only keys introduced at or after this time, in seconds since 1970."""
    branch: str = ""
    """Only keys in the history of this ref."""
    path: Callable[[str], bool] | None = None
    """Only keys at paths for which this returns True."""


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """The options of an audit, the same for a repository and for its submodules."""

    limit: int
    """Bytes of the longest object that is read."""
    jobs: int = 0
    """Processes; 0 means one for each core."""
    scope: Scope = Scope()
    plain: bool = False
    """Read everything through git: slower, for comparison."""
    excluded: Callable[[str], bool] = lambda _path: False
    """Returns whether the configuration leaves a path out."""
    state: Path | None = None
    """The directory in which to remember the audit, for the next one to read only what is new."""
    identity: str = ""
    """The name of the repository for whoever audits it, by which it is the same wherever it lies; empty for none."""
    helpers: Helpers | None = None
    """Who sweeps a large repository together with this process."""

    def wants(self, path: str) -> bool:
        """Return whether keys at a path are reported."""
        return (self.scope.path is None or self.scope.path(path)) and not self.excluded(path)


@dataclass(slots=True)
class AuditContext:
    """One repository under audit, with what is known of it so far."""

    matcher: Matcher
    repository: Repository
    reader: ObjectReader
    """The git that hands over objects once the sweep is done: one for the whole audit."""
    options: AuditOptions
    jobs: int
    """Processes."""
    prefix: str = ""
    """The path of a submodule in the repository that was named."""
    index: SweepIndex = field(default_factory=SweepIndex)
    packs: Sequence[Pack] = ()
    """Those that were swept."""
    state: RepositoryState = field(default_factory=lambda: RepositoryState(NO_GRAPH))
    opened: dict[tuple[BlobKey, str], tuple[Finding, ...]] = field(default_factory=dict)
    """The findings inside of containers, by their keys and paths."""
    limits: Limits = LIMITS
    """For what is inside of a container."""
    memory: Memory | None = None
    """What an earlier audit has left."""
    plan: SweepPlan | None = None
    verdicts: Verdicts | None = None
    reported: set[Key] = field(default_factory=set)
    """The keys whose findings have been handed over."""
    skipped: list[Skipped] = field(default_factory=list)
    """Not scanned, and not reported yet."""

    def make_verdicts(self) -> Verdicts:
        """Return the verdicts on all that is in the index; what is remembered is added to it."""
        if self.memory is None:
            return Verdicts(self.matcher, self.index)
        verdicts = self.verdicts = RememberedVerdicts(self.matcher, self.index, self.memory, self._sweep)
        verdicts.recall(self.reader)
        return verdicts

    def _sweep(self, oids: Iterable[str]) -> SweepResult:
        """Return what is in some objects, which an earlier audit has looked at already."""
        plan = SweepPlan(self.repository, self.options.limit)
        result = sweep_objects(self.matcher, plan, oids)
        self.skip(result.skipped)
        if self.memory:
            self.memory.note_unread(result)
        return result

    def recall_inside(self, container: BlobKey, blob: Blob) -> tuple[Finding, ...] | None:
        """Return the findings inside of a container as an earlier audit had them; None if that is not known."""
        if self.memory is None or not isinstance(container, str):
            return None
        record = self.memory.inside.get((container, blob.path))
        return inside.open_again(record, blob.data, self.matcher) if record else None

    def remember_inside(self, container: BlobKey, blob: Blob, findings: tuple[Finding, ...]) -> None:
        """Remember the findings inside of a container, if anything is remembered."""
        if self.memory and isinstance(container, str):
            self.memory.inside[container, blob.path] = inside.close(container, blob.path, findings, blob.data)

    def skip(self, skipped: Iterable[Skipped]) -> None:
        """Note what was not scanned."""
        self.skipped += skipped

    def drain(self) -> tuple[Skipped, ...]:
        """Return what was not scanned, with paths in the repository that was named, and forget it."""
        skipped, self.skipped = self.skipped, []
        if not self.prefix:
            return tuple(skipped)
        return tuple(self._from_outside(item) for item in skipped)

    def _from_outside(self, item: Skipped) -> Skipped:
        file = f"{self.prefix}/{item.file}" if item.file else ""
        return replace(item, path=f"{self.prefix}: {item.path}", file=file)

    @property
    def name(self) -> str:
        """The path of the repository, which tells it from others."""
        return str(self.repository.path)

    @property
    def graph(self) -> Graph:
        """The commits."""
        return self.state.graph

    def list_paths(self, key: BlobKey) -> list[str]:
        """Return the paths of a file that is not committed, or that git keeps beside the objects; else none."""
        uncommitted = self.state.uncommitted.get(key) if isinstance(key, str) else None
        return uncommitted or self.state.git_files.get(key, [])


@dataclass(frozen=True, slots=True)
class Place:
    """A place at which a report shows a key: a blob, its path, and the commit to find it in."""

    blob: BlobKey
    path: str
    commit: str
