"""Which files there are below a target.

In a git repository git says what is there; elsewhere we walk. Paths are those by which rules judge (`naming`).
"""

# A path is made for every file of a tree: strings cost a tenth of `Path` objects.
# ruff: noqa: PTH112, PTH114, PTH116

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from keysift import patterns
from keysift.errors import SourceError
from keysift.files import naming, skips
from keysift.files.entries import GIT, Folder, Step, Walk, everything
from keysift.files.git_listing import listed
from keysift.files.reading import File
from keysift.files.walking import walked
from keysift.git import layout, process
from keysift.model import Skipped


def files(
    target: str, *, ignore: bool = True, exclude: Sequence[patterns.PatternList] = ()
) -> Iterator[File | Skipped]:
    """Yield every file below the directory `target`, or the file `target`, sorted by the bytes of their paths.

    `ignore` honours what git ignores; without it only what is inside of `.git` stays out. `exclude` holds lists of
    patterns, outermost first, whatever `ignore` is; `Naming` makes them.
    """
    paths = naming.of(target)
    if not os.path.isdir(target):
        yield named(target, paths.base, paths.target)
        return
    walk = Walk(paths.base, paths.target, ignore, tuple(exclude))
    pending: list[Iterator[Step]] = [iter([Folder(walk.start)])]
    while pending:
        step = next(pending[-1], None)
        if step is None:
            pending.pop()
        elif isinstance(step, Folder):
            pending.append(_inside(walk, step))
        else:
            yield step


def named(target: str, base: str, path: str) -> File | Skipped:
    """Return the file that the user named, `path` from `base`.

    What cannot be read of it makes the run incomplete: it was asked for.
    """
    try:
        mode = os.stat(target).st_mode
    except OSError as error:
        reason = skips.link_reason(target) if os.path.islink(target) else skips.reason(error)
        return Skipped(path, reason)
    if not stat.S_ISREG(mode):
        return Skipped(path, f"{skips.kind(mode)}, not a file (`-` reads standard input)")
    return File(base, path, named=True)


def _inside(walk: Walk, folder: Folder) -> Iterator[Step]:
    """Yield the files of a directory and the directories below it: all at once where git lists them."""
    found = _look(walk, folder)
    top = _repository(walk, folder, found)
    if top is None:
        yield from walked(walk, folder, None, found)
        return
    if not process.available():
        reason = "git is not installed: tracked files that are ignored were not looked for"
        yield Skipped(folder.path or ".", reason, expected=True)
        yield from walked(walk, folder, top, found)
        return
    try:
        steps = listed(walk, folder, top)
    except SourceError as error:
        reason = f"{error}; walked without git, so tracked files that are ignored are missing ({error.help})"
        yield Skipped(folder.path or ".", reason)
        yield from walked(walk, folder, top, found)
        return
    yield from steps


def _look(walk: Walk, folder: Folder) -> dict[str, int] | None:
    """Return what stands in a directory; None for one that cannot be listed."""
    try:
        return everything(walk, folder)
    except OSError:
        return None


def _repository(walk: Walk, folder: Folder, found: dict[str, int] | None) -> Path | None:
    """Return the top of the working tree to ask about `folder`: above it only for the target itself."""
    if folder.path != walk.start:
        # Nearly every directory has neither, and asking the system about each would be two calls more.
        if found is not None and "HEAD" not in found and GIT.isdisjoint(found):
            return None
        if not layout.is_repository(walk.place(folder.path)):
            return None
    return naming.working_tree(walk.place(folder.path))
