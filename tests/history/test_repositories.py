"""An audit of repositories of all kinds, and of what they hold beside plain files."""

from __future__ import annotations

import base64
import gzip
import os
import subprocess
from pathlib import Path

import pytest
from tests.bench import containers
from tests.conftest import MakeSlow
from tests.history.repositories import (
    LIMIT,
    Audited,
    Repository,
    life,
    one,
    paths,
    results,
    token,
)

from keysift.detect.incremental import BlobState, IncrementalDetector
from keysift.detect.matcher import Matcher
from keysift.history import context
from keysift.history.audit import Audit
from keysift.model import Run
from keysift.rules.generate import instance
from keysift.scan.tally import tally

# --- Kinds of repositories --------------------------------------------------------------------------------------------


def test_a_bare_repository_is_read(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    key = token("bare")
    oid = repo.commit("file", f"{key}\n")
    repo.git("clone", "-q", "--bare", str(repo.place), str(tmp_path / "bare.git"))
    run = audited(tmp_path / "bare.git")
    assert (life(one(run, key)).first_commit, life(one(run, key)).in_head, run.complete) == (oid, True, True)


def test_a_shallow_clone_is_said(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    key = token("shallow")
    repo.commit("file", f"{key}\n")
    repo.git("clone", "-q", "--depth=1", f"file://{repo.place}", str(tmp_path / "shallow"))
    run = audited(tmp_path / "shallow")
    assert paths(one(run, key)) == ["file"]
    assert any("shallow" in skipped.reason for skipped in run.skipped)
    assert not run.complete


def test_a_partial_clone_is_said_and_fetches_nothing(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    gone, there = token("gone"), token("there")
    repo.commit("file", f"{gone}\n")
    repo.commit("file", f"{there}\n")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--filter=blob:none", f"file://{repo.place}", str(tmp_path / "partial"))
    before = sorted((tmp_path / "partial" / ".git" / "objects").rglob("*"))
    run = audited(tmp_path / "partial")
    assert paths(one(run, there)) == ["file"]
    assert len(run.findings) == 1
    assert any("partial" in skipped.reason for skipped in run.skipped)
    assert sorted((tmp_path / "partial" / ".git" / "objects").rglob("*")) == before


def test_borrowed_objects_are_read(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    key = token("borrowed")
    repo.commit("file", f"{key}\n")
    repo.commit("file", "gone\n")
    repo.git("repack", "-adq")
    repo.git("clone", "-q", "--shared", str(repo.place), str(tmp_path / "borrower"))
    assert not list((tmp_path / "borrower" / ".git" / "objects").rglob("*.pack"))
    assert paths(one(audited(tmp_path / "borrower"), key)) == ["file"]


def supports(*options: str) -> bool:
    done = subprocess.run(["git", "init", "-q", *options, os.devnull], capture_output=True, check=False)
    return b"unknown" not in done.stderr and b"usage" not in done.stderr


@pytest.mark.parametrize("option", ["--object-format=sha256", "--ref-format=reftable"])
def test_newer_formats_are_read(audited: Audited, tmp_path: Path, option: str) -> None:
    if not supports(option):
        pytest.skip(f"this git does not know {option}")
    repo = Repository(tmp_path / "new", option)
    key = token(option)
    oid = repo.commit("file", f"{key}\n")
    repo.commit("file", "gone\n")
    repo.git("repack", "-adq")
    found = one(audited(repo.place), key)
    assert (paths(found), life(found).first_commit, life(found).in_head) == (["file"], oid, False)


def test_an_empty_repository_has_nothing(audited: Audited, tmp_path: Path) -> None:
    run = audited(Repository(tmp_path / "empty").place)
    assert (run.findings, run.complete) == ([], True)


def test_an_object_over_the_limit_is_said(repo: Repository, audited: Audited) -> None:
    key = token("limit")
    repo.commit("file", "x" * 5000 + "\n")
    repo.commit("other", f"{key}\n")
    run = audited(repo.place, limit=4000)
    assert paths(one(run, key)) == ["other"]
    assert "5,001 bytes, over the limit of 4,000" in [skipped.reason for skipped in run.skipped]
    assert not run.complete


# --- What else there is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_containers_of_every_version_are_opened(repo: Repository, audited: Audited, *, packed: bool) -> None:
    old, new, deep = token("old"), token("new"), token("deep")
    inner = containers.zipped("d.env", f"TOKEN={deep}\n".encode())
    for data in (
        containers.docx(f"TOKEN={old}"),
        containers.docx(f"TOKEN={new}"),
        containers.zipped("c.tar", containers.tarred("c/d.zip", inner)),
    ):
        (repo.place / "a.docx").write_bytes(data)
        repo.git("add", "-A")
        oid = repo.git("commit", "-q", "-m", "x") or repo.git("rev-parse", "HEAD")
    if packed:
        repo.git("gc", "-q")
    run = audited(repo.place)
    assert run.complete
    [place] = one(run, deep).locations
    assert (place.path, place.member, place.commit, place.start_line) == ("a.docx", "c.tar!/c/d.zip!/d.env", oid, 1)
    assert life(one(run, deep)).in_head
    for key in (old, new):
        assert [(where.path, where.member) for where in one(run, key).locations] == [
            ("a.docx", "word/document.xml!/text")
        ]
        assert not life(one(run, key)).in_head
        assert life(one(run, key)).last_commit


def test_a_container_that_is_not_committed_is_opened(repo: Repository, audited: Audited) -> None:
    key = token("untracked")
    repo.commit("a", "a\n")
    (repo.place / "b.gz").write_bytes(gzip.compress(f"TOKEN={key}\n".encode()))
    found = one(audited(repo.place), key)
    assert (found.locations[0].path, found.locations[0].member, life(found).kept_by) == ("b.gz", "b", "worktree")


def test_what_cannot_be_opened_is_said_with_its_path(repo: Repository, audited: Audited) -> None:
    (repo.place / "b.gz").write_bytes(gzip.compress(b"word " * 1000)[:-20])
    (repo.place / "c.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + bytes(100))
    (repo.place / "d.gz").write_bytes(gzip.compress(b"other " * 1000)[:-20])
    repo.git("add", "b.gz", "c.rar")
    repo.git("commit", "-q", "-m", "x")
    repo.git("rm", "-q", "c.rar")
    repo.git("commit", "-q", "-m", "y")
    run = audited(repo.place)
    assert not run.complete
    found = {one.path: one.reason for one in run.skipped}
    assert {path.split(" ")[0] for path in found} == {"b.gz", "c.rar", "d.gz"}
    assert "a RAR archive" in next(reason for path, reason in found.items() if path.startswith("c.rar in "))


def test_what_git_keeps_beside_the_objects_is_read(repo: Repository, audited: Audited) -> None:
    remote, header, hook, old = token("remote"), token("header"), token("hook"), token("rebase")
    oid = repo.commit("a", "a\n")
    repo.git("remote", "add", "origin", f"https://u:{remote}@example.org/a.git")
    repo.git("config", "http.extraHeader", f"Authorization: Bearer {header}")
    for name in ("hooks/post-commit", "rebase-merge/message"):
        repo.write(f".git/{name}", f"# {hook if 'hooks' in name else old}\n")
    run = audited(repo.place)
    assert paths(one(run, remote)) == [".git/config"]
    assert paths(one(run, header)) == [".git/config"]
    assert paths(one(run, hook)) == [".git/hooks/post-commit"]
    assert paths(one(run, old)) == [".git/rebase-merge/message"]
    assert life(one(run, hook)).kept_by == "worktree"
    said = token("said")
    oid = repo.commit("a", "b\n", f"use {said}")
    found = one(audited(repo.place), said)
    assert [place.path for place in found.locations][:2] == ["commit message", ".git/COMMIT_EDITMSG"]
    assert (life(found).first_commit, life(found).kept_by, life(found).copies) == (oid, "refs", 1)


def test_a_value_that_inflates_to_too_much_hides_no_key(repo: Repository, audited: Audited) -> None:
    """Neither beside it, nor in what git stores as a delta of such a file."""
    bomb = base64.b64encode(gzip.compress(b"text " * 4_000_000)).decode()
    first, then = token("first"), token("then")
    repo.commit("file", f"{first}\nx: {bomb}\n" + "line\n" * 50)
    repo.commit("file", f"{first}\nx: {bomb}\n" + "line\n" * 50 + f"{then}\n")
    repo.git("gc", "-q")
    run = audited(repo.place)
    assert {finding.secret.decode() for finding in run.findings} == {first, then}
    assert len(run.skipped) == 2
    assert all("to more than 8 MB" in skipped.reason for skipped in run.skipped)


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_a_delta_of_what_could_not_be_scanned_is_scanned_whole(
    repo: Repository, github: Matcher, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    key = token("inherited")
    for number in range(6):
        repo.commit("file", f"{key}\n" + "".join(f"line {one * 7919}\n" for one in range(100 + 10 * number)))
    if packed:
        repo.git("gc", "-q")
    fails = iter([True])
    real = IncrementalDetector.whole

    def slow(self: IncrementalDetector, data: bytes) -> BlobState:
        if data.startswith(key.encode()) and next(fails, False):
            raise ValueError
        return real(self, data)

    monkeypatch.setattr(IncrementalDetector, "whole", slow)
    run = Run("audit", ())
    tally(run, results(Audit(github, repo.place, context.AuditOptions(LIMIT, 1))))
    assert [one.reason for one in run.skipped] == ["keysift failed on it (ValueError); please report this"]
    assert life(one(run, key)).copies == 5


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_a_rule_that_takes_too_long_on_one_version_hides_no_other_key_and_no_other_version(
    repo: Repository, github: Matcher, make_slow: MakeSlow, *, packed: bool
) -> None:
    key = token("quick")
    (line, [slow_key]) = instance("PAGERDUTY_TOKEN={{base64url:20}}", "slow")
    for number in range(6):
        lines = "".join(f"line {one * 7919}\n" for one in range(100 + 10 * number))
        repo.commit("file", f"{key}\n{line}\n{lines}")
    if packed:
        repo.git("gc", "-q")
    make_slow("pagerduty-rest-api-key", 1)
    run = Run("audit", ())
    tally(run, results(Audit(github, repo.place, context.AuditOptions(LIMIT, 1))))
    assert [one.reason for one in run.skipped] == [
        "not fully scanned: rule pagerduty-rest-api-key took longer than 5 s"
    ]
    assert life(one(run, key)).copies == 6
    assert life(one(run, slow_key)).copies == 5
