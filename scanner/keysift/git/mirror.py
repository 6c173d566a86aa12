"""Mirrors of repositories on other machines: git with a network, for one host and nothing else.

What `hardening` says of a repository holds here of the server: it is a stranger, and the token is worth more than the
repository.

- **Hosts.** Only `https` and `ssh` (`GIT_ALLOW_PROTOCOL`), to the host that the address names. Redirects are not
  followed (`http.followRedirects`), and no server may send git to bundles or packs elsewhere (`transfer.bundleURI`).
- **Tokens.** A header that is bound to the host (`http.<url>.extraHeader`), given in the environment: it stands in no
  command line, no address and no file, and git keeps only the address.
- **Helpers.** Neither the system's nor the user's configuration is read, and for https there is no home: no credential
  helper, no `url.<base>.insteadOf`, no cookies, no `.netrc`. Nothing asks: no terminal, no `askPass`, ssh in batch
  mode.
- **Hooks.** There is no template, and `core.hooksPath` can hold none; no maintenance starts.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.errors import SourceError
from keysift.git import hardening
from keysift.git.process import start
from keysift.records import dataclass

if TYPE_CHECKING:
    import subprocess
    import tempfile
else:
    subprocess = lazy.module("subprocess")
    tempfile = lazy.module("tempfile")

_LOOK_S = 0.2
"""Seconds between two looks at a git that has not ended."""
_SLOWEST, _PATIENCE_S = 1000, 60
"""A transfer with fewer bytes a second, for so many seconds, is given up."""
_SETTINGS = (
    "credential.helper=", "core.askPass=", f"core.hooksPath={hardening.NOWHERE}", "core.fsmonitor=",
    "http.followRedirects=false", "http.sslVerify=true", f"http.lowSpeedLimit={_SLOWEST}",
    f"http.lowSpeedTime={_PATIENCE_S}", "transfer.credentialsInUrl=die", "transfer.bundleURI=false",
    "submodule.recurse=false", "fetch.recurseSubmodules=false", "gc.auto=0", "maintenance.auto=false",
)  # fmt: skip
_SSH = "ssh -oBatchMode=yes -oClearAllForwardings=yes -oServerAliveInterval=20"
_URL = re.compile(
    r"(?P<scheme>https|ssh)://(?:(?P<user>[\w.-]+)@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*)(?P<port>:[0-9]{1,5})?/(?P<path>[^\s?#]+)"
)
_SHORT = re.compile(r"(?P<user>[\w.-]+)@(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?P<path>[^\s?#/][^\s?#]*)")
"""As `scp` writes it, which is ssh: https://git-scm.com/docs/git-clone#_git_urls."""
_CAUSES = (
    (
        re.compile(r"error: (?:401|403)|Authentication failed|could not read (?:Username|Password)|Permission denied"),
        "the server refuses access",
    ),
    (re.compile(r"error: 30[1278]|redirect", re.IGNORECASE), "the server sends git to another address: it has moved"),
    (re.compile(r"not found|error: 404|does not appear to be a git|does not exist", re.IGNORECASE), "it is not there"),
    (re.compile(r"No space left on device|Disk quota exceeded", re.IGNORECASE), "the disk is full"),
    (
        re.compile(r"SSL certificate|certificate (?:verif|subject)|server verification failed|CAfile", re.IGNORECASE),
        "the server has no valid certificate",
    ),
    (re.compile(r"Host key verification failed"), "ssh does not know the key of the host"),
)  # fmt: skip
NOT_THERE = _CAUSES[2][1]
"""The reason of a clone that fails because there is nothing."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository on another machine."""

    url: str
    token: str = field(default="", repr=False)
    """The value of the `Authorization` header; empty for none."""
    ca_file: str = ""
    proxy: str = ""


class MirrorError(SourceError):
    """A repository that cannot be brought here; the message is the reason alone, without a token."""


def host_of(url: str) -> str:
    """Return the scheme, host and port of an address: `https://git.acme.example:8443`; empty if git may not use it.

    An address with a password in it is none that git may use.
    """
    found = _URL.fullmatch(url)
    if found and not (found["scheme"] == "https" and found["user"]):
        return f"{found['scheme']}://{found['host'].lower()}{found['port'] or ''}"
    found = _SHORT.fullmatch(url)
    return f"ssh://{found['host'].lower()}" if found else ""


def path_of(url: str) -> str:
    """Return what an address names on its host, without `.git`: `acme/app`."""
    found = _URL.fullmatch(url) or _SHORT.fullmatch(url)
    return found["path"].strip("/").removesuffix(".git") if found else ""


def list_tips(remote: Remote) -> bytes:
    """Return what the server says of its refs, with what HEAD stands for, as `git ls-remote --symref` prints it.

    Raises:
        MirrorError: it cannot be asked.
    """
    return _run(remote, ["ls-remote", "--symref", "--", remote.url])


def clone(remote: Remote, place: Path, most: int = 0) -> None:
    """Clone everything that the server has, every ref, into a new bare repository of at most `most` bytes (0: any).

    Raises:
        MirrorError: that fails; nothing is left.
    """
    try:
        _run(remote, ["clone", "--mirror", "--quiet", "--template=", "--", remote.url, str(place)], place, most)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def fetch(remote: Remote, place: Path, head: str, most: int = 0) -> None:
    """Bring a mirror up to date; `head` is the ref that HEAD stands for.

    Raises:
        MirrorError: that fails.
    """
    refs = ["--prune", "--force", "--quiet", "--no-write-fetch-head", "--", remote.url, "+refs/*:refs/*"]
    _run(remote, ["-C", str(place), "fetch", *refs], place, most)
    if head.startswith("refs/heads/"):
        _run(remote, ["-C", str(place), "symbolic-ref", "HEAD", head])


def measure(place: Path) -> int:
    """Return the bytes of all files below a directory, as far as they are there."""
    total = 0
    for folder, _, names in os.walk(place):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - many names
            except OSError:  # git renames its files
                continue
    return total


def _run(remote: Remote, arguments: Sequence[str], place: Path | None = None, most: int = 0) -> bytes:
    """Run git to its end, unless what it writes to `place` becomes too large; return what it printed."""
    git = hardening.executable()
    if git is None:
        raise SourceError("git is not installed, or not on the PATH", help=f"install it: {hardening.DOWNLOADS}")
    command = [git, "--no-pager", *(part for setting in _SETTINGS for part in ("-c", setting)), *arguments]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = start(command, _environment(remote), stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        try:
            too_large = _outgrows(process, place, most)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if too_large:
            raise MirrorError(f"it is larger than the {most:,} bytes that are left for clones")
        if process.returncode:
            errors.seek(0)
            raise MirrorError(_reason(remote, errors.read().decode("utf-8", "replace")))
        output.seek(0)
        return output.read()


def _outgrows(process: subprocess.Popen[bytes], place: Path | None, most: int) -> bool:
    """Wait for the end of a process; return True as soon as there are more than `most` bytes at `place`."""
    if place is None or not most:
        process.wait()
        return False
    while process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_S)
        if measure(place) > most:
            return True
    return False


def _environment(remote: Remote) -> dict[str, str]:
    """Return the variables: what says who may be asked, and the token, bound to the host."""
    host = host_of(remote.url)
    scheme = host.partition(":")[0]
    if not host:
        raise MirrorError("its address is neither https nor ssh, or has a password in it")
    kept = {name: value for name, value in hardening.environment().items() if not name.startswith("GIT_CONFIG")}
    kept.pop("SSLKEYLOGFILE", None)  # the keys of connections, in a file
    stated = {"http.proxy": remote.proxy, "http.sslCAInfo": remote.ca_file}
    settings = [(name, value) for name, value in stated.items() if value]
    if scheme == "https":
        kept |= {"HOME": hardening.NOWHERE, "XDG_CONFIG_HOME": hardening.NOWHERE}
        if remote.token:
            settings.append((f"http.{host}/.extraHeader", f"Authorization: {remote.token}"))
    counted = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings):
        counted |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    quiet = {"GIT_SSH_COMMAND": _SSH, "GIT_CONFIG_GLOBAL": hardening.NOWHERE, "GIT_CONFIG_NOSYSTEM": "1"}
    return {**kept, **quiet, **counted, "GIT_ALLOW_PROTOCOL": scheme, "GIT_LFS_SKIP_SMUDGE": "1"}


def _reason(remote: Remote, said: str) -> str:
    """Return why git failed, in our words where they are known; a server may repeat the token that it was given."""
    known = next((words for shape, words in _CAUSES if shape.search(said)), "")
    if known:
        return known
    last = next((line for line in reversed(said.splitlines()) if line.startswith(("fatal:", "error:"))), "git failed")
    for secret in filter(None, (remote.token, remote.token.partition(" ")[2])):
        last = last.replace(secret, "***")
    return f"git: {last.partition(': ')[2] or last}"[:300]
