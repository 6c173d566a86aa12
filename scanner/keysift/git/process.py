"""Starts git on repositories that are here; `hardening` says how they are kept from making it run anything.

`mirror` alone starts it for others.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, cast

from keysift import lazy
from keysift.errors import SourceError
from keysift.git import hardening

if TYPE_CHECKING:
    import resource
    import subprocess
    import tempfile
else:
    resource = lazy.module("resource")  # POSIX has it; used where Linux is
    subprocess = lazy.module("subprocess")  # takes 3 ms, and a scan of files outside of git starts nothing
    tempfile = lazy.module("tempfile")  # takes 4 ms, and most runs stream nothing

_PATIENCE_S = 30
"""Seconds in which git neither answers nor computes, before it is given up: something that it opened hangs."""
_LOOK_S = 0.25
"""Seconds between two looks at a git that has not ended."""
Stream = int | IO[bytes] | None
_PIPE = 4096
"""Bytes that any pipe takes at once: https://man7.org/linux/man-pages/man7/pipe.7.html."""
LONGEST = 128 << 20
"""Bytes of the longest list of paths that is taken from git: few kilobytes of trees can stand for billions of them."""
_MEMORY = 6
"""Times as many bytes may git hold while it makes a list."""

_HELP = (
    (
        lazy.compile(r"dubious ownership|unsafe repository"),
        "someone else owns it; if you trust them: git config --global --add safe.directory '{repo}'",
    ),
    (lazy.compile(r"cannot use bare repository"), "your safe.bareRepository forbids it; scan a clone instead"),
    (lazy.compile(r"not a git repository"), "is its .git complete? `git -C '{repo}' status` says what git sees"),
    (
        lazy.compile(r"[Rr]epo(?:sitory)? ?[vV]ersion|[Uu]nknown repository extension"),
        "this git is too old for the repository: install a newer one",
    ),
    (lazy.compile(r"[Uu]nknown (?:option|switch)"), "this git is too old for keysift: install a newer one"),
    (
        lazy.compile(r"index file|bad index|bad signature"),
        "the index is damaged: rm .git/index && git reset rebuilds it",
    ),
)
_SINCE = {"objectformat": "2.29", "refstorage": "2.45", "relativeworktrees": "2.48"}
"""The versions of git that know extensions; https://git-scm.com/docs/git-config#Documentation/git-config.txt-extensions."""
_REFUSED = lazy.compile(
    rb"^fatal: (?:detected dubious ownership|unsafe repository|not a git repository|cannot use bare repository"
    rb"|Expected git repo version|unknown repository extension|bad (?:numeric |boolean )?config)",
)
"""What git says of a repository that it does not open: no answer to any question, whatever codes are accepted."""


class ExhaustingError(SourceError):
    """A list of paths that is longer than was allowed, or than git can hold while it makes it."""


def available() -> bool:
    """Return whether there is a git to start."""
    return hardening.executable() is not None


def run(
    repo: str | os.PathLike[str],
    *arguments: str,
    stdin: bytes = b"",
    accept: Collection[int] = (0,),
    inherit: Collection[str] = (),
    most: int | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run one reading subcommand at the top of `repo` to its end; what git said is in `stdout` and `stderr`.

    `inherit` is what a hook needs: `hardening.INDEX` or `hardening.QUARANTINE`. `most` limits the bytes of the answer,
    where those do not grow with what the repository takes on the disk.

    Raises:
        SourceError: there is no git, it does not open the repository, it ends with a code that is not in `accept`, or
            it hangs.
        ExhaustingError: it answers with more than `most` bytes.
    """
    command = hardening.command(repo, arguments)
    done = _ended(command, hardening.environment(inherit), stdin, most)
    if most is not None and done and (len(done.stdout) > most or b"ut of memory" in done.stderr):
        raise ExhaustingError(
            f"git {arguments[0]} lists more than {most:,} bytes of paths in {os.fspath(repo)}",
            help="is it a repository that somebody made to exhaust whoever reads it?",
        )
    if done is None:
        raise SourceError(
            f"git {arguments[0]} has done nothing for {_PATIENCE_S} s in {os.fspath(repo)}",
            help="does the repository, or a file that it includes, lie on a device that hangs?",
        )
    if done.returncode not in accept or (done.returncode and _REFUSED.match(done.stderr)):
        raise _failure(repo, arguments[0], done.stderr)
    return done


@contextmanager
def stream(
    repo: str | os.PathLike[str],
    *arguments: str,
    accept: Collection[int] = (0,),
    inherit: Collection[str] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a git whose pipes are both open, for answers that are read while they come; otherwise like `run`.

    Leaving early is fine: git is stopped and its code is not looked at. Whoever has read to the end of `stdout`
    gets the SourceError of a git that failed.
    """
    # A file, not a pipe: nobody reads the warnings while they come, and a full pipe would stop git.
    with tempfile.TemporaryFile() as warnings:
        process = start(hardening.command(repo, arguments), hardening.environment(inherit), stderr=warnings)
        ended = False
        try:
            yield process
            ended = _is_read_to_end(process)
        finally:
            _stop(process, wait=ended)
        if ended and process.returncode not in accept:
            warnings.seek(0)
            raise _failure(repo, arguments[0], warnings.read())


def excludes_file() -> str | None:
    """Return the user's list of patterns that are ignored everywhere; None where the configuration names none."""
    return _user_setting("core.excludesFile", "--type=path")


def user_email() -> str:
    """Return the address that the user's configuration, or the environment, gives; empty where neither does."""
    return os.environ.get("GIT_AUTHOR_EMAIL") or _user_setting("user.email") or os.environ.get("EMAIL", "")


def setting(repo: str | os.PathLike[str], name: str) -> str:
    """Return a value of the configuration that holds in a repository, its own included; empty where none states it.

    To print a value, git starts nothing that the configuration names.
    """
    git = hardening.executable()
    done = _ended([git, "-C", os.fspath(repo), "config", "--get", name], hardening.environment()) if git else None
    return os.fsdecode(done.stdout.removesuffix(b"\n")) if done and done.returncode == 0 else ""


def _user_setting(name: str, *options: str) -> str | None:
    git = hardening.executable()
    if git is None:
        return None
    # A repository that is nowhere: the configuration of the one around the working directory is a stranger's.
    environment = hardening.environment() | {"GIT_DIR": hardening.NOWHERE}
    done = _ended([git, "config", *options, "--get", name], environment)
    return os.fsdecode(done.stdout.removesuffix(b"\n")) if done and done.returncode == 0 else None


def _ended(
    command: list[str], environment: dict[str, str], stdin: bytes = b"", most: int | None = None
) -> subprocess.CompletedProcess[bytes] | None:
    """Run a command to its end, or until it has answered with more than `most` bytes; return None if it hangs.

    A busy machine is no reason to give up: a process hangs if it sleeps, and uses no CPU time while it does.
    """
    with start(command, environment) as process:
        if most is not None and sys.platform == "linux":
            with suppress(OSError, ValueError):  # it has ended, or may have less already
                resource.prlimit(process.pid, resource.RLIMIT_DATA, (_MEMORY * most, _MEMORY * most))
        given = _feed(process, stdin)
        before, idle = ("", 0), 0.0
        while True:
            try:
                output, errors = process.communicate(given, timeout=_LOOK_S)
            except subprocess.TimeoutExpired as waiting:
                given = None  # it has been handed over
                if most is not None and len(waiting.output or b"") > most:
                    process.kill()
                    return subprocess.CompletedProcess(command, -9, waiting.output, b"")
                now = _activity(process.pid), len(waiting.output or b"")
                idle = 0.0 if now != before or now[0].startswith("R") else idle + _LOOK_S
                before = now
                if idle >= _PATIENCE_S:
                    process.kill()
                    return None
            except BaseException:
                process.kill()  # do not wait for it
                raise
            else:
                return subprocess.CompletedProcess(command, process.returncode, output, errors)


def start(
    command: list[str], environment: dict[str, str], stdin: Stream = None, stdout: Stream = None, stderr: Stream = None
) -> subprocess.Popen[bytes]:
    """Start git, with pipes for streams that are not given. Raises SourceError: what is called git is no program."""
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            command, stdin=stdin or pipe, stdout=stdout or pipe, stderr=stderr or pipe, env=environment
        )
    except OSError as error:
        if error.errno not in {errno.ENOEXEC, errno.EACCES, errno.EPERM, errno.ENOENT}:
            raise  # the system is short of something
        said = f"{command[0]} cannot be started: {(error.strerror or type(error).__name__).lower()}"
        raise SourceError(said, help=f"install git: {hardening.DOWNLOADS}") from error


def _feed(process: subprocess.Popen[bytes], data: bytes) -> bytes | None:
    """Hand data to a process in a thread of its own; return what is left for `communicate` to hand over.

    `communicate` hands over nothing more, and does not even close the pipe, once it has timed out:
    https://docs.python.org/3/library/subprocess.html#subprocess.Popen.communicate. So it gets no more than any pipe
    takes at once, or what no thread could be started for.
    """
    if len(data) <= _PIPE:
        return data
    stdin, process.stdin = pipe(process.stdin), None

    def write() -> None:
        with suppress(OSError), stdin:  # the process has ended, or was killed
            stdin.write(data)

    try:
        threading.Thread(target=write, daemon=True).start()
    except RuntimeError:
        process.stdin = stdin
        return data
    return None


def _activity(pid: int) -> str:
    """Return the state of a process and the CPU time that it has used, as Linux counts it; empty elsewhere.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - a short read of a few bytes
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return ""
    return b" ".join((fields[0], *fields[11:13])).decode()


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe that `stream` opened; the types of subprocess cannot know that it is there."""
    return cast("IO[bytes]", stream)


def _is_read_to_end(process: subprocess.Popen[bytes]) -> bool:
    """Return whether the caller has read everything: only then the code of git means something."""
    # Where git ended before it read everything, its code says why.
    with suppress(BrokenPipeError):
        pipe(process.stdin).close()
    output = pipe(process.stdout)
    return output.closed or not output.read(1)


def _stop(process: subprocess.Popen[bytes], *, wait: bool) -> None:
    """End git, at once unless `wait`, and close the pipes."""
    if not wait:
        process.kill()
    for stream in (process.stdin, process.stdout):
        # What was still to be written has no reader any more.
        with suppress(BrokenPipeError):
            pipe(stream).close()
    process.wait()


def _failure(repo: str | os.PathLike[str], subcommand: str, stderr: bytes) -> SourceError:
    """Return the error that says what git said, with what to do about it."""
    said = stderr.decode("utf-8", "replace").strip()
    reason = next((line for line in said.splitlines() if line.startswith(("fatal:", "error:"))), said.split("\n")[0])
    reason = reason or "it ended without a word"
    place = os.fspath(repo)
    if "unknown repository extension" in said:
        names = (
            said.partition("extension")[2].replace("s found", "").replace("found", "").strip(" :\n\t").lower().split()
        )
        reason = f"unknown repository extension: {', '.join(names)}"
        newer = [f"{name} since {_SINCE[name]}" for name in names if name in _SINCE]
        advice = "this git is too old for the repository: install a newer one" + "".join(
            f"; git knows {one}" for one in newer
        )
        return SourceError(f"git {subcommand} failed in {place}: {reason}", help=advice)
    advice = next((text for shape, text in _HELP if shape.search(said)), "`git -C '{repo}' fsck` says what is damaged")
    return SourceError(
        f"git {subcommand} failed in {place}: {reason.removeprefix('fatal: ').removeprefix('error: ')}",
        help=advice.format(repo=place),
    )
