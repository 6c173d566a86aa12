"""A code host with repositories, each with a key of its own and all with one that they share, and a fleet of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests import in_process
from tests.cli.conftest import SOURCES
from tests.fleet import stand_in
from tests.fleet.stand_in import Forge

from keysift.rules.generate import instance

PROGRAM = (sys.executable, "-m", "keysift", "fleet")


def key(name: str) -> str:
    """The key of a repository."""
    return instance("{{hex:32}}", name)[0]


SHARED = key("shared")
TOKEN = f"token-{key('of the host')}"


def make_repository(place: Path, files: dict[str, str]) -> None:
    """Make a bare repository with a commit."""
    if place.parent not in _empty:
        empty = _empty[place.parent] = place.parent / "empty.git"
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(empty)], check=True, capture_output=True)
    shutil.copytree(_empty[place.parent], place)
    add_commit(place, files, "first", parent="")


_empty: dict[Path, Path] = {}


def add_commit(place: Path, files: dict[str, str], message: str, parent: str = "from refs/heads/main^0\n") -> None:
    """Add a commit to a bare repository, whose files are these and those that it had."""
    head = f"commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata {len(message)}\n{message}\n"
    blobs = [f"M 100644 inline {name}\ndata {len(text.encode())}\n{text}\n" for name, text in files.items()]
    data = (head + parent + "".join(blobs)).encode()
    subprocess.run(["git", "-C", str(place), "fast-import", "--quiet"], input=data, check=True, capture_output=True)


@dataclass
class Fleet:
    """A fleet in a directory of its own."""

    place: Path
    forge: Forge
    environment: dict[str, str]

    def write(self, text: str, **more: object) -> None:
        """Write fleet.toml: the text, below what says where reports and clones go."""
        head = {"store": "reports", "work": "work"} | more
        lines = [f"{name} = {json.dumps(value)}" for name, value in head.items()]
        (self.place / "fleet.toml").write_text("\n".join([*lines, text, ""]))

    def github(self, **more: object) -> None:
        """Write fleet.toml for the organisation `acme` of the host."""
        stated = {"kind": "github", "owner": "acme", "api": f"{self.forge.url}/api", "token-env": "FORGE_TOKEN"}
        stated |= {"ca-file": str(self.forge.authority)} | more
        self.write("[[source]]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in stated.items()))

    def start(self, *words: str, program: tuple[str, ...] = PROGRAM) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        command = [*program, *words]
        return subprocess.Popen(command, cwd=self.place, env=self.environment, stdout=pipe, stderr=pipe)

    def run(self, *words: str, expect: int | None = None, program: tuple[str, ...] = PROGRAM) -> tuple[str, str]:
        """Run a command of the fleet; return what it wrote to both streams.

        It runs in the process of the tests, unless it is another program or starts processes.
        """
        if program == PROGRAM and not {"--jobs", "--engine"}.intersection(words):
            done = in_process.run("fleet", *words, cwd=self.place, environment=self.environment)
            status, out, err = done.returncode, done.stdout, done.stderr
        else:
            with self.start(*words, program=program) as process:
                out, err = process.communicate(timeout=240)
            status = process.returncode
        if expect is not None:
            assert status == expect, err.decode() + out.decode()
        return out.decode(), err.decode()

    def report(self, *words: str) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.run("report", "-f", "json", *words)[0])
        return report

    def keys(self) -> dict[str, list[str]]:
        """The repositories of each key, by its fingerprint."""
        return {
            finding["fingerprint"]: sorted(holder["name"] for holder in finding["repositories"])
            for finding in self.report("--all")["findings"]
        }

    def wait_for(self, number: int) -> None:
        """Wait until so many repositories have reports."""
        folder = self.place / "reports" / "repositories"
        while not folder.is_dir() or len(list(folder.glob("*.json"))) < number:
            time.sleep(0.05)

    def clones(self) -> list[str]:
        """The names of all clones that are there."""
        return [place.name for place in (self.place / "work").glob("*/*") if place.name != "states"]

    def blobs(self) -> dict[str, int]:
        """How many objects the last audit of each repository has read, by the last part of its name."""
        outcomes = [json.loads(file.read_bytes()) for file in (self.place / "reports" / "repositories").iterdir()]
        return {each["name"].rpartition("/")[2]: each["report"]["run"]["blobs"] for each in outcomes}

    def states(self) -> dict[str, Path]:
        """The files in which audits are remembered, by the first part of the name of their directory."""
        files = (self.place / "work").glob("*/states/*/repository.state")
        return {file.parent.name.rpartition("-")[0].rpartition("_")[2]: file for file in files}

    def progress(self) -> dict[str, Any]:
        progress: dict[str, Any] = json.loads((self.place / "reports" / "progress.json").read_bytes())
        return progress


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty bare repositories of `acme`, and an empty one."""
    root = tmp_path_factory.mktemp("repositories")
    for number in range(60):
        name = f"r{number:02}"
        files = {"deploy/prod.env": f"DB_PASSWORD={key(name)}\n", "README.md": f"# {name}\n"}
        if number % 20 == 0:
            files["shared.env"] = f"MAIL_PASSWORD={SHARED}\n"
        make_repository(root / "acme" / f"{name}.git", files)
    return root


@pytest.fixture
def forge(repositories: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    authority = tmp_path_factory.mktemp("authority") / "authority.pem"
    with stand_in.running(repositories, authority, TOKEN) as played:
        played.lists["/orgs/acme/repos"] = [played.github(f"acme/r{number:02}") for number in range(60)]
        played.lists["/orgs/acme/teams"] = []
        yield played


@pytest.fixture
def fleet(tmp_path: Path, forge: Forge, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "XDG_", "COV"))}
    own = {"HOME": str(tmp_path_factory.mktemp("home")), "PYTHONPATH": str(SOURCES), "PYTHONUTF8": "1"}
    return Fleet(tmp_path, forge, {**kept, **own, "FORGE_TOKEN": forge.token, "GIT_CONFIG_NOSYSTEM": "1"})


DEADLY = """
import os, signal
from keysift import cli
from keysift.cli import fleet_audit

real = fleet_audit.audit_repository

def audit(place, task):
    if "deadly" in str(place):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(place, task)

def main():
    fleet_audit.audit_repository = audit
    cli.main()
"""


@pytest.fixture
def deadly(fleet: Fleet, forge: Forge, repositories: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """A program that is keysift, but for a repository that kills whoever audits it."""
    folder = tmp_path_factory.mktemp("deadly")
    (folder / "deadly_program.py").write_text(DEADLY)
    fleet.environment["PYTHONPATH"] += f":{folder}"
    if not (repositories / "acme" / "deadly.git").exists():
        make_repository(repositories / "acme" / "deadly.git", {"a.env": f"DB_PASSWORD={key('deadly')}\n"})
    forge.lists["/orgs/acme/repos"][:] = [*forge.lists["/orgs/acme/repos"][:6], forge.github("acme/deadly", size=900)]
    return sys.executable, "-c", "import deadly_program; deadly_program.main()", "fleet"


Few = Callable[[int], None]


@pytest.fixture
def few(forge: Forge) -> Few:
    """A function that lets the host list only so many repositories."""

    def cut(number: int) -> None:
        forge.lists["/orgs/acme/repos"] = forge.lists["/orgs/acme/repos"][:number]

    return cut
