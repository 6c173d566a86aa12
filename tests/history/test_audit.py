"""An audit finds a key wherever a repository may keep it; on real repositories that git makes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.history.repositories import (
    Audited,
    Repository,
    life,
    one,
    paths,
    token,
)


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
    there = Repository(tmp_path / "linked", clock=repo.clock)
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


def test_a_submodule_without_a_checkout_is_said_to_be_missing(repo: Repository, audited: Audited) -> None:
    repo.commit("a", "x\n")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    run = audited(repo.place)
    [missing] = [skipped for skipped in run.skipped if skipped.path == "sub"]
    assert missing.reason == "a submodule that is not checked out: its history is not on this machine"
    assert run.complete


def test_a_submodule_that_leads_out_is_left_alone(repo: Repository, audited: Audited, tmp_path: Path) -> None:
    key = token("elsewhere")
    other = Repository(tmp_path / "elsewhere")
    oid = other.commit("a", f"{key}\n")
    other.commit("a", "gone\n")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{oid},sub")
    (repo.place / "sub").mkdir()
    (repo.place / "sub" / ".git").write_text(f"gitdir: {other.place}/.git\n")
    assert not audited(repo.place).findings
