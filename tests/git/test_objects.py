"""Objects by one `git cat-file`, from real repositories, whole and damaged."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path

import pytest

from keysift.errors import SourceError
from keysift.git import loose, objects, process
from keysift.git.objects import Object, ObjectReader
from keysift.model import Skipped

Git = Callable[..., str]
Stored = Callable[[str], str]


@pytest.fixture
def stored(repo: Path) -> Stored:
    """Writes a blob as git does, in a tenth of its time, and says its id."""

    def store(text: str) -> str:
        data = b"blob %d\0" % len(text.encode()) + text.encode()
        oid = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        place = repo / ".git" / "objects" / oid[:2] / oid[2:]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(zlib.compress(data))
        return oid

    return store


def damage(repo: Path, oid: str) -> None:
    place = repo / ".git" / "objects" / oid[:2] / oid[2:]
    place.chmod(0o600)
    place.write_bytes(place.read_bytes()[:20] + b"nonsense")


def read(reader: ObjectReader, name: str) -> bytes:
    answer = reader.read(name)
    assert isinstance(answer, Object)
    return answer.data


def reason(answer: Object | Skipped) -> str:
    assert isinstance(answer, Skipped)
    return answer.reason


def test_contents_of_all_kinds(repo: Path, stored: Stored) -> None:
    texts = ["", "a\n", "\n\n", "x" * 100_000, "missing\n"]
    oids = [stored(text) for text in texts]
    expected = [Object(oid, "blob", text.encode()) for oid, text in zip(oids, texts, strict=True)]
    with ObjectReader(repo) as reader:
        assert [reader.read(oid) for oid in oids] == expected
        assert [*reader.read_all(oids)] == expected


def test_a_path_of_a_commit(repo: Path, commit: Callable[..., str]) -> None:
    commit(**{"a b": "a"})
    with ObjectReader(repo) as reader:
        assert read(reader, "HEAD:a b") == b"a"
        assert "missing" in reason(reader.read("HEAD:none"))


def test_what_is_not_there(repo: Path, stored: Stored) -> None:
    with ObjectReader(repo) as reader:
        for name in ("1" * 40, "nonsense", "two\nlines", "", "a 5", "a blob 5"):
            answer = reader.read(name)
            assert isinstance(answer, Skipped)
            assert (answer.path, answer.expected) == (f"object {name}", False)
            assert "missing" in answer.reason
        assert read(reader, stored("a")) == b"a"


def test_too_long_is_said_and_stepped_over(repo: Path, stored: Stored) -> None:
    with ObjectReader(repo, limit=3) as reader:
        oid = stored("four")
        answer = reader.read(oid)
        assert answer == Skipped(f"object {oid}", "4 bytes, over the limit of 3", expected=True, object=oid)
        assert read(reader, stored("abc")) == b"abc"


@pytest.mark.parametrize("number", [0, 1, 30, 99])
def test_a_damaged_object_is_lost_alone(repo: Path, stored: Stored, number: int) -> None:
    texts = [f"text {place} " * 2000 for place in range(100)]
    oids = [stored(text) for text in texts]
    damage(repo, oids[number])
    with ObjectReader(repo) as reader:
        answers = [*reader.read_all(oids)]
        assert "damaged" in reason(answers[number])
        assert read(reader, stored("good")) == b"good"
    for place, (answer, text) in enumerate(zip(answers, texts, strict=True)):
        assert place == number or (isinstance(answer, Object) and answer.data == text.encode())


def test_answers_longer_than_any_pipe_stop_nothing(repo: Path, stored: Stored) -> None:
    long = stored("x" * 3_000_000)
    names = [long, "1" * 40, long, "y" * 5000] * 5
    with ObjectReader(repo) as reader:
        sizes = [len(answer.data) if isinstance(answer, Object) else 0 for answer in reader.read_all(names)]
    assert sizes == [3_000_000, 0, 3_000_000, 0] * 5


def test_few_names_are_taken_ahead(repo: Path, stored: Stored) -> None:
    oid, taken = stored("a"), count()

    def names() -> Iterator[str]:
        for _ in range(1000):
            next(taken)
            yield oid

    with ObjectReader(repo) as reader:
        assert len([*islice(reader.read_all(names()), 10)]) == 10
    assert next(taken) < 50


def test_an_iterator_that_is_left_leaves_no_answers_behind(repo: Path, stored: Stored) -> None:
    oids = [stored(str(number)) for number in range(30)]
    with ObjectReader(repo) as reader:
        answers = reader.read_all(oids)
        next(answers)
        answers.close()
        assert read(reader, oids[7]) == b"7"


def test_one_git_reads_many(repo: Path, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    real = process.stream

    def counting(place: Path, *arguments: str, **options: object) -> object:
        started.append(arguments[0])
        return real(place, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(process, "stream", counting)
    oids = [stored(str(number)) for number in range(50)]
    with ObjectReader(repo) as reader:
        assert started == []
        for _ in range(3):
            assert len([*reader.read_all(oids)]) == 50
            reader.read(oids[0])
    assert started == ["cat-file"]


def test_without_git_there_is_an_error(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with ObjectReader(repo) as reader, pytest.raises(SourceError, match="not installed"):
        reader.read("HEAD")


def test_bytes_are_in_no_repr(repo: Path, stored: Stored) -> None:
    with ObjectReader(repo) as reader:
        assert "hush" not in repr(reader.read(stored("hush")))


def test_ids_and_kinds_of_names(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    oid = commit(a="a")
    blob = git(repo, "rev-parse", "HEAD:a").strip()
    names = (name for name in ("none", "HEAD", "HEAD:a", "1" * 40))
    assert objects.identify(repo, names) == [("", ""), (oid, "commit"), (blob, "blob"), ("", "")]
    assert objects.identify(repo, []) == []


def test_every_object_is_listed(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    oid = commit(a="text")
    skipped: list[Skipped] = []
    listed = {name: (kind, size) for name, kind, size in objects.list_objects(repo, skipped)}
    assert {kind for kind, _ in listed.values()} == {"commit", "tree", "blob"}
    assert listed[git(repo, "rev-parse", f"{oid}:a").strip()] == ("blob", 4)
    assert skipped == []


@pytest.fixture
def _without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("git was started")

    monkeypatch.setattr(process, "stream", never)


@pytest.mark.usefixtures("_without_git")
def test_what_lies_in_files_of_its_own_is_read_without_git(repo: Path, stored: Stored) -> None:
    texts = ["", "a\n", "x" * 100_000, "".join(map(str, range(100_000)))]
    oids = [stored(text) for text in texts]
    with ObjectReader(repo, objects=loose.directory(repo)) as reader:
        assert [*reader.read_all(oids)] == [
            Object(oid, "blob", text.encode()) for oid, text in zip(oids, texts, strict=True)
        ]
        assert read(reader, oids[1]) == b"a\n"


@pytest.mark.usefixtures("_without_git")
def test_a_linked_working_tree_has_its_objects_elsewhere(
    repo: Path, tmp_path: Path, git: Git, commit: Callable[..., str], stored: Stored
) -> None:
    commit(a="a")
    git(repo, "worktree", "add", "-q", str(tmp_path / "linked"))
    oid = stored("b")
    with ObjectReader(repo, objects=loose.directory(tmp_path / "linked")) as reader:
        assert read(reader, oid) == b"b"


def test_all_else_is_left_to_git(repo: Path, git: Git, commit: Callable[..., str], stored: Stored) -> None:
    commit(a="packed", b="too")
    git(repo, "repack", "-adq")
    packed, other = (git(repo, "rev-parse", f"HEAD:{name}").strip() for name in "ab")
    fresh, long, hurt, pipe = (stored(text) for text in ("fresh", "l" * 2000, "h" * 500, "pipe"))
    damage(repo, hurt)
    place = repo / ".git" / "objects" / pipe[:2] / pipe[2:]
    place.unlink()
    with ObjectReader(repo, limit=1000, objects=loose.directory(repo)) as reader:
        names = [packed, fresh, other, long, hurt, pipe, "HEAD:a", fresh]
        answers = [*reader.read_all(names)]
        assert [answer.data if isinstance(answer, Object) else None for answer in answers] == [
            b"packed", b"fresh", b"too", None, None, None, b"packed", b"fresh",
        ]  # fmt: skip
        assert ["limit" in reason(answers[3]), "git fsck" in reason(answers[4]), "missing" in reason(answers[5])]
        assert [answer for name in names for answer in reader.read_all([name])] == answers


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no FIFOs")
def test_a_pipe_in_the_place_of_an_object_is_not_waited_for(repo: Path, stored: Stored) -> None:
    oid = stored("pipe")
    place = repo / ".git" / "objects" / oid[:2] / oid[2:]
    place.unlink()
    os.mkfifo(place)
    assert loose.read(loose.directory(repo), oid, 1000) is None
