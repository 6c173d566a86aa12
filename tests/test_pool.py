"""Worker processes have their state, and work goes on where they die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import process
from functools import partial
from pathlib import Path

import pytest

from keysift import pool

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills forked processes")
Lot = tuple[int, ...]


def start(*fails: bool) -> int:
    if any(fails):
        os.kill(os.getpid(), signal.SIGKILL)
    return 2


def times(factor: int, lot: Lot) -> Lot:
    if 13 in lot:
        os.kill(os.getpid(), signal.SIGKILL)
    if -1 in lot:
        raise KeyError("a fault of the work itself")
    return tuple(factor * number for number in lot)


def halves(lot: Lot) -> Sequence[Lot]:
    return (lot[: len(lot) // 2], lot[len(lot) // 2 :]) if len(lot) > 1 else ()


def answers(
    *lots: Lot, given: tuple[bool, ...] = (), ahead: int = 1000, in_order: bool = True
) -> list[tuple[Lot, Lot | None]]:
    opened = partial(pool.processes, start=start, given=given)
    return list(pool.answers(opened, times, lots, 2, halves, ahead, in_order=in_order))


class Counter:
    """A state that says how often it was made, and where it was used."""

    made = 0

    def __init__(self, first: int) -> None:
        Counter.made += 1
        self.calls = first

    def call(self, _task: int) -> tuple[int, int, int]:
        self.calls += 1
        time.sleep(0.01)  # so that no process does all of the work
        return os.getpid(), Counter.made, self.calls


def test_every_process_makes_its_state_once_and_keeps_it() -> None:
    opened = partial(pool.processes, start=Counter, given=(100,))
    replies = [reply for _, reply in pool.answers(opened, Counter.call, range(40), 2, lambda _: ()) if reply]
    assert len(replies) == 40
    assert {made for _, made, _ in replies} == {1}
    workers = {process for process, _, _ in replies}
    assert os.getpid() not in workers
    assert 1 <= len(workers) <= 2
    for worker in workers:
        calls = [count for process, _, count in replies if process == worker]
        assert sorted(calls) == list(range(101, 101 + len(calls)))
    assert Counter.made == 0


def test_a_state_is_made_again_where_a_process_dies() -> None:
    assert answers((13,), (1,), (2,)) == [((13,), None), ((1,), (2,)), ((2,), (4,))]


def test_processes_that_share_no_memory_have_their_state_as_well(tmp_path: Path) -> None:
    """As on macOS and Windows, where state and work are sent to a new interpreter."""
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom functools import partial\nfrom operator import mul\nfrom keysift import pool\n"
        "if __name__ == '__main__':\n"
        "    sys.platform = 'darwin'\n"
        "    opened = partial(pool.processes, start=int, given=('21',))\n"
        "    print(list(pool.answers(opened, mul, [1, 2], 2, lambda _: ())))\n"
    )
    answer = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[(1, 21), (2, 42)]"


@pytest.mark.parametrize("ahead", [1, 2, 1000])
def test_answers_come_in_order_and_only_the_deadly_is_lost(ahead: int) -> None:
    lots = [tuple(range(start, start + 5)) for start in range(0, 40, 5)]
    found = answers(*lots, ahead=ahead)
    assert [number for lot, _ in found for number in lot] == list(range(40))
    assert [lot for lot, answer in found if answer is None] == [(13,)]
    assert all(answer == tuple(2 * number for number in lot) for lot, answer in found if answer is not None)


def test_answers_may_come_as_they_are_done(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def work(_factor: int, number: int) -> int:
        while number == 0 and not mark.exists():
            time.sleep(0.01)
        return number

    opened = partial(pool.processes, start=start, given=())
    globals()["work"] = work  # where a process finds it
    work.__qualname__ = "work"
    came = []
    for number, _ in pool.answers(opened, work, range(6), 2, lambda _: (), in_order=False):
        came.append(number)
        if len(came) == 5:
            mark.touch()
    assert sorted(came) == list(range(6))
    assert came[-1] == 0
    assert {lot for lot, answer in answers((1,), (13,), (2,), in_order=False) if answer is None} == {(13,)}


def test_where_no_process_lives_it_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST_LOST", 3)
    lots = [tuple(range(start, start + 20)) for start in range(0, 100, 20)]
    found = answers(*lots, given=(True,))
    assert [number for lot, _ in found for number in lot] == list(range(100))
    assert all(answer is None for _, answer in found)
    assert len(found) < 20


def test_a_fault_of_the_work_itself_is_raised() -> None:
    with pytest.raises(KeyError):
        answers((1, 2), (-1,))


def test_without_threads_the_work_is_done_here_and_nobody_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    opened = partial(pool.processes, start=os.getpid, given=())
    answers = list(pool.answers(opened, _here, range(3), 2, lambda _: ()))
    assert answers == [(number, (os.getpid(), number)) for number in range(3)]
    for child in multiprocessing.active_children():
        child.join()  # waits for ever if it was not ended


def test_a_feeder_that_ends_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_: threading.Thread) -> None:
        raise MemoryError

    monkeypatch.setattr(process._ExecutorManagerThread, "run", run)
    opened = partial(pool.processes, start=os.getpid, given=())
    answers = list(pool.answers(opened, _here, range(3), 2, lambda _: ()))
    assert answers == [(number, (os.getpid(), number)) for number in range(3)]
    for child in multiprocessing.active_children():
        child.join()  # waits for ever if it was not ended


def _here(state: int, number: int) -> tuple[int, int]:
    return state, number
