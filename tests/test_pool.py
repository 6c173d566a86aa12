"""Work goes on where processes die."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from keysift import pool

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills forked processes")
Lot = tuple[int, ...]


def start(*fails: bool) -> None:
    if any(fails):
        os.kill(os.getpid(), signal.SIGKILL)


def double(lot: Lot) -> Lot:
    if 13 in lot:
        os.kill(os.getpid(), signal.SIGKILL)
    if -1 in lot:
        raise KeyError("a fault of the work itself")
    return tuple(2 * one for one in lot)


def halves(lot: Lot) -> Sequence[Lot]:
    return (lot[: len(lot) // 2], lot[len(lot) // 2 :]) if len(lot) > 1 else ()


def answers(
    *lots: Lot, given: tuple[bool, ...] = (), ahead: int = 1000, in_order: bool = True
) -> list[tuple[Lot, Lot | None]]:
    opened = partial(pool.processes, start=start, given=given)
    return list(pool.answers(opened, double, lots, 2, halves, ahead, in_order=in_order))


@pytest.mark.parametrize("ahead", [1, 2, 1000])
def test_answers_come_in_order_and_only_the_deadly_is_lost(ahead: int) -> None:
    lots = [tuple(range(start, start + 5)) for start in range(0, 40, 5)]
    found = answers(*lots, ahead=ahead)
    assert [one for lot, _ in found for one in lot] == list(range(40))
    assert [lot for lot, answer in found if answer is None] == [(13,)]
    assert all(answer == tuple(2 * one for one in lot) for lot, answer in found if answer is not None)


def test_answers_may_come_as_they_are_done(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def work(number: int) -> int:
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
    assert [one for lot, _ in found for one in lot] == list(range(100))
    assert all(answer is None for _, answer in found)
    assert len(found) < 20


def test_a_fault_of_the_work_itself_is_raised() -> None:
    with pytest.raises(KeyError):
        answers((1, 2), (-1,))
