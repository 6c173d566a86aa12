"""An audit with a state reads what is new, and what is remembered counts only where it holds."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from tests.history.repositories import Kept, Repository, file_of, one, token

from keysift.detect.matcher import Matcher
from keysift.errors import UsageError
from keysift.history.context import Scope
from keysift.rules import ruleset
from keysift.rules.generate import instance
from keysift.scan import contents


def test_only_what_is_new_is_read(repo: Repository, kept: Kept) -> None:
    first, second = token("first"), token("second")
    repo.commit("a", f"{first}\n")
    everything, said = kept(repo.place)
    assert "everything was read" in said
    repo.commit("b", f"{second}\n")
    again, said = kept(repo.place)
    assert said.startswith("3 objects are new")  # a commit, a tree and a blob
    assert one(again, first)
    assert one(again, second)
    assert again.bytes < everything.bytes + 200
    assert kept(repo.place)[1].startswith("0 objects are new")


def test_a_state_of_another_repository_is_refused(repo: Repository, kept: Kept, tmp_path: Path) -> None:
    kept(repo.place)
    other = Repository(tmp_path / "other", clock=1_600_000_000)
    other.commit("b", "something else\n")
    before = file_of(tmp_path).read_bytes()
    with pytest.raises(UsageError, match="of another repository") as refused:
        kept(other.place)
    assert refused.value.help
    assert file_of(tmp_path).read_bytes() == before


def test_a_repository_may_be_cloned_anew_elsewhere(repo: Repository, kept: Kept, tmp_path: Path) -> None:
    key = token("moved")
    repo.commit("a", f"{key}\n")
    kept(repo.place)
    repo.git("clone", "-q", "--mirror", str(repo.place), str(tmp_path / "mirror.git"))
    run, said = kept(tmp_path / "mirror.git")
    assert said.startswith("0 objects are new")
    assert one(run, key)


def test_a_name_says_which_repository_it_is(repo: Repository, kept: Kept, tmp_path: Path) -> None:
    kept(repo.place, identity="example.org/a")
    anew = Repository(tmp_path / "anew", clock=1_600_000_000)
    key = token("rewritten")
    anew.commit("b", f"{key}\n")
    assert one(kept(anew.place, identity="example.org/a")[0], key)


def test_rules_that_were_off_are_looked_for_alone(repo: Repository, kept: Kept, github: Matcher) -> None:
    key = token("rules")
    repo.commit("a", f"{key}\n")
    for number in range(20):
        repo.commit("b", f"nothing {number}\n")
    fewer = Matcher(github.rules.without(lambda rule_id: rule_id.startswith("github-")))
    everything, _ = kept(repo.place, matcher=fewer)
    assert not everything.findings
    run, said = kept(repo.place)
    assert said.startswith("1 objects are new, or are read again")
    looked_for = len([rule for rule in github.rules if rule.id.startswith("github-")])
    assert said.endswith(f"and were searched again for the {looked_for} rules that are new or have changed")
    assert one(run, key) == one(kept(repo.place, state=None)[0], key)
    assert kept(repo.place)[1].endswith("already"), "from now on they count as seen"


def test_rules_that_are_gone_cost_only_what_had_a_candidate(repo: Repository, kept: Kept, github: Matcher) -> None:
    key = token("rules")
    repo.commit("a", f"{key}\n")
    for number in range(20):
        repo.commit("b", f"nothing {number}\n")
    full, _ = kept(repo.place)
    fewer = Matcher(github.rules.without(lambda rule_id: rule_id.startswith("github-")))
    run, said = kept(repo.place, matcher=fewer)
    assert said.startswith("1 objects are new, or are read again")
    assert said.endswith("under rules of which some are gone or off now")
    assert not run.findings
    assert run.blobs < full.blobs - 20


def test_a_new_rule_finds_what_only_an_old_tree_names(repo: Repository, kept: Kept, github: Matcher) -> None:
    key = token("name")
    repo.commit(f"keys/{key}", "nothing\n")
    repo.git("rm", "-q", f"keys/{key}")
    repo.git("commit", "-q", "-m", "gone")
    other = Matcher([rule for rule in github.rules if not rule.id.startswith("github-")])
    assert not kept(repo.place, matcher=other)[0].findings
    assert one(kept(repo.place)[0], key) == one(kept(repo.place, state=None)[0], key)


def test_the_digest_of_rules_tells_them_apart(github: Matcher) -> None:
    every = ruleset.load()
    assert every.digest() == ruleset.load().digest()
    assert every.digest() != every.without(lambda rule_id: rule_id == every.ids[0]).digest()
    some = list(github.rules)
    assert ruleset.Rules.of(some).digest() == ruleset.Rules.of([*some]).digest()
    assert ruleset.Rules.of(some).digest() != ruleset.Rules.of(some[1:]).digest()


def test_another_version_reads_everything_again(repo: Repository, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(repo.place)
    monkeypatch.setattr("keysift.history.remembered.headers.VERSION", "99.0")
    assert "does not count: it is of keysift" in kept(repo.place)[1]


def test_what_was_too_long_is_named_again_until_the_limit_allows_it(repo: Repository, kept: Kept) -> None:
    key, small = token("long"), token("small")
    repo.commit("a", f"{small}\n")
    repo.commit("long", f"{key}\n" + "x" * 5000)
    for _ in range(2):
        run, _ = kept(repo.place, limit=3000)
        reasons = [skipped.reason for skipped in run.skipped]  # of the object, and of the file
        assert ["over the limit" in reason for reason in reasons] == [True, True]
        assert not run.complete
    run, said = kept(repo.place)
    assert said.startswith("1 objects are new")
    assert run.complete
    assert one(run, key).history == one(kept(repo.place, state=None)[0], key).history
    run, said = kept(repo.place, limit=3000)
    assert "--max-file-size was larger" in said
    assert not run.complete


@pytest.mark.parametrize(
    "scope", [Scope(branch="side"), Scope(since=1_700_500_000), Scope(path=lambda path: path.startswith("b"))]
)
def test_a_part_of_a_history_can_be_asked_for(repo: Repository, kept: Kept, scope: Scope) -> None:
    repo.commit("a", f"{token('one')}\n")
    repo.git("branch", "side")
    repo.commit("b", f"{token('two')}\n{token('one')}\n")
    whole = kept(repo.place)[0].findings
    part, expected = (kept(repo.place, scope=scope, **state)[0].findings for state in ({}, {"state": None}))
    assert part == expected
    assert kept(repo.place)[0].findings == whole  # what a part was asked for, too, is remembered as a whole


@pytest.mark.parametrize("plain", [False, True])
def test_both_ways_of_reading_remember_the_same(repo: Repository, kept: Kept, *, plain: bool) -> None:
    key = token("plain")
    repo.commit("a", f"{key}\n")
    repo.git("gc", "-q")
    kept(repo.place, plain=plain)
    run, said = kept(repo.place, plain=not plain)
    assert said.startswith("0 objects are new")
    assert one(run, key)


def test_a_repository_with_longer_ids(kept: Kept, tmp_path: Path) -> None:
    repo = Repository(tmp_path / "long", "--object-format=sha256")
    first, second = token("first"), token("second")
    repo.commit("a", f"{first}\n")
    kept(repo.place)
    repo.commit("b", f"{second}\n")
    run, said = kept(repo.place)
    assert said.startswith("3 objects are new")
    assert one(run, first).history
    assert one(run, second).history


def test_a_name_that_looks_like_an_id_is_none(repo: Repository, kept: Kept) -> None:
    key = token("digest")
    for length in (40, 50, 64):
        repo.commit(f"{'5a' * (length // 2)}.json", f"{key}\n")
    kept(repo.place)
    for _ in range(2):
        run, said = kept(repo.place)
        assert said.startswith("0 objects are new")
        assert one(run, key)


def test_a_submodule_is_remembered_by_itself(repo: Repository, kept: Kept, tmp_path: Path) -> None:
    inner = Repository(tmp_path / "inner")
    key = token("inner")
    inner.commit("a", f"{key}\n")
    repo.git("submodule", "add", "-q", str(inner.place), "sub")
    repo.git("commit", "-q", "-m", "sub")
    kept(repo.place)
    run, said = kept(repo.place)
    assert said.count("0 objects are new") == 2
    assert "sub: 0 objects" in said
    assert one(run, key)


def test_a_key_whose_object_was_pruned_is_told_by_another(repo: Repository, kept: Kept, matcher: Matcher) -> None:
    """Also a key that only a decoder sees: it is sealed with an object that is gone."""
    line = instance("kind: Secret\ndata:\n  token: {{base64of:alnum.32}}", "pruned")[0]
    blob = repo.git("hash-object", "-w", "--stdin", stdin=f"{line}\n")
    repo.commit("secret.yaml", f"# more\n{line}\n")
    found = kept(repo.place, matcher=matcher)[0].findings
    repo.loose(blob).unlink()
    again = kept(repo.place, matcher=matcher)[0].findings
    assert again == kept(repo.place, matcher=matcher, state=None)[0].findings
    assert [finding.secret for finding in again] == [finding.secret for finding in found]


def test_a_pruned_object_that_comes_back_is_read_again(repo: Repository, kept: Kept) -> None:
    key = token("back")
    repo.commit("a", f"{key}\n")
    kept(repo.place)
    away = shutil.copytree(repo.place / ".git", repo.place.parent / "away")
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    assert not kept(repo.place)[0].findings
    shutil.rmtree(repo.place / ".git")
    away.rename(repo.place / ".git")
    run, _ = kept(repo.place)
    assert one(run, key).history == one(kept(repo.place, state=None)[0], key).history


def _archive(repo: Repository, keys: list[str]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number, key in enumerate(keys):
            made.writestr(zipfile.ZipInfo(f"{number}.env"), f"{key}\n".encode() + b"# no text: \xff\n")
    (repo.place / "a.zip").write_bytes(out.getvalue())
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "archive")


def test_a_container_is_opened_once(repo: Repository, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    key, other = token("inside"), token("later")
    _archive(repo, [key])
    full = one(kept(repo.place, state=None)[0], key)
    opened = Counter[str]()
    real = contents.scan_inside
    monkeypatch.setattr(contents, "scan_inside", lambda *given: opened.update([given[1].path]) or real(*given))
    kept(repo.place)
    assert opened["a.zip"] == 1
    again = one(kept(repo.place)[0], key)
    assert opened["a.zip"] == 1
    assert again == full
    assert [place.snippet for place in again.locations] == [place.snippet for place in full.locations]
    repo.git("mv", "a.zip", "b.zip")
    repo.git("commit", "-q", "-m", "moved")
    assert one(kept(repo.place)[0], key).locations == one(kept(repo.place, state=None)[0], key).locations
    _archive(repo, [key, other])
    run, _ = kept(repo.place)
    assert one(run, other) == one(kept(repo.place, state=None)[0], other)
