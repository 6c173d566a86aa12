"""Decisions are written at once, can be undone, and leave alone what others wrote."""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.report import many
from tests.serve.clients import Client

from keysift.accept import baseline
from keysift.accept.baseline import REAL, Entry
from keysift.cli import deciding, settings
from keysift.config import Policy
from keysift.model import Run
from keysift.serve.decisions import Decisions


def names(run: Run, *numbers: int) -> list[str]:
    return [run.findings[number].fingerprint for number in numbers]


def entries(file: Path) -> list[Entry]:
    return [*baseline.read(file).entries.values()]


def test_a_decision_is_written_at_once_and_holds_for_the_key_itself(client: Client, run: Run, file: Path) -> None:
    status, told = client.post(
        "decide", {"fingerprints": names(run, 0), "answer": "accepted", "until": "30d", "why": " a test\x1b "}
    )
    assert status == 200
    assert told["decided"][run.findings[0].fingerprint]["status"] == "accepted"
    [entry] = entries(file)
    assert (entry.rule, entry.why, entry.status) == (run.findings[0].rule.id, "a test\u241b", "")
    assert entry.until > settings.today()
    # A scan finds the key, the report has its mask alone.
    key = next(one for one in many.audit(60).findings if one.fingerprint == run.findings[0].fingerprint)
    assert baseline.read(file).entry(key) == entry


def test_real_and_false_alarm(client: Client, run: Run, file: Path) -> None:
    client.post("decide", {"fingerprints": names(run, 0), "answer": "real", "until": "30d", "why": "SEC-1"})
    client.post("decide", {"fingerprints": names(run, 1, 2), "answer": "false alarm"})
    found = {entry.why: entry for entry in entries(file)}
    assert (found["SEC-1"].status, found["SEC-1"].until) == (REAL, "")
    assert [entry.why for entry in entries(file)].count("false alarm") == 2
    told = client.state()["decided"]
    assert [told[name]["status"] for name in names(run, 0, 1, 2)] == ["real", "false alarm", "false alarm"]


def test_a_whole_group_is_one_decision_and_one_undo(client: Client, run: Run, file: Path) -> None:
    client.post("decide", {"fingerprints": names(run, 0), "answer": "real", "why": "first"})
    before = file.read_bytes()
    _, told = client.post("decide", {"fingerprints": names(run, *range(10)), "answer": "false alarm"})
    assert len(entries(file)) == len(told["decided"]) == 10
    status, told = client.post("undo", {"undo": told["undo"]})
    assert (status, told["said"]) == (200, "10 decisions undone.")
    assert file.read_bytes() == before
    assert [told["decided"][name]["why"] for name in names(run, 0)] == ["first"]
    assert client.post("undo", {"undo": "2"})[0] == 409


def test_two_pages_see_each_other(client: Client, run: Run, file: Path) -> None:
    _, one = client.post("decide", {"fingerprints": names(run, 0, 1), "answer": "real", "why": "one"})
    _, other = client.post("decide", {"fingerprints": names(run, 1, 2), "answer": "false alarm", "why": "other"})
    assert other["version"] > one["version"]
    # What the second page decided since is not undone by the first.
    _, told = client.post("undo", {"undo": one["undo"]})
    assert told["said"] == "1 decision undone. 1 key left as they are: someone has decided on them since."
    assert {entry.why for entry in entries(file)} == {"false alarm: other"}
    assert client.state()["version"] == told["version"]


def test_a_baseline_that_changed_meanwhile_keeps_its_lines(client: Client, run: Run, file: Path) -> None:
    client.post("decide", {"fingerprints": names(run, 0), "answer": "real"})
    by_hand = b'{"id": "zz.11",   "rule": "some-key", "why": "by hand"}\n'
    file.write_bytes(file.read_bytes() + by_hand)
    old = client.state()["version"]
    client.post("decide", {"fingerprints": names(run, 1), "answer": "real"})
    assert by_hand in file.read_bytes()
    assert len(entries(file)) == 3
    # A pull brings another file, with another salt.
    file.write_bytes(baseline.header())
    told = client.state()
    assert told["decided"] == {}
    assert told["version"] > old
    client.post("decide", {"fingerprints": names(run, 2), "answer": "real"})
    assert len(entries(file)) == 1
    file.unlink()
    client.post("decide", {"fingerprints": names(run, 2), "answer": "real"})
    assert len(entries(file)) == 1


def test_a_baseline_that_is_broken_is_not_written_over(client: Client, run: Run, file: Path) -> None:
    file.write_bytes(b"<<<<<<< HEAD\n")
    assert "is not a line of a baseline" in client.state()["problem"]
    status, told = client.post("decide", {"fingerprints": names(run, 0), "answer": "real"})
    assert (status, "merge conflict" in told["help"]) == (409, True)
    assert file.read_bytes() == b"<<<<<<< HEAD\n"


def test_a_file_of_the_first_form_gets_a_header(client: Client, run: Run, file: Path) -> None:
    first = b'{"keysift-baseline": 1, "salt": "' + b"01" * 16 + b'"}\n{"id": "0101.x", "rule": "some-key"}\n'
    file.write_bytes(first)
    assert client.state()["blind"]
    client.post("decide", {"fingerprints": names(run, 0), "answer": "real"})
    lines = file.read_bytes().splitlines(keepends=True)
    assert (lines[0], lines[2]) == tuple(first.splitlines(keepends=True)) or first.splitlines(keepends=True)[1] in lines
    assert len(baseline.read(file).salts) == 2
    assert run.findings[0].fingerprint in client.state()["decided"]


def test_entries_that_do_not_hold_are_not_told(client: Client, run: Run, file: Path) -> None:
    client.post("decide", {"fingerprints": names(run, 0, 1, 2), "answer": "accepted", "until": "30d"})
    changed = [
        replace(entry, until="2020-01-01")
        if number == 0
        else replace(entry, path="elsewhere/**")
        if number == 1
        else entry
        for number, entry in enumerate(entries(file))
    ]
    file.write_bytes(baseline.changed(file.read_bytes(), changed))
    assert len(client.state()["decided"]) == 1


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"answer": "accepted"}, "an acceptance needs a last day"),
        ({"answer": "accepted", "until": "soon"}, "invalid date: soon"),
        ({"answer": "accepted", "until": "2020-01-01"}, "2020-01-01 is in the past"),
        ({"answer": "accepted", "until": "9999999999d"}, "invalid date"),
        ({"answer": "real", "fingerprints": []}, "this report has no such key"),
        ({"answer": "real", "fingerprints": ["<script>"]}, "this report has no such key"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_said(
    asked: dict[str, object], says: str, client: Client, run: Run, file: Path
) -> None:
    status, told = client.post("decide", {"fingerprints": names(run, 0), **asked})
    assert status == 409
    assert told["error"].startswith(says)
    assert not file.exists()


def test_the_policy_holds(run: Run, file: Path) -> None:
    policy = Policy(require_reason=True, max_lifetime_days=30)
    decisions = Decisions(run, file, functools.partial(deciding.entries_of, policy=policy), settings.today)
    for kind, why, until, says in (
        (deciding.Kind.FALSE_ALARM, "", "", "requires a reason"),
        (deciding.Kind.ACCEPTED, "why", "31d", "allows 30 days at most"),
    ):  # fmt: skip
        with pytest.raises(deciding.UsageError, match=says):
            decisions.decide(names(run, 0), deciding.Answer(kind, why, until))
    decisions.decide(names(run, 0), deciding.Answer(deciding.Kind.REAL))
    decisions.decide(names(run, 1), deciding.Answer(deciding.Kind.FALSE_ALARM, "why"))
    assert sorted(bool(entry.until) for entry in entries(file)) == [False, True]


def test_a_file_that_cannot_be_written(client: Client, run: Run, file: Path) -> None:
    file.mkdir()
    status, told = client.post("decide", {"fingerprints": names(run, 0), "answer": "real"})
    assert (status, "cannot" in told["error"]) == (409, True)


def test_many_at_once_lose_nothing(client: Client, run: Run, file: Path) -> None:
    threads = [
        threading.Thread(target=client.post, args=("decide", {"fingerprints": names(run, number), "answer": "real"}))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(entries(file)) == 8


WRITER = """
import sys
from pathlib import Path
from keysift.accept import baseline
from keysift.accept.baseline import Entry
file, entries = Path(sys.argv[1]), [Entry(f"{number:06}", "some-key", why="x" * 90) for number in range(1000)]
print("ready", flush=True)
while True:
    for some in (entries, entries[::2]):
        baseline.write(file, baseline.changed(baseline.header(b"1" * 16), some))
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_kill_in_the_middle_of_a_write_leaves_a_whole_file(file: Path) -> None:
    for number in range(3):
        with _killed(file, number / 100):
            pass
        assert len(entries(file)) in {1000, 500}


@contextlib.contextmanager
def _killed(file: Path, after: float) -> Iterator[None]:
    command = [sys.executable, "-c", WRITER, str(file)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        while not file.exists():
            pass
        threading.Event().wait(after)
        process.send_signal(signal.SIGKILL)
        process.wait()
        yield
