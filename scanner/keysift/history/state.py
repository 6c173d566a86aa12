"""The state of a repository, read while other processes sweep its objects: the graph of its commits, the tree of HEAD,
and what is no object at all.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import field
from itertools import chain

from keysift.detect.matcher import Matcher
from keysift.errors import SourceError
from keysift.files.git_directory import repository_files
from keysift.git import graph, trees
from keysift.git.graph import Graph, read_graph
from keysift.git.index import Status
from keysift.history.blob_key import REF_NAMES, BlobKey, Kind, NoObject
from keysift.history.plan import SweepPlan
from keysift.history.remembered.memory import Memory
from keysift.history.sweep import sweep_texts
from keysift.history.uncommitted import read_uncommitted
from keysift.history.worker import SweepResult
from keysift.model import Skipped
from keysift.records import dataclass


@dataclass(slots=True)
class RepositoryState:
    """The state of a repository beside its objects."""

    graph: Graph
    head: list[tuple[str, str]] = field(default_factory=list)
    """Path and object id of each blob at HEAD."""
    uncommitted: dict[str, list[str]] = field(default_factory=dict)
    """The paths of files that are not committed, by the object ids that their contents would have."""
    git_files: dict[BlobKey, list[str]] = field(default_factory=dict)
    """The paths of files that git keeps beside the objects, by their keys."""
    skipped: list[Skipped] = field(default_factory=list)
    result: SweepResult = field(default_factory=SweepResult)
    """The result of sweeping the bytes that are no objects."""


def read_state(
    matcher: Matcher, plan: SweepPlan, submodules: list[str], statuses: dict[str, Status], memory: Memory | None
) -> RepositoryState:
    """Return the state of a repository; files below the paths of its submodules are left out.

    If commits are remembered with their parents, the graph has these alone, until `extend_graph` adds the others.

    Raises:
        SourceError: git cannot read the repository.
    """
    known = [*plan.list_commits(), *(memory.list_commits() if memory else ())]
    remembered = memory.list_parents() if memory else None
    state = RepositoryState(read_graph(plan.repository, known, remembered=remembered))
    state.head += _list_head(plan, state.graph.head, state.skipped)
    state.result = sweep_texts(matcher, plan, _texts(plan, submodules, statuses, state))
    return state


def extend_graph(state: RepositoryState, plan: SweepPlan, commits: Collection[str], memory: Memory | None) -> Graph:
    """Return the graph with these commits, of which the packs may not have all."""
    if memory and memory.record.logged:
        new = dict.fromkeys(oid for oid in (*plan.list_commits(), *commits) if oid not in state.graph.parents)
        extended = graph.extend(plan.repository, state.graph, new)
        return extended or read_graph(plan.repository, [*state.graph.parents, *new])
    if all(oid in state.graph.parents for oid in commits):
        return state.graph
    return read_graph(plan.repository, [*plan.list_commits(), *state.graph.parents, *commits])


def _list_head(plan: SweepPlan, head: str, skipped: list[Skipped]) -> Iterator[tuple[str, str]]:
    """Yield path and object id of each blob at HEAD; those that are missing are noted as skipped."""
    if not head:
        return
    try:
        rows = list(trees.list_blobs(plan.repository.path, head))
    except SourceError as error:
        skipped.append(Skipped("the tree of HEAD", str(error)))
        return
    missing = [] if plan.repository.partial else [row for row in rows if not plan.holds(row[1])]
    skipped += (Skipped(path, f"object {oid} is missing", object=oid) for path, oid in missing)
    yield from rows


def _texts(
    plan: SweepPlan, submodules: list[str], statuses: dict[str, Status], state: RepositoryState
) -> Iterator[tuple[BlobKey, bytes]]:
    """Yield what is no object of the repository, and note its paths: uncommitted files, git's own, names of refs."""
    for file in read_uncommitted(plan.repository, submodules, statuses, plan.holds, plan.limit):
        if isinstance(file, Skipped):
            state.skipped.append(file)
            continue
        state.uncommitted.setdefault(file.oid, []).append(file.path)
        yield file.oid, file.data
    for file in repository_files(str(plan.repository.common_directory)):
        if isinstance(file, Skipped):
            state.skipped.append(file)
        elif not (submodules and file.path.startswith(".git/modules/")):  # a submodule has an audit of its own
            key = NoObject(Kind.GIT_FILE, file.path)
            state.git_files[key] = [file.path]
            yield key, file.data
    yield REF_NAMES, b"".join(b"%b\n" % os.fsencode(name) for name in _list_ref_names(state.graph))


def _list_ref_names(known: Graph) -> list[str]:
    """Return the full names of all refs, as git sorts them."""
    names = {*known.refs, *chain(*known.direct.values())}
    return sorted((name for name in names if name.startswith("refs/")), key=os.fsencode)
