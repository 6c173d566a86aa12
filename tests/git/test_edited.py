"""What git will keep of a message, compared with what git keeps."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import environment, git

from keysift.git import edited

__all__ = ["environment", "git"]
TEXT = """subject

one # two
# three
; four
# ------------------------ >8 ------------------------
# Do not modify or remove the line above.
# Everything below it will be ignored.
diff --git a/x b/x
+five
"""
SETTINGS = [
    {},
    {"commit.cleanup": "strip"},
    {"commit.cleanup": "whitespace"},
    {"commit.cleanup": "verbatim"},
    {"commit.cleanup": "scissors"},
    {"commit.cleanup": "default", "core.commentChar": ";"},
    {"core.commentChar": ";"},
]


@pytest.fixture
def repo(
    tmp_path: Path, git: Callable[..., None], monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> Path:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", environment["HOME"])
    git(tmp_path, "init", "-q")
    return tmp_path


@pytest.mark.parametrize("words", [["--verbose"], ["-F", "text"]], ids=["edited", "given"])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_words_are_those_that_git_keeps(
    settings: dict[str, str], words: list[str], repo: Path, git: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        git(repo, "config", name, value)
    (repo / "text").write_text(TEXT)
    # In its hook, git names the file whose content we look at; an editor leaves it as it is.
    hook = repo / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f'#!/bin/sh\ncp "$1" "{repo}/seen"\nprintf "%s" "$GIT_EDITOR" > "{repo}/editor"\n')
    hook.chmod(0o755)
    environment = {**os.environ, "GIT_EDITOR": f"cp {repo}/text"}
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, "commit", "--allow-empty", "-q", *words], cwd=repo, env=environment, check=True)
    shown = subprocess.run(["git", "log", "-1", "--format=%B"], cwd=repo, capture_output=True, check=True, text=True)
    monkeypatch.setenv("GIT_EDITOR", (repo / "editor").read_text())
    kept = edited.kept(repo, (repo / "seen").read_bytes()).decode()
    assert kept.split() == shown.stdout.split()


def test_lines_stay_where_they_are(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_EDITOR", "vi")
    assert edited.kept(repo, TEXT.encode()).split(b"\n") == [b"subject", b"", b"one # two", b"", b"; four"]
    monkeypatch.setenv("GIT_EDITOR", ":")
    assert edited.kept(repo, TEXT.encode()).decode() == TEXT


def test_a_mark_that_git_chose_itself_is_found(repo: Path, git: Callable[..., None]) -> None:
    git(repo, "config", "core.commentChar", "auto")
    text = b"# one\n; two\n; ------------------------ >8 ------------------------\nthree\n"
    assert edited.kept(repo, text) == b"# one\n"
