import io
import re
import sys
import time

import pytest

from keysift.cli import counting
from keysift.cli.bar import Bar
from keysift.cli.counting import CLEAR
from keysift.cli.terminal import say
from keysift.history.progress import Phase, Progress
from keysift.model import ScanResult


class Terminal(io.StringIO):
    """Standard error of a person."""

    def isatty(self) -> bool:
        return True


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make standard error a terminal; not in a fixture, for pytest sets it anew before each test."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def seen(terminal: Terminal) -> list[str]:
    """The lines that stood there one after another."""
    drawn = re.split(r"\r(?:\033\[K)?", terminal.getvalue())
    return [text for line in drawn if (text := re.sub(r"\033\[\?25[lh](?:[-|/\\] )?", "", line).rstrip())]


def interrupt(bar: Bar) -> None:
    bar.draw(Progress(Phase.SWEEP, 1, 2))
    raise KeyboardInterrupt


def test_it_names_the_first_phase_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with Bar(interval=60):
        assert seen(terminal) == ["reading the repository ..."]


def test_it_names_each_phase_and_is_never_full(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with Bar(interval=60) as bar:
        for done in (50, 100):
            bar.draw(Progress(Phase.SWEEP, done, 100))
        bar.draw(Progress(Phase.TRACE, 0, 0))
        bar.draw(Progress(Phase.JUDGE, 3, 3))
    lines = seen(terminal)
    assert [line.partition(" ")[0] for line in lines] == ["reading", "sweeping", "sweeping", "tracing", "judging"]
    assert "50%" in lines[1]
    assert not any("100%" in line for line in lines)


def test_nothing_is_left_of_it_and_the_cursor_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    bar = Bar(interval=60)
    with pytest.raises(KeyboardInterrupt), bar:
        interrupt(bar)
    assert terminal.getvalue().endswith(f"{CLEAR}\033[?25h")


def test_a_shorter_line_leaves_nothing_of_a_longer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with Bar(interval=60) as bar:
        bar.draw(Progress(Phase.SWEEP, 1, 2))
        before = terminal.getvalue()
        bar.draw(Progress(Phase.TRACE, 0, 0))
    assert terminal.getvalue().removeprefix(before).startswith(CLEAR)


@pytest.mark.parametrize("total", [0, 100])
def test_a_sign_turns_while_nothing_is_told(total: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with Bar(interval=0.001) as bar:
        bar.draw(Progress(Phase.TRACE, total // 2, total))
        before = terminal.getvalue()
        while len(set(re.findall(r"([-|/\\]) tracing lives", terminal.getvalue().removeprefix(before)))) < 4:
            time.sleep(0.001)
    assert ("50%" in terminal.getvalue()) == bool(total)


def test_a_phase_of_unknown_length_shows_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with Bar(interval=60) as bar:
        monkeypatch.setattr(time, "monotonic", lambda: 100.0)
        bar.draw(Progress(Phase.TRACE, 0, 0))
        monkeypatch.setattr(time, "monotonic", lambda: 1334.9)
        bar.draw(Progress(Phase.TRACE, 0, 0))
    assert seen(terminal)[-2:] == ["tracing lives ...", "tracing lives ... 1,234 s"]


def test_it_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with Bar(wanted=False) as bar:
        bar.draw(Progress(Phase.SWEEP, 1, 2))
    monkeypatch.setattr(terminal, "isatty", lambda: False)
    with Bar() as bar:
        bar.draw(Progress(Phase.SWEEP, 1, 2))
    assert not terminal.getvalue()


def test_a_scan_counts_files_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    monkeypatch.setattr(counting, "PATIENCE", -1)
    monkeypatch.setattr(counting, "INTERVAL", 0)
    results = [ScanResult(blobs=700), ScanResult(blobs=800)]
    assert list(counting.counted(results, wanted=True)) == results
    assert seen(terminal) == ["scanning ... 700 files", "scanning ... 1,500 files"]
    assert terminal.getvalue().endswith(CLEAR)


def test_a_short_scan_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    assert list(counting.counted([ScanResult(blobs=1)], wanted=True)) == [ScanResult(blobs=1)]
    assert seen(terminal) == []


def test_a_sentence_is_wrapped_for_a_person_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    terminal = watched(monkeypatch)
    sentence = "keysift: " + "word " * 20 + "end"
    say(sentence)
    assert len(terminal.getvalue().splitlines()) == 2
    plain = io.StringIO()
    monkeypatch.setattr(sys, "stderr", plain)
    say(sentence)
    assert plain.getvalue() == f"{sentence}\n"
