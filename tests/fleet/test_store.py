"""Stores: a directory of its owner's, and whatever fsspec reaches."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from tests.fleet.conftest import Few, Fleet

from keysift.errors import UsageError
from keysift.fleet.store import open_store, read_all


@pytest.mark.parametrize("kind", ["directory", "fsspec", "memory"])
def test_a_file_is_there_as_a_whole(tmp_path: Path, kind: str) -> None:
    address = {"directory": str(tmp_path / "store"), "fsspec": f"file://{tmp_path}/store", "memory": "memory://fleet"}
    store = open_store(address[kind])
    assert store.read("progress.json") is None
    assert store.names("repositories") == []
    store.write("repositories/a.json", b"1")
    store.write("repositories/a.json", b"2")
    store.write("repositories/b.json", b"3")
    assert dict(read_all(store, "repositories")) == {"repositories/a.json": b"2", "repositories/b.json": b"3"}
    assert store.names("repositories") == ["a.json", "b.json"], "nothing is left aside"


def test_a_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    store.write("repositories/a.json", b"1")
    for place in ("store", "store/repositories", "store/repositories/a.json"):
        assert not stat.S_IMODE((tmp_path / place).stat().st_mode) & 0o077


def test_an_address_that_nobody_knows() -> None:
    with pytest.raises(UsageError, match="fsspec does not know such an address: nonsense://"):
        open_store("nonsense://x")


def test_a_fleet_keeps_its_reports_in_an_object_store(fleet: Fleet, few: Few) -> None:
    few(2)
    fleet.github()
    text = (fleet.place / "fleet.toml").read_text()
    (fleet.place / "fleet.toml").write_text(text.replace('"reports"', f'"file://{fleet.place}/objects"'))
    fleet.run("run", expect=1)
    assert len(list((fleet.place / "objects" / "repositories").iterdir())) == 2
    assert len(fleet.keys()) == 3
    _, err = fleet.run("run", expect=1)
    assert "2 repositories: 0 scanned, 2 unchanged, 0 failed" in err
