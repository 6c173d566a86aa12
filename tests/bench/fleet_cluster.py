"""A scheduler of Dask and its workers, each a process of its own, that speak TLS alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

_DASK = (sys.executable, "-c", "from dask.cli import run_cli; run_cli()")


@dataclass
class Cluster:
    """A cluster that runs."""

    address: str
    environment: dict[str, str]
    """The variables with which a client, too, finds the certificates."""
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


@contextmanager
def running(folder: Path, workers: int, environment: Mapping[str, str]) -> Iterator[Cluster]:
    """Start a scheduler and so many workers, with certificates in `folder`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    authority.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(str(folder / "me.pem"))
    tls = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(folder / "ca.pem")}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        tls |= {f"DASK_DISTRIBUTED__COMM__TLS__{role}__{part}": str(folder / "me.pem") for part in ("CERT", "KEY")}
    own = {**os.environ, **environment, **tls}
    place = folder / "scheduler.json"
    start = ["scheduler", "--host", "tls://127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(place)]
    with ExitStack() as stack:
        cluster = Cluster("", own, _started(stack, start, own), [])
        while not place.exists():
            time.sleep(0.05)
        address = place.read_text().partition('"address": "')[2].partition('"')[0]
        cluster.address = address
        start = ["worker", address, "--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
        start += ["--local-directory", str(folder), "--no-nanny"]
        cluster.workers = [_started(stack, start, own) for _ in range(workers)]
        yield cluster


def _started(stack: ExitStack, words: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command, nowhere = [*_DASK, *words], subprocess.DEVNULL
    process = stack.enter_context(subprocess.Popen(command, env=environment, stdout=nowhere, stderr=nowhere))
    stack.callback(process.kill)
    return process
