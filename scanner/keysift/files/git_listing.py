"""What git lists below a directory of a repository: it knows tracked files and every rule of ignoring.

The entries of the directories say what each name stands for, so that a link, or an index that lists
`../../etc/passwd`, never leads out of the target.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from keysift.files import skips
from keysift.files.absent import absent, told
from keysift.files.entries import GIT, USUAL, Folder, Step, Walk, entries, special
from keysift.files.reading import File
from keysift.files.walking import walked
from keysift.git import layout, process
from keysift.model import Skipped
from keysift.records import dataclass


def listed(walk: Walk, folder: Folder, top: Path) -> Iterator[Step]:
    """Return what git lists below `folder`, sorted; raises SourceError at once where git cannot."""
    above = os.path.relpath(os.path.realpath(walk.place(folder.path)), top).replace(os.sep, "/")
    above = "" if above == "." else above + "/"
    if walk.ignore and above and _is_ignored(top, above):
        # Named although git ignores it: what is inside is wanted.
        return walked(walk, folder)
    exclude = ["--exclude-standard"] if walk.ignore else []
    answer = process.run(
        top, "ls-files", "-z", "-t", "--stage", "--cached", "--others", *exclude, "--", *([above] if above else [])
    )
    directories = _Directories(walk, folder.path)
    steps = _steps(directories, os.fsdecode(answer.stdout), above, folder.lead)
    missing = told(walk, directories.missing.values(), directories.kind)
    steps |= {step.path: step for step in missing if step.path not in steps}
    steps |= directories.left_out | _unreadable(answer.stderr, above, folder.lead)
    return iter([steps[path] for path in sorted(steps, key=os.fsencode)])


def _steps(directories: _Directories, answer: str, above: str, lead: str) -> dict[str, Step]:
    """Return the steps that the lines of git stand for, by path; `lead` takes the place of `above` before each."""
    steps: dict[str, Step] = {}
    here, found = directories.start, directories.inside(directories.start)
    for line in answer.split("\0")[:-1]:
        # Untracked: `? path`. Tracked: `H 100644 <object> <stage>`, a tab, the path. Either path may hold tabs.
        tag, path = ("", line[2:]) if line.startswith("?") else line.split("\t", 1)
        path = lead + path[len(above) :]
        directory, _, name = path.rpartition("/")
        if directory != here:
            here, found = directory, directories.inside(directory)
        if found.get(name) == stat.S_IFREG and not path.startswith("/"):
            steps[path] = File(directories.walk.root, path, bool(tag))
        elif (step := _step(directories, path, tag)) is not None:
            steps[f"{step.path}/" if isinstance(step, Folder) else path] = step
    return steps


def _step(directories: _Directories, path: str, tag: str) -> Step | None:
    """Return what a line of git's that is no plain file stands for; None for what is not there, or behind a link.

    What is tracked and not there is noted.
    """
    if path.startswith("/"):
        # Only a forged index holds such a path, and it would lead to another place than the one looked at here.
        return None
    nested = path.endswith("/")
    kind = directories.kind(path.removesuffix("/"))
    if kind == stat.S_IFREG and not nested:
        return File(directories.walk.root, path, tracked=bool(tag))
    if kind == stat.S_IFLNK:
        return directories.walk.link(path)
    is_submodule = " 160000 " in tag
    is_folder = kind == stat.S_IFDIR and (nested or is_submodule)
    if tag and (not is_folder or not layout.is_repository(directories.walk.place(path))):
        directories.note_missing(path, tag)
    # Another repository: untracked, or a submodule.
    return Folder(path.rstrip("/")) if is_folder else None


def _is_ignored(top: Path, path: str) -> bool:
    """Return whether git ignores the directory `path` itself."""
    return process.run(top, "check-ignore", "--quiet", "--", f"./{path}", accept=(0, 1)).returncode == 0


def _unreadable(warnings: bytes, above: str, lead: str) -> dict[str, Step]:
    """Return the directories that git could not look into, by its warnings."""
    found = re.findall(r"^warning: could not open directory '(.*?)/?': (.*)$", os.fsdecode(warnings), re.MULTILINE)
    paths = ((lead + path[len(above) :], why) for path, why in found)
    return {path: Skipped(path or ".", f"directory not readable: {why.lower()}") for path, why in paths}


@dataclass(slots=True)
class _Directories:
    """The directories that were looked into during one listing, each once."""

    walk: Walk
    start: str
    found: dict[str, dict[str, int]] = field(default_factory=dict)
    left_out: dict[str, Step] = field(default_factory=dict)
    """What stands in them and is no input, by path: FIFOs and the like, and directories that cannot be read."""
    missing: dict[str, Skipped] = field(default_factory=dict)
    """What git tracks and is not there, by path."""

    def note_missing(self, path: str, tag: str) -> None:
        """Note an entry of the index that is not on the disk."""
        entry = absent(path, tag)
        if entry:
            self.missing[entry.path] = entry

    def kind(self, path: str) -> int:
        """Return the file type (`stat.S_IFREG`, ...) of `path`, 0 when there is none or it lies behind a link."""
        directory, _, name = path.rpartition("/")
        found = self.inside(directory)
        return found.get(name) or self._other_spelling(directory, name, found)

    def inside(self, directory: str) -> dict[str, int]:
        """Return names and types of what stands in `directory`; nothing if any part of the way there is a link."""
        found = self.found.get(directory)
        if found is None:
            found = self.found[directory] = self._below(directory)
        return found

    def _below(self, directory: str) -> dict[str, int]:
        """Return the entries of `directory`, having made sure of each directory on the way down from the start."""
        here = self.start
        found = self._look(here)
        for name in _parts(directory, below=here):
            kind = found.get(name) or self._other_spelling(here, name, found)
            if kind != stat.S_IFDIR:
                return {}
            here = f"{here}/{name}" if here else name
            found = self._look(here)
        return found

    def _look(self, directory: str) -> dict[str, int]:
        """Return the entries of a directory that is known to be one."""
        known = self.found.get(directory)
        if known is not None:
            return known
        folder = Folder(directory)
        try:
            found = entries(self.walk, folder)
        except OSError as error:
            self.left_out[directory] = skips.directory(directory, error)
            found = {}
        if not USUAL.issuperset(found.values()):
            self.left_out |= {step.path: step for step in special(folder, found)}
        self.found[directory] = found
        return found

    def _other_spelling(self, directory: str, name: str, found: dict[str, int]) -> int:
        """Return the type of a name that this file system finds in another spelling (case, accents) than git has it."""
        if not _SPELLS_FREELY or not found or name in ("", ".", "..") or name in GIT:
            return 0
        try:
            return stat.S_IFMT(os.lstat(self.walk.place(f"{directory}/{name}" if directory else name)).st_mode)
        except OSError:
            return 0


def _parts(directory: str, *, below: str) -> list[str]:
    """Return the names from `below` down to `directory`."""
    if directory == below:
        return []
    return directory[len(below) + 1 if below else 0 :].split("/")


# macOS and Windows. Elsewhere a name that is not in its directory is simply gone, and asking again only costs.
_SPELLS_FREELY = sys.platform in ("darwin", "win32", "cygwin")
