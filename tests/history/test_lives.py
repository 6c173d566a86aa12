"""An audit tells the life of a key."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.history.repositories import (
    Audited,
    Repository,
    life,
    one,
    paths,
    token,
)

from keysift.errors import UsageError
from keysift.history import context


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


def test_when_head_lost_a_key_that_a_tag_still_has(repo: Repository, audited: Audited) -> None:
    key, side = token("tagged"), token("never at HEAD")
    repo.commit("file", f"{key}\n")
    repo.git("tag", "v1")
    repo.git("checkout", "-q", "-b", "release")
    repo.commit("other", f"{side}\n")
    repo.git("checkout", "-q", "main")
    went = repo.commit("file", "more\n")
    lost = repo.git("log", "-1", "--format=%ct", went)
    repo.git("checkout", "-q", "release")
    repo.commit("file", "later, and on a branch\n")
    repo.git("checkout", "-q", "main")
    found = audited(repo.place)
    told = life(one(found, key))
    assert (told.in_head, told.refs, told.last_seen) == (False, ("refs/tags/v1",), "")
    assert datetime.fromisoformat(told.left_head).timestamp() == int(lost)
    assert life(one(found, side)).left_head == ""
    repo.commit("file", f"{key}\n")
    assert life(one(audited(repo.place), key)).left_head == ""


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
