"""A report that is served, as `keysift view` serves it."""

import functools
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.report import many
from tests.serve.clients import Client

from keysift.cli import deciding, settings
from keysift.config import Policy
from keysift.model import Run
from keysift.serve.decisions import Decisions
from keysift.serve.server import Server


@pytest.fixture(scope="session")
def run() -> Run:
    """A report whose keys are masked."""
    run = many.audit(60)
    masked = [replace(finding, secret=b"***") for finding in run.findings]
    return replace(run, findings=masked, suppressed=[])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".keysift-baseline"


@pytest.fixture
def decisions(run: Run, file: Path) -> Decisions:
    decide = functools.partial(deciding.entries_of, policy=Policy())
    return Decisions(run, file, decide, settings.today)


@pytest.fixture
def client(decisions: Decisions) -> Iterator[Client]:
    with Server(b"<!doctype html>the page", decisions) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Client(server)
        server.shutdown()
        thread.join()
