"""The files of a target that git tracks though it should not: findings of scans and audits that no pattern finds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keysift import config, lazy
from keysift.cli import settings
from keysift.files import listing, naming
from keysift.files.reading import File
from keysift.fingerprint import fingerprint
from keysift.git import layout
from keysift.model import Confidence, Finding, Label, Location, Rule, ScanResult, Verdict

if TYPE_CHECKING:
    from keysift.git import tracked
    from keysift.scan import exposed
else:
    tracked = lazy.module("keysift.git.tracked")
    exposed = lazy.module("keysift.scan.exposed")

TRACKED = Rule(
    id="tracked-secret-file",
    name="tracked file that belongs in .gitignore",
    provider="git",
    label=Label.SENSITIVE,
    why="Files with this name tend to contain keys, and git tracks it, so the next key in it is pushed as well.",
    revoke="Run `git rm --cached FILE`, add its name to .gitignore, and commit; then revoke every key that it ever "
    "contained, because the history still has them.",
    references=("https://git-scm.com/docs/git-rm", "https://git-scm.com/docs/gitignore"),
)
"""A fact about the repository rather than a pattern; `disable` turns it off like any other rule."""


def find(paths: naming.Naming, in_git: Iterable[str]) -> ScanResult:
    """Return a finding for each of the tracked files `in_git` that should not be tracked, unless it holds nothing."""
    found = tracked.find_exposed(paths.base, in_git)
    return ScanResult(tuple(_finding(file) for file in found if not exposed.holds_nothing(paths.base, file.path)))


def find_in_repository(
    top: Path,
    configuration: config.Config,
    options: Mapping[str, Any] = settings.NO_OPTIONS,
    wants: Callable[[str], bool] = lambda _path: True,
) -> Iterator[ScanResult]:
    """Yield what `find` returns for the working tree of a repository, of the paths for which `wants` returns True.

    Nothing if it has no working tree, or if the configuration or the options turn the rule off.
    """
    if layout.is_bare(top) or not settings.is_on(TRACKED.id, configuration, options):
        return
    files = (file for file in listing.files(str(top)) if isinstance(file, File) and file.tracked)
    yield find(naming.of(str(top)), [file.path for file in files if wants(file.path)])


def _finding(file: tracked.Exposed) -> Finding:
    """Return the finding of a tracked file as such, whatever it contains."""
    confidence = Confidence.HIGH if file.certain else Confidence.MEDIUM
    verdict = Verdict(TRACKED.label, confidence, (file.reason,))
    place = Location(file.path, start_line=1, start_column=1, end_line=1, end_column=1, start_byte=0, end_byte=0)
    return Finding(TRACKED, b"", verdict, (place,), fingerprint(TRACKED.id, os.fsencode(file.path)))
