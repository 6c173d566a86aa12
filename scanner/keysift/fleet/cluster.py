"""The engine of several machines: Dask, https://distributed.dask.org. A task is one repository.

Nothing is sent in the clear: a cluster on this machine has certificates of its own, made for one run, and a scheduler
elsewhere is reached by `tls://` alone, with the certificates that Dask's own configuration names.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Any

from keysift.errors import SourceError, UsageError
from keysift.fleet.engine import LOOK_S, LOST, MOST_DEATHS, Event, Events, Work
from keysift.fleet.model import Answer, State, Task

INSTALL = "pip install 'keysift[fleet]'"
TLS = "https://distributed.dask.org/en/stable/tls.html says how to name the certificates"


def run_on(work: Work, tasks: Iterable[Task], address: str, jobs: int) -> Events:
    """Do the tasks on the cluster whose scheduler is at an address, or on one of `jobs` processes here if it is empty.

    Raises:
        UsageError: Dask is not installed, or has no certificates.
        SourceError: the scheduler does not answer.
    """
    try:
        import dask  # noqa: PLC0415 - of an extra, and takes most of a second
        import distributed  # noqa: PLC0415 - likewise
    except ImportError as error:
        raise UsageError("the engine needs libraries that are not installed", help=INSTALL) from error
    settings = {
        "distributed.scheduler.allowed-failures": MOST_DEATHS - 1,
        # Without pages that tell everybody on the machine what is scanned.
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with dask.config.set(settings), ExitStack() as opened:
        client = opened.enter_context(_client(opened, distributed, address, jobs))
        # The count of a scheduler elsewhere may be another one.
        client.run_on_scheduler(_allow, MOST_DEATHS - 1)
        yield from _follow(distributed, client, work, iter(tasks))


def _client(opened: ExitStack, distributed: Any, address: str, jobs: int) -> Any:  # noqa: ANN401 - of an optional library
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it logs tracebacks, with what they quote
    try:
        if address:
            return distributed.Client(address, timeout=20)
        security = distributed.security.Security.temporary()
        cluster = distributed.LocalCluster(
            n_workers=jobs, threads_per_worker=1, security=security, protocol="tls://", dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        )  # fmt: skip
        return distributed.Client(opened.enter_context(cluster), security=security)
    except ImportError as error:
        raise UsageError("the engine needs libraries that are not installed", help=INSTALL) from error
    except (OSError, TimeoutError) as error:
        raise SourceError(f"no scheduler answers at {address}", help=TLS) from error
    except (TypeError, ValueError) as error:
        raise UsageError(f"cannot reach {address}: {error}", help=TLS) from error


def _allow(number: int, dask_scheduler: Any = None) -> None:  # noqa: ANN401 - Dask's own name and object
    dask_scheduler.allowed_failures = number


def _follow(distributed: Any, client: Any, work: Work, tasks: Iterator[Task]) -> Events:  # noqa: ANN401
    """Yield what happens. No more tasks are handed in than there are threads: a worker that dies has one to lose."""
    futures: dict[Any, Task] = {}
    try:
        while True:
            threads = max(1, sum(client.nthreads().values()))
            for task in islice(tasks, max(0, threads - len(futures))):
                # A scheduler elsewhere may still know what another driver gave it.
                name = f"keysift-{task.repository.name}-{os.urandom(4).hex()}"
                futures[client.submit(work, task, key=name, pure=False)] = task
            if not futures:
                return
            try:
                done = distributed.wait(list(futures), LOOK_S, "FIRST_COMPLETED").done
            except TimeoutError:
                done = set()
            running = _running(client, futures)
            yield Event(running)
            for future in done:
                yield Event(running, futures.pop(future), _answer(distributed, future))
    except OSError as error:
        raise SourceError("the scheduler no longer answers", help="run it again: what is done stays done") from error
    finally:
        client.cancel(list(futures))


def _running(client: Any, futures: dict[Any, Task]) -> tuple[tuple[Task, str], ...]:  # noqa: ANN401
    tasks = {future.key: task for future, task in futures.items()}
    places = client.processing().items()
    return tuple((tasks[key], f"worker {worker}") for worker, keys in places for key in keys if key in tasks)


def _answer(distributed: Any, future: Any) -> Answer:  # noqa: ANN401
    error = future.exception()
    if error is None:
        answer: Answer = future.result()
        return answer
    if isinstance(error, distributed.KilledWorker):
        return LOST
    return Answer(State.FAILED, f"the cluster could not do it: {type(error).__name__}")
