"""A whole repository -> results, each finding with its life: sweep every object first, then ask where the keys are."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from keysift import pool
from keysift.containers.limits import LIMITS
from keysift.detect.matcher import Matcher
from keysift.errors import SourceError, UsageError
from keysift.files.absent import SUBMODULE
from keysift.git import index, refs, trees
from keysift.git.objects import ObjectReader
from keysift.git.repository import Repository, list_packs, open_repository
from keysift.history import state, sweep
from keysift.history.blob_key import FILE_NAMES
from keysift.history.context import AuditContext, AuditOptions
from keysift.history.findings import build_interrupted_results, build_results
from keysift.history.plan import SweepPlan, make_plan
from keysift.history.progress import Phase, Progress
from keysift.history.remembered import directory
from keysift.history.remembered.headers import make_header
from keysift.history.remembered.keeping import Keeper
from keysift.history.remembered.memory import Memory, open_memory
from keysift.history.remembered.rules import ChangedRules
from keysift.history.remembered.verdicts import RememberedVerdicts
from keysift.history.uncommitted import list_submodules
from keysift.history.worker import SweepResult
from keysift.model import ScanResult, Skipped

MOST_INFLATED = 8
"""A pack weighs less than so many times its bytes: three times, as measured."""
LEAST_SHARED = 16_000_000
"""The weight of new objects below which a process costs more to start than it saves."""
MOST_NESTED = 20
"""Submodules within submodules."""


class Audit:
    """The audit of one repository with its submodules: an iterable of results, with news of its progress among them.

    Each result has the findings of one key: one for every place, in the order in which to look at them, each with the
    life of the key. Whoever interrupts the iteration gets from `so_far` what was found until then and not yielded yet.
    """

    def __init__(
        self, matcher: Matcher, repository: Path, options: AuditOptions, *, prefix: str = "", depth: int = 0
    ) -> None:
        """Prepare the audit; `prefix` is the path of a submodule, `depth` the number of repositories around it."""
        self._matcher = matcher
        self._path = repository
        self._options = options
        self._prefix = prefix
        self._depth = depth
        self._context: AuditContext | None = None
        self._current: Audit = self
        """The audit that is under way: this one, or that of a submodule."""
        self.notes: list[str] = []
        """Sentences on what was remembered, for people."""
        self.setbacks: list[str] = []
        """Those of them that say why something was read again, or will be."""

    def __iter__(self) -> Iterator[ScanResult | Progress]:
        """Yield the results.

        Raises:
            SourceError: it is no repository, or git cannot read it.
            UsageError: the scope names a branch that is not there.
        """
        with self._locked():
            yield from self._results()

    def _results(self) -> Iterator[ScanResult | Progress]:
        context = self._context = self._open()
        paths, statuses = index.read_summary(context.repository)
        submodules = list(list_submodules(context.repository, paths)) if self._depth < MOST_NESTED else []
        context.skip(_missing(paths, [path for _, path in submodules]))
        with context.reader:
            yield from _sweep(context, [path for _, path in submodules], statuses)
            yield from build_results(context)
            self._remember(context)
        self._context = None  # nothing is left for `so_far`
        for repository, path in submodules:
            yield from self._audit_submodule(context, repository, path)

    def so_far(self) -> Iterator[ScanResult]:
        """Yield what was found until the iteration was interrupted: with the paths at HEAD, and without lives."""
        if self._current is not self:
            yield from self._current.so_far()
        elif self._context:
            self._context.limits = replace(LIMITS, seconds=1)
            # Ctrl-C reaches every process of a terminal: the git that handed over objects until now has ended.
            self._context.reader = ObjectReader(self._context.repository.path)
            with self._context.reader:
                yield from build_interrupted_results(self._context)

    def _open(self) -> AuditContext:
        repository = open_repository(self._path)
        branch = self._options.scope.branch
        if branch and not self._prefix and not refs.find_names(repository.path, branch):
            near = refs.nearest_name(repository.path, branch)
            advice = f"did you mean {near}?" if near else "`git branch -a` and `git tag` list them"
            raise UsageError(f"no branch or tag: {branch}", help=advice)
        jobs = sweep.count_processes(self._options.jobs)
        reader = ObjectReader(repository.path)
        context = AuditContext(self._matcher, repository, reader, self._options, jobs, self._prefix)
        context.skip(_limits(repository))
        options = self._options
        if options.state:
            header = make_header(repository, self._matcher, options.limit, options.identity)
            context.memory = open_memory(options.state, self._prefix, repository, header, self._matcher)
        return context

    def _locked(self) -> AbstractContextManager[None]:
        """Keep other audits out of the directory of what is remembered, which one of a submodule need not."""
        return directory.locked(self._options.state) if self._options.state and not self._depth else nullcontext()

    def _remember(self, context: AuditContext) -> None:
        """Write what the next audit need not read again, and say what this one has not read."""
        if context.memory is None or context.plan is None or not isinstance(context.verdicts, RememberedVerdicts):
            return
        keeper = Keeper(context, context.memory, context.plan, context.verdicts)
        of = f"{self._prefix}: " if self._prefix else ""
        self.notes.append(of + context.memory.describe())
        if context.memory.note:
            self.setbacks.append(self.notes[-1])
        try:
            keeper.write()
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            self.notes.append(f"{of}the state cannot be written, so the next audit reads everything again: {reason}")
            self.setbacks.append(self.notes[-1])

    def _audit_submodule(self, context: AuditContext, repository: Path, path: str) -> Iterator[ScanResult | Progress]:
        prefix = f"{self._prefix}/{path}" if self._prefix else path
        self._current = Audit(self._matcher, repository, self._options, prefix=prefix, depth=self._depth + 1)
        self._current.notes, self._current.setbacks = self.notes, self.setbacks
        try:
            yield from self._current
        except SourceError as error:
            context.skip([Skipped(path, f"the submodule cannot be read: {error}")])
            yield ScanResult(skipped=context.drain())


def _sweep(
    context: AuditContext, submodules: list[str], statuses: dict[str, index.Status]
) -> Iterator[ScanResult | Progress]:
    """Scan everything once; whether something is a key is not known yet for all of it."""
    options, memory = context.options, context.memory
    if memory and memory.changed:
        yield from _look_for_changed(context, memory, memory.changed)
    jobs = _count_parts(context)
    plan = make_plan(context.repository, options.limit, jobs, plain=options.plain, seen=memory)
    context.plan = plan
    context.packs = plan.packs
    context.skip(plan.skipped)
    total, done = plan.weight, 0
    if memory:
        memory.recall(plan)
    read_state = partial(state.read_state, context.matcher, plan, submodules, statuses, memory)
    call: pool.BackgroundCall[state.RepositoryState] | None = None
    jobs = 1 if memory and total < LEAST_SHARED else context.jobs
    for result in sweep.sweep(context.matcher, plan, jobs, options.helpers):
        call = call or pool.BackgroundCall(read_state)  # now that all processes are started
        yield _add(context, result)
        done += result.weight
        yield Progress(Phase.SWEEP, done, total)
    yield Progress(Phase.TRACE, 0, 0)
    context.state = call.answer() if call else read_state()
    context.state.graph = state.extend_graph(context.state, plan, context.index.commits, memory)
    context.skip(context.state.skipped)
    yield _add(context, context.state.result)
    yield _add(context, sweep.sweep_texts(context.matcher, plan, [(FILE_NAMES, _file_names(context, plan))]))


def _count_parts(context: AuditContext) -> int:
    """Return how many processes there may be for the sweep; helpers are asked only for what may be large."""
    helpers = context.options.helpers
    if helpers is None:
        return context.jobs
    stored = sum(path.stat().st_size for path in list_packs(context.repository))
    return max(context.jobs, helpers.count if stored * MOST_INFLATED >= helpers.least else 1)


def _look_for_changed(context: AuditContext, memory: Memory, changed: ChangedRules) -> Iterator[ScanResult | Progress]:
    """Search everything for rules that are new or have changed, alone; what may have a key of them is read again."""
    options, jobs = context.options, _count_parts(context)
    if changed.count:
        plan = make_plan(context.repository, options.limit, jobs, plain=options.plain)
        total, done = plan.weight, 0
        for result in sweep.sweep(changed.matcher, plan, context.jobs, options.helpers):
            changed.note(result, plan)
            done += result.weight
            yield ScanResult(blobs=result.count, bytes=result.size)
            yield Progress(Phase.SWEEP, done, total)
    memory.adapt()


def _add(context: AuditContext, result: SweepResult) -> ScanResult:
    """Add the result of a batch to the index, and return what it says of the run."""
    context.index.add(result)
    context.skip(result.skipped)
    if context.memory:
        context.memory.note_unread(result)
    return ScanResult(skipped=context.drain(), blobs=result.count, bytes=result.size)


def _limits(repository: Repository) -> Iterator[Skipped]:
    """Yield what this clone does not have."""
    if repository.shallow:
        yield Skipped("history before the shallow boundary", "a shallow clone: `git fetch --unshallow` brings the rest")
    if repository.partial:
        yield Skipped("objects that were filtered out", "a partial clone: they are not on this machine", expected=True)


def _missing(paths: Iterable[str], found: Collection[str]) -> Iterator[Skipped]:
    """Yield the submodules that this clone does not have."""
    for path in paths:
        if path not in found and f".git/modules/{path}" not in found:
            yield Skipped(path, f"{SUBMODULE}: its history is not on this machine", expected=True)


def _file_names(context: AuditContext, plan: SweepPlan) -> bytes:
    """Return the names of files and directories that may have a key, one a line."""
    oids = dict.fromkeys((*plan.list_trees(context.index.trees), *context.index.tree_oids))
    if context.memory:
        oids |= dict.fromkeys(filter(context.memory.is_here, context.memory.record.trees))
        context.memory.named_trees = {*oids}
    uncommitted = map(os.fsencode, chain(*context.state.uncommitted.values()))
    return b"\n".join(sorted({*trees.list_names(context.repository, context.reader, oids), *uncommitted}))
