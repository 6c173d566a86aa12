"""Vendors of the tests, and a process that listens where nothing may connect."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import SOURCES, git, keysift  # noqa: F401 - fixtures
from tests.verify import stand_ins
from tests.verify.stand_ins import Vendors


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A home and a cache of its own: no state of a key is known there, but what takes long to compile is."""
    home, cache = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("cache")
    cache.chmod(0o700)
    known = Path(os.environ["KEYSIFT_CACHE_DIR"]) / "compiled"
    if known.is_dir():
        shutil.copytree(known, cache / "compiled", ignore=shutil.ignore_patterns("verified*", "*.tmp"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "NO_COLOR", "XDG_"))}
    own = {"HOME": str(home), "KEYSIFT_CACHE_DIR": str(cache), "PYTHONPATH": str(SOURCES), "PYTHONUTF8": "1"}
    return {**kept, **own, "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    with stand_ins.running(tmp_path_factory.mktemp("authority"), frozenset({"api.openai.com"})) as played:
        yield played


@pytest.fixture
def trap() -> Iterator[int]:
    """The port of a process that listens; the test fails if anything connected to it."""
    with subprocess.Popen([sys.executable, "-c", stand_ins.TRAP], stdout=subprocess.PIPE) as process:
        assert process.stdout
        yield int(process.stdout.readline())
        process.terminate()
        assert process.stdout.read() == b""


@pytest.fixture
def network(vendors: Vendors) -> list[str]:
    """The options by which the names of all vendors lead to the ones of the test."""
    return ["--proxy", vendors.proxy, "--ca-file", str(vendors.authority)]
