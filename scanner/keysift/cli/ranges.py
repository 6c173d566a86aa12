"""The commits that a gate judges: named by the user, told by a CI service, or received by a pre-receive hook."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from keysift.cli import ci
from keysift.errors import UsageError
from keysift.git import refs
from keysift.records import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """The commits that one tip adds."""

    name: str
    """For people: `origin/main...HEAD`, or the ref that is pushed."""
    tip: str
    """A full commit id; empty for a tag of something that is not a commit."""
    without: tuple[str, ...]
    """The commits that exist already, as `git rev-list --not` takes them."""
    base: str = ""
    """The commit whose configuration holds; empty if there is none. Nobody but its reviewers had a say in it."""
    tag: str = ""
    """The object that was pushed, if that may be a tag."""
    refs: tuple[str, ...] = ()
    """The names of refs that are new, or may be."""
    deepen: str = ""
    """The advice for a clone that is too shallow; empty where no clone can be."""

    @property
    def branch(self) -> str:
        """The branch that is added to, if it is known by name."""
        return self.name.partition("...")[0].removeprefix("refs/heads/").removeprefix("origin/")


def named_range(top: Path, options: Mapping[str, Any]) -> Range:
    """Return the range that the options name, or else the variables of the CI service.

    Raises:
        UsageError: there is no base, or the clone has no such commit.
    """
    job = _find_job()
    names = (options["base"],) if options["base"] else job.refs if job else ()
    if not names:
        raise UsageError(
            "there is nothing to compare with: no --base, and no known CI service sets one",
            help="keysift gate --base origin/main",
        )
    deepen = "git fetch --unshallow" + (f"; on {job.service}: {job.deepen}" if job else "")
    head = options["head"] or (job.head if job and not options["base"] else "HEAD")
    tip = refs.resolve_commit(top, head)
    if not tip:
        raise UsageError(f"the commit to judge is not in this clone: {head}", help=_fetch(top, head, deepen))
    base, name = next(((oid, name) for name in names if (oid := refs.resolve_commit(top, name))), ("", ""))
    if not base:
        raise UsageError(f"the base is not in this clone: {' or '.join(names)}", help=_fetch(top, names[0], deepen))
    branch = refs.current_branch(top) if head == "HEAD" else head
    return Range(f"{name}...{head}", tip, (base,), _reviewed(top, job, name, base), deepen=deepen, refs=(branch,))


def _reviewed(top: Path, job: ci.Base | None, name: str, base: str) -> str:
    """Return the commit whose configuration holds for a range.

    What a push adds is compared with the push before it, whose configuration nobody has reviewed: that of the default
    branch holds, as far as this branch has it.
    """
    if not job or name != job.pushed:
        return base
    default = refs.resolve_commit(top, job.default) if job.default else ""
    return refs.merge_base(top, base, default) if default else base


def received_ranges(top: Path, lines: Iterable[bytes]) -> Iterator[Range]:
    """Yield the ranges that git writes for a pre-receive hook, `<old> <new> <ref>` on each line.

    https://git-scm.com/docs/githooks#pre-receive

    Raises:
        UsageError: a line has another form.
    """
    for line in lines:
        parts = os.fsdecode(line).rstrip("\n").split(" ", 2)
        if len(parts) != 3:
            raise UsageError(
                "standard input has a line that is not `<old> <new> <ref>`", help="git writes them for pre-receive"
            )
        old, new, ref = parts
        if not new.strip("0"):
            continue  # the ref is deleted
        tip = refs.resolve_commit(top, new)
        # Of the branch that is pushed to, an earlier push may have set the configuration.
        reviewed = refs.resolve_commit(top, "HEAD")
        if old.strip("0"):
            yield Range(ref, tip, (old,), reviewed, tag=new)
        else:
            yield Range(ref, tip, ("--all",), reviewed, tag=new, refs=(ref,))


def _fetch(top: Path, name: str, deepen: str) -> str:
    """Return the nearest name that is there, and the command that fetches a branch or commit."""
    if "~" in name or "^" in name:
        return f"no commit is so far back; if the clone is shallow: {deepen}"
    near = refs.nearest_name(top, name)
    branch = name.removeprefix("origin/")
    target = f"{branch}:refs/remotes/{name}" if branch != name else name
    meant = f"did you mean {near}? else " if near else ""
    return f"{meant}git fetch origin {target}; if the clone is shallow: {deepen}"


def _find_job() -> ci.Base | None:
    path = os.environ.get("GITHUB_EVENT_PATH")
    try:
        event = json.loads(Path(path).read_bytes()) if path else {}
    except (OSError, ValueError):
        event = {}
    return ci.find(os.environ, event if isinstance(event, dict) else {})
