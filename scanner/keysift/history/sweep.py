"""Every object of a repository, once, on all cores: what may be a key in it, before anyone asks for its path."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Protocol

from keysift import pool
from keysift.detect.matcher import Matcher
from keysift.history.blob_key import BlobKey, describe
from keysift.history.plan import Batch, GitBatch, SweepPlan
from keysift.history.worker import SweepResult, SweepWorker
from keysift.model import Skipped


class Helpers(Protocol):
    """Processes that somebody else has started, also on other machines, and that a large repository may be swept by."""

    @property
    def count(self) -> int:
        """How many there are."""

    @property
    def least(self) -> int:
        """The weight of a plan that is worth sharing with them."""

    def answers(
        self,
        start: Callable[[Matcher, SweepPlan], SweepWorker],
        given: tuple[Matcher, SweepPlan],
        work: Callable[[SweepWorker, int], SweepResult],
        tasks: Iterable[int],
    ) -> Iterator[tuple[int, SweepResult | None]]:
        """Yield each task with its answer as it is done, and with None if it kills whoever tries.

        A helper calls `start(*given)`, and `work` with what that returns.
        """


def sweep(matcher: Matcher, plan: SweepPlan, jobs: int, helpers: Helpers | None = None) -> Iterator[SweepResult]:
    """Yield the result of each batch as it is done; last, in this process, of what only git can read."""
    unread: list[str] = []
    if len(plan.batches) > 1 and helpers and plan.weight >= helpers.least:
        results = _with_helpers(matcher, plan, helpers)
    elif len(plan.batches) > 1 and jobs > 1:
        results = _in_parallel(matcher, plan, jobs)
    else:
        results = _in_process(matcher, plan)
    for result in results:
        unread += result.unread
        yield result
    if unread:
        plan.batches = [GitBatch(0, tuple(dict.fromkeys(unread)))]
        yield from _in_process(matcher, plan)


def sweep_texts(matcher: Matcher, plan: SweepPlan, texts: Iterable[tuple[BlobKey, bytes]]) -> SweepResult:
    """Return what is in bytes that are no objects, by the keys that the caller gives them."""
    return SweepWorker(matcher, plan).sweep_texts(texts)


def sweep_objects(matcher: Matcher, plan: SweepPlan, oids: Iterable[str]) -> SweepResult:
    """Return what is in these objects, each read through git."""
    plan.batches = [GitBatch(0, tuple(oids))]
    [result] = _in_process(matcher, plan)
    return result


def count_processes(jobs: int) -> int:
    """Return how many processes are meant: 0 means one for each core."""
    return jobs or os.cpu_count() or 1


def _in_process(matcher: Matcher, plan: SweepPlan) -> Iterator[SweepResult]:
    with SweepWorker(matcher, plan) as worker:
        yield from map(worker.sweep, range(len(plan.batches)))


def _in_parallel(matcher: Matcher, plan: SweepPlan, jobs: int) -> Iterator[SweepResult]:
    matcher.prefilter.prepare()
    numbers, processes = range(len(plan.batches)), partial(_processes, matcher, plan)
    for number, result in pool.answers(processes, SweepWorker.sweep, numbers, jobs, plan.halve, in_order=False):
        yield result or _lost(plan, plan.batches[number])


def _with_helpers(matcher: Matcher, plan: SweepPlan, helpers: Helpers) -> Iterator[SweepResult]:
    numbers = range(len(plan.batches))
    for number, result in helpers.answers(_start, (matcher, plan), SweepWorker.sweep, numbers):
        yield result or _lost(plan, plan.batches[number])


def _lost(plan: SweepPlan, batch: Batch) -> SweepResult:
    reason = "not scanned: the processes that tried died"
    return SweepResult(
        batch.weight, skipped=[Skipped(describe(oid), reason, object=oid) for oid in plan.list_oids(batch)]
    )


def _processes(matcher: Matcher, plan: SweepPlan, jobs: int) -> AbstractContextManager[pool.Workers[SweepWorker]]:
    return pool.processes(jobs, _start, (matcher, plan))


def _start(matcher: Matcher, plan: SweepPlan) -> SweepWorker:
    matcher.prefilter.prepare()
    return SweepWorker(matcher, plan)
