"""A cluster of Dask on this machine: the same findings, whoever dies."""

from __future__ import annotations

import random

import psutil
import pytest
from tests.bench import fleet_cluster
from tests.fleet.conftest import Few, Fleet
from tests.fleet.stand_in import Forge


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
