"""What a repository keeps beside its objects: configuration, hooks, logs, lists of refs, messages, states of a rebase.

Addresses with a token in them (`https://user:token@host/`) stand in `config`, in `FETCH_HEAD`, in the logs, and in the
configuration of submodules under `modules/`. `keysift scan` promises the working tree alone; this is for `audit`.
"""

# As everywhere in this room, paths are strings here.
# ruff: noqa: PTH118, PTH208

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from keysift.files.reading import File, read
from keysift.model import Blob, Skipped

LARGEST = 64 << 20
"""Bytes of one of these files; none that git writes comes near."""
_OBJECTS = frozenset({"objects", "index", "fsmonitor--daemon"})
"""Read as objects, or without a text of anyone's."""
_DEEPEST = 64


def repository_files(git_dir: str) -> Iterator[Blob | Skipped]:
    """Every file of a `.git` directory but objects, index and the samples of hooks, by path; links are not followed.

    Paths start with `.git/`, whatever the directory is called. Blobs may have an inside: a stray archive, say.
    """
    yield from _below(str(Path(git_dir).absolute()), "", 0)


def _below(root: str, directory: str, depth: int) -> Iterator[Blob | Skipped]:
    try:
        names = sorted(os.listdir(os.path.join(root, directory)), key=os.fsencode)
    except OSError as error:
        yield Skipped(f".git/{directory}".rstrip("/"), f"directory not readable: {(error.strerror or '').lower()}")
        return
    for name in names:
        path = f"{directory}/{name}" if directory else name
        if (name in _OBJECTS and "HEAD" in names) or name.endswith(".sample"):
            continue  # elsewhere than in a git directory, a submodule or a branch may be called so
        try:
            kind = stat.S_IFMT(os.lstat(os.path.join(root, path)).st_mode)
        except OSError:
            continue  # gone meanwhile, as lock files are
        if kind == stat.S_IFDIR and depth < _DEEPEST:
            yield from _below(root, path, depth + 1)
        elif kind == stat.S_IFREG:
            yield _read(root, path)


def _read(root: str, path: str) -> Blob | Skipped:
    found = read(File(root, path), LARGEST)
    if isinstance(found, Blob):
        return Blob(f".git/{path}", found.data)
    return Skipped(f".git/{path}", found.reason, expected="vanished" in found.reason)
