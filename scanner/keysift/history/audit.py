"""A whole repository -> results, each finding with its life: sweep every object first, then ask where the keys are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from keysift import pool
from keysift.containers.limits import LIMITS
from keysift.detect.matcher import Matcher
from keysift.errors import SourceError, UsageError
from keysift.git import refs, trees
from keysift.git.repository import Repository, open_repository
from keysift.history import findings, state, sweep, uncommitted
from keysift.history.blob_key import FILE_NAMES
from keysift.history.context import AuditContext, AuditOptions
from keysift.history.progress import Phase, Progress
from keysift.model import ScanResult, Skipped

DEEPEST = 20
"""Submodules within submodules."""


class Audit:
    """The audit of one repository with its submodules: an iterable of results, with news of its progress among them.

    Each result has the findings of one key: one for every place, in the order in which to look at them, each with the
    life of the key. Whoever interrupts the iteration gets from `so_far` what was found until then, without lives.
    """

    def __init__(
        self, matcher: Matcher, repository: Path, options: AuditOptions, *, prefix: str = "", depth: int = 0
    ) -> None:
        """Open the repository; `prefix` is the path of a submodule, `depth` how many submodules are around it.

        Raises:
            SourceError: it is no repository, or git cannot read it at all.
            UsageError: the scope names a branch that is not there.
        """
        opened = open_repository(repository)
        branch = options.scope.branch
        if branch and not prefix and not refs.find_names(opened.path, branch):
            raise UsageError(f"no branch or tag: {branch}", help="`git branch -a` and `git tag` list them")
        self._context = AuditContext(matcher, opened, options, sweep.cores(options.jobs), prefix)
        self._depth = depth
        self._modules = list(uncommitted.modules(opened)) if depth < DEEPEST else []
        self._module: Audit | None = None

    def __iter__(self) -> Iterator[ScanResult | Progress]:
        """Yield the results. Raises SourceError where git cannot read the repository."""
        context = self._context
        context.skip(_limits(context.repository))
        yield from self._sweep([path for _, path in self._modules])
        yield from findings.findings(context)
        for module, path in self._modules:
            yield from self._submodule(module, path)

    def so_far(self) -> Iterator[ScanResult]:
        """Yield what was found until the iteration was interrupted: with the paths of HEAD, and without lives."""
        interrupted = self._module
        if interrupted:
            yield from interrupted.so_far()
            return
        self._context.limits = replace(LIMITS, seconds=1)
        yield from findings.at_a_glance(self._context)

    def _submodule(self, module: Path, path: str) -> Iterator[ScanResult | Progress]:
        context, prefix = self._context, self._context.prefix
        inner = f"{prefix}/{path}" if prefix else path
        try:
            self._module = Audit(context.matcher, module, context.options, prefix=inner, depth=self._depth + 1)
            yield from self._module
        except SourceError as error:
            context.skip([Skipped(path, f"the submodule cannot be read: {error}")])
            yield ScanResult(skipped=context.drain())
        self._module = None

    def _sweep(self, submodules: list[str]) -> Iterator[ScanResult | Progress]:
        """Look at everything once; whether something is a key is not known yet for all of it."""
        context, options = self._context, self._context.options
        work = sweep.plan(context.repository, options.limit, context.jobs, plain=options.plain)
        context.skip(work.skipped)
        total, done = work.weight, 0
        look = partial(state.look, context.matcher, work, submodules)
        background: pool.BackgroundCall[state.RepositoryState] | None = None
        for swept in sweep.run(context.matcher, work, context.jobs):
            background = background or pool.BackgroundCall(look)  # now that all processes are started
            yield self._added(swept)
            done += swept.weight
            yield Progress(Phase.SWEEP, done, total)
        context.state = background.answer() if background else look()
        context.state.graph = state.whole_graph(context.state, work, context.index.commits)
        context.skip(context.state.skipped)
        yield self._added(context.state.swept)
        yield self._added(sweep.beside(context.matcher, work, [(FILE_NAMES, _names(context, work))]))

    def _added(self, swept: sweep.SweepResult) -> ScanResult:
        """Add a lot to the index, and return what it says of the run."""
        context = self._context
        context.index.add(swept)
        context.skip(swept.skipped)
        return ScanResult(skipped=context.drain(), blobs=swept.count, bytes=swept.bytes)


def _limits(repository: Repository) -> Iterator[Skipped]:
    if repository.shallow:
        yield Skipped("history before the shallow boundary", "a shallow clone: `git fetch --unshallow` brings the rest")
    if repository.partial:
        yield Skipped("objects that were filtered out", "a partial clone: they are not on this machine", expected=True)


def _names(context: AuditContext, work: sweep.Sweep) -> bytes:
    """Return the names of files and directories that contain a keyword, one a line."""
    below = [*work.trees_below(context.index.trees), *context.index.tree_names]
    loose = map(os.fsencode, chain(*context.state.loose.values()))
    every = {*trees.list_names(context.repository, dict.fromkeys(below)), *loose}
    return b"\n".join(sorted(every))
