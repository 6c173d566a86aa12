"""A cluster of Dask on this machine: the same findings, whoever dies."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tests.bench import fleet_cluster
from tests.fleet.conftest import Few, Fleet, key, make_repository
from tests.fleet.stand_in import Forge

from keysift.history.plan import FEW


def _workers(driver: int) -> list[psutil.Process]:
    """The processes of the cluster that do the work."""
    children = psutil.Process(driver).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


@pytest.mark.thorough
def test_a_worker_that_is_killed_costs_nothing(fleet: Fleet, forge: Forge, few: Few) -> None:
    few(12)
    fleet.github()
    chance = random.Random()
    with fleet.start("run", "--engine", "dask", "--jobs", "2") as process:
        fleet.wait_for(chance.randrange(1, 9))
        workers = _workers(process.pid)
        assert len(workers) == 2
        chance.choice(workers).kill()
        out, err = process.communicate(timeout=240)
    assert process.returncode == 1, err.decode() + out.decode()
    assert b"12 repositories: 12 scanned, 0 unchanged, 0 failed" in err
    by_cluster = fleet.keys()
    assert len(by_cluster) == 13
    for file in (fleet.place / "reports" / "repositories").iterdir():
        file.unlink()
    fleet.run("run", expect=1)
    assert fleet.keys() == by_cluster
    texts = {str(file): file.read_bytes() for file in fleet.place.rglob("*") if file.is_file()} | {"": out + err}
    assert not [name for name, data in texts.items() if forge.token.encode() in data]


@pytest.mark.thorough
def test_what_kills_two_workers_is_named_and_the_rest_goes_on(fleet: Fleet, deadly: tuple[str, ...]) -> None:
    fleet.github()
    _, err = fleet.run("run", "--engine", "dask", "--jobs", "2", expect=1, program=deadly)
    assert "7 repositories: 6 scanned, 0 unchanged, 1 failed" in err
    [missed] = fleet.report()["skipped"]
    assert missed["path"].endswith("/acme/deadly")
    assert missed["reason"] == "not scanned: 2 workers died of it"


@pytest.mark.thorough
def test_a_cluster_of_ones_own(fleet: Fleet, few: Few, tmp_path_factory: pytest.TempPathFactory) -> None:
    few(6)
    fleet.github()
    with fleet_cluster.running(tmp_path_factory.mktemp("cluster"), 2, fleet.environment) as own:
        fleet.environment |= {name: value for name, value in own.environment.items() if name.startswith("DASK_")}
        with fleet.start("run", "--engine", own.address) as process:
            fleet.wait_for(2)
            own.workers[1].kill()
            _, err = process.communicate(timeout=240)
        assert b"6 repositories: 6 scanned, 0 unchanged, 0 failed" in err
        own.scheduler.kill()
        _, said = fleet.run("run", "--engine", own.address, expect=3)
        assert f"no scheduler answers at {own.address}" in said
    assert len(fleet.keys()) == 7


def test_a_scheduler_is_reached_by_tls_alone(fleet: Fleet, few: Few) -> None:
    few(1)
    fleet.github()
    _, err = fleet.run("run", "--engine", "tcp://127.0.0.1:8786", expect=2)
    assert "no such engine: tcp://127.0.0.1:8786" in err
    _, err = fleet.run("run", "--engine", "tls://127.0.0.1:9", expect=2)
    assert "TLS expects a `ssl_context` argument" in err or "cannot reach" in err


PARTED = """
import os, signal
from pathlib import Path
from keysift import cli
from keysift.cli import fleet_audit
from keysift.fleet import driver, lots

real_audit, real_do = fleet_audit.audit_repository, lots.do
notes = Path(os.environ["NOTES"])

def do(file, digest, place, look, task):
    (notes / f"{os.getpid()}-{task}").touch()
    if MODE == "elsewhere":
        file += ".elsewhere"
    elif MODE == "deadly" and task == 3 or MODE == "unlucky" and not (notes / "killed").exists():
        (notes / "killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return real_do(file, digest, place, look, task)

def audit(place, task):
    lots.do = do
    return real_audit(place, task)

def main():
    fleet_audit.audit_repository = audit
    driver.PARTED = 1
    cli.main()
"""


@pytest.fixture
def parted(fleet: Fleet, forge: Forge, few: Few, repositories: Path, tmp_path: Path) -> Callable[[str], str]:
    """A function that runs the fleet, which has one repository, in lots of a mode; it returns what was said."""
    few(0)
    place = repositories / "acme" / "large.git"
    if not place.exists():
        more = {
            f"f{number}.txt": f"line {number}\n" for number in range(FEW)
        }  # a pack with fewer is not read as it lies
        make_repository(place, more | {f"prod{n}.env": f"DB_PASSWORD={key(f'l{n}')}\n" for n in range(40)})
    forge.lists["/orgs/acme/repos"] = [forge.github("acme/large")]
    fleet.github()
    notes = tmp_path / "notes"
    notes.mkdir()
    fleet.environment |= {"NOTES": str(notes), "PYTHONPATH": f"{fleet.environment['PYTHONPATH']}:{tmp_path}"}

    def run(mode: str) -> str:
        (tmp_path / "parted_program.py").write_text(PARTED.replace("MODE", repr(mode)))
        program = (sys.executable, "-c", "import parted_program; parted_program.main()", "fleet")
        return fleet.run("run", "--full", "--engine", "dask", "--jobs", "2", program=program)[1]

    return run


def _told(fleet: Fleet) -> list[object]:
    return sorted(fleet.report("--all")["findings"], key=str)


def test_a_large_repository_is_parted_among_the_workers(
    fleet: Fleet, parted: Callable[[str], str], tmp_path: Path
) -> None:
    fleet.run("run", expect=1)
    told = _told(fleet)
    assert len(told) == 40
    for mode, workers in (("all", 2), ("elsewhere", 2), ("unlucky", 3)):
        assert "1 scanned, 0 unchanged, 0 failed" in parted(mode)
        assert _told(fleet) == told, mode
        done = [file.name.split("-") for file in (tmp_path / "notes").iterdir() if "-" in file.name]
        assert len({worker for worker, _ in done}) == workers, mode
        assert len({task for _, task in done}) > 20, mode
        assert not fleet.clones(), mode
        for file in (tmp_path / "notes").iterdir():
            file.unlink()


def test_a_lot_that_kills_two_workers_is_named(fleet: Fleet, parted: Callable[[str], str]) -> None:
    """The lot, if its repository was with another worker; else the repository, which two workers died of, too."""
    said = parted("deadly")
    missed = fleet.report()["skipped"]
    assert missed
    if "0 failed" in said:
        assert all("not scanned: the processes that tried died" in each["reason"] for each in missed)
        assert len(fleet.keys()) > 20
    else:
        assert [each["reason"] for each in missed] == ["not scanned: 2 workers died of it"]
