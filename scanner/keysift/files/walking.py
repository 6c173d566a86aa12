"""What is in a directory where git lists nothing: by the ignore files that git would read."""

# Paths are strings, as everywhere in this room.
# ruff: noqa: PTH111, PTH117, PTH118

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from keysift import patterns
from keysift.files import skips
from keysift.files.entries import Folder, Step, Walk, chosen, everything
from keysift.files.reading import File, read
from keysift.git import process
from keysift.model import Blob

_LARGEST_LIST = 1_000_000
"""Bytes of a `.gitignore` that are read."""


def walked(walk: Walk, folder: Folder, top: Path | None = None, found: dict[str, int] | None = None) -> Iterator[Step]:
    """Yield what is in one directory.

    `top` is the repository that git could not list, where there is one; `found` are the entries if they are known.
    """
    try:
        found = chosen(walk, folder, everything(walk, folder) if found is None else found)
    except OSError as error:
        yield skips.directory(folder.path, error)
        return
    rules = _rules_here(walk, folder, found, top) if walk.ignore else ()
    root, lead = walk.root, folder.lead
    for name, kind in _in_order(found):
        path = lead + name
        if rules and patterns.ignored(rules, os.fsencode(path), directory=kind == stat.S_IFDIR):
            continue
        if kind == stat.S_IFREG:
            yield File(root, path)
        elif kind == stat.S_IFDIR:
            yield Folder(path, rules)
        elif kind == stat.S_IFLNK:
            yield walk.link(path)
        else:
            yield skips.special(path, kind)


def _in_order(found: dict[str, int]) -> list[tuple[str, int]]:
    """Return entries in the order of git's: by bytes, directories as if a slash followed their names."""
    names = sorted(f"{name}/" if kind == stat.S_IFDIR else name for name, kind in found.items())
    if not "".join(names).isascii():
        names.sort(key=os.fsencode)
    return [(name, found[name]) if name in found else (name[:-1], stat.S_IFDIR) for name in names]


def _rules_here(
    walk: Walk, folder: Folder, found: dict[str, int], top: Path | None
) -> tuple[patterns.PatternList, ...]:
    """Return the lists that hold in a directory: those from further out, and its own."""
    outer = _first_rules(walk, folder, top) if folder.rules is None or top is not None else folder.rules
    own = _list(walk, folder.lead + ".gitignore", folder.lead) if found.get(".gitignore") == stat.S_IFREG else ()
    return (*outer, *own)


def _first_rules(walk: Walk, folder: Folder, top: Path | None) -> tuple[patterns.PatternList, ...]:
    """Return the lists that hold where a walk starts: the user's own, and those between `top` and the directory."""
    lists = _list(walk, _user_list(), folder.lead, named=True)
    if top is None:
        return lists
    inner = os.path.relpath(os.path.realpath(walk.place(folder.path)), top).replace(os.sep, "/")
    parts = [] if inner == "." else inner.split("/")
    lead = folder.lead.removesuffix("".join(f"{part}/" for part in parts))
    lists += _list(walk, os.path.join(top, ".git", "info", "exclude"), lead)
    for depth in range(len(parts)):
        below = lead + "".join(f"{part}/" for part in parts[:depth])
        lists += _list(walk, f"{below}.gitignore", below)
    return lists


def _list(walk: Walk, path: str, lead: str, *, named: bool = False) -> tuple[patterns.PatternList, ...]:
    """Return the patterns of a file that speaks of the directory `lead`; a link is followed if the user named it."""
    root, name = os.path.split(path) if os.path.isabs(path) else (walk.root, path)
    blob = read(File(root, name, named=named), _LARGEST_LIST)
    return (patterns.parse(blob.data, below=os.fsencode(lead)),) if isinstance(blob, Blob) else ()


def _user_list() -> str:
    """Return where the user's own list is; https://git-scm.com/docs/gitignore has the default."""
    if process.available() and (named := process.excludes_file()):
        return named
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(home, "git", "ignore")
