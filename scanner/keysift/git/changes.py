"""A path that takes on other bytes: what git's raw diffs say; https://git-scm.com/docs/diff-format."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

_SUBMODULE = "160000"


@dataclass(frozen=True, slots=True)
class Change:
    """What stands at a path after a commit, and what stood there before."""

    path: str
    """From the top of the repository, undecodable bytes as surrogates (PEP 383)."""
    before: tuple[str, ...]
    """The blob in each parent that has one; a merge has several parents."""
    after: str
    """The blob; empty where the path is gone, or is a submodule now."""
    commit: str = ""
    """Empty while it is only staged."""

    @property
    def arrives(self) -> bool:
        """Whether there are bytes that no parent has: a change of the mode alone brings none."""
        return bool(self.after) and self.after not in self.before


def changes(raw: bytes) -> Iterator[Change]:
    """The changes of a raw diff that git wrote with `-z` and without renames, the combined one of a merge included.

    With `diff-tree --stdin` the id of each commit stands before its changes.
    """
    parts = iter(raw.split(b"\0"))
    commit = ""
    for part in parts:
        if part.startswith(b":"):
            yield _change(part.decode("ascii"), os.fsdecode(next(parts)), commit)
        else:
            commit = part.decode("ascii").strip()


def _change(meta: str, path: str, commit: str) -> Change:
    """`:<mode> <mode> <oid> <oid> <status>`; with n parents n colons, and n + 1 of modes and oids."""
    fields = meta.lstrip(":").split(" ")
    count = (len(fields) - 1) // 2
    blobs = [
        "" if mode == _SUBMODULE or not oid.strip("0") else oid
        for mode, oid in zip(fields[:count], fields[count : 2 * count], strict=True)
    ]
    return Change(path, tuple(filter(None, blobs[:-1])), blobs[-1], commit)
