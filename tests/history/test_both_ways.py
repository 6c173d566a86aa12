"""An audit finds the same however it reads, and whoever makes the verdicts."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.history.repositories import (
    LIMIT,
    Repository,
    one,
    results,
    token,
)

from keysift.detect.matcher import Matcher
from keysift.history import context, verdicts
from keysift.history.audit import Audit
from keysift.model import Run
from keysift.rules.generate import instance
from keysift.scan.tally import tally

LINES = [
    "PAGERDUTY_TOKEN={{hex:32}}", "routing_key: {{hex:32}}", "x = {{github:ghp_}}",
    "slack: xoxb-{{digits:12}}-{{alnum:24}}",
    "aws_secret_access_key = {{base64:40}}", "# a comment", "", "def function(self):", "    return 1", "}",
    "password = 'correct horse'", "data: {{base64of:alnum.32}}", "Authorization: Basic {{base64of:alnum.24}}",
]  # fmt: skip
Edit = tuple[int, int, int, int]
"""Which file, where, how many lines give way, and the seed of what comes there."""


def edited(lines: list[str], edit: Edit) -> list[str]:
    _, at, removed, seed = edit
    place = at % (len(lines) + 1)
    new = [instance(LINES[(seed + number) % len(LINES)], str(seed % 5))[0] for number in range(seed % 4)]
    return [*lines[:place], *new, *lines[place + removed :]]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Directories of their own for examples."""
    folder = tmp_path_factory.mktemp("examples")
    return (folder / str(number) for number in itertools.count())


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 5), st.integers(0, 1000)),
        min_size=1,
        max_size=25,
    ),
    depth=st.sampled_from([1, 5, 50]),
    window=st.sampled_from([2, 10, 50]),
)
def test_both_ways_of_reading_find_the_same(
    matcher: Matcher, places: Iterator[Path], edits: list[Edit], depth: int, window: int
) -> None:
    repo = Repository(next(places))
    files = {name: [f"line {number} of {name}" for number in range(40)] for name in ("a.py", "b.yaml", "c.env")}
    stream = []
    for number, edit in enumerate(edits):
        name = sorted(files)[edit[0]]
        files[name] = edited(files[name], edit)
        text = "\n".join(files[name]) + "\n"
        branch = "refs/heads/side" if edit[3] % 7 == 0 else "refs/heads/main"
        stream.append(
            f"commit {branch}\ncommitter A <a@example.org> {1700000000 + 90000 * number} +0000\ndata 1\nx\n"
            f"M 100644 inline {name}\ndata {len(text.encode())}\n{text}\n"
        )
    repo.git("fast-import", "--quiet", stdin="".join(stream))
    repo.git("repack", "-q", "-a", "-d", "-f", f"--depth={depth}", f"--window={window}")
    runs = []
    for plain in (False, True):
        run = Run("audit", (".",))
        tally(run, results(Audit(matcher, repo.place, context.AuditOptions(LIMIT, 1, plain=plain))))
        runs.append(run)
    fast, plain_run = runs
    assert {one.fingerprint: one for one in fast.findings} == {one.fingerprint: one for one in plain_run.findings}
    assert {one.fingerprint: one for one in fast.public} == {one.fingerprint: one for one in plain_run.public}
    assert fast.complete
    assert plain_run.complete


def test_verdicts_that_other_processes_made_are_the_same(
    repo: Repository, github: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        repo.commit(f"a{number % 3}", f"x = {token(str(number))}\n")
    asked: list[int] = []
    judge = verdicts.Verdicts.answer

    def noted(self: verdicts.Verdicts, wanted: list[tuple[int, str]]) -> object:
        asked.append(os.getpid())
        return judge(self, wanted)

    monkeypatch.setattr(verdicts.Verdicts, "answer", noted)
    found = []
    for many in (verdicts.MANY, 1):
        monkeypatch.setattr(verdicts, "MANY", many)
        run = Run("audit", (str(repo.place),))
        tally(run, results(Audit(github, repo.place, context.AuditOptions(LIMIT, 2))))
        found.append(sorted(run.findings, key=lambda finding: finding.fingerprint))
    assert len(found[0]) == 12
    assert found[0] == found[1]
    assert not asked  # here: it is not this process that made them


def die(*_: object) -> None:
    os._exit(1)


def test_a_process_that_dies_of_a_verdict_leaves_it_to_this_one(
    repo: Repository, github: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = token("fatal")
    repo.commit("a", f"x = {key}\n")
    monkeypatch.setattr(verdicts, "MANY", 1)
    monkeypatch.setattr(verdicts, "_answer", die)
    run = Run("audit", (str(repo.place),))
    tally(run, results(Audit(github, repo.place, context.AuditOptions(LIMIT, 2))))
    assert one(run, key)
