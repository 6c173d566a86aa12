"""What a fleet remembers of each audit: the second night reads what is new, although no clone is kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.fleet.conftest import Few, Fleet, add_commit, key, make_repository
from tests.fleet.stand_in import Forge

GROWING = 12
"""Commits of the repository that gets more."""
BESIDE = 5
"""What git keeps beside the objects of a mirror, which is read each time: names of refs and of files, settings."""
DYING = """
import os, signal
from keysift import cli
from keysift.cli import fleet_audit

real = fleet_audit.audit_repository

def audit(place, task):
    run = real(place, task)
    os.kill(DRIVER(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)

def main():
    fleet_audit.audit_repository = audit
    cli.main()
"""
"""keysift, but for a run that ends between the state of the first repository and its report."""


@pytest.fixture
def growing(fleet: Fleet, forge: Forge, few: Few, repositories: Path) -> Path:
    """A repository that a test may add to, beside two others."""
    few(2)
    place = repositories / "acme" / f"growing-{os.urandom(3).hex()}.git"
    make_repository(place, {"a.env": f"DB_PASSWORD={key('growing')}\n"})
    for number in range(GROWING):
        add_commit(place, {f"f{number}.txt": f"nothing {number}\n"}, "more")
    forge.lists["/orgs/acme/repos"].append(forge.github(f"acme/{place.stem}"))
    fleet.github()
    return place


def _told(fleet: Fleet) -> list[dict[str, Any]]:
    """What is found, in all fields but those that tell when."""
    findings: list[dict[str, Any]] = fleet.report("--all")["findings"]
    assert findings
    return sorted(findings, key=lambda finding: str(finding["fingerprint"]))


def _told_in_full(fleet: Fleet) -> list[dict[str, Any]]:
    fleet.run("run", "--full", expect=1)
    return _told(fleet)


def test_the_second_night_reads_what_is_new(fleet: Fleet, growing: Path) -> None:
    fleet.run("run", expect=1)
    assert fleet.blobs()[growing.stem] == 2 * (GROWING + 1) + BESIDE
    assert not fleet.clones()
    add_commit(growing, {"b.env": f"MAIL_PASSWORD={key('second')}\n"}, "second")
    _, err = fleet.run("run", expect=1)
    assert "3 repositories: 1 scanned, 2 unchanged" in err
    assert fleet.blobs()[growing.stem] == 2 + BESIDE, "a commit and a file, of a clone with other packs"
    told = _told(fleet)
    assert len(told) == 5, "one for each, one that two share, and the new one"
    assert "notes" not in fleet.report()["run"]
    assert _told_in_full(fleet) == told
    assert fleet.blobs()[growing.stem] == 2 * (GROWING + 2) + BESIDE
    assert fleet.blobs()["r00"] > BESIDE, "what has not changed is read again, too"


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_a_branch_that_was_forced_is_told_as_by_a_full_audit(fleet: Fleet, growing: Path, engine: str) -> None:
    run = ("run", "--engine", engine, "--jobs", "1")
    fleet.run(*run, expect=1)
    subprocess.run(["git", "-C", str(growing), "update-ref", "refs/heads/main", "refs/heads/main~6"], check=True)
    add_commit(growing, {"c.env": f"MAIL_PASSWORD={key('forced')}\n"}, "forced")
    fleet.run(*run, expect=1)
    assert fleet.blobs()[growing.stem] == 2 + BESIDE
    told = _told(fleet)
    assert _told_in_full(fleet) == told


def test_only_its_owner_reads_what_is_remembered(fleet: Fleet, growing: Path) -> None:
    fleet.run("run", expect=1)
    files = fleet.states()
    assert {*files} == {"r00", "r01", growing.stem}
    for file in files.values():
        assert not file.stat().st_mode & 0o077
        for folder in (file.parent, file.parent.parent, file.parent.parent.parent):
            assert not folder.stat().st_mode & 0o077
        assert key("growing").encode() not in file.read_bytes()


def test_what_is_remembered_goes_with_its_repository(fleet: Fleet, forge: Forge, growing: Path) -> None:
    fleet.run("run", expect=1)
    forge.lists["/orgs/acme/repos"].pop()
    fleet.run("run", expect=1)
    assert growing.stem not in fleet.states()
    assert "r00" in fleet.states()


def test_a_state_that_is_damaged_or_anybodys_is_not_believed(fleet: Fleet, growing: Path) -> None:
    fleet.run("run", expect=1)
    told = _told(fleet)
    spoilt, open_to_all = fleet.states()[growing.stem], fleet.states()["r00"]
    spoilt.write_bytes(spoilt.read_bytes()[:-1] + b"?")
    open_to_all.parent.chmod(0o777)
    for file in (fleet.place / "reports" / "repositories").iterdir():
        file.unlink()
    fleet.run("run", expect=1)
    assert _told(fleet) == told
    notes = {note.partition(": ")[0].rpartition("/")[2]: note for note in fleet.report()["run"]["notes"]}
    assert {*notes} == {growing.stem, "r00"}
    assert notes[growing.stem].endswith("everything was read, for what is remembered does not count: it is damaged")
    assert "nothing is remembered: others may change what is in the state directory" in notes["r00"]
    assert fleet.blobs()["r01"] == BESIDE
    open_to_all.parent.chmod(0o700)
    add_commit(growing, {"b.env": "nothing\n"}, "second")
    fleet.run("run", expect=1)
    assert fleet.blobs()[growing.stem] == 2 + BESIDE, "it was written anew"


def test_a_repository_on_this_machine_is_remembered(fleet: Fleet) -> None:
    place = fleet.place / "here" / "app.git"
    place.parent.mkdir()
    make_repository(place, {"a.env": f"DB_PASSWORD={key('here')}\n"})
    fleet.write('[[source]]\nkind = "directory"\npath = "here"\n')
    fleet.run("run", expect=1)
    first = fleet.blobs()
    add_commit(place, {"b.env": f"MAIL_PASSWORD={key('there')}\n"}, "second")
    fleet.run("run", expect=1)
    assert fleet.blobs() == first, "a commit and a file, both times"
    assert len(_told(fleet)) == 2


@pytest.mark.usefixtures("growing")
def test_a_run_that_dies_between_state_and_report(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "dying_program.py").write_text(DYING.replace("DRIVER", "os.getppid"))
    fleet.environment["PYTHONPATH"] += f":{tmp_path}"
    program = (sys.executable, "-c", "import dying_program; dying_program.main()", "fleet")
    with fleet.start("run", "--jobs", "1", program=program) as process:
        process.communicate(timeout=240)
    assert process.returncode == -signal.SIGKILL
    reports = fleet.place / "reports" / "repositories"
    assert not reports.is_dir() or not list(reports.iterdir())
    assert len(fleet.states()) == 1
    fleet.run("run", expect=1)
    assert BESIDE in fleet.blobs().values(), "what was read by the run that died is not read again"
    told = _told(fleet)
    assert len(told) == 4
    assert _told_in_full(fleet) == told
    assert json.loads((fleet.place / "reports" / "progress.json").read_bytes())["stopped"]
