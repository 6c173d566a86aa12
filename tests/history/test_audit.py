"""An audit finds a key wherever a repository may keep it, and tells its life; on real repositories that git makes."""

from __future__ import annotations

import base64
import gzip
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bench import containers

from keysift import pool
from keysift.detect.confirm import RuleTimeoutError
from keysift.detect.incremental import BlobState, IncrementalDetector
from keysift.detect.matcher import Matcher
from keysift.errors import SourceError, UsageError
from keysift.git.graph import Graph
from keysift.history import context, state, verdicts, worker
from keysift.history.audit import Audit
from keysift.model import Finding, History, Location, Run, ScanResult, Skipped
from keysift.rules import ruleset
from keysift.rules.generate import instance
from keysift.scan.tally import tally

LIMIT = 1 << 20
DAY = 86_400
"""Seconds by which the clock of a repository goes on with each command."""
Audited = Callable[..., Run]


def token(seed: str) -> str:
    """A key that is recognised by its shape, wherever it stands."""
    return instance("{{github:ghp_}}", seed)[0]


class Repository:
    """A repository that a test builds with plain git."""

    def __init__(self, place: Path, *options: str) -> None:
        self.place = place
        self.clock = 1_700_000_000
        place.mkdir(parents=True)
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str, stdin: str | bytes = b"") -> str:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        self.clock += DAY
        when = {"GIT_AUTHOR_DATE": f"{self.clock} +0000", "GIT_COMMITTER_DATE": f"{self.clock} +0000"}
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always")
        command = ["git", "-C", str(self.place), *who, *arguments]
        done = subprocess.run(command, input=data, capture_output=True, check=False, env={**os.environ, **when})
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, path: str, text: str) -> Path:
        file = self.place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def commit(self, path: str, text: str, message: str = "change") -> str:
        self.write(path, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.head()

    def head(self) -> str:
        """Return the id of the commit at HEAD, from the files where git has just put it: starting git takes longer."""
        try:
            name = (self.place / ".git" / "HEAD").read_text().removeprefix("ref: ").strip()
            found = (self.place / ".git" / name).read_text().strip()
        except OSError:
            return self.git("rev-parse", "HEAD")
        self.clock += DAY
        return found

    def loose(self, oid: str) -> Path:
        return self.place / ".git" / "objects" / oid[:2] / oid[2:]


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Nothing here sees the configuration of whoever runs the tests."""


@pytest.fixture(scope="module")
def github() -> Matcher:
    """Few rules: what is tried here is where keys are looked for."""
    return Matcher([rule for rule in ruleset.load() if rule.id.startswith(("github-", "pagerduty-"))])


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.commit("readme", "nothing\n", "first")
    return made


@pytest.fixture
def audited(github: Matcher) -> Audited:
    """An audit in both ways of reading, which find the same."""

    def run(place: Path, scope: context.Scope = context.Scope(), limit: int = LIMIT) -> Run:  # noqa: B008 - frozen
        packs, plain = (Run("audit", (str(place),)) for _ in range(2))
        for run, plainly in ((packs, False), (plain, True)):
            tally(run, results(Audit(github, place, context.AuditOptions(limit, 1, scope=scope, plain=plainly))))
        assert unordered(packs) == unordered(plain)
        return packs

    return run


def results(audit: Audit) -> Iterator[ScanResult]:
    """What an audit yields, without its news of progress."""
    return (event for event in audit if isinstance(event, ScanResult))


def unordered(run: Run) -> tuple[list[tuple[Finding, set[Location]]], Counter[Skipped]]:
    """Return what was found and what was skipped, to be compared with a run that reads in another order."""
    findings = sorted(run.findings, key=lambda finding: (finding.rule.id, finding.secret))
    return [(replace(finding, locations=()), {*finding.locations}) for finding in findings], Counter(run.skipped)


def one(run: Run, secret: str) -> Finding:
    """The finding of a key: there is one, not several."""
    found = [finding for finding in run.findings if finding.secret == secret.encode()]
    assert len(found) == 1, [(finding.rule.id, finding.locations) for finding in run.findings]
    return found[0]


def life(finding: Finding) -> History:
    assert finding.history is not None
    return finding.history


def paths(finding: Finding) -> list[str]:
    """Where it is, but for git's own copies of messages, and of the names of branches."""
    copies = (".git/logs/", ".git/packed-refs", ".git/COMMIT_EDITMSG", ".git/TAG_EDITMSG")
    return [location.path for location in finding.locations if not location.path.startswith(copies)]


# --- Where keys are found ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ref", ["refs/heads/other", "refs/tags/v1", "refs/pull/7/head", "refs/custom/thing", "refs/remotes/origin/x"]
)
def test_every_ref_is_read(repo: Repository, audited: Audited, ref: str) -> None:
    key = token(ref)
    oid = repo.commit("a/config", f"x = {key}\n")
    repo.git("update-ref", ref, oid)
    repo.git("reset", "-q", "--hard", "HEAD~1")
    found = one(audited(repo.place), key)
    assert (life(found).refs, life(found).kept_by, life(found).in_head) == ((ref,), "refs", False)
    assert (paths(found), found.locations[0].commit, life(found).first_commit) == (["a/config"], oid, oid)


def test_notes_are_read(repo: Repository, audited: Audited) -> None:
    key = token("note")
    repo.git("notes", "add", "-m", f"deployed with {key}")
    assert life(one(audited(repo.place), key)).refs == ("refs/notes/commits",)


def test_an_evil_merge_is_read(repo: Repository, audited: Audited) -> None:
    key = token("merge")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("file", "side\n")
    repo.git("checkout", "-q", "main")
    repo.commit("file", "main\n")
    repo.git("merge", "-q", "-s", "ours", "--no-commit", "side")
    merge = repo.commit("file", f"{key}\n", "merge")
    assert len(repo.git("rev-parse", "HEAD^@").split()) == 2
    found = one(audited(repo.place), key)
    assert (life(found).first_commit, life(found).in_head, paths(found)) == (merge, True, ["file"])


def test_the_stash_is_read_with_index_and_untracked_files(repo: Repository, audited: Audited) -> None:
    staged, changed, untracked = token("staged"), token("changed"), token("untracked")
    repo.write("readme", f"{staged}\n")
    repo.git("add", "readme")
    repo.write("readme", f"{changed}\n")
    repo.write("new", f"{untracked}\n")
    repo.git("stash", "push", "-q", "--include-untracked")
    run = audited(repo.place)
    for key, path in ((staged, "readme"), (changed, "readme"), (untracked, "new")):
        assert (paths(one(run, key)), life(one(run, key)).kept_by) == ([path], "stash")


def test_an_older_stash_is_a_stash(repo: Repository, audited: Audited) -> None:
    key = token("old stash")
    for text in (key, "other"):
        repo.write("readme", f"{text}\n")
        repo.git("stash", "push", "-q")
    assert life(one(audited(repo.place), key)).kept_by == "stash"


def test_what_only_the_reflog_knows_is_read(repo: Repository, audited: Audited) -> None:
    key = token("reflog")
    oid = repo.commit("file", f"{key}\n")
    repo.git("reset", "-q", "--hard", "HEAD~1")
    found = one(audited(repo.place), key)
    assert (life(found).kept_by, life(found).refs, life(found).first_commit) == ("reflog", (), oid)


@pytest.mark.parametrize("packed", [False, True])
def test_what_nothing_leads_to_is_read(repo: Repository, audited: Audited, *, packed: bool) -> None:
    lost, dangling = token("lost"), token("dangling")
    oid = repo.commit("file", f"{lost}\n")
    blob = repo.git("hash-object", "-w", "--stdin", stdin=f"{dangling}\n")
    if packed:
        repo.git("repack", "-q", "-a", "-d", "-k")
        packs = repo.git("pack-objects", "-q", str(repo.place / ".git/objects/pack/pack"), stdin=f"{blob}\n")
        assert packs
        repo.loose(blob).unlink(missing_ok=True)
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.git("reflog", "expire", "--expire=all", "--all")
    run = audited(repo.place)
    assert (life(one(run, lost)).kept_by, life(one(run, lost)).first_commit) == ("nothing", oid)
    assert paths(one(run, lost)) == ["file"]
    assert (life(one(run, dangling)).kept_by, paths(one(run, dangling))) == ("nothing", [f"(object {blob})"])


def test_attributes_hide_nothing(repo: Repository, audited: Audited) -> None:
    key, other = token("-diff"), token("binary")
    repo.write(".gitattributes", "a -diff\nb binary\n")
    repo.write("a", f"{key}\n")
    repo.commit("b", f"\0\1\2{other}\n")
    run = audited(repo.place)
    assert (paths(one(run, key)), paths(one(run, other))) == (["a"], ["b"])


def test_the_index_is_read(repo: Repository, audited: Audited) -> None:
    key = token("index")
    repo.write("sub/staged", f"{key}\n")
    repo.git("add", "-A")
    repo.write("sub/staged", "gone again\n")
    found = one(audited(repo.place), key)
    assert (paths(found), life(found).kept_by, found.locations[0].commit) == (["sub/staged"], "index", "")


def test_files_that_are_not_committed_are_read(repo: Repository, audited: Audited) -> None:
    new, changed, ignored = token("new"), token("changed"), token("ignored")
    repo.commit(".gitignore", "*.log\n")
    repo.write("readme", f"{changed}\n")
    repo.write("deep/new", f"{new}\n")
    repo.write("x.log", f"{ignored}\n")
    run = audited(repo.place)
    assert (paths(one(run, new)), life(one(run, new)).kept_by) == (["deep/new"], "worktree")
    assert (paths(one(run, changed)), one(run, changed).locations[0].commit) == (["readme"], "")
    assert len(run.findings) == 2


def test_a_change_that_keeps_size_and_place_is_read(repo: Repository, audited: Audited) -> None:
    old, new = token("old"), token("new")
    oid = repo.commit("file", f"{old}\n")
    repo.write("file", f"{new}\n")
    run = audited(repo.place)
    assert paths(one(run, new)) == ["file"]
    assert (life(one(run, old)).first_commit, life(one(run, old)).in_head) == (oid, True)


def test_linked_working_trees_are_read(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    staged, detached = token("staged there"), token("detached")
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    there = Repository.__new__(Repository)
    there.place, there.clock = tmp_path / "linked", repo.clock
    there.commit("file", f"{detached}\n")
    there.write("other", f"{staged}\n")
    there.git("add", "-A")
    shutil.rmtree(repo.place / ".git" / "worktrees" / "linked" / "logs")
    for place in (repo.place, tmp_path / "linked"):
        run = audited(place)
        assert (paths(one(run, staged)), life(one(run, staged)).kept_by) == (["other"], "index")
        assert (paths(one(run, detached)), life(one(run, detached)).kept_by) == (["file"], "refs")
    assert life(one(audited(repo.place), detached)).refs == ("worktrees/linked/HEAD",)


def test_messages_and_names_are_read(repo: Repository, audited: Audited) -> None:
    said, tagged, author = token("message"), token("tag"), token("author")
    oid = repo.commit("a", "a\n", f"use {said} to deploy")
    repo.git("-c", f"user.name={author}", "commit", "-q", "--allow-empty", "-m", "x")
    repo.git("tag", "-a", "v1", "-m", f"released with {tagged}")
    run = audited(repo.place)
    assert (paths(one(run, said)), one(run, said).locations[0].commit) == (["commit message"], oid)
    assert life(one(run, said)).refs == ("refs/heads/main", "refs/tags/v1")
    assert set(paths(one(run, author))) == {"commit message"}
    assert (paths(one(run, tagged)), life(one(run, tagged)).refs) == (["tag message"], ("refs/tags/v1",))
    assert life(one(run, tagged)).kept_by == "refs"


def test_names_of_refs_are_read(repo: Repository, audited: Audited) -> None:
    branch, tag = token("branch"), token("tag name")
    repo.git("branch", f"try/{branch}")
    repo.git("tag", tag)
    run = audited(repo.place)
    assert (paths(one(run, branch)), life(one(run, branch)).refs) == (
        ["(names of refs)"],
        (f"refs/heads/try/{branch}",),
    )
    assert life(one(run, tag)).kept_by == "refs"


@pytest.mark.parametrize("gone", [False, True])
def test_names_of_files_are_read(repo: Repository, audited: Audited, *, gone: bool) -> None:
    key, folder = token("file name"), token("directory")
    oid = repo.commit(f"notes/{key}.txt", "x\n")
    repo.commit(f"in {folder}/deep/x", "y\n")
    if gone:
        repo.git("rm", "-rq", ".")
        repo.git("commit", "-q", "-m", "gone")
    repo.git("repack", "-adfq")
    run = audited(repo.place)
    assert (life(one(run, key)).first_commit, life(one(run, key)).in_head) == (oid, not gone)
    assert bool(life(one(run, key)).last_commit) is gone
    assert paths(one(run, key)) == [f"notes/{key}.txt"]
    assert paths(one(run, folder)) == [f"in {folder}/deep/x"]


def test_submodules_are_read_under_their_paths(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    inner, middle, removed = (token(name) for name in ("inner", "middle", "removed"))
    deep = Repository(tmp_path / "deep")
    deep.commit("a", f"{inner}\n")
    deep.commit("a", "gone\n")
    module = Repository(tmp_path / "module")
    module.commit("b", f"{middle}\n")
    module.git("submodule", "--quiet", "add", str(deep.place), "vendor/deep")
    module.git("commit", "-q", "-m", "deep")
    other = Repository(tmp_path / "other")
    other.commit("c", f"{removed}\n")
    repo.git("submodule", "--quiet", "add", str(module.place), "libs/module")
    repo.git("submodule", "--quiet", "add", str(other.place), "libs/other")
    repo.git("submodule", "--quiet", "update", "--init", "--recursive")
    repo.git("commit", "-q", "-m", "modules")
    repo.git("rm", "-q", "libs/other")
    repo.git("commit", "-q", "-m", "without")
    remotes = {name: token(name) for name in ("libs/module", "libs/module/modules/vendor/deep", "libs/other")}
    for name, key in remotes.items():
        url = f"https://u:{key}@example.org/a"
        repo.git("config", "--file", f".git/modules/{name}/config", "remote.old.url", url)
    run = audited(repo.place)
    assert {name: paths(one(run, key)) for name, key in remotes.items()} == {
        "libs/module": ["libs/module/.git/config"],
        "libs/module/modules/vendor/deep": ["libs/module/vendor/deep/.git/config"],
        "libs/other": [".git/modules/libs/other/.git/config"],
    }
    assert paths(one(run, middle)) == ["libs/module/b"]
    assert (paths(one(run, inner)), life(one(run, inner)).in_head) == (["libs/module/vendor/deep/a"], False)
    assert paths(one(run, removed)) == [".git/modules/libs/other/c"]


def test_a_submodule_that_leads_out_is_left_alone(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    key = token("elsewhere")
    other = Repository(tmp_path / "elsewhere")
    oid = other.commit("a", f"{key}\n")
    other.commit("a", "gone\n")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{oid},sub")
    (repo.place / "sub").mkdir()
    (repo.place / "sub" / ".git").write_text(f"gitdir: {other.place}/.git\n")
    assert not audited(repo.place).findings


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
            raise RuleTimeoutError("rule x took too long")
        return real(self, data)

    monkeypatch.setattr(IncrementalDetector, "whole", slow)
    run = Run("audit", ())
    tally(run, results(Audit(github, repo.place, context.AuditOptions(LIMIT, 1))))
    assert [one.reason for one in run.skipped] == ["not fully scanned: rule x took too long"]
    assert life(one(run, key)).copies == 5


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_goes_wrong_beside_the_sweep_is_said(
    repo: Repository, github: Matcher, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    def broken(*_: object) -> Graph:
        raise SourceError("git is out of order")

    many_keys(repo)
    monkeypatch.setattr(state, "read_graph", broken)
    with pytest.raises(SourceError, match="git is out of order"):
        tally(Run("audit", ()), results(Audit(github, repo.place, context.AuditOptions(LIMIT, jobs))))


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


def many_keys(repo: Repository) -> tuple[list[str], str]:
    """Sixty keys in the history of three files, and the name of a blob in the midst of it."""
    keys = [token(f"many {number}") for number in range(60)]
    for number, key in enumerate(keys):
        repo.commit(f"file{number % 3}", f"first line\nTOKEN={key}\n" + f"line {number}\n" * 30)
    return keys, repo.git("rev-parse", "HEAD~30:file2")


@pytest.mark.skipif(sys.platform != "linux", reason="kills forked processes")
@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_an_object_that_no_process_survives_is_lost_alone(
    repo: Repository, github: Matcher, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    keys, deadly = many_keys(repo)
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
    repo: Repository, github: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, _ = many_keys(repo)
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
    repo: Repository, github: Matcher, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    keys, faulty = many_keys(repo)
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


# --- Lives ------------------------------------------------------------------------------------------------------------


def test_a_key_that_was_removed(repo: Repository, audited: Audited) -> None:
    key = token("removed")
    came = repo.commit("file", f"{key}\n")
    repo.commit("file", f"{key}\nmore\n")
    went = repo.commit("file", "more\n")
    repo.commit("file", "still more\n")
    found = one(audited(repo.place), key)
    told = life(found)
    assert (told.first_commit, told.last_commit, told.in_head, told.refs) == (came, went, False, ())
    assert (told.kept_by, told.copies, told.authors) == ("refs", 2, ("Ada <ada@example.org>",))
    assert (told.first_seen, told.exposed_days) == ("2023-11-20T22:13:20Z", 6)
    assert (paths(found), found.locations[0].commit) == (["file"], came)


def test_a_key_that_came_again(repo: Repository, audited: Audited) -> None:
    key = token("again")
    came = repo.commit("file", f"{key}\n")
    repo.commit("file", "gone\n")
    repo.commit("file", f"{key}\n")
    told = life(one(audited(repo.place), key))
    assert (told.first_commit, told.last_commit, told.in_head, told.copies) == (came, "", True, 1)
    last = repo.commit("file", "gone for good\n")
    told = life(one(audited(repo.place), key))
    assert (told.first_commit, told.last_commit, told.in_head) == (came, last, False)


def test_a_renamed_file_removes_nothing(repo: Repository, audited: Audited) -> None:
    key = token("renamed")
    came = repo.commit("old", f"{key}\n")
    repo.git("mv", "old", "new")
    repo.git("commit", "-q", "-m", "rename")
    found = one(audited(repo.place), key)
    assert (life(found).first_commit, life(found).last_commit, life(found).in_head) == (came, "", True)
    assert paths(found) == ["new", "old"]
    went = repo.git("rev-parse", "HEAD")
    repo.git("rm", "-q", "new")
    repo.git("commit", "-q", "-m", "remove")
    told = life(one(audited(repo.place), key))
    assert told.last_commit == repo.git("rev-parse", "HEAD") != went


def test_a_commit_that_was_picked_and_one_that_was_reverted(repo: Repository, audited: Audited) -> None:
    key = token("picked")
    repo.git("branch", "side")
    first = repo.commit("file", f"{key}\n")
    repo.git("checkout", "-q", "side")
    repo.commit("unrelated", "x\n")
    repo.git("cherry-pick", first)
    repo.git("checkout", "-q", "main")
    repo.git("revert", "--no-edit", first)
    told = life(one(audited(repo.place), key))
    assert (told.first_commit, told.in_head, told.refs, told.last_commit) == (first, False, ("refs/heads/side",), "")


def test_a_key_in_two_branches(repo: Repository, audited: Audited) -> None:
    key = token("two")
    repo.commit("file", f"{key}\n")
    repo.git("branch", "other")
    repo.git("tag", "v1")
    told = life(one(audited(repo.place), key))
    assert told.refs == ("refs/heads/main", "refs/heads/other", "refs/tags/v1")


def test_a_key_that_a_merge_took_out(repo: Repository, audited: Audited) -> None:
    key = token("merged away")
    repo.commit("file", f"{key}\n")
    repo.git("checkout", "-q", "-b", "side", "HEAD~1")
    repo.commit("other", "side\n")
    repo.git("merge", "-q", "-s", "ours", "-m", "drop", "main")
    merge = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "-B", "main", "side")
    told = life(one(audited(repo.place), key))
    assert (told.in_head, told.refs, told.last_commit) == (False, (), merge)


def test_places_come_in_the_order_in_which_to_look(repo: Repository, audited: Audited) -> None:
    key = token("places")
    first = repo.commit("zzz", f"{key}\n")
    repo.git("rm", "-q", "zzz")
    repo.git("commit", "-q", "-m", "gone")
    head = repo.commit("mmm", f"{key}\n")
    repo.write("aaa", f"{key}\n# not committed\n")
    found = one(audited(repo.place), key)
    places = [(location.path, location.commit) for location in found.locations]
    assert places == [("mmm", head), ("aaa", ""), ("zzz", first)]


def test_the_scope_narrows(repo: Repository, audited: Audited) -> None:
    old, new, side = token("old"), token("new"), token("side")
    repo.commit("a/old", f"{old}\n")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("b/side", f"{side}\n")
    repo.git("checkout", "-q", "main")
    since = repo.clock
    repo.commit("b/new", f"{new}\n")

    def keys(scope: context.Scope) -> set[str]:
        return {finding.secret.decode() for finding in audited(repo.place, scope).findings}

    assert keys(context.Scope(since=since)) == {new}
    assert keys(context.Scope(branch="side")) == {old, side}
    assert keys(context.Scope(path=lambda path: path.startswith("b/"))) == {new, side}
    with pytest.raises(UsageError, match="no branch"):
        keys(context.Scope(branch="sid"))


def test_a_comment_that_accepts_a_key_is_heeded(repo: Repository, audited: Audited) -> None:
    key = token("accepted")
    repo.commit("file", f"{key}  # keysift: ignore[github-*] revoked\n")
    run = audited(repo.place)
    assert (run.findings, [finding.secret for finding in run.suppressed]) == ([], [key.encode()])


# --- Hostile repositories ---------------------------------------------------------------------------------------------


def corrupt(file: Path) -> None:
    file.chmod(0o644)
    file.write_bytes(b"no object" + file.read_bytes()[9:])


@pytest.mark.parametrize("what", ["HEAD:bad", "HEAD:dir", "HEAD^{tree}", "HEAD~2", "HEAD~2^{tree}", "HEAD"])
@pytest.mark.parametrize("missing", [False, True], ids=["corrupt", "missing"])
def test_damaged_objects_are_said_and_the_others_read(
    repo: Repository, audited: Audited, what: str, *, missing: bool
) -> None:
    key, later = token("early"), token("late")
    repo.commit("good", f"{key}\n")
    repo.commit("bad", "bad\n")
    repo.commit("dir/x", "x\n")
    repo.commit("later", f"{later}\n")
    file = repo.loose(repo.git("rev-parse", what))
    if missing:
        file.unlink()
    else:
        corrupt(file)
    run = audited(repo.place)
    assert {finding.secret.decode() for finding in run.findings} == {key, later}
    assert not run.complete
    assert run.skipped


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_damaged_pack_is_said_and_the_others_read(repo: Repository, audited: Audited, place: float) -> None:
    for number in range(12):
        repo.commit(
            "grows", "".join(f"line {line} {line * 7919}\n" for line in range(100 * number, 100 * number + 200))
        )
    repo.git("repack", "-adq")
    key = token("beside")
    repo.commit("good", f"{key}\n")
    (file,) = repo.place.glob(".git/objects/pack/*.pack")
    data = bytearray(file.read_bytes())
    for number in range(40):
        data[int(len(data) * place) + number] ^= 0x5A
    file.chmod(0o644)
    file.write_bytes(data)
    run = audited(repo.place)
    assert key.encode() in {finding.secret for finding in run.findings}
    assert not run.complete


def test_no_command_of_the_repository_runs(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    program = tmp_path / "planted"
    program.write_text(f"#!/bin/sh\necho ran >> '{marker}'\nexit 0\n")
    program.chmod(0o755)
    key = token("planted")
    repo.write(".gitattributes", "* filter=planted diff=planted\n")
    repo.commit("file", f"{key}\n")
    repo.write("file", f"{key}\nchanged\n")
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman"):
        shutil.copy(program, repo.place / ".git" / "hooks" / hook)
    for name in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.gitProxy", "core.alternateRefsCommand",
        "diff.external", "diff.planted.command", "diff.planted.textconv", "filter.planted.clean",
        "filter.planted.smudge", "filter.planted.process", "gpg.program", "pager.log", "credential.helper",
    ):  # fmt: skip
        repo.git("config", name, str(program))
    for name, value in {"log.showSignature": "true", "diff.renames": "copies", "log.follow": "true"}.items():
        repo.git("config", name, value)
    marker.unlink(missing_ok=True)
    assert paths(one(audited(repo.place), key)) == ["file"]
    assert not marker.exists()


def test_no_url_of_a_submodule_runs_or_leads_anywhere(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    marker, program = tmp_path / "marker", tmp_path / "planted"
    program.write_text(f"#!/bin/sh\necho ran >> '{marker}'\n")
    program.chmod(0o755)
    key = token("submodules")
    repo.write(
        ".gitmodules",
        f'[submodule "../../hooks"]\n\tpath = a\n\turl = ext::{program}\n\tupdate = !{program}\n'
        f'[submodule "b"]\n\tpath = --upload-pack={program}\n\turl = -u{program}\n',
    )
    repo.commit("file", f"{key}\n")
    oid = repo.git("rev-parse", "HEAD")
    for path in ("a", f"--upload-pack={program.name}", "-c"):
        repo.git("update-index", "--add", "--cacheinfo", f"160000,{oid},{path}")
    repo.git("commit", "-q", "-m", "submodules")
    repo.git("config", "submodule.b.update", f"!{program}")
    (repo.place / "a").mkdir()
    (repo.place / "a" / ".git").write_text("gitdir: ../../../../../../etc\n")
    run = audited(repo.place)
    assert paths(one(run, key)) == ["file"]
    assert not marker.exists()


@pytest.mark.parametrize("name", ["new\nline", 'quo"te', "\x1b[31mred", "tab\there", "\x01\x02", "a\u2028b", "back\\"])
def test_strange_names_are_told_apart(repo: Repository, audited: Audited, name: str) -> None:
    key, gone = token(name), token(f"gone {name}")
    repo.commit(name, f"{gone}\n")
    oid = repo.commit(name, f"{key}\n")
    run = audited(repo.place)
    assert (paths(one(run, key)), paths(one(run, gone))) == ([name], [name])
    assert life(one(run, gone)).last_commit == oid


def test_names_that_are_no_text(repo: Repository, audited: Audited) -> None:
    key = token("bytes")
    (Path(os.fsdecode(bytes(repo.place) + b"/\xff\xfe"))).write_text(f"{key}\n")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x")
    assert paths(one(audited(repo.place), key)) == ["\udcff\udcfe"]


def test_a_tree_ten_thousand_levels_deep(repo: Repository, audited: Audited) -> None:
    key, other = token("deep"), token("beside the deep")
    oid = repo.git("hash-object", "-w", "--stdin", stdin=f"{key}\n")
    lines = [f"blob\nmark :1\ndata {len(key) + 1}\n{key}\n\n"]
    path = "d/" * 10_000 + "file"
    lines.append(
        f"commit refs/heads/deep\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\nx\nM 100644 :1 {path}\n\n"
    )
    repo.git("fast-import", "--quiet", stdin="".join(lines))
    repo.commit("good", f"{other}\n")
    run = audited(repo.place)
    found = one(run, key)
    assert paths(found) in ([path], [f"(object {oid})"])
    assert paths(found) == [path] or not run.complete
    assert paths(one(run, other)) == ["good"]


def test_a_commit_with_a_thousand_parents(repo: Repository, audited: Audited) -> None:
    key = token("octopus")
    tree, base = repo.git("rev-parse", "HEAD^{tree}"), repo.git("rev-parse", "HEAD")
    stream = "".join(
        f"commit refs/heads/p\nmark :{number}\ncommitter A <a@example.org> {1700000000 + number} +0000\ndata 1\nx\n"
        f"from {base}\n\n"
        for number in range(1, 1001)
    )
    marks = repo.place.parent / "marks"
    repo.git("fast-import", "--quiet", "--force", f"--export-marks={marks}", stdin=stream)
    parents = "".join(f"parent {line.split()[1]}\n" for line in marks.read_text().splitlines())
    blob = repo.git("hash-object", "-w", "--stdin", stdin=f"{key}\n")
    tree = repo.git("mktree", stdin=f"100644 blob {blob}\tfile\n")
    who = "A <a@example.org> 1700002000 +0000"
    text = f"tree {tree}\n{parents}author {who}\ncommitter {who}\n\nmany\n"
    oid = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=text)
    repo.git("update-ref", "refs/heads/octopus", oid)
    found = one(audited(repo.place), key)
    assert (life(found).first_commit, life(found).refs) == (oid, ("refs/heads/octopus",))


@pytest.mark.parametrize(
    "date", ["99999999999999999999 +0000", "18446744073709551615 +0000", "-5 +0000", "x", "0 +9999"]
)
def test_absurd_dates(repo: Repository, audited: Audited, date: str) -> None:
    key = token(date)
    blob = repo.git("hash-object", "-w", "--stdin", stdin=f"{key}\n")
    tree = repo.git("mktree", stdin=f"100644 blob {blob}\tfile\n")
    who = f"A <a@example.org> {date}"
    text = f"tree {tree}\nauthor {who}\ncommitter {who}\n\nx\n"
    oid = repo.git("hash-object", "--literally", "-t", "commit", "-w", "--stdin", stdin=text)
    (repo.place / ".git" / "refs" / "heads" / "absurd").write_text(f"{oid}\n")
    found = one(audited(repo.place), key)
    assert (paths(found), life(found).first_commit) == (["file"], oid)


def test_a_huge_message(repo: Repository, audited: Audited) -> None:
    key = token("huge")
    repo.git("commit", "-q", "--allow-empty", "-F", "-", stdin="word " * 100_000 + f"\n\n{key}\n")
    assert paths(one(audited(repo.place), key)) == ["commit message"]


def test_a_ref_and_a_reflog_that_lead_nowhere(repo: Repository, audited: Audited) -> None:
    key = token("nowhere")
    repo.commit("file", f"{key}\n")
    (repo.place / ".git" / "refs" / "heads" / "broken").write_text("12" * 20 + "\n")
    with (repo.place / ".git" / "logs" / "HEAD").open("a") as log:
        log.write(f"{'34' * 20} {'56' * 20} A <a@example.org> 1700000000 +0000\tx\n")
    run = audited(repo.place)
    assert (paths(one(run, key)), life(one(run, key)).in_head, run.complete) == (["file"], True, False)


# --- Both ways of reading ---------------------------------------------------------------------------------------------

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
