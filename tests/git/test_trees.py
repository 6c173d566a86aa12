"""What stands at a path in many commits, asked of real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from keysift.git import store, trees


def _git(place: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=place, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(params=["sha1", "sha256"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", f"--object-format={request.param}", str(tmp_path)], check=True)
    _git(tmp_path, "config", "user.name", "a")
    _git(tmp_path, "config", "user.email", "a@example.com")
    return tmp_path


@pytest.fixture(params=[trees.NARROW, 0], ids=["one by one", "all at once"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Try both ways of reading the trees of a level."""
    monkeypatch.setattr(trees, "NARROW", request.param)


def _commit(place: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    _git(place, "add", "--all")
    _git(place, "commit", "-q", "-m", "x")
    return _git(place, "rev-parse", "HEAD")


@pytest.mark.usefixtures("_way")
def test_which_commits_have_a_blob_at_a_path(repository: Path) -> None:
    first = _commit(repository, {"a/b/one\ntwo": "x", "c": "x"})
    second = _commit(repository, {"a/b/one\ntwo": "y"})
    third = _commit(repository, {"c": "z"})
    blobs = {_git(repository, "rev-parse", f"{commit}:{path}") for commit, path in ((first, "c"), (third, "c"))}
    x, z = _git(repository, "rev-parse", f"{first}:c"), _git(repository, "rev-parse", f"{third}:c")
    held = trees.standing(store.store(repository), [first, second, third], ["a/b/one\ntwo", "c", "a"], blobs)
    assert held == {("a/b/one\ntwo", x): 0b001, ("c", x): 0b011, ("c", z): 0b100}
    assert [*trees.chosen([first, second, third], 0b101)] == [first, third]


@pytest.mark.usefixtures("_way")
def test_a_directory_and_a_file_of_one_name(repository: Path) -> None:
    first = _commit(repository, {"a": "x"})
    (repository / "a").unlink()
    second = _commit(repository, {"a/b": "x"})
    x = _git(repository, "rev-parse", f"{first}:a")
    held = trees.standing(store.store(repository), [first, second], ["a", "a/b"], {x})
    assert held == {("a", x): 0b01, ("a/b", x): 0b10}


def test_names_of_all_entries(repository: Path) -> None:
    commit = _commit(repository, {"a b/c": "x", "d": "x"})
    found = trees.names(store.store(repository), [_git(repository, "rev-parse", f"{commit}^{{tree}}")])
    assert sorted(found) == [b"a b", b"d"]


@pytest.mark.usefixtures("_way")
def test_a_commit_that_is_missing_says_nothing(repository: Path) -> None:
    commit = _commit(repository, {"c": "x"})
    x = _git(repository, "rev-parse", f"{commit}:c")
    held = trees.standing(store.store(repository), ["0" * len(commit), commit], ["c"], {x})
    assert held == {("c", x): 0b10}
