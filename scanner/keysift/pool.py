"""Work shared by processes of which some may die: what was under way then is done again alone, in ever smaller parts.

A process dies of bytes that break a library, of a system without memory, of a user's `kill`. None of that may lose more
than the one thing that no process survives.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

TRIES = 2
"""Times that something is tried alone before it is split, or given up: it may have been another's fault, or chance."""
MOST_LOST = 50
"""Things in a row of which every process dies: then it is not them, and what is left is not tried one by one."""
Task = TypeVar("Task")
Answer = TypeVar("Answer")
Open = Callable[[int], "AbstractContextManager[ProcessPoolExecutor]"]
Split = Callable[[Task], Sequence[Task]]
_END: Any = object()


class BackgroundCall(Generic[Answer]):
    """A call in a thread of its own; a daemon, so that nobody who interrupts us waits for it, or for git."""

    def __init__(self, call: Callable[[], Answer]) -> None:
        self._call = call
        self._answer: Answer
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def answer(self) -> Answer:
        """Waits for it. Raises what the call has raised."""
        self._thread.join()
        if self._error:
            raise self._error
        return self._answer

    def _run(self) -> None:
        try:
            self._answer = self._call()
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._error = error


@contextmanager
def processes(jobs: int, start: Callable[..., None], given: tuple[Any, ...]) -> Iterator[ProcessPoolExecutor]:
    """A pool, each of whose processes calls `start(*given)` first. Whoever is interrupted waits for none of them.

    What a process keeps from its start stays for good: no collection of garbage looks at it again.
    """
    import multiprocessing  # noqa: PLC0415 - 20 ms that little work need not pay
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - likewise

    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(start, given))
    try:
        yield pool
    except (KeyboardInterrupt, GeneratorExit):
        for process in multiprocessing.active_children():
            process.kill()  # what they are reading is not waited for
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _begin(start: Callable[..., None], given: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    start(*given)
    gc.freeze()


def answers(  # noqa: PLR0913, PLR0917 - what varies, each once
    opened: Open,
    work: Callable[[Task], Answer],
    tasks: Iterable[Task],
    jobs: int,
    split: Split[Task],
    ahead: int = sys.maxsize,
    *,
    in_order: bool = True,
) -> Iterator[tuple[Task, Answer | None]]:
    """Each task with its answer, in order or as they are done; at most `ahead` tasks are taken before their turn.

    Where a process dies of a task, its parts come instead, each with its answer; None where `split` knows no parts.
    """
    source = iter(tasks)
    waiting: deque[tuple[Task, Future[Answer] | None]] = deque()
    lost: list[Task] = []
    while True:
        with opened(jobs) as pool:
            waiting = deque((task, one if _done(one) else _asked(pool, work, task)) for task, one in waiting)
            while True:
                while len(waiting) < ahead and (task := next(source, _END)) is not _END:
                    waiting.append((task, _asked(pool, work, task)))
                if not waiting:
                    return
                if not in_order:
                    _bring_forward(waiting)
                if not _settled(waiting[0][1]):
                    break
                task, future = waiting.popleft()
                yield task, future.result() if future else None
        # What was under way is among the oldest that have no answer: processes take them in order.
        suspects = [place for place, (_, one) in enumerate(waiting) if not _done(one)][: jobs + 1]
        for _ in range(suspects[-1] + 1):
            task, future = waiting.popleft()
            if future and _done(future):
                yield task, future.result()
            else:
                yield from _in_parts(opened, work, task, split, lost)


def _bring_forward(waiting: deque[tuple[Task, Future[Answer] | None]]) -> None:
    """Puts one that is done in front; waits for it."""
    from concurrent.futures import FIRST_COMPLETED, wait  # noqa: PLC0415 - the pool has imported it

    wait([one for _, one in waiting if one], return_when=FIRST_COMPLETED)
    place = next((place for place, (_, one) in enumerate(waiting) if _done(one)), 0)
    first = waiting[place]
    del waiting[place]
    waiting.appendleft(first)


def _in_parts(
    opened: Open, work: Callable[[Task], Answer], task: Task, split: Split[Task], lost: list[Task]
) -> Iterator[tuple[Task, Answer | None]]:
    """The task alone, or its parts alone; `lost` has those that were lost in a row."""
    left = [task]
    while left:
        one = left.pop()
        hopeless = len(lost) >= MOST_LOST
        answer = None if hopeless else _alone(opened, work, one)
        parts = () if hopeless or answer is not None else split(one)
        left += reversed(parts)
        if answer is not None:
            lost.clear()
        elif not parts:
            lost.append(one)
        if not parts:
            yield one, answer


def _alone(opened: Open, work: Callable[[Task], Answer], task: Task) -> Answer | None:
    """The answer of a process that has nothing else to do; None where it dies of it, as often as it is tried."""
    for _ in range(TRIES):
        with opened(1) as pool:
            future = _asked(pool, work, task)
            if future and _settled(future):
                return future.result()
    return None


def _asked(pool: ProcessPoolExecutor, work: Callable[[Task], Answer], task: Task) -> Future[Answer] | None:
    """None where a process has died before, or none can be started: the pool takes nothing more."""
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - the pool has imported it

    try:
        return pool.submit(work, task)
    except (BrokenProcessPool, OSError):
        return None


def _settled(future: Future[Any] | None) -> bool:
    """Whether there is an answer, or an error of the work itself; waits for it."""
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - the pool has imported it

    return future is not None and not isinstance(future.exception(), BrokenProcessPool)


def _done(future: Future[Any] | None) -> bool:
    return future is not None and future.done() and not future.cancelled() and future.exception() is None
