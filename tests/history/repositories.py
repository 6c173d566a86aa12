"""Repositories that tests of audits build with plain git, and what they ask of the answer."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from keysift.history.audit import Audit
from keysift.model import Finding, History, Location, Run, ScanResult, Skipped
from keysift.rules.generate import instance

LIMIT = 1 << 20
DAY = 86_400
"""Seconds by which the clock of a repository goes on with each command."""
Audited = Callable[..., Run]
Kept = Callable[..., tuple[Run, str]]
"""An audit with a state, and what it says of that."""


def token(seed: str) -> str:
    """A key that is recognised by its shape, wherever it stands."""
    return instance("{{github:ghp_}}", seed)[0]


class Repository:
    """A repository that a test builds with plain git."""

    def __init__(self, place: Path, *options: str, clock: int = 1_700_000_000) -> None:
        self.place = place
        self.clock = clock
        self._has_new = True
        """Whether there may be a file that git does not track."""
        if not place.exists():
            place.mkdir(parents=True)
            self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str, stdin: str | bytes = b"") -> str:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        self.clock += DAY
        when = {"GIT_AUTHOR_DATE": f"{self.clock} +0000", "GIT_COMMITTER_DATE": f"{self.clock} +0000"}
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always")
        command = ["git", "-C", str(self.place), *who, *arguments]
        done = subprocess.run(command, input=data, capture_output=True, check=False, env={**os.environ, **when})
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, path: str, text: str) -> Path:
        file = self.place / path
        self._has_new = self._has_new or not file.exists()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def commit(self, path: str, text: str, message: str = "change") -> str:
        self.write(path, text)
        if self._has_new:
            self.git("add", "-A")
            self._has_new = False
        else:
            self.clock += DAY
        self.git("commit", "-q", "-a", "--allow-empty", "-m", message)
        return self.head()

    def head(self) -> str:
        """Return the id of the commit at HEAD, from the files where git has just put it: starting git takes longer."""
        try:
            name = (self.place / ".git" / "HEAD").read_text().removeprefix("ref: ").strip()
            found = (self.place / ".git" / name).read_text().strip()
        except OSError:
            return self.git("rev-parse", "HEAD")
        self.clock += DAY
        return found

    def loose(self, oid: str) -> Path:
        return self.place / ".git" / "objects" / oid[:2] / oid[2:]


def results(audit: Audit) -> Iterator[ScanResult]:
    """What an audit yields, without its news of progress."""
    return (event for event in audit if isinstance(event, ScanResult))


def unordered(run: Run) -> tuple[list[tuple[Finding, set[Location]]], Counter[Skipped]]:
    """Return what was found and what was skipped, to be compared with a run that reads in another order."""
    findings = sorted(run.findings, key=lambda finding: (finding.rule.id, finding.secret))
    return [(replace(finding, locations=()), {*finding.locations}) for finding in findings], Counter(run.skipped)


def one(run: Run, secret: str) -> Finding:
    """The finding of a key: there is one, not several."""
    found = [finding for finding in run.findings if finding.secret == secret.encode()]
    assert len(found) == 1, [(finding.rule.id, finding.locations) for finding in run.findings]
    return found[0]


def life(finding: Finding) -> History:
    assert finding.history is not None
    return finding.history


def paths(finding: Finding) -> list[str]:
    """Where it is, but for git's own copies of messages, and of the names of branches."""
    copies = (".git/logs/", ".git/packed-refs", ".git/COMMIT_EDITMSG", ".git/TAG_EDITMSG")
    return [location.path for location in finding.locations if not location.path.startswith(copies)]


def file_of(tmp_path: Path) -> Path:
    """The file in which a test of a state keeps it."""
    return tmp_path / "state" / "repository.state"
