"""The objects of one large repository in lots, which other workers of the cluster do, as far as they see the same disk.

What all lots need (the rules, and the plan of the sweep) is written beside the clones. A lot names that file with a
digest of it, so nobody unpickles what anybody else has put there. A worker that does not see the file, or has another
directory at the path of the repository, gives the lot back, and the worker that has the repository does it.
"""

from __future__ import annotations

import hashlib
import pickle
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar

from keysift.fleet.clones import PART
from keysift.records import dataclass

_FIRST = 10
"""The priority of a lot: a repository that is under way comes before one that waits."""
_State = TypeVar("_State", bound=AbstractContextManager[Any])
_Task = TypeVar("_Task")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Lots:
    """The workers of the cluster, as helpers of the one that has the task."""

    work: str
    """The directory of clones."""
    place: str
    """Where the repository lies."""
    least: int
    """The weight of a plan that is worth sharing."""

    @property
    def count(self) -> int:
        """How many lots can be done at once."""
        import distributed  # noqa: PLC0415 - of an extra, and takes most of a second

        client: Any = distributed.get_client()
        return sum(client.nthreads().values())

    def answers(
        self,
        start: Callable[..., _State],
        given: tuple[Any, ...],
        work: Callable[[_State, _Task], _Answer],
        tasks: Iterable[_Task],
    ) -> Iterator[tuple[_Task, _Answer | None]]:
        """Yield each task with its answer as it is done, and with None if two workers died of it."""
        import distributed  # noqa: PLC0415 - likewise

        with (
            _written(self.work, pickle.dumps((start, given, work))) as (file, digest),
            distributed.worker_client() as client,  # this worker, too, does lots meanwhile
            ExitStack() as opened,
        ):
            here: list[_State] = []
            for task, done in _follow(client, tasks, (file, digest, self.place, _look(self.place))):
                if done == ():
                    here = here or [opened.enter_context(start(*given))]
                    yield task, work(here[0], task)
                else:
                    yield task, done[0] if done else None


@contextmanager
def _written(work: str, data: bytes) -> Iterator[tuple[str, str]]:
    """Write what all lots need; yield the file and a digest of it."""
    Path(work).mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = mkdtemp(prefix=f"lots{PART}", dir=work)
    try:
        file = Path(folder, "given")
        file.write_bytes(data)
        yield str(file), _digest(data)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _follow(
    client: Any,  # noqa: ANN401 - of an optional library
    tasks: Iterable[_Task],
    call: tuple[str, str, str, tuple[int, int]],
) -> Iterator[tuple[_Task, tuple[Any, ...] | None]]:
    """Yield each task with what `do` returned, as it is done; None if two workers died of it."""
    import distributed  # noqa: PLC0415 - likewise

    as_completed: Any = distributed.as_completed
    waiting = {client.submit(do, *call, task, pure=False, priority=_FIRST): task for task in tasks}
    with ExitStack() as ending:
        # They keep the clone open, so that its room would not be free when it is removed.
        ending.callback(client.run, forget, call[0], wait=False)
        ending.callback(lambda: client.cancel(list(waiting)))
        for future in as_completed(list(waiting)):
            task = waiting.pop(future)
            if future.status == "finished":
                yield task, future.result()
            elif future.status != "error":  # the scheduler has lost it
                yield task, ()
            elif isinstance(error := future.exception(), distributed.KilledWorker):
                yield task, None
            else:
                raise error


def _look(place: str) -> tuple[int, int]:
    """Return what tells a directory from one at the same path of another disk."""
    status = Path(place).stat()
    return status.st_ino, status.st_ctime_ns


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data).hexdigest()


# --- On whichever worker ----------------------------------------------------------------------------------------------

_states: dict[int, tuple[str, Any, Callable[[Any, Any], Any]]] = {}
"""By thread, which does one lot at a time: the file, what `start` returned, and what does a lot with it."""


def do(file: str, digest: str, place: str, look: tuple[int, int], task: _Task) -> tuple[Any, ...]:
    """Return the answer to a task; an empty tuple if this worker does not see the file or the repository."""
    thread = threading.get_ident()
    if thread not in _states or _states[thread][0] != file:
        try:
            data = Path(file).read_bytes()
            if _digest(data) != digest or _look(place) != look:
                return ()
        except OSError:
            return ()
        start, given, work = pickle.loads(data)  # noqa: S301 - the digest says that it is ours
        _drop(thread)
        _states[thread] = file, start(*given), work
    _, state, work = _states[thread]
    return (work(state, task),)


async def forget(file: str) -> None:
    """Drop what the lots of a repository needed. A coroutine, for whose end Dask need not wait."""
    for thread, (known, *_) in list(_states.items()):
        if known == file:
            _drop(thread)


def _drop(thread: int) -> None:
    if thread in _states:
        _states.pop(thread)[1].__exit__(None, None, None)
