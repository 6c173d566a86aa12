"""What goes wrong in the middle of an audit is said, and loses as little as can be."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.history.repositories import (
    DAY,
    LIMIT,
    Repository,
    life,
    one,
    paths,
    results,
    token,
)

from keysift import pool
from keysift.detect.candidates import Candidate
from keysift.detect.incremental import BlobState, IncrementalDetector
from keysift.detect.judge import Refusal
from keysift.detect.matcher import Matcher
from keysift.errors import SourceError
from keysift.git.graph import Graph
from keysift.history import context, state, verdicts, worker
from keysift.history.audit import Audit
from keysift.model import Run, Verdict
from keysift.scan.tally import tally


@dataclass(frozen=True)
class ManyKeys:
    """Sixty keys in the history of three files, and the name of a blob in the midst of it."""

    repo: Repository
    keys: list[str]
    deadly: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, first_commit: Repository) -> ManyKeys:
    """Made once, to be copied."""
    repo = Repository(shutil.copytree(first_commit.place, tmp_path_factory.mktemp("many") / "repo"))
    keys = [token(f"many {number}") for number in range(60)]
    stream = []
    for number, key in enumerate(keys):
        text = f"first line\nTOKEN={key}\n" + f"line {number}\n" * 30
        stream.append(
            f"commit refs/heads/main\ncommitter A <a@example.org> {repo.clock + DAY * number} +0000\ndata 6\nchange\n"
            + ("" if number else "from refs/heads/main^0\n")
            + f"M 100644 inline file{number % 3}\ndata {len(text)}\n{text}\n"
        )
    # In files of their own, as `git commit` leaves them.
    repo.git("-c", "fastimport.unpackLimit=1000", "fast-import", "--quiet", stdin="".join(stream))
    repo.git("reset", "-q", "--hard")
    return ManyKeys(repo, keys, repo.git("rev-parse", "HEAD~30:file2"))


@pytest.fixture
def many_keys(made: ManyKeys, tmp_path: Path) -> ManyKeys:
    return replace(made, repo=Repository(shutil.copytree(made.repo.place, tmp_path / "many")))


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_goes_wrong_beside_the_sweep_is_said(
    many_keys: ManyKeys, github: Matcher, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    def broken(*_: object, **__: object) -> Graph:
        raise SourceError("git is out of order")

    monkeypatch.setattr(state, "read_graph", broken)
    with pytest.raises(SourceError, match="git is out of order"):
        tally(Run("audit", ()), results(Audit(github, many_keys.repo.place, context.AuditOptions(LIMIT, jobs))))


def test_a_commit_that_nothing_leads_to_is_known_to_the_graph(repo: Repository, github: Matcher) -> None:
    key = token("nothing leads here")
    repo.commit("a", "nothing\n")
    blob = repo.git("hash-object", "-w", "--stdin", stdin=f"TOKEN={key}\n")
    tree = repo.git("mktree", stdin=f"100644 blob {blob}\tb.env\n")
    commit = repo.git("commit-tree", tree, "-m", "lost")
    run = Run("audit", ())
    tally(run, results(Audit(github, repo.place, context.AuditOptions(LIMIT, 2))))
    assert life(one(run, key)).first_commit == commit
    assert paths(one(run, key)) == ["b.env"]


def killed_with(monkeypatch: pytest.MonkeyPatch, dies: Callable[[str], bool]) -> None:
    """Processes die of objects with these names."""
    real = worker.SweepWorker.examine
    main = os.getpid()

    def mortal(self: worker.SweepWorker, oid: str, *rest: object) -> object:
        if os.getpid() != main and dies(oid):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, oid, *rest)

    monkeypatch.setattr(worker.SweepWorker, "examine", mortal)


@pytest.mark.skipif(sys.platform != "linux", reason="kills forked processes")
@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_an_object_that_no_process_survives_is_lost_alone(
    many_keys: ManyKeys, github: Matcher, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    repo, keys, deadly = many_keys.repo, many_keys.keys, many_keys.deadly
    if packed:
        repo.git("gc", "-q")
    killed_with(monkeypatch, lambda oid: oid == deadly)
    run = Run("audit", ())
    tally(run, results(Audit(github, repo.place, context.AuditOptions(LIMIT, 2))))
    assert [(one.path, one.reason) for one in run.skipped] == [
        (f"object {deadly}", "not scanned: the processes that tried died")
    ]
    assert len({finding.secret for finding in run.findings}) == len(keys) - 1


@pytest.mark.skipif(sys.platform != "linux", reason="kills forked processes")
def test_processes_that_are_killed_at_random_lose_nothing(
    many_keys: ManyKeys, github: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, keys = many_keys.repo, many_keys.keys
    repo.git("gc", "-q")
    expected, run = Run("audit", ()), Run("audit", ())
    tally(expected, results(Audit(github, repo.place, context.AuditOptions(LIMIT, 1))))
    killed_with(monkeypatch, lambda _: random.SystemRandom().random() < 0.02)
    monkeypatch.setattr(pool, "TRIES", 20)
    tally(run, results(Audit(github, repo.place, context.AuditOptions(LIMIT, 2))))
    assert run.skipped == []
    assert len(run.findings) == len(keys)
    assert sorted(run.findings, key=lambda one: one.secret) == sorted(expected.findings, key=lambda one: one.secret)


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_a_fault_in_one_object_loses_that_object_alone(
    many_keys: ManyKeys, github: Matcher, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    repo, keys, faulty = many_keys.repo, many_keys.keys, many_keys.deadly
    if packed:
        repo.git("gc", "-q")
    real = IncrementalDetector.whole, IncrementalDetector.changed
    poison = next(key.encode() for key in keys if key in repo.git("cat-file", "blob", faulty))

    def whole(self: IncrementalDetector, data: bytes) -> BlobState:
        if poison in data:
            raise RuntimeError("no key of yours")
        return real[0](self, data)

    def changed(self: IncrementalDetector, data: bytes, *rest: object) -> BlobState:
        if poison in data:
            raise RuntimeError("no key of yours")
        return real[1](self, data, *rest)

    monkeypatch.setattr(IncrementalDetector, "whole", whole)
    monkeypatch.setattr(IncrementalDetector, "changed", changed)
    run = Run("audit", ())
    tally(run, results(Audit(github, repo.place, context.AuditOptions(LIMIT, 1))))
    assert [(one.path, "RuntimeError" in one.reason, "yours" in one.reason) for one in run.skipped] == [
        (f"object {faulty}", True, False)
    ]
    assert {finding.secret.decode() for finding in run.findings} == set(keys) - {poison.decode()}


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_takes_too_long_to_judge_is_said_and_loses_itself_alone(
    many_keys: ManyKeys, github: Matcher, monkeypatch: pytest.MonkeyPatch, *, jobs: int
) -> None:
    real, slow = verdicts.judge, many_keys.keys[7].encode()

    def judge(candidate: Candidate, path: str) -> Verdict | Refusal:
        if candidate.secret == slow:
            raise TimeoutError
        return real(candidate, path)

    monkeypatch.setattr(verdicts, "judge", judge)
    monkeypatch.setattr(verdicts, "MANY", 2)  # so that other processes judge ahead
    run = Run("audit", ())
    tally(run, results(Audit(github, many_keys.repo.place, context.AuditOptions(LIMIT, jobs))))
    assert {(one.path, one.reason) for one in run.skipped} == {
        ("file1", "not fully scanned: a pattern took too long on the surroundings of a value")
    }
    assert not run.complete
    assert {finding.secret.decode() for finding in run.findings} == {*many_keys.keys} - {slow.decode()}
