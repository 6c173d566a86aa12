"""Objects by one `git cat-file`, from real repositories, whole and damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.git.objects import Object, Objects, Unread

Git = Callable[..., str]


@pytest.fixture
def stored(repo: Path, git: Git) -> Callable[[str], str]:
    """Writes a blob and says its id."""
    return lambda text: git(repo, "hash-object", "-w", "--stdin", stdin=text).strip()


def test_contents_of_all_kinds(repo: Path, stored: Callable[[str], str]) -> None:
    texts = ["", "a\n", "\n\n", "x" * 100_000, "missing\n"]
    oids = [stored(text) for text in texts]
    with Objects(repo) as objects:
        assert [objects.read(oid) for oid in oids] == [
            Object(oid, "blob", text.encode()) for oid, text in zip(oids, texts, strict=True)
        ]


def test_a_path_of_a_commit(repo: Path, git: Git) -> None:
    (repo / "a b").write_text("a")
    git(repo, "add", "--all")
    git(repo, "commit", "-q", "-m", "x")
    with Objects(repo) as objects:
        answer = objects.read("HEAD:a b")
        assert isinstance(answer, Object)
        assert answer.data == b"a"
        assert objects.read("HEAD:none") == Unread("the repository does not have the object", missing=True)


def test_what_is_not_there(repo: Path, stored: Callable[[str], str]) -> None:
    with Objects(repo) as objects:
        for name in ("1" * 40, "nonsense", "two\nlines", ""):
            answer = objects.read(name)
            assert isinstance(answer, Unread)
            assert answer.missing
        assert isinstance(objects.read(stored("a")), Object)


def test_too_long_is_said_and_stepped_over(repo: Path, stored: Callable[[str], str]) -> None:
    with Objects(repo, limit=3) as objects:
        answer = objects.read(stored("four"))
        assert isinstance(answer, Unread)
        assert answer.expected
        assert "over the limit" in answer.reason
        assert isinstance(objects.read(stored("abc")), Object)


def test_a_damaged_object_is_lost_alone(repo: Path, stored: Callable[[str], str]) -> None:
    bad, good = stored("bad " * 1000), stored("good")
    place = repo / ".git" / "objects" / bad[:2] / bad[2:]
    place.chmod(0o600)
    place.write_bytes(place.read_bytes()[:20] + b"nonsense")
    with Objects(repo) as objects:
        answer = objects.read(bad)
        assert isinstance(answer, Unread)
        assert not answer.expected
        assert objects.read(good) == Object(good, "blob", b"good")


def test_bytes_are_in_no_repr(repo: Path, stored: Callable[[str], str]) -> None:
    with Objects(repo) as objects:
        assert "hush" not in repr(objects.read(stored("hush")))
