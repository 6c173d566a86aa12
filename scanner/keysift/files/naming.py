"""How the paths of one target read: for the rules that judge, in a report, for a code host, beside a file.

Inside of a run a path is relative to the *base* of its target, and rules judge by it: the top of the working tree;
outside of git the target itself, or for a named file the current directory where that holds it. So neither the
directories above nor the way in which a target was typed has a say. `named` turns the paths of results into those of
reports, once, between acceptances and tally.
"""

# Paths are strings, as everywhere in this room.
# ruff: noqa: PTH109, PTH112, PTH117, PTH119, PTH120

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from keysift import patterns
from keysift.git import layout
from keysift.model import Finding, Gone, Location, ScanResult, Skipped
from keysift.records import dataclass

_Place = TypeVar("_Place", Location, Skipped, Gone)
_NO_FILE = re.compile(
    r"(?:(?:commit|tag) (?:message|header)|tagged blob|standard input|\(no path\))(?: of [0-9a-f]+)?"
    r"|\((?:object [0-9a-f]+|names of (?:refs|files))\)"
    r"|(?:tag|tree|object) [0-9a-f]{40,}|\.git/.*"
    r"|the (?:index|tree of HEAD|graph of commits|changes of commit [0-9a-f]+|rest)"
    r"|history before the shallow boundary|objects that (?:were filtered out|git cannot list)",
    re.DOTALL,
)
"""Names of what is no file of the working tree; `git.messages` and the room of histories give them."""


@dataclass(frozen=True, slots=True)
class Naming:
    """The paths of one target. All directories are absolute, free of links, with `/` between their parts."""

    base: str
    """The directory that the paths of a run start from."""
    target: str
    """The target as such a path; empty where it is the base itself."""
    shown_from: str
    """The directory that the paths of reports start from; empty where they are absolute."""
    repository: str
    """The top of the working tree, by which code hosts go; empty outside of git."""

    def shown(self, path: str) -> str:
        """Return a path as reports show it: relative to the current directory if that holds the target."""
        return _from(self.shown_from, self.base, path)

    def in_repository(self, path: str) -> str:
        """Return a path as it reads from the top of the repository, absolute outside of any."""
        return _from(self.repository, self.base, path)

    def beside(self, path: str, origin: str) -> str:
        """Return a path as it reads from the directory of the file `origin`; as it is where that does not hold it.

        An `origin` that is empty, or of a commit (`COMMIT:NAME`), speaks from the base.
        """
        above, below = _frame(self.base, origin)
        return above + path.removeprefix(below)

    def stated(self, stated: Sequence[str], origin: str) -> patterns.PatternList:
        """Return patterns that the file `origin` states."""
        above, below = _frame(self.base, origin)
        return patterns.of(stated, above=above, below=below)

    def named_one_by_one(self) -> Naming:
        """Return the same for files of the target that were named: each is relative if the current directory has it."""
        return replace(self, shown_from=_current())

    def typed(self, stated: Sequence[str]) -> patterns.PatternList:
        """Return patterns that are relative to the target, as on the command line."""
        return patterns.of(stated, below=f"{self.target}/" if self.target else "")


def of(target: str) -> Naming:
    """Return how the paths of a target read; it need not be there. `-` stands for standard input."""
    here = _current()
    if target == "-":
        return Naming(here, "", here, _top(here))
    if os.path.isdir(target):
        place = directory = _real(target)
    else:
        directory = _real(os.path.dirname(target) or ".")
        place = f"{directory.rstrip('/')}/{os.path.basename(target)}"
    top = _top(directory)
    base = top or (place if place == directory else here if _below(here, place) is not None else directory)
    shown_from = here if here and _below(here, place) is not None else ""
    return Naming(base, _below(base, place) or "", shown_from, top)


def working_tree(directory: str | os.PathLike[str]) -> Path | None:
    """Return the top of the working tree that holds a directory; None outside of git, and in a bare repository."""
    top = layout.toplevel(directory)
    return None if top is None or layout.is_bare(top) else top


def is_no_file(path: str) -> bool:
    """Return True for the words that stand where no file has a path: `commit message`, `the index`."""
    return bool(_NO_FILE.fullmatch(path))


def from_report(path: str, origin: str) -> str:
    """Return a path of a report as it reads from the directory of the file `origin`; as it is outside of that."""
    directory = _directory(origin)
    place = path if os.path.isabs(path) else f"{_current()}/{path}"
    inner = _below(directory, place) if directory else None
    return path if inner is None else inner


def named(results: Iterable[ScanResult], paths: Naming) -> Iterator[ScanResult]:
    """Yield results with the paths of reports."""
    for result in results:
        if paths.base == paths.shown_from == paths.repository or not (result.findings or result.skipped):
            yield result
        else:
            yield replace(
                result,
                findings=tuple(named_finding(finding, paths) for finding in result.findings),
                skipped=tuple(named_place(skipped, paths) for skipped in result.skipped),
            )


def named_finding(finding: Finding, paths: Naming) -> Finding:
    """Return a finding with the paths of reports."""
    return replace(finding, locations=tuple(named_place(location, paths) for location in finding.locations))


def named_place(place: _Place, paths: Naming) -> _Place:
    """Return a place with the path of reports; what is no file keeps its name."""
    if is_no_file(place.path):
        return place
    shown, in_repository = paths.shown(place.path), paths.in_repository(place.path)
    return replace(place, path=shown, repository_path="" if in_repository == shown else in_repository)


# --- Directories ------------------------------------------------------------------------------------------------------


def _current() -> str:
    """Return the current directory, empty where it is gone."""
    try:
        return _slashes(os.getcwd())
    except OSError:
        return ""


def _real(directory: str) -> str:
    return _slashes(os.path.realpath(directory))


def _slashes(path: str) -> str:
    return path.replace(os.sep, "/")


def _top(directory: str) -> str:
    top = working_tree(directory)
    return _slashes(str(top)) if top else ""


def _from(directory: str, base: str, path: str) -> str:
    """Return a path that is relative to `base` as it reads from a directory; absolute without one."""
    if directory == base:
        return path or "."
    place = base if path in {"", "."} else f"{base.rstrip('/')}/{path}"
    inner = _below(directory, place) if directory else None
    return place if inner is None else inner or "."


def _below(directory: str, place: str) -> str | None:
    """Return what leads from a directory to a place inside of it, empty for itself; None for a place outside."""
    if place == directory:
        return ""
    lead = directory.rstrip("/") + "/"
    return place[len(lead) :] if place.startswith(lead) else None


@functools.lru_cache(maxsize=256)
def _frame(base: str, origin: str) -> tuple[str, str]:
    """Return what to put before and what to take from a path, so that it reads from the directory of a file."""
    directory = _directory(origin)
    if not directory:
        return "", ""
    above, below = _below(directory, base), _below(base, directory)
    return f"{above}/" if above else "", f"{below}/" if below else ""


def _directory(origin: str) -> str:
    """Return the directory of a file; empty for no file, and for one of a commit."""
    return "" if not origin or ":" in Path(origin).name else _real(os.path.dirname(origin) or ".")
