"""A repository of a form that this git does not know, and a git that does not know what we ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from keysift.errors import SourceError
from keysift.git import process
from keysift.git.repository import open_repository


@pytest.mark.parametrize(
    ("said", "reason", "advice"),
    [
        (
            b"fatal: unknown repository extension found:\n\trefstorage\n",
            "unknown repository extension: refstorage",
            "install a newer one; git knows refstorage since 2.45",
        ),
        (
            b"fatal: unknown repository extensions found:\n\tobjectFormat\n\tnever\n",
            "unknown repository extension: objectformat, never",
            "install a newer one; git knows objectformat since 2.29",
        ),
        (b"unknown option: --literal-pathspecs\nusage: git\n", "unknown option", "this git is too old for keysift"),
        (b"", "it ended without a word", "fsck"),
    ],
)
def test_what_git_says_is_told_with_what_helps(said: bytes, reason: str, advice: str) -> None:
    error = process._failure("/repo", "rev-parse", said)
    assert reason in str(error)
    assert advice in error.help


@pytest.mark.parametrize("name", ["nonsense"])
def test_a_repository_of_the_future(repo: Path, name: str) -> None:
    with (repo / ".git" / "config").open("a") as file:
        file.write(f"[core]\n\trepositoryformatversion = 1\n[extensions]\n\t{name} = x\n")
    with pytest.raises(SourceError, match=f"unknown repository extension: {name}") as raised:
        open_repository(repo)
    assert "too old for the repository" in raised.value.help
