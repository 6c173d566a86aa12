"""How git is started so that a repository can make it run nothing: the command line and the environment.

A repository is bytes from a stranger, and its configuration can name commands. Nothing of it ever runs:

- **Subcommands.** Only those in `_SUBCOMMANDS` start; all of them read. None updates the index, a ref or the working
  tree, so no hook has an occasion (`core.hooksPath`, and `hook.<name>.command` of newer versions), and neither has
  `gc.auto`, `maintenance.*`, `merge.*.driver`, `core.editor` or `sequence.editor`. Built-in subcommands cannot be
  replaced by an `alias.*`.
- **fsmonitor.** `core.fsmonitor` is set to nothing, which every version since 2.16 takes as off; `false` would be
  the name of a program to those before 2.36.
- **Hooks.** `core.hooksPath` is a place that can hold none, should a version find an occasion after all.
- **Filters** (`filter.*.clean`, `.smudge`, `.process`). They run where the contents of the working tree meet the
  object store: `ls-files -m`, `diff-index` without `--cached`, `cat-file --filters`. The first and the last are
  refused, and `diff-index` always gets `--cached`.
- **Diff drivers** (`diff.external`, `diff.*.command`, `diff.*.textconv`). The subcommands that diff always get
  `--no-ext-diff --no-textconv`; `cat-file --textconv` is refused.
- **Signatures** (`gpg.program`, `gpg.*.program`, `gpg.ssh.defaultKeyCommand`). `log.showSignature` is off,
  `format.pretty` (which may ask for `%G?`) is fixed, and the programs are set to one that cannot run.
- **Network** (`core.sshCommand`, `core.gitProxy`, `core.askPass`, `credential.helper`, `remote.*.uploadpack`,
  `remote.*.vcs`, `ext::` addresses). A partial clone fetches a missing object on first touch. `GIT_NO_LAZY_FETCH`
  stops that since 2.45, and `GIT_ALLOW_PROTOCOL` in every version: unlike `protocol.allow` no `protocol.*.allow` of
  the repository beats it, and it is asked before any transport, local ones included. Without a transport none of the
  commands above is reached, nor `core.alternateRefsCommand`.
- **Pager, prompts** (`core.pager`, `pager.*`). `--no-pager`, `GIT_TERMINAL_PROMPT=0`, and no output is a terminal.
- **Submodules.** `submodule.recurse` is off: a submodule is asked as a repository of its own, or not at all.
- **Redirection.** `core.worktree` loses against `--work-tree`. `include.path` can only bring settings that lose in
  the same way, since the command line is read last. The variables that redirect git (`GIT_DIR`, `GIT_INDEX_FILE`,
  `GIT_EXTERNAL_DIFF`, ...) are removed unless the caller names them in `inherit`.
- **Replacements.** `refs/replace` and grafts could show other objects than are stored: both are off. So are the copies
  of what is stored, which git believes unchecked: `core.commitGraph` could hide commits, and a damaged
  `core.multiPackIndex` hides whole packs.

What the *user* has set stays: the system's and the global configuration, with `safe.directory` and
`core.excludesFile`; and git's own check of who owns the repository is not evaded.
"""

# Paths go to git as strings and come back as bytes: `os.path` keeps both as they are, and is cheap.
# ruff: noqa: PTH100, PTH117, PTH118, PTH123

from __future__ import annotations

import functools
import os
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.errors import SourceError

if TYPE_CHECKING:
    import shutil
else:
    shutil = lazy.module("shutil")  # takes 2 ms, and a scan of one file starts no git

INDEX = ("GIT_INDEX_FILE",)
"""What a pre-commit hook inherits: git gives it another index than the usual one when only some files are committed."""
QUARANTINE = ("GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
"""What a pre-receive hook inherits: where git keeps what is pushed until the hook has accepted it."""
DOWNLOADS = "https://git-scm.com/downloads"
# Git for Windows knows this name too, and can start nothing that it names.
NOWHERE = "/dev/null"

_SUBCOMMANDS = frozenset(
    {
        "cat-file",
        "check-ignore",
        "diff-index",
        "diff-tree",
        "for-each-ref",
        "log",
        "ls-files",
        "ls-tree",
        "merge-base",
        "reflog",
        "rev-list",
        "rev-parse",
    }
)

_REFUSED = lazy.compile(r"--(?:filters|textconv|ext-diff|show-signature|modified|recurse-submodules)(?:=|\Z)")
"""Options that would make a command of the repository run."""

_NO_DRIVERS = ("--no-ext-diff", "--no-textconv")

_ALWAYS = {
    "diff-index": ("--cached", *_NO_DRIVERS),
    "diff-tree": _NO_DRIVERS,
    "log": (*_NO_DRIVERS, "--no-show-signature"),
}

_SETTINGS = (
    "core.commitGraph=false",
    "core.fsmonitor=",
    f"core.hooksPath={NOWHERE}",
    "core.multiPackIndex=false",
    "core.quotePath=false",
    "submodule.recurse=false",
    "log.mailmap=false",
    "log.showSignature=false",
    "format.pretty=medium",
    f"gpg.program={NOWHERE}",
    f"gpg.openpgp.program={NOWHERE}",
    f"gpg.x509.program={NOWHERE}",
    f"gpg.ssh.program={NOWHERE}",
    "gpg.ssh.defaultKeyCommand=",
)

_OPTIONS = ("--no-pager", *(part for setting in _SETTINGS for part in ("-c", setting)))

_ENVIRONMENT = {
    # What a few bytes can make git hold at once: four times the longest object that is read by default.
    "GIT_ALLOC_LIMIT": "1g",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": NOWHERE,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


def executable() -> str | None:
    """Return the path of git; None where none is installed."""
    return _find_git(os.environ.get("PATH", os.defpath))


@functools.cache
def _find_git(path: str) -> str | None:
    """Return the git of the absolute directories of `path`: a `.` in it would start what the repository brings."""
    folders = (folder for folder in path.split(os.pathsep) if os.path.isabs(folder))
    return next((found for folder in folders if (found := shutil.which(os.path.join(folder, "git")))), None)


def command(repo: str | os.PathLike[str], arguments: Sequence[str]) -> list[str]:
    """Return the command line: git, what tames it, the place, the subcommand, what tames that, and the other arguments.

    Raises:
        ValueError: the subcommand or an option might make a command of the repository run.
        SourceError: git is not installed.
    """
    name, *rest = arguments
    if name not in _SUBCOMMANDS or any(_is_refused(name, option) for option in _options(rest)):
        raise ValueError(f"not known to be safe on a stranger's repository: git {' '.join(arguments)}")
    git = executable()
    if git is None:
        raise SourceError("git is not installed, or not on the PATH", help=f"install it: {DOWNLOADS}")
    # Names are names, never patterns; check-ignore alone refuses to be told so.
    literal = () if name == "check-ignore" else ("--literal-pathspecs",)
    before = ("-C", os.fspath(repo), *_work_tree(repo), *_OPTIONS, *literal)
    return [git, *before, name, *_ALWAYS.get(name, ()), *rest]


def environment(inherit: Collection[str] = ()) -> dict[str, str]:
    """Return the variables of the user without those that redirect git, and with those that tame it.

    `inherit` names variables that redirect git and are kept all the same: `INDEX` or `QUARANTINE`.
    """
    kept = {name: value for name, value in os.environ.items() if _is_harmless(name) or name in inherit}
    if "GIT_INDEX_FILE" in kept:
        # Hooks get it relative to the directory they run in, and git starts elsewhere here.
        kept["GIT_INDEX_FILE"] = os.path.abspath(kept["GIT_INDEX_FILE"])
    return kept | _ENVIRONMENT


def _is_harmless(variable: str) -> bool:
    """Return whether a variable may stay.

    What says where the user's configuration is, or what it holds, may: `safe.directory` comes this way in containers.
    """
    return not variable.startswith("GIT_") or variable.startswith("GIT_CONFIG_") or variable == "GIT_EXEC_PATH"


def _options(arguments: list[str]) -> list[str]:
    """Return what stands before `--`: behind it are paths, whatever they look like."""
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _is_refused(subcommand: str, option: str) -> bool:
    """Return whether an option might make a command of the repository run.

    `-m` does so in `ls-files` alone; elsewhere it says how merges are shown.
    """
    return bool(_REFUSED.match(option)) or (subcommand == "ls-files" and option == "-m")


def _work_tree(repo: str | os.PathLike[str]) -> tuple[str, ...]:
    """Return the option that pins the working tree to `repo`, whatever `core.worktree` and `core.bare` say.

    A bare repository needs none. What is left of a submodule does: it names a working tree that may be gone, and then
    git would not start.
    """
    if os.path.lexists(os.path.join(repo, ".git")) or _names_work_tree(os.path.join(repo, "config")):
        return (f"--work-tree={os.path.abspath(repo)}",)
    return ()


def _names_work_tree(config: str) -> bool:
    try:
        with open(config, "rb") as file:
            return b"worktree" in file.read(1 << 16).lower()
    except OSError:
        return False
