"""Who does the tasks: what an engine tells the driver, and the engine of this machine, a process for each repository.

A process of its own dies alone, and what it has taken of memory goes with it. A task whose process dies is tried once
more in another one; what kills two is lost.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import field
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from keysift import parents
from keysift.fleet.model import Answer, State, Task
from keysift.records import dataclass

LOOK_S = 1.0
"""Seconds after which an engine reports although nothing has happened."""
MOST_DEATHS = 2
Work = Callable[[Task], Answer]


@dataclass(frozen=True, slots=True)
class Event:
    """What an engine tells: the tasks that are under way, and one that has ended."""

    running: tuple[tuple[Task, str], ...] = ()
    """Each with the worker that does it."""
    ended: Task | None = None
    answer: Answer | None = field(default=None, repr=False)


LOST = Answer(State.FAILED, f"not scanned: {MOST_DEATHS} workers died of it")
Events = Generator[Event, None, None]
Engine = Callable[[Work, Iterable[Task]], Events]


class _Child:
    """A process that does one task."""

    def __init__(self, work: Work, task: Task, deaths: int) -> None:
        self.task, self.deaths = task, deaths
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        sending: Connection
        self.answers: Connection
        self.answers, sending = context.Pipe(duplex=False)
        self._process: BaseProcess = context.Process(target=_do, args=(os.getpid(), sending, work, task))
        self._process.start()
        sending.close()  # so that the end of the process is the end of the pipe

    @property
    def name(self) -> str:
        return f"process {self._process.pid}"

    def answer(self) -> Answer | None:
        """Return the answer, which is there; None if the process died without one."""
        try:
            answer: Answer = self.answers.recv()
        except (EOFError, OSError):
            return None
        finally:
            self.end()
        return answer

    def end(self) -> None:
        """End the process, and the git that it may have started."""
        with suppress(OSError):
            os.killpg(self._process.pid or 0, signal.SIGKILL) if hasattr(os, "killpg") else self._process.kill()
        self._process.kill()
        self._process.join()
        self.answers.close()


def _do(parent: int, sending: Connection, work: Work, task: Task) -> None:
    """Do a task; the main function of a child."""
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C is for the driver, which ends the whole group
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parents.end_with(parent)
    sending.send(work(task))
    sending.close()


def run_here(work: Work, tasks: Iterable[Task], jobs: int) -> Events:
    """Do the tasks in so many processes of this machine, and yield what happens."""
    waiting = deque((task, 0) for task in tasks)
    children: dict[Connection, _Child] = {}
    try:
        while waiting or children:
            while waiting and len(children) < jobs:
                child = _Child(work, *waiting.popleft())
                children[child.answers] = child
            running = tuple((child.task, child.name) for child in children.values())
            yield Event(running)
            ready = connection.wait(list(children), LOOK_S)
            for answers in [each for each in children if each in ready]:
                child = children.pop(answers)
                answer = child.answer()
                if answer is None and child.deaths + 1 < MOST_DEATHS:
                    waiting.appendleft((child.task, child.deaths + 1))
                else:
                    yield Event(running, child.task, answer or LOST)
    finally:
        for child in children.values():
            child.end()
