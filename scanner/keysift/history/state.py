"""What is asked and looked at while other processes sweep the objects of a repository: the graph of its commits, what
stands at HEAD, and what is no object at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from keysift.detect.matcher import Matcher
from keysift.errors import SourceError
from keysift.files.git_directory import repository_files
from keysift.git import refs, trees
from keysift.git.graph import Graph, read_graph
from keysift.history import sweep, uncommitted
from keysift.history.blob_key import REF_NAMES, BlobKey, Kind, NoObject
from keysift.model import Skipped


@dataclass(slots=True)
class RepositoryState:
    """What came of it."""

    graph: Graph
    head: list[tuple[str, str]] = field(default_factory=list)
    """Path and name of what stands at HEAD."""
    loose: dict[str, list[str]] = field(default_factory=dict)
    """The paths of files that are not committed, by the names of their contents."""
    kept: dict[BlobKey, list[str]] = field(default_factory=dict)
    """Likewise of what git keeps beside the objects, by their keys."""
    skipped: list[Skipped] = field(default_factory=list)
    swept: sweep.SweepResult = field(default_factory=sweep.SweepResult)
    """What came of what is no object."""


def whole_graph(found: RepositoryState, work: sweep.Sweep, more: Collection[str]) -> Graph:
    """The graph, with more commits than the packs have, of which some may be unknown to it."""
    if all(oid in found.graph.parents for oid in more):
        return found.graph
    return read_graph(work.store, [*work.commits(), *more])


def look(matcher: Matcher, work: sweep.Sweep, inside: list[str]) -> RepositoryState:
    """All of it.

    Raises:
        SourceError: git cannot read the repository.
    """
    found = RepositoryState(read_graph(work.store, work.commits()))
    found.head += _at_head(work, found.skipped)
    found.swept = sweep.beside(matcher, work, _texts(work, inside, found))
    return found


def _at_head(work: sweep.Sweep, skipped: list[Skipped]) -> Iterator[tuple[str, str]]:
    """Path and name of every blob at HEAD; those that are not there are said."""
    head = refs.resolve(work.store.path, "HEAD")
    if not head:
        return
    try:
        rows = list(trees.list_blobs(work.store.path, head))
    except SourceError as error:
        skipped.append(Skipped("the tree of HEAD", str(error)))
        return
    missing = [] if work.store.partial else [row for row in rows if not work.holds(row[1])]
    skipped += (Skipped(path, f"object {oid} is missing") for path, oid in missing)
    yield from rows


def _texts(work: sweep.Sweep, inside: list[str], found: RepositoryState) -> Iterator[tuple[BlobKey, bytes]]:
    """What is no object of the repository: files that are not committed, those that git keeps, names of refs."""
    for one in uncommitted.unsaved(work.store, inside, work.holds, work.limit):
        if isinstance(one, Skipped):
            found.skipped.append(one)
            continue
        found.loose.setdefault(one.oid, []).append(one.path)
        yield one.oid, one.data
    for one in repository_files(str(work.store.common_directory)):
        if isinstance(one, Skipped):
            found.skipped.append(one)
        elif not (inside and one.path.startswith(".git/modules/")):  # those are looked at as what they are
            key = NoObject(Kind.GIT_FILE, one.path)
            found.kept[key] = [one.path]
            yield key, one.data
    names = "".join(f"{name}\n" for name in refs.list_names(work.store.path))
    yield REF_NAMES, names.encode("utf-8", "surrogateescape")
