"""What stands at a path in many commits, asked of real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from keysift.git import trees
from keysift.git.objects import ObjectReader
from keysift.git.repository import open_repository


def _git(place: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=place, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(params=["sha1", "sha256"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", f"--object-format={request.param}", str(tmp_path)], check=True)
    _git(tmp_path, "config", "user.name", "a")
    _git(tmp_path, "config", "user.email", "a@example.com")
    return tmp_path


def _commit(place: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    _git(place, "add", "--all")
    _git(place, "commit", "-q", "-m", "x")
    return _git(place, "rev-parse", "HEAD")


def find_standing(
    repository: Path, commits: list[str], paths: list[str], blobs: set[str]
) -> dict[tuple[str, str], int]:
    with ObjectReader(repository) as reader:
        return trees.find_standing(open_repository(repository), reader, commits, paths, blobs)


def test_the_tree_of_a_commit(repository: Path) -> None:
    (repository / "new\nline").write_text("x")
    (repository / "deep").mkdir()
    (repository / "deep" / "er").write_text("y")
    oid = _commit(repository, {})
    assert dict(trees.list_blobs(repository, oid)).keys() == {"new\nline", "deep/er"}


def test_which_commits_have_a_blob_at_a_path(repository: Path) -> None:
    first = _commit(repository, {"a/b/one\ntwo": "x", "c": "x"})
    second = _commit(repository, {"a/b/one\ntwo": "y"})
    third = _commit(repository, {"c": "z"})
    blobs = {_git(repository, "rev-parse", f"{commit}:{path}") for commit, path in ((first, "c"), (third, "c"))}
    x, z = _git(repository, "rev-parse", f"{first}:c"), _git(repository, "rev-parse", f"{third}:c")
    held = find_standing(repository, [first, second, third], ["a/b/one\ntwo", "c", "a"], blobs)
    assert held == {("a/b/one\ntwo", x): 0b001, ("c", x): 0b011, ("c", z): 0b100}
    assert [*trees.select([first, second, third], 0b101)] == [first, third]


def test_a_directory_and_a_file_of_one_name(repository: Path) -> None:
    first = _commit(repository, {"a": "x"})
    (repository / "a").unlink()
    second = _commit(repository, {"a/b": "x"})
    x = _git(repository, "rev-parse", f"{first}:a")
    held = find_standing(repository, [first, second], ["a", "a/b"], {x})
    assert held == {("a", x): 0b01, ("a/b", x): 0b10}


def test_names_of_all_entries(repository: Path) -> None:
    commit = _commit(repository, {"a b/c": "x", "d": "x"})
    tree = _git(repository, "rev-parse", f"{commit}^{{tree}}")
    with ObjectReader(repository) as reader:
        found = sorted(trees.list_names(open_repository(repository), reader, [tree]))
    assert sorted(found) == [b"a b", b"d"]


def test_a_commit_that_is_missing_says_nothing(repository: Path) -> None:
    commit = _commit(repository, {"c": "x"})
    x = _git(repository, "rev-parse", f"{commit}:c")
    held = find_standing(repository, ["0" * len(commit), commit], ["c"], {x})
    assert held == {("c", x): 0b10}
