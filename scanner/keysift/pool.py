"""Runs tasks in worker processes, some of which may die, and loses at most the tasks that no process survives.

A process dies of bytes that break a library, of a system without memory, of a user's `kill`. What it was working on is
then tried again alone, in ever smaller parts.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from keysift import lazy, parents, shortage

if TYPE_CHECKING:
    import multiprocessing
    from concurrent import futures
    from concurrent.futures import Future, ProcessPoolExecutor
else:
    multiprocessing = lazy.module("multiprocessing")
    futures = lazy.module("concurrent.futures")

TRIES = 2
"""Tries of a task alone before it is split or given up: its process may have died by chance, or of another task."""
_LOOK_S = 0.5
"""Seconds between two looks at the thread that feeds the processes."""
MOST_LOST = 50
"""Tasks lost in a row after which the rest is given up untried: then it is not the tasks that processes die of."""
_FROM_TERMINAL = [getattr(signal, name) for name in ("SIGINT", "SIGHUP", "SIGQUIT") if hasattr(signal, name)]
_INTERRUPTS = {*_FROM_TERMINAL, signal.SIGTERM}
State = TypeVar("State")
Task = TypeVar("Task")
Answer = TypeVar("Answer")
Split = Callable[[Task], Sequence[Task]]
_END: Any = object()


class BackgroundCall(Generic[Answer]):
    """A call in a daemon thread of its own, so that an interrupted program waits neither for it nor for git."""

    def __init__(self, call: Callable[[], Answer]) -> None:
        self._call = call
        self._answer: Answer
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = threading.Thread(target=self._run, daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the system has no more threads
            self._thread = None
            self._run()

    def answer(self) -> Answer:
        """Wait for the call and return its result. Raises whatever the call raised."""
        if self._thread:
            self._thread.join()
        if self._error:
            raise self._error
        return self._answer

    def _run(self) -> None:
        try:
            self._answer = self._call()
        except BaseException as error:  # noqa: BLE001 - raised again by `answer`
            self._error = error


class Workers(Generic[State]):
    """Worker processes, each with the state that it made when it started."""

    def __init__(self, executor: ProcessPoolExecutor | None, start: Callable[[], State]) -> None:
        """Take what starts the processes; None if the system has too little for it."""
        self._executor = executor
        self._start_here = start
        self._here: list[State] = []
        self.short = executor is None
        """True if the system cannot start as many processes as are meant."""

    def submit(self, work: Callable[[State, Task], Answer], task: Task) -> Future[Answer] | None:
        """Hand in a task; return None if no worker can take it, because one has died or too few can be started."""
        if self.short or self._executor is None:
            return None
        try:
            with _uninterrupted():
                return self._executor.submit(_work, work, task)
        except futures.BrokenExecutor:
            return None
        except (OSError, MemoryError, RuntimeError) as error:
            if not isinstance(error, OSError) and shortage.of(error) is None:
                raise
            self.give_up()
            return None

    def give_up(self) -> None:
        """Do without processes from now on: the system has too little for them, or for the threads that feed them."""
        self.short = True
        _kill_children()  # nobody would tell those that have started that there is nothing to do

    def are_fed(self) -> bool:
        """Return False if the thread that feeds the processes has ended, for want of memory or of another thread."""
        feeder = getattr(self._executor, "_executor_manager_thread", None)
        return feeder is None or feeder.is_alive()

    def wait(self, waiting: Collection[Future[Any]]) -> bool:
        """Wait until one of some tasks is done; return False if none of them will ever be."""
        while waiting and not futures.wait(waiting, _LOOK_S, futures.FIRST_COMPLETED).done:
            if not self.are_fed() and not any(future.done() for future in waiting):
                self.give_up()
                return False
        return True

    def call_here(self, work: Callable[[State, Task], Answer], task: Task) -> Answer:
        """Do a task in this process, for want of another."""
        if not self._here:
            self._here.append(self._start_here())
        return work(self._here[0], task)


Open = Callable[[int], "AbstractContextManager[Workers[State]]"]


@contextmanager
def processes(jobs: int, start: Callable[..., State], given: tuple[Any, ...]) -> Iterator[Workers[State]]:
    """Open a pool of `jobs` processes, each of which calls `start(*given)` first and keeps what that returns.

    That state is the first argument of every task, and the garbage collector never looks at it again. An interrupted
    program waits for none of the processes.
    """
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    initial = (os.getpid(), start, given)
    try:
        executor = futures.ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=initial)
    except OSError:  # of its locks and pipes
        yield Workers(None, partial(start, *given))
        return
    workers = Workers(executor, partial(start, *given))
    before, threading.excepthook = threading.excepthook, _say_nothing
    try:
        yield workers
    except (KeyboardInterrupt, GeneratorExit):
        _kill_children()  # do not wait until they have read their files
        raise
    else:
        # All work is done: else, at the end of the program, the library may wake what has just ended, and says so.
        if not workers.short:
            executor.shutdown()
    finally:
        if not workers.are_fed():
            _kill_children()
        executor.shutdown(wait=False, cancel_futures=True)
        threading.excepthook = before


def _say_nothing(_: object) -> None:
    """Print no traceback of a thread of the library: whoever waits for its work notices that it has ended."""


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Put off Ctrl-C: a process that is interrupted between its start and its entry among the children is never killed.

    Only where the system can block signals.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _kill_children() -> None:
    for process in multiprocessing.active_children():
        process.kill()


_state: Any = None
"""The state of this process, if it is a worker: it serves one pool, so it has one."""


def _start(parent: int, start: Callable[..., Any], given: tuple[Any, ...]) -> None:
    global _state  # noqa: PLW0603 - an executor's initializer can leave what it made nowhere else
    for ending in _FROM_TERMINAL:
        signal.signal(ending, signal.SIG_IGN)  # the parent decides when to stop
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTS)  # it was started by `_uninterrupted` code
    parents.end_with(parent)
    try:
        _state = start(*given)
    except BaseException:  # noqa: BLE001 - the library would print it, with what it quotes
        os._exit(1)
    gc.freeze()


def _work(work: Callable[[Any, Task], Answer], task: Task) -> Answer:
    return work(_state, task)


def answers(  # noqa: PLR0913, PLR0917 - each of them differs between callers
    opened: Open[State],
    work: Callable[[State, Task], Answer],
    tasks: Iterable[Task],
    jobs: int,
    split: Split[Task],
    ahead: int = sys.maxsize,
    *,
    in_order: bool = True,
) -> Iterator[tuple[Task, Answer | None]]:
    """Yield each task with its answer, in order or as they are done; take at most `ahead` tasks before their turn.

    A task of which a process dies is replaced by its parts, each with its answer; the answer is None for a task that
    `split` cannot part. Raises what `work` raises.
    """
    source = iter(tasks)
    waiting: deque[tuple[Task, Future[Answer] | None]] = deque()
    lost: list[Task] = []
    while True:
        with opened(jobs) as workers:
            waiting = deque((task, future if _done(future) else workers.submit(work, task)) for task, future in waiting)
            while True:
                while len(waiting) < ahead and (task := next(source, _END)) is not _END:
                    waiting.append((task, workers.submit(work, task)))
                if not waiting:
                    return
                if not in_order:
                    _bring_forward(workers, waiting)
                if not _settled(workers, waiting[0][1]):
                    break
                task, future = waiting.popleft()
                yield task, future.result() if future else None
        # Processes take tasks in order, so what they were working on is among the oldest without an answer.
        suspects = [place for place, (_, future) in enumerate(waiting) if not _done(future)][: jobs + 1]
        for _ in range(suspects[-1] + 1):
            task, future = waiting.popleft()
            if future and _done(future):
                yield task, future.result()
            else:
                yield from _in_parts(opened, work, task, split, lost)


def _bring_forward(workers: Workers[State], waiting: deque[tuple[Task, Future[Answer] | None]]) -> None:
    """Wait until a task is done, and move it to the front."""
    workers.wait([future for _, future in waiting if future])
    place = next((place for place, (_, future) in enumerate(waiting) if _done(future)), 0)
    first = waiting[place]
    del waiting[place]
    waiting.appendleft(first)


def _in_parts(
    opened: Open[State], work: Callable[[State, Task], Answer], task: Task, split: Split[Task], lost: list[Task]
) -> Iterator[tuple[Task, Answer | None]]:
    """Yield the answer to a task that is alone, or to each of its parts; keep `lost`, the tasks lost in a row."""
    left = [task]
    while left:
        part = left.pop()
        hopeless = len(lost) >= MOST_LOST
        answer = None if hopeless else _alone(opened, work, part)
        smaller = () if hopeless or answer is not None else split(part)
        left += reversed(smaller)
        if answer is not None:
            lost.clear()
        elif not smaller:
            lost.append(part)
        if not smaller:
            yield part, answer


def _alone(opened: Open[State], work: Callable[[State, Task], Answer], task: Task) -> Answer | None:
    """Return the answer of a process that has no other task; None if every try kills the process."""
    for _ in range(TRIES):
        with opened(1) as workers:
            future = workers.submit(work, task)
            if future and _settled(workers, future):
                return future.result()
            if workers.short:
                return workers.call_here(work, task)
    return None


def _settled(workers: Workers[State], future: Future[Any] | None) -> bool:
    """Wait for a task; return True if it has an answer or raised an error of its own."""
    if future is None or not workers.wait([future]):
        return False
    return not isinstance(future.exception(), futures.BrokenExecutor)


def _done(future: Future[Any] | None) -> bool:
    return future is not None and future.done() and not future.cancelled() and future.exception() is None
