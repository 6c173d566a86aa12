"""Parse git's raw diffs: which paths take on other bytes; https://git-scm.com/docs/diff-format."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from keysift.records import dataclass

SUBMODULE_MODE = "160000"
_ABSENT = frozenset({"0" * 40, "0" * 64})


@dataclass(frozen=True, slots=True)
class Change:
    """A path, what stands there after a commit, and what stood there before."""

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
        """Return whether there are bytes that no parent has: a change of the mode alone brings none."""
        return bool(self.after) and self.after not in self.before


def parse_changes(fields: Iterable[bytes], commit: str = "") -> Iterator[Change]:
    r"""Yield the changes of a raw diff that git wrote with `-z` and `--no-renames`, split at its NULs.

    The combined diff of a merge is one of these. `commit` is the commit whose diff it is; with `diff-tree --stdin` a
    field of its own names each commit before its changes. With `log` a line break stands before the first change.
    """
    rest = iter(fields)
    for field in rest:
        if (start := field.find(b":")) >= 0:
            before, after = _parse_blobs(field[start:].lstrip(b":").decode("ascii", "replace"))
            yield Change(os.fsdecode(next(rest, b"")), before, after, commit)
        else:
            commit = field.strip().decode("ascii", "replace") or commit


def _parse_blobs(text: str) -> tuple[tuple[str, ...], str]:
    """Return the blobs before and after: `<mode> <mode> <oid> <oid> <status>`, and one more of each for each parent."""
    words = text.split(" ")
    count = (len(words) - 1) // 2
    oids = words[count : 2 * count]
    if SUBMODULE_MODE in words:
        oids = ["" if mode == SUBMODULE_MODE else oid for mode, oid in zip(words, oids, strict=False)]
    *before, after = ["" if oid in _ABSENT else oid for oid in oids]
    return tuple(filter(None, before)), after
