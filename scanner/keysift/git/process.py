"""The only module that starts git, and it starts git so that a repository can make it run nothing.

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
- **Replacements.** `refs/replace` and grafts could show other objects than are stored: both are off.

What the *user* has set stays: the system's and the global configuration, with `safe.directory` and
`core.excludesFile`; and git's own check of who owns the repository is not evaded.
"""

# Paths go to git as strings and come back as bytes: `os.path` keeps both as they are, and is cheap.
# ruff: noqa: PTH100, PTH112, PTH113, PTH117, PTH118, PTH123

from __future__ import annotations

import functools
import os
import re
import subprocess
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from keysift.errors import SourceError

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

_REFUSED = re.compile(r"--(?:filters|textconv|ext-diff|show-signature|modified|recurse-submodules)(?:=|\Z)")
"""Options that would make a command of the repository run."""

_NO_DRIVERS = ("--no-ext-diff", "--no-textconv")

_ALWAYS = {
    "diff-index": ("--cached", *_NO_DRIVERS),
    "diff-tree": _NO_DRIVERS,
    "log": (*_NO_DRIVERS, "--no-show-signature"),
}

# Git for Windows knows this name too, and can start nothing that it names.
_NOWHERE = "/dev/null"

_SETTINGS = (
    "core.fsmonitor=",
    f"core.hooksPath={_NOWHERE}",
    "core.quotePath=false",
    "submodule.recurse=false",
    "log.showSignature=false",
    "format.pretty=medium",
    f"gpg.program={_NOWHERE}",
    f"gpg.openpgp.program={_NOWHERE}",
    f"gpg.x509.program={_NOWHERE}",
    f"gpg.ssh.program={_NOWHERE}",
    "gpg.ssh.defaultKeyCommand=",
)

_OPTIONS = ("--no-pager", *(part for setting in _SETTINGS for part in ("-c", setting)))

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": _NOWHERE,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

_LONGEST_ANSWER_S = 600

_HELP = (
    (
        re.compile(r"dubious ownership|unsafe repository"),
        "someone else owns it; if you trust them: git config --global --add safe.directory '{repo}'",
    ),
    (re.compile(r"cannot use bare repository"), "your safe.bareRepository forbids it; scan a clone instead"),
    (re.compile(r"not a git repository"), "is its .git complete? `git -C '{repo}' status` says what git sees"),
    (
        re.compile(r"[Rr]epo(?:sitory)? ?[vV]ersion|[Uu]nknown repository extension"),
        "this git is too old for the repository: install a newer one",
    ),
    (re.compile(r"index file|bad index|bad signature"), "the index is damaged: rm .git/index && git reset rebuilds it"),
)


# --- Finding repositories -------------------------------------------------------------------------------------------


def toplevel(directory: str | os.PathLike[str]) -> Path | None:
    """The top of the working tree (or the bare repository) that holds `directory`, None outside git.

    Starts no process. Links in `directory` are resolved first, as git does.
    """
    here = Path(os.path.realpath(directory))
    return next((place for place in (here, *here.parents) if is_repository(place)), None)


def is_repository(directory: str | os.PathLike[str]) -> bool:
    """Whether `directory` itself is the top of a working tree, a linked one and a submodule included, or is bare."""
    inner = os.path.join(directory, ".git")
    return _is_git_directory(inner) or _is_git_file(inner) or is_bare(directory)


def is_bare(directory: str | os.PathLike[str]) -> bool:
    """Whether `directory` is itself a store of objects and refs, without a working tree around it."""
    place = os.fspath(directory)
    return _is_git_directory(place) and not os.path.lexists(os.path.join(place, ".git"))


def _is_git_directory(path: str) -> bool:
    """What git calls one: HEAD, objects and refs; https://git-scm.com/docs/gitrepository-layout."""
    return (
        os.path.lexists(os.path.join(path, "HEAD"))
        and os.path.isdir(os.path.join(path, "objects"))
        and os.path.isdir(os.path.join(path, "refs"))
    )


def _is_git_file(path: str) -> bool:
    """Whether `path` is the small file that stands for `.git` in submodules and linked working trees."""
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return file.read(8) == b"gitdir: "
    except OSError:
        return False


def directory(repo: str | os.PathLike[str]) -> Path:
    """Where git keeps what belongs to the working tree at `repo` (HEAD, MERGE_HEAD, the index). Starts no process."""
    inner = Path(repo, ".git")
    if not _is_git_file(os.fspath(inner)):
        return inner if inner.is_dir() else Path(repo)
    pointer = inner.read_bytes()[:4096].removeprefix(b"gitdir: ").split(b"\n")[0]
    return Path(repo, os.fsdecode(pointer))


# --- Starting git ---------------------------------------------------------------------------------------------------


def available() -> bool:
    """Whether there is a git to start."""
    return _executable(os.environ.get("PATH", os.defpath)) is not None


def run(
    repo: str | os.PathLike[str],
    *arguments: str,
    stdin: bytes = b"",
    accept: Collection[int] = (0,),
    inherit: Collection[str] = (),
) -> subprocess.CompletedProcess[bytes]:
    """Run one reading subcommand at the top of `repo` to its end; what git said is in `stdout` and `stderr`.

    `inherit` names the `GIT_` variables that the caller wants kept: a pre-commit hook `GIT_INDEX_FILE`, a pre-receive
    hook those of the quarantine. Raises SourceError when there is no git, when it ends with a code that is not in
    `accept`, or when it takes over ten minutes.
    """
    command = _command(repo, arguments)
    try:
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            env=environment(inherit),
            timeout=_LONGEST_ANSWER_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SourceError(
            f"git {arguments[0]} did not answer within {_LONGEST_ANSWER_S} s in {os.fspath(repo)}",
            help="does the repository, or a file that it includes, lie on a device that hangs?",
        ) from None
    if done.returncode not in accept:
        raise _failure(repo, arguments[0], done.stderr)
    return done


@contextmanager
def stream(
    repo: str | os.PathLike[str],
    *arguments: str,
    accept: Collection[int] = (0,),
    inherit: Collection[str] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """Like `run`, for answers that are read while they come; both pipes are open.

    Leaving early is fine: git is stopped and its code is not looked at. Whoever has read to the end of `stdout`
    gets the SourceError of a git that failed.
    """
    import tempfile  # noqa: PLC0415 - takes 4 ms, and most runs stream nothing

    # A file, not a pipe: nobody reads the warnings while they come, and a full pipe would stop git.
    with tempfile.TemporaryFile() as warnings:
        process = subprocess.Popen(
            _command(repo, arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=warnings,
            env=environment(inherit),
        )
        ended = False
        try:
            yield process
            ended = _at_end(process)
        finally:
            _stop(process, wait=ended)
        if ended and process.returncode not in accept:
            warnings.seek(0)
            raise _failure(repo, arguments[0], warnings.read())


def excludes_file() -> str | None:
    """Where the user's configuration has the list of patterns that hold everywhere; None where it says nothing."""
    return _user_setting("--type=path", "core.excludesFile")


def user_email() -> str:
    """The address that the user's configuration, or the environment, gives; empty where neither does."""
    return os.environ.get("GIT_AUTHOR_EMAIL") or _user_setting("user.email") or os.environ.get("EMAIL", "")


def _user_setting(*name: str) -> str | None:
    executable = _executable(os.environ.get("PATH", os.defpath))
    if executable is None:
        return None
    done = subprocess.run(
        [executable, "config", *name[:-1], "--get", name[-1]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        # A repository that is nowhere: the configuration of the one around us is a stranger's.
        env=environment() | {"GIT_DIR": _NOWHERE},
        check=False,
    )
    return os.fsdecode(done.stdout.removesuffix(b"\n")) if done.returncode == 0 else None


def environment(inherit: Collection[str] = ()) -> dict[str, str]:
    """The variables git starts with: the user's, without those that redirect git, and with those that tame it."""
    kept = {name: value for name, value in os.environ.items() if _harmless(name) or name in inherit}
    if "GIT_INDEX_FILE" in kept:
        # Hooks get it relative to the directory they run in, and we start elsewhere.
        kept["GIT_INDEX_FILE"] = os.path.abspath(kept["GIT_INDEX_FILE"])
    return kept | _ENVIRONMENT


def _harmless(variable: str) -> bool:
    """Where the user's configuration is, or what it says, may stay: `safe.directory` comes this way in containers."""
    return not variable.startswith("GIT_") or variable.startswith("GIT_CONFIG_") or variable == "GIT_EXEC_PATH"


def _command(repo: str | os.PathLike[str], arguments: tuple[str, ...]) -> list[str]:
    """The command line: git, what tames it, the place, the subcommand, what tames that, and the caller's wishes."""
    name, *rest = arguments
    if name not in _SUBCOMMANDS or any(_is_refused(name, option) for option in _options(rest)):
        raise ValueError(f"not known to be safe on a stranger's repository: git {' '.join(arguments)}")
    executable = _executable(os.environ.get("PATH", os.defpath))
    if executable is None:
        raise SourceError("git is not installed, or not on the PATH", help="install it: https://git-scm.com/downloads")
    # Names are names, never patterns; check-ignore alone refuses to be told so.
    literal = () if name == "check-ignore" else ("--literal-pathspecs",)
    before = ("-C", os.fspath(repo), *_work_tree(repo), *_OPTIONS, *literal)
    return [executable, *before, name, *_ALWAYS.get(name, ()), *rest]


def _options(arguments: list[str]) -> list[str]:
    """What stands before `--`: behind it are paths, whatever they look like."""
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _is_refused(subcommand: str, option: str) -> bool:
    """Whether an option would make a command of the repository run; `-m` looks at merges, but not in `ls-files`."""
    return bool(_REFUSED.match(option)) or (subcommand == "ls-files" and option == "-m")


def _work_tree(repo: str | os.PathLike[str]) -> tuple[str, ...]:
    """Pins the working tree to `repo`, whatever `core.worktree` and `core.bare` say; a bare repository has none.

    What is left of a submodule names a working tree that may be gone: without it git would not start.
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


@functools.cache
def _executable(path: str) -> str | None:
    """The git of the absolute directories of `path`: a `.` in it would start whatever git the repository brings."""
    import shutil  # noqa: PLC0415 - takes 2 ms, and a scan of one file starts no git

    folders = (folder for folder in path.split(os.pathsep) if os.path.isabs(folder))
    return next((found for folder in folders if (found := shutil.which(os.path.join(folder, "git")))), None)


def _at_end(process: subprocess.Popen[bytes]) -> bool:
    """Whether the caller has read everything: only then the code of git means something."""
    # Where git ended before it read everything, its code says why.
    with suppress(BrokenPipeError):
        _open(process.stdin).close()
    output = _open(process.stdout)
    return output.closed or not output.read(1)


def _stop(process: subprocess.Popen[bytes], *, wait: bool) -> None:
    """End git, at once unless `wait`, and close the pipes."""
    if not wait:
        process.kill()
    for pipe in (process.stdin, process.stdout):
        # What was still to be written has no reader any more.
        with suppress(BrokenPipeError):
            _open(pipe).close()
    process.wait()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    """A pipe that `stream` asked for; the types of subprocess cannot know that it is there."""
    return cast("IO[bytes]", pipe)


def _failure(repo: str | os.PathLike[str], subcommand: str, stderr: bytes) -> SourceError:
    """What git said, with what to do about it."""
    said = stderr.decode("utf-8", "replace").strip()
    reason = next((line for line in said.splitlines() if line.startswith(("fatal:", "error:"))), said.split("\n")[0])
    place = os.fspath(repo)
    advice = next((text for shape, text in _HELP if shape.search(said)), "`git -C '{repo}' fsck` says what is damaged")
    return SourceError(
        f"git {subcommand} failed in {place}: {reason.removeprefix('fatal: ').removeprefix('error: ')}",
        help=advice.format(repo=place),
    )
