"""Prepares the inputs that golden.py records, and clones real repositories; golden_corpora.py makes the others.

Everything is made once in a cache folder and used again, so that two recordings read the same bytes. Each input is a
folder with four forms of the same files: see `Input`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

STAGED_COMMITS = 10
"""First-parent commits that the staged changes of an input stand for."""
_WHEN = "2024-01-01T00:00:00Z"
NEW_COMMITS = {
    **{f"GIT_{who}_NAME": "A" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "a@example.org" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_DATE": _WHEN for who in ("AUTHOR", "COMMITTER")},
}
"""The environment of commands that commit: the same commits each time."""


@dataclass(frozen=True, slots=True)
class Input:
    """One set of files, in the forms that the commands read."""

    name: str
    top: Path
    ignored_too: bool
    """True if a scan also reads what ignore files leave out, as for files that were made to be found."""

    @property
    def tree(self) -> Path:
        """Return the repository with its work tree, all committed."""
        return self.top / "tree"

    @property
    def staged(self) -> Path:
        """Return a clone whose last commits are undone but staged."""
        return self.top / "staged"

    @property
    def unborn(self) -> Path:
        """Return a clone without a commit on its branch, with every file staged."""
        return self.top / "unborn"

    @property
    def folder(self) -> Path:
        """Return the files of the work tree outside of any repository."""
        return self.top / "folder"


@dataclass(frozen=True, slots=True)
class Source:
    """An input that is known by name and can be made."""

    name: str
    make: Callable[[Path], None]
    """Fills a folder with the forms of the input."""
    ignored_too: bool = False


def environment(home: Path) -> dict[str, str]:
    """Return the environment of every command: no settings of the user, of the machine or of a CI service."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "COLUMNS": "120",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        # A partial clone must not ask its origin for objects while it is recorded.
        "GIT_NO_LAZY_FETCH": "1",
    }


def git(*arguments: str | Path, home: Path) -> str:
    """Return what git prints, without the last line end."""
    command = ["git", *map(str, arguments)]
    variables = environment(home) | NEW_COMMITS
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=variables).stdout.strip()


def prepare(source: Source, work: Path) -> Input:
    """Return the input, made now if the cache folder does not hold it yet."""
    top, complete = work / source.name, work / source.name / "complete"
    if not complete.exists():
        shutil.rmtree(top, ignore_errors=True)
        top.mkdir(parents=True)
        source.make(top)
        complete.touch()
    return Input(source.name, top, source.ignored_too)


def ancestor(repository: Path, distance: int, home: Path) -> str | None:
    """Return the first-parent ancestor of HEAD at this distance or, in a shorter history, the first commit.

    Return None where HEAD is the only commit.
    """
    commits = git("-C", repository, "rev-list", "--first-parent", f"--max-count={distance + 1}", "HEAD", home=home)
    return commits.split()[-1] if "\n" in commits else None


def repositories(folder: Path, home: Path) -> list[Source]:
    """Return an input for each repository: `folder/NAME` or `folder/NAME/repo`."""
    found = []
    for entry in sorted(folder.iterdir()):
        for candidate in (entry / "repo", entry):
            if (candidate / "HEAD").exists() or (candidate / ".git").exists():
                found.append(Source(entry.name.removesuffix(".git"), partial(_clone, candidate.resolve(), home)))
                break
    return found


def _clone(repository: Path, home: Path, top: Path) -> None:
    _check_out(repository, top / "tree", home)
    derive(repository, top, home)


def _check_out(origin: Path, tree: Path, home: Path) -> None:
    """Clone with a work tree, but for the files that a partial clone does not hold."""
    git("clone", "-q", "--no-checkout", origin, tree, home=home)
    git("-C", tree, "reset", "-q", home=home)
    command = ["git", "-C", str(tree), "checkout-index", "--all", "--index", "--quiet"]
    subprocess.run(command, check=False, stderr=subprocess.DEVNULL, env=environment(home))


def derive(origin: Path, top: Path, home: Path) -> None:
    """Make the other forms of `top/tree`, the clones from its origin."""
    for name in ("staged", "unborn"):
        _check_out(origin, top / name, home)
    if base := ancestor(top / "staged", STAGED_COMMITS, home):
        git("-C", top / "staged", "reset", "-q", "--soft", base, home=home)
    git("-C", top / "unborn", "symbolic-ref", "HEAD", "refs/heads/unborn", home=home)
    if not (top / "folder").exists():
        shutil.copytree(top / "tree", top / "folder", symlinks=True, ignore=shutil.ignore_patterns(".git"))
