"""What commits and tags say, in real repositories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.git import messages
from keysift.git.log import Commit
from keysift.git.objects import ObjectReader
from keysift.model import Blob, Skipped

Git = Callable[..., str]


def test_who_and_when(repo: Path, commit: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0530")
    oid = commit("subject\n\nbody\n")
    with ObjectReader(repo) as reader:
        [(facts, header), (again, text)] = messages.read_messages(reader, [oid])
    assert facts == again == Commit(oid, "A <a@example.org>", 1700000000)
    assert text == Blob(messages.MESSAGE, b"subject\n\nbody\n", oid=oid)
    assert isinstance(header, Blob)
    assert header.path == messages.HEADER
    assert header.data.split(b"\n")[1].startswith(b"author A <a@example.org> ")


def test_a_commit_with_nonsense_in_its_header(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    commit()
    tree = git(repo, "rev-parse", "HEAD^{tree}").strip()
    text = f"tree {tree}\nauthor nobody\ncommitter A <a> 99999999999999999999 +0000\nencoding none\n\nm"
    oid = git(repo, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text).strip()
    with ObjectReader(repo) as reader:
        [(facts, blob), _] = messages.read_messages(reader, [oid])
        assert facts == Commit(oid, "", 0)
        assert isinstance(blob, Blob)
        [(_, missing)] = messages.read_messages(reader, ["1" * 40])
        assert isinstance(missing, Skipped)


def test_tags(repo: Path, git: Git, commit: Callable[..., str]) -> None:
    commit(a="content")
    git(repo, "tag", "-a", "one", "-m", "first message")
    git(repo, "tag", "-a", "two", "-m", "second message", "one")
    git(repo, "tag", "-a", "blob", "-m", "third message", "HEAD:a")
    git(repo, "tag", "tree", "HEAD^{tree}")
    with ObjectReader(repo) as reader:

        def texts(name: str) -> list[bytes | str]:
            return [
                text.data if isinstance(text, Blob) else text.reason
                for text in messages.read_tag(reader, git(repo, "rev-parse", name).strip())
                if text.path != messages.TAG_HEADER
            ]

        assert texts("main") == []
        assert texts("two") == [b"second message\n", b"first message\n"]
        assert texts("blob") == [b"third message\n", b"content"]
        assert texts("tree") == ["a directory with a tag, but in no commit"]
        header, *_ = messages.read_tag(reader, git(repo, "rev-parse", "one").strip())
        assert isinstance(header, Blob)
        assert b"\ntagger A <a@example.org> " in header.data
