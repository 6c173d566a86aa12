"""The table: numbers, rate and time left; on a terminal one table, drawn over the last one."""

from __future__ import annotations

import io
import sys
import time

import pyte
import pytest

from keysift.cli import fleet_table
from keysift.cli.fleet_table import Table, table
from keysift.fleet.records import Failed, Progress, Running


def progress(**more: object) -> Progress:
    now = time.time()
    stated = {
        "run": "",
        "host": "here",
        "pid": 7,
        "beat": now,
        "began": now - 120,
        "total": 100,
        "done": 30,
        "unchanged": 9,
    }
    running = (Running("git.acme.example/a/\x1b[2Jb", now - 5, "process 8"),)
    return Progress(**(stated | {"failed": (Failed("git.acme.example/c", "lost"),), "running": running} | more))  # type: ignore[arg-type] # of many types


def test_what_is_done_and_how_long_it_takes() -> None:
    lines = list(table(progress()))
    assert lines[0] == "done 30   unchanged 9   failed 1   running 1   waiting 59   of 100"
    assert lines[1] == "20.0 a minute, 3 min left"
    assert lines[2] == "  running  git.acme.example/a/\N{SYMBOL FOR ESCAPE}[2Jb  5 s  process 8"
    assert lines[3] == "  failed   git.acme.example/c  lost"


def test_a_driver_of_which_nothing_is_heard() -> None:
    silent = progress(beat=time.time() - 300, began=time.time() - 400)
    assert list(table(silent))[1] == "process 7 on here is silent for 5 min: `keysift fleet run` goes on"
    assert list(table(progress(stopped=True)))[1] == "stopped after 2 min: `keysift fleet run` goes on"


def test_a_terminal_shows_one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(fleet_table, "INTERVAL_S", 0.0)
    screen = pyte.Screen(100, 30)
    with Table() as drawn:
        for number in (30, 31, 40):
            drawn.draw(progress(done=number, running=()))
        pyte.Stream(screen).feed(terminal.getvalue().replace("\n", "\r\n"))
        shown = [line.rstrip() for line in screen.display if line.strip()]
        assert [line[:7] for line in shown] == ["done 40", "25.0 a ", "  faile"]
    screen.reset()
    pyte.Stream(screen).feed(terminal.getvalue().replace("\n", "\r\n"))
    assert not "".join(screen.display).strip(), "nothing is left in the end"
