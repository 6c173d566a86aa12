"""The rules of ignoring, with git itself as the judge."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from keysift.files import ignore, worktree

NAMES = st.sampled_from(["a", "b", "ab", "foo", "a.py", "b.pyc", ".env", "x y", "[a]", "!a", "#a", "é", "a\\b", "a]"])

PIECES = st.sampled_from(
    ["a", "b", "foo", "*", "?", ".py", ".env", "[ab]", "[!a]", "[^b]", "[a-c]", "[[:alpha:]]", "[]a]", "[a", "\\", "]",
     "\\*", "\\[", " ", "\\ ", "é", "!", "#", "[\\]]", "[!]]", "[b-]", "[[:digit:][:lower:]]", "[[:no:]]", "[[:]"]
)  # fmt: skip
# `a**/b`, two stars behind other characters, is left out: versions of git differ on it.
SEGMENTS = st.one_of(
    st.just("**"),
    NAMES,
    st.lists(PIECES, min_size=1, max_size=4).map("".join).filter(lambda text: "**" not in text),
)
LINES = st.builds(
    lambda bang, slash, segments, end: bang + slash + "/".join(segments) + end,
    st.sampled_from(["", "", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(SEGMENTS, min_size=1, max_size=4),
    st.sampled_from(["", "", "/", " ", "\r"]),
)
LISTS = st.lists(LINES, max_size=6).map("\n".join)
FOLDERS = st.lists(st.sampled_from(["a", "b", "foo", "ab"]), max_size=3)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    paths=st.lists(st.tuples(FOLDERS, NAMES), min_size=1, max_size=12),
    lists=st.dictionaries(FOLDERS.map("/".join), LISTS, min_size=1, max_size=3),
)
@example(paths=[(["foo"], "a"), ([], "a")], lists={"": "*\n!foo/\n"})
@example(paths=[(["foo", "a"], "b"), (["foo", "b"], "b")], lists={"": "foo/**\n!foo/a/\n", "foo/a": "!b"})
@example(paths=[(["a", "b"], "foo"), (["a"], "foo")], lists={"": "a/**/foo\n"})
@example(paths=[(["a"], "b"), (["b"], "a")], lists={"": "\ufeff/a/\n", "b": "/a\n!/a"})
def test_a_walk_without_git_finds_what_git_finds(
    paths: list[tuple[list[str], str]], lists: dict[str, str], home: Path
) -> None:
    with tempfile.TemporaryDirectory(dir=home) as place:
        root = Path(place)
        for folder, name in paths:
            write(root.joinpath(*folder, name), "x")
        for at, text in lists.items():
            write(root / at / ".gitignore", text)
        walked = found(root)
        subprocess.run(["git", "-C", place, "init", "-q"], check=True)
        listing = subprocess.run(
            ["git", "-C", place, "ls-files", "-z", "--others", "--exclude-standard"], check=True, capture_output=True
        )
        assert walked == sorted(os.fsdecode(listing.stdout).split("\0")[:-1], key=os.fsencode)
        assert found(root) == walked, "and with git"


def write(path: Path, text: str) -> None:
    """Write a file where there is room for one: random trees want a name to be file and directory."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return


def found(root: Path) -> list[str]:
    """The paths of all files below."""
    return [step.path for step in worktree.files(str(root)) if isinstance(step, worktree.File)]


@pytest.mark.parametrize("line", ["", "   ", "# note", "/", "!", "a[", "a\\", "[[:nothing:]]", "[a-"])
def test_lines_that_never_match(line: str) -> None:
    assert ignore.parse(line.encode()) is None


def test_a_later_list_says_nothing_of_what_it_does_not_name() -> None:
    outer, inner = ignore.rules(b"*.log\n"), ignore.rules(b"!keep.log\n", strip=4)
    assert ignore.ignored([outer, inner], b"sub/a.log", directory=False)
    assert not ignore.ignored([outer, inner], b"sub/keep.log", directory=False)


def test_a_list_above_the_directory_that_is_walked() -> None:
    above = ignore.rules(b"/sub/*.log\n", lead=b"sub/")
    assert above.verdict(b"a.log", directory=False)
    assert above.verdict(b"deep/a.log", directory=False) is None


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        (b"*a" * 60 + b"b", b"a" * 250),
        (b"*?" * 60 + b"b", b"a" * 250),
        (b"**/a/" * 40 + b"b", b"a/" * 1000 + b"a"),
        (b"**/*a*/" * 40 + b"b", b"aaaa/" * 500 + b"a"),
    ],
)
def test_no_pattern_takes_long(pattern: bytes, path: bytes) -> None:
    """With naive regexes this test would not end within a lifetime."""
    assert ignore.rules(pattern).verdict(path, directory=False) is None
