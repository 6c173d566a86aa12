"""Files on disk: which ones there are below a target, and what is in them.

In a git repository git says what is there (it knows tracked files and every rule of ignoring); elsewhere we walk.
Either way the entries of the directories themselves say what a name stands for, so that a link, or an index that
lists `../../etc/passwd`, never leads out of the target.
"""

# A path is made for every file of a tree: strings cost a tenth of `Path` objects.
# ruff: noqa: PTH100, PTH109, PTH111, PTH112, PTH114, PTH116, PTH118, PTH206

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from keysift.errors import SourceError, UsageError
from keysift.files import ignore as ignoring
from keysift.git import layout, process
from keysift.model import Blob, Skipped

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@dataclass(frozen=True, slots=True)
class File:
    """A file to read: `path` with `/` between its parts, undecodable bytes as surrogates (PEP 383)."""

    root: str
    """The absolute directory that `path` starts from: the target, or the current directory for a named file."""
    path: str
    tracked: bool = False
    """Whether git tracks it; False outside git, and for named files, where nobody asked git."""
    named: bool = False
    """Whether the user named this file: then a link is followed."""


@dataclass(frozen=True, slots=True)
class _Folder:
    """A directory still to be walked."""

    path: str
    """Relative to the target, empty for the target itself."""
    rules: tuple[ignoring.Rules, ...] | None = None
    """The lists of patterns that hold here, outermost first; None where a walk starts."""


@dataclass(frozen=True, slots=True)
class _Walk:
    """What was asked: the same for every directory."""

    root: str
    ignore: bool
    exclude: GitIgnoreSpec | None

    def place(self, path: str) -> str:
        """Where `path` is on this machine."""
        return os.path.join(self.root, path) if path else self.root


_Step = File | Skipped | _Folder

_MODES = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a directory",
}

_GIT = frozenset(map("".join, product(".", "gG", "iI", "tT")))
"""The names of what is git's own: file systems that ignore case take all of them for `.git`."""

_USUAL = frozenset({stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK})

_LARGEST_LIST = 1_000_000
"""Bytes of a `.gitignore` that are read."""


def files(target: str, *, ignore: bool = True, exclude: Sequence[str] = ()) -> Iterator[File | Skipped]:
    """Every file below the directory `target`, or the file `target`, sorted by the bytes of their paths.

    Paths are relative to a directory and as typed for a file. `ignore` honours what git ignores; without it only
    what is inside of `.git` stays out. `exclude` holds gitignore patterns relative to `target`, whatever `ignore` is.
    """
    if not os.path.isdir(target):
        yield _named(target)
        return
    walk = _Walk(os.path.abspath(target), ignore, patterns(exclude))
    pending: list[Iterator[_Step]] = [iter([_Folder("")])]
    while pending:
        step = next(pending[-1], None)
        if step is None:
            pending.pop()
        elif isinstance(step, _Folder):
            pending.append(_inside(walk, step))
        else:
            yield step


def _named(target: str) -> File | Skipped:
    """The file that the user named; what cannot be read of it makes the run incomplete, since it was asked for."""
    path = target.replace(os.sep, "/")
    try:
        mode = os.stat(target).st_mode
    except OSError as error:
        return Skipped(path, _link_reason(target) if os.path.islink(target) else _reason(error))
    if not stat.S_ISREG(mode):
        return Skipped(path, f"{_kind_name(mode)}, not a file (`-` reads standard input)")
    return File(os.getcwd(), path, named=True)


# --- Which way to go through a directory ------------------------------------------------------------------------------


def _inside(walk: _Walk, folder: _Folder) -> Iterator[_Step]:
    """The files of a directory and the directories below it: all at once where git lists them."""
    top = _repository(walk, folder)
    if top is None:
        yield from _walked(walk, folder, None)
        return
    if not process.available():
        reason = "git is not installed: tracked files that are ignored were not looked for"
        yield Skipped(folder.path or ".", reason, expected=True)
        yield from _walked(walk, folder, top)
        return
    try:
        steps = _listed(walk, folder, top)
    except SourceError as error:
        reason = f"{error}; walked without git, so tracked files that are ignored are missing ({error.help})"
        yield Skipped(folder.path or ".", reason)
        yield from _walked(walk, folder, top)
        return
    yield from steps


def _repository(walk: _Walk, folder: _Folder) -> Path | None:
    """The top of the working tree to ask about `folder`: above it only for the target itself."""
    place = walk.place(folder.path)
    if folder.path and not (_may_be_repository(place) and layout.is_repository(place)):
        return None
    top = layout.toplevel(place)
    return None if top is None or layout.is_bare(top) else top


def _may_be_repository(place: str) -> bool:
    """False for nearly every directory, for two system calls."""
    return os.path.lexists(place + "/.git") or os.path.lexists(place + "/HEAD")


# --- With git ---------------------------------------------------------------------------------------------------------


def _listed(walk: _Walk, folder: _Folder, top: Path) -> Iterator[_Step]:
    """What git lists below `folder`, sorted; raises SourceError at once where git cannot."""
    above = os.path.relpath(os.path.realpath(walk.place(folder.path)), top).replace(os.sep, "/")
    above = "" if above == "." else above + "/"
    if walk.ignore and above and _is_ignored(top, above):
        # Named although git ignores it: what is inside is wanted.
        return _walked(walk, folder, None)
    exclude = ["--exclude-standard"] if walk.ignore else []
    answer = process.run(
        top, "ls-files", "-z", "-t", "--stage", "--cached", "--others", *exclude, "--", *([above] if above else [])
    )
    lead = folder.path + "/" if folder.path else ""
    directories = _Directories(walk, folder.path)
    steps: dict[str, _Step] = {}
    here, entries = folder.path, directories.inside(folder.path)
    for line in os.fsdecode(answer.stdout).split("\0")[:-1]:
        # Untracked: `? path`. Tracked: `H 100644 <object> <stage>`, a tab, the path. Either path may hold tabs.
        tag, path = ("", line[2:]) if line.startswith("?") else line.split("\t", 1)
        path = lead + path[len(above) :]
        directory, _, name = path.rpartition("/")
        if directory != here:
            here, entries = directory, directories.inside(directory)
        if entries.get(name) == stat.S_IFREG and not path.startswith("/"):
            steps[path] = File(walk.root, path, bool(tag))
        elif (step := _listed_step(directories, path, tag)) is not None:
            steps[f"{step.path}/" if isinstance(step, _Folder) else path] = step
    steps |= directories.left_out | _unreadable(answer.stderr, above, lead)
    return iter([steps[path] for path in sorted(steps, key=os.fsencode)])


def _listed_step(directories: _Directories, path: str, tag: str) -> _Step | None:
    """What to do about a line of git's that is no plain file; None for what is not there, or behind a link."""
    if path.startswith("/"):
        # Only a forged index holds such a path, and it would lead to another place than the one looked at here.
        return None
    nested = path.endswith("/")
    kind = directories.kind(path.removesuffix("/"))
    if kind == stat.S_IFREG and not nested:
        return File(directories.walk.root, path, tracked=bool(tag))
    if kind == stat.S_IFLNK:
        return _skipped_link(directories.walk, path)
    if kind == stat.S_IFDIR and (nested or " 160000 " in tag):
        # Another repository: untracked, or a submodule.
        return _Folder(path.rstrip("/"))
    return None


def _is_ignored(top: Path, path: str) -> bool:
    """Whether git ignores the directory `path` itself."""
    return process.run(top, "check-ignore", "--quiet", "--", f"./{path}", accept=(0, 1)).returncode == 0


def _unreadable(warnings: bytes, above: str, lead: str) -> dict[str, _Step]:
    """The directories that git could not look into, by its warnings."""
    found = re.findall(r"^warning: could not open directory '(.*?)/?': (.*)$", os.fsdecode(warnings), re.MULTILINE)
    paths = ((lead + path[len(above) :], why) for path, why in found)
    return {path: Skipped(path or ".", f"directory not readable: {why.lower()}") for path, why in paths}


@dataclass(slots=True)
class _Directories:
    """The directories that were looked into during one listing, each once."""

    walk: _Walk
    start: str
    entries: dict[str, dict[str, int]] = field(default_factory=dict)
    left_out: dict[str, _Step] = field(default_factory=dict)
    """What stands in them and is no input, by path: FIFOs and the like, and directories that cannot be read."""

    def kind(self, path: str) -> int:
        """The file type (`stat.S_IFREG`, ...) of `path`, 0 when there is none or it lies behind a link."""
        directory, _, name = path.rpartition("/")
        entries = self.inside(directory)
        return entries.get(name) or self._other_spelling(directory, name, entries)

    def inside(self, directory: str) -> dict[str, int]:
        """Name and type of what stands in `directory`; nothing when any part of the way there is a link."""
        entries = self.entries.get(directory)
        if entries is None:
            entries = self.entries[directory] = self._below(directory)
        return entries

    def _below(self, directory: str) -> dict[str, int]:
        """The entries of `directory`, having made sure of each directory on the way down from the start."""
        here = self.start
        entries = self._look(here)
        for name in _parts(directory, below=here):
            kind = entries.get(name) or self._other_spelling(here, name, entries)
            if kind != stat.S_IFDIR:
                return {}
            here = f"{here}/{name}" if here else name
            entries = self._look(here)
        return entries

    def _look(self, directory: str) -> dict[str, int]:
        """The entries of a directory that is known to be one."""
        known = self.entries.get(directory)
        if known is not None:
            return known
        try:
            found = _entries(self.walk, directory)
        except OSError as error:
            self.left_out[directory] = _skipped_directory(directory, error)
            found = {}
        if not _USUAL.issuperset(found.values()):
            self.left_out |= {step.path: step for step in _special(directory, found)}
        self.entries[directory] = found
        return found

    def _other_spelling(self, directory: str, name: str, entries: dict[str, int]) -> int:
        """The type of a name that this file system finds in another spelling (case, accents) than git has it."""
        if not _SPELLS_FREELY or not entries or name in ("", ".", "..") or name in _GIT:
            return 0
        try:
            return stat.S_IFMT(os.lstat(self.walk.place(f"{directory}/{name}" if directory else name)).st_mode)
        except OSError:
            return 0


def _parts(directory: str, *, below: str) -> list[str]:
    """The names from `below` down to `directory`."""
    if directory == below:
        return []
    return directory[len(below) + 1 if below else 0 :].split("/")


# macOS and Windows. Elsewhere a name that is not in its directory is simply gone, and asking again only costs.
_SPELLS_FREELY = sys.platform in ("darwin", "win32", "cygwin")


# --- Without git ------------------------------------------------------------------------------------------------------


def _walked(walk: _Walk, folder: _Folder, top: Path | None) -> Iterator[_Step]:
    """What is in one directory; `top` is the repository that git could not list, where there is one."""
    try:
        entries = _entries(walk, folder.path)
    except OSError as error:
        yield _skipped_directory(folder.path, error)
        return
    rules = _rules_here(walk, folder, entries, top) if walk.ignore else ()
    lead = folder.path + "/" if folder.path else ""
    names = ((name + "/" if kind == stat.S_IFDIR else name, kind) for name, kind in entries.items())
    for name, kind in sorted(names, key=lambda entry: os.fsencode(entry[0])):
        path = lead + name.rstrip("/")
        if rules and ignoring.ignored(rules, os.fsencode(path), directory=kind == stat.S_IFDIR):
            continue
        if kind == stat.S_IFREG:
            yield File(walk.root, path)
        elif kind == stat.S_IFDIR:
            yield _Folder(path, rules)
        elif kind == stat.S_IFLNK:
            yield _skipped_link(walk, path)
        else:
            yield _skipped_special(path, kind)


def _rules_here(walk: _Walk, folder: _Folder, entries: dict[str, int], top: Path | None) -> tuple[ignoring.Rules, ...]:
    """The lists that hold in a directory: those from further out, and its own."""
    outer = _first_rules(walk, folder, top) if folder.rules is None or top is not None else folder.rules
    if entries.get(".gitignore") != stat.S_IFREG:
        return outer
    own = read(File(walk.root, f"{folder.path}/.gitignore" if folder.path else ".gitignore"), _LARGEST_LIST)
    strip = len(os.fsencode(folder.path)) + 1 if folder.path else 0
    return (*outer, ignoring.rules(own.data, strip=strip)) if isinstance(own, Blob) else outer


def _first_rules(walk: _Walk, folder: _Folder, top: Path | None) -> tuple[ignoring.Rules, ...]:
    """The lists that hold where a walk starts: the user's own, and those between `top` and the directory."""
    strip = len(os.fsencode(folder.path)) + 1 if folder.path else 0
    lists = [(_user_list(), "", strip)]
    if top is not None:
        below = os.path.relpath(os.path.realpath(walk.place(folder.path)), top).replace(os.sep, "/")
        parts = [] if below == "." else below.split("/")
        lists.append((os.path.join(top, ".git", "info", "exclude"), "".join(part + "/" for part in parts), strip))
        for depth in range(len(parts)):
            place = os.path.join(top, *parts[:depth], ".gitignore")
            lists.append((place, "".join(part + "/" for part in parts[depth:]), strip))
    # Links are followed for the first alone, which is the user's own.
    blobs = [
        (read(File(walk.root, place, named=number == 0), _LARGEST_LIST), lead, strip)
        for number, (place, lead, strip) in enumerate(lists)
    ]
    return tuple(
        ignoring.rules(blob.data, lead=os.fsencode(lead), strip=strip)
        for blob, lead, strip in blobs
        if isinstance(blob, Blob)
    )


def _user_list() -> str:
    """Where the user's own list is; https://git-scm.com/docs/gitignore has the default."""
    if process.available() and (named := process.excludes_file()):
        return named
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(home, "git", "ignore")


# --- Entries of a directory -------------------------------------------------------------------------------------------


def _entries(walk: _Walk, directory: str) -> dict[str, int]:
    """Name and file type of what stands in a directory, without `.git` and what the user excludes. Raises OSError."""
    with os.scandir(walk.place(directory)) as entries:
        found = {
            entry.name: stat.S_IFREG if entry.is_file(follow_symlinks=False) else _type(entry) for entry in entries
        }
    for name in _GIT & found.keys():
        del found[name]
    if walk.exclude is None:
        return found
    lead = directory + "/" if directory else ""
    return {
        name: kind
        for name, kind in found.items()
        if not walk.exclude.match_file(lead + name + ("/" if kind == stat.S_IFDIR else ""))
    }


def patterns(exclude: Sequence[str]) -> GitIgnoreSpec | None:
    """What the user excludes. Raises UsageError."""
    if not exclude:
        return None
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - 25 ms that most runs need not pay

    try:
        return GitIgnoreSpec.from_lines(exclude)
    except ValueError as error:
        raise UsageError(f"not a pattern: {error}", help="patterns to exclude are written as in .gitignore") from error


def _type(entry: os.DirEntry[str]) -> int:
    """The file type of an entry that is no plain file; the usual ones cost no system call."""
    if entry.is_dir(follow_symlinks=False):
        return stat.S_IFDIR
    if entry.is_symlink():
        return stat.S_IFLNK
    try:
        return stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode)
    except OSError:
        return 0


def _special(directory: str, entries: dict[str, int]) -> Iterator[Skipped]:
    """The entries that are neither files nor directories nor links."""
    lead = directory + "/" if directory else ""
    for name, kind in entries.items():
        if kind not in _USUAL:
            yield _skipped_special(lead + name, kind)


# --- Reasons ----------------------------------------------------------------------------------------------------------


def _skipped_special(path: str, kind: int) -> Skipped:
    return Skipped(path, f"{_kind_name(kind)}, not a file", expected=True)


def _skipped_directory(path: str, error: OSError) -> Skipped:
    return Skipped(path or ".", f"directory not readable: {_reason(error)}")


def _skipped_link(walk: _Walk, path: str) -> Skipped:
    """A link that was met: never followed, since what it points to is scanned in its own place or was not asked for."""
    return Skipped(path, _link_reason(walk.place(path), walk.root), expected=True)


def _link_reason(place: str, root: str = "") -> str:
    """What kind of link stands at `place`, and where it points as seen from `root`."""
    try:
        os.stat(place)
    except OSError as error:
        return "symbolic link that leads back to itself" if error.errno == errno.ELOOP else "broken symbolic link"
    if not root:
        return "symbolic link"
    outside = os.path.relpath(os.path.realpath(place), os.path.realpath(root)).split(os.sep)[0] == ".."
    return f"symbolic link to something {'outside' if outside else 'inside'} the target, not followed"


def _kind_name(mode: int) -> str:
    return _MODES.get(stat.S_IFMT(mode), "neither a file nor a directory")


def _reason(error: OSError) -> str:
    """The words of the system: `permission denied`."""
    return (error.strerror or str(error) or type(error).__name__).lower()


# --- Reading ----------------------------------------------------------------------------------------------------------

# What a system does not have, it does not need: Windows opens text by default and knows no terminals to fall into.
_READING = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT")
)
_NOT_FOLLOWING = _READING | getattr(os, "O_NOFOLLOW", 0)


def read(file: File, limit: int) -> Blob | Skipped:
    """The bytes of a file of at most `limit` bytes, or why it has none to offer.

    Never waits (a FIFO that took the file's place has no writer) and never keeps more than `limit` bytes and one.
    """
    found = read_or_size(file, limit)
    return too_large(file, found, limit) if isinstance(found, int) else found


def read_or_size(file: File, limit: int) -> Blob | int | Skipped:
    """The same; but of a longer file its size in bytes, as far as that is known."""
    found = _descriptor(file)
    if isinstance(found, Skipped):
        return found
    descriptor, size = found
    try:
        if size > limit:
            return size
        data = os.read(descriptor, size + 1)
        if len(data) != size:
            data = _rest(descriptor, data, limit)
    except OSError as error:
        return Skipped(file.path, _reason(error))
    finally:
        os.close(descriptor)
    return Blob(file.path, data) if len(data) <= limit else len(data)


def opened(file: File) -> BinaryIO | Skipped:
    """A file of any length, open for reading, or why it cannot be opened."""
    found = _descriptor(file)
    return found if isinstance(found, Skipped) else os.fdopen(found[0], "rb", buffering=0)


def _descriptor(file: File) -> tuple[int, int] | Skipped:
    """A file opened, and its size."""
    try:
        descriptor = os.open(os.path.join(file.root, file.path), _READING if file.named else _NOT_FOLLOWING)
    except OSError as error:
        return _not_opened(file, error)
    try:
        status = os.fstat(descriptor)
    except OSError as error:
        os.close(descriptor)
        return Skipped(file.path, _reason(error))
    if stat.S_ISREG(status.st_mode):
        return descriptor, status.st_size
    os.close(descriptor)
    return Skipped(file.path, f"{_kind_name(status.st_mode)}, not a file", expected=not file.named)


def _rest(descriptor: int, data: bytes, limit: int) -> bytes:
    """`data` and what follows, one byte over the limit at most: for files that grow, and those that hide their size."""
    parts = [data]
    missing = limit + 1 - len(data)
    while data and missing > 0:
        data = os.read(descriptor, min(missing, 1 << 20))
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)


def _not_opened(file: File, error: OSError) -> Skipped:
    """Why a file that was listed does not open."""
    place = os.path.join(file.root, file.path)
    if not file.named and os.path.islink(place):
        return Skipped(file.path, _link_reason(place, file.root), expected=True)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Skipped(file.path, "vanished during the scan", expected=True)
    if error.errno == errno.ENXIO:
        return Skipped(file.path, "a socket or a device, not a file", expected=not file.named)
    return Skipped(file.path, _reason(error))


def too_large(file: File, size: int, limit: int) -> Skipped:
    """What is said of a file over the limit that the user set."""
    return Skipped(file.path, f"{size:,} bytes or more, over the limit of {limit:,}", expected=True)
