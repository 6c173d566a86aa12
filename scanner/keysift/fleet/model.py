"""The nouns of a fleet: a repository, the task of auditing it, and what came of that."""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Callable
from dataclasses import field
from pathlib import Path

from keysift.model import Run, Skipped
from keysift.records import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """How a host is reached; the token itself stays in the environment of whoever needs it."""

    token_env: str = ""
    """The name of the environment variable that holds the token."""
    user: str = ""
    """The name beside which git gives the token."""
    ca_file: str = ""
    """A file of certificates that are trusted instead of the usual ones."""
    proxy: str = ""
    """`http://host:port`."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository of a fleet."""

    name: str
    """`github.com/acme/app`; the path, for one on this machine."""
    url: str
    """Where git clones it from; for one on this machine its path."""
    access: Access = Access()
    local: bool = False
    """True if it is on this machine, and audited where it is."""
    size: int = 0
    """Bytes, as the service says; 0 if unknown."""
    teams: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    optional: bool = False
    """True for a wiki, which a service may announce although there is none."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The repositories of all sources."""

    repositories: tuple[Repository, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    """What is left out, and sources that could not be listed to their end."""
    whole: bool = True
    """False if there may be more repositories than these."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What holds for all audits of a fleet."""

    heed: bool = True
    """Whether configuration, comments and baseline of each repository are heeded."""
    min_confidence: str = ""
    show_secrets: bool = False
    limit: int = 256 << 20
    """Bytes of the longest object that is read."""


@dataclass(frozen=True, slots=True)
class Task:
    """The audit of one repository, as it is sent to a worker."""

    repository: Repository
    version: str
    """The keysift that sends it; a worker with another one refuses."""
    work: str
    """The directory of clones, on the worker."""
    wishes: Wishes = Wishes()
    known: str = ""
    """The mark of the report that is there already."""
    salt: bytes = field(default=b"", repr=False)
    keep: bool = False
    quota: int = 0
    """Bytes that all clones of a directory may take together; 0 means no limit."""
    jobs: int = 1
    """Processes for this audit."""
    anew: bool = False
    """True if what earlier audits remember is to be forgotten."""
    parted: int = 0
    """The weight of objects to read, roughly bytes, from which on other workers help; 0 if there are none."""


class State(enum.StrEnum):
    """What came of a task."""

    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    ABSENT = "absent"
    """A wiki that the service announced, and that is not there."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a task; it travels back."""

    state: State
    reason: str = ""
    """Why it failed."""
    mark: str = ""
    """A digest of the tips of the repository and of everything else that the report depends on."""
    report: bytes = field(default=b"", repr=False)
    """The report as JSON, masked unless the user wants to see the keys."""
    until: str = ""
    """The last day on which the report holds although nothing changes: then an acceptance ends."""
    seconds: float = 0.0


AuditRepository = Callable[[Path, Task], Run]
"""Audits the repository of a task, which lies at a path; paths in the run start from the top of the repository."""


def file_name(name: str) -> str:
    """Return a file name for a repository: readable, and different for each."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", name).strip("._")[-80:]
    return f"{readable}-{hashlib.blake2b(name.encode(), digest_size=6).hexdigest()}"
