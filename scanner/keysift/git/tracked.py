"""Find the files that git tracks though they should be ignored."""

# Paths are strings here: this is asked for every file of a repository.
# ruff: noqa: PTH118

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable

from keysift.git import exposed_names, layout, process
from keysift.records import dataclass


@dataclass(frozen=True, slots=True)
class Exposed:
    """A file that should not be tracked."""

    path: str
    """Relative to the root that was asked about."""
    reason: str

    @property
    def certain(self) -> bool:
        """False if its name leaves in doubt what it holds."""
        return not self.reason.startswith(exposed_names.DOUBT)


def find_exposed(root: str, tracked: Iterable[str] | None = None) -> list[Exposed]:
    """Return the files below `root` that git tracks though they should be ignored, by path; outside git none.

    `tracked` are the tracked paths relative to `root`, where a listing is at hand; without it git is asked. Git starts
    once more for each repository with names in doubt, mostly not at all.

    Raises:
        SourceError: git cannot answer.
    """
    listing = _list_tracked(root) if tracked is None else tracked
    paths = sorted({path for path in listing if exposed_names.is_suspect(path)}, key=os.fsencode)
    rules = _find_rules(root, paths)
    reasons = ((path, exposed_names.judge(path, rules.get(path))) for path in paths)
    return [Exposed(path, reason) for path, reason in reasons if reason]


def _list_tracked(root: str) -> list[str]:
    """Return the tracked paths below `root`, as git lists them."""
    top, inner = _locate(root)
    if not top:
        return []
    answer = process.run(top, "ls-files", "-z", "--cached", "--", *([inner] if inner else []))
    return [path[len(inner) :] for path in os.fsdecode(answer.stdout).split("\0")[:-1]]


def _find_rules(root: str, paths: Iterable[str]) -> dict[str, str]:
    """Return for each path that is ignored the line that does it: `.gitignore:3 '*.env'`; of whatever repository."""
    directories: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        directories[path.rpartition("/")[0]].append(path)
    repositories: dict[str, dict[str, str]] = defaultdict(dict)
    for directory, members in directories.items():
        top, inner = _locate(os.path.join(root, directory))
        if top:
            repositories[top] |= {inner + path.rpartition("/")[2]: path for path in members}
    rules: dict[str, str] = {}
    for top, names in repositories.items():
        rules |= {names[inner]: rule for inner, rule in _check_ignore(top, names).items() if inner in names}
    return rules


def _locate(directory: str) -> tuple[str, str]:
    """Return the top of the working tree that holds a directory, and what leads from there to it; empty where none."""
    top = layout.toplevel(directory)
    if top is None or layout.is_bare(top):
        return "", ""
    inner = os.path.relpath(os.path.realpath(directory), top).replace(os.sep, "/")
    return str(top), "" if inner == "." else f"{inner}/"


def _check_ignore(top: str, paths: Iterable[str]) -> dict[str, str]:
    """Return the deciding line for each path that one ignores."""
    # Behind `./` no name is taken for one of git's own patterns, `:(glob)` and the like.
    text = b"".join(b"./" + os.fsencode(path) + b"\0" for path in paths)
    # Without `--no-index` git says nothing of tracked files.
    options = ("--no-index", "--verbose", "-z", "--stdin")
    answer = process.run(top, "check-ignore", *options, stdin=text, accept=(0, 1))
    fields = os.fsdecode(answer.stdout).split("\0")[:-1]
    rows = zip(*[iter(fields)] * 4, strict=True)
    return {
        path.removeprefix("./"): f"{source}:{line} '{rule}'"
        for source, line, rule, path in rows
        if not rule.startswith("!")
    }
