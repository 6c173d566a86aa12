"""Patterns, with git itself as the judge."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from tests.tries import tries

from keysift import patterns
from keysift.patterns import PatternError

PIECES = st.sampled_from(
    ["a", "b", "foo", "*", "**", "***", "?", ".py", ".env", "[ab]", "[!a]", "[^b]", "[a-c]", "[[:alpha:]]", "[]a]",
     "[a", "\\", "]", "\\*", "\\[", "[[]", "[\\[*]", " ", "\\ ", "é", "à", "!", "#", "[\\]]", "[!]]", "[b-]", "[^]-a]",
     "[--9]", "[+--]", "[[:digit:][:lower:]]", "[[:no:]]", "[[:]", "[[:alpha:]", "[a[:alpha:]-b]", "[b-a]", "[!!]",
     "[[!]", "[a^]", "[&&~~||]", "\t", "\x0b", "\\\\", "(?P<x>)", "$", "."]
)  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(["a", "b", "ab", "foo", "a.py", ".env", "x y", "[a]", "!a", "#a", "é", "à", "a\\b", "a]", "a "]),
    st.text("ab[]!^-*\\&~| #\n\té", min_size=1, max_size=4),
)
SEGMENTS = st.one_of(st.just("**"), NAMES, st.lists(PIECES, min_size=1, max_size=4).map("".join))
LINES = st.builds(
    lambda bang, slash, segments, end: bang + slash + "/".join(segments) + end,
    st.sampled_from(["", "", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(SEGMENTS, min_size=1, max_size=4),
    st.sampled_from(["", "", "/", "/**", "//", " ", "\\", "\r"]),
)
PATHS = st.lists(st.one_of(NAMES, st.sampled_from(["a", "b", "foo", "ab"])), min_size=1, max_size=4).map("/".join)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A repository in which git is asked."""
    place = tmp_path_factory.mktemp("judge")
    subprocess.run(["git", "-C", place, "init", "-q"], check=True)
    return place


def ignored_by_git(judge: Path, data: bytes, paths: list[str]) -> list[str]:
    (judge / ".gitignore").write_bytes(data)
    command = ["git", "-C", judge, "-c", "core.excludesFile=", "check-ignore", "--no-index", "-z", "--stdin"]
    asked = b"".join(b"./" + os.fsencode(path) + b"\0" for path in paths)
    answer = subprocess.run(command, input=asked, capture_output=True, check=False)
    assert answer.returncode in {0, 1}, answer.stderr
    return [path.removeprefix("./") for path in os.fsdecode(answer.stdout).split("\0")[:-1]]


def holds_stars_behind_others(text: str) -> bool:
    """Whether two stars stand beside other characters: versions of git differ on `a**/b`."""
    return any("**" in segment and segment.strip("*") for line in text.split("\n") for segment in line.split("/"))


@settings(max_examples=tries(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=6).map("\n".join), paths=st.lists(PATHS, min_size=1, max_size=12, unique=True))
@example(lines="*\n!foo/\n", paths=["foo/a", "a"])
@example(lines="foo/**\n!foo/a/\n", paths=["foo/a/b", "foo/b/b", "foo"])
@example(lines="a/**/foo\n", paths=["a/b/foo", "a/foo", "a/b/b/foo", "b/a/foo"])
@example(lines="\ufeff/a/\n", paths=["a/b", "b/a"])
@example(lines="**/\n", paths=["a/b", "b"])
@example(lines="**\n!a\n", paths=["a", "b", "b/a"])
@example(lines="a?b\n", paths=["aéb", "a\nb", "a/b"])
@example(lines="a[!b]c\n", paths=["a/c", "aac", "abc"])
@example(lines="a\\ \n", paths=["a ", "a"])
@example(lines="x\n", paths=["a\nb/x"])
@example(lines="[b-a]\n", paths=["b", "a"])
def test_git_says_the_same(lines: str, paths: list[str], judge: Path) -> None:
    assume(not holds_stars_behind_others(lines))
    listed = patterns.parse(lines.encode())
    ours = [path for path in paths if patterns.covers(listed, path)]
    assert ours == ignored_by_git(judge, lines.encode(), paths)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a[", r"'\[' without '\]'"),
        ("[a-", r"'\[' without '\]'"),
        ("a\\", "a backslash at its end"),
        ("!a\\", "a backslash at its end"),
        ("[[:nothing:]]", r"no class is called \[:nothing:\]"),
        ("[/]", "a class that holds no character"),
    ],
)
def test_what_is_no_pattern_never_matches_and_is_told_with_the_reason(line: str, reason: str) -> None:
    with pytest.raises(PatternError, match=reason):
        patterns.check(line)
    assert not patterns.covers(patterns.of([line]), line)


@pytest.mark.parametrize("line", ["", "   ", "# note", "/", "!", "//", "a//b"])
def test_lines_that_say_nothing(line: str) -> None:
    patterns.check(line)
    listed = patterns.parse(line.encode())
    assert not any(patterns.covers(listed, path) for path in ("a", "a/b", "# note", " "))


def test_a_later_list_says_nothing_of_what_it_does_not_name() -> None:
    outer, inner = patterns.parse(b"*.log\n"), patterns.parse(b"!keep.log\n", below=b"sub/")
    assert patterns.ignored([outer, inner], b"sub/a.log", directory=False)
    assert not patterns.ignored([outer, inner], b"sub/keep.log", directory=False)


def test_a_list_above_the_directory_that_paths_start_from() -> None:
    above = patterns.parse(b"/sub/*.log\n", above=b"sub/")
    assert above.verdict(b"a.log", directory=False)
    assert above.verdict(b"deep/a.log", directory=False) is None


def test_a_path_beside_the_directory_of_a_list_is_read_as_it_is() -> None:
    inner = patterns.parse(b"/a.log\n", below=b"sub/")
    assert inner.verdict(b"sub/a.log", directory=False)
    assert inner.verdict(b"other/a.log", directory=False) is None
    assert inner.verdict(b"a.log", directory=False)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 60 + "b", "a" * 250),
        ("*?" * 60 + "b", "a" * 250),
        ("*[a-c]" * 60 + "d", "a" * 250),
        ("*\\[" * 60 + "b", "[" * 250),
        ("*[[]" * 60 + "b", "[" * 250),
        ("*[]a]" * 60 + "b", "a" * 250),
        ("**a" * 60 + "b", "a" * 250),
        ("**/a/" * 40 + "b", "a/" * 1000 + "a"),
        ("a/" + "**/a/" * 40 + "b", "a/" * 1000 + "a"),
        ("**/*a*/" * 40 + "b", "aaaa/" * 400 + "a"),
        ("**/*/" * 40 + "b", "aaaa/" * 400 + "a"),
        ("**/**/" * 40 + "b", "a/" * 1000 + "a"),
        ("*a/" * 40 + "b", "aaaa/" * 400 + "a"),
        ("*a*a*a*a*/**", "a" * 250),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    """With the regexes of pathspec as they are, most of these would not end within a lifetime."""
    assert patterns.of([pattern]).verdict(path.encode(), directory=False) is None


@pytest.mark.parametrize(
    ("pattern", "path"),
    [("*a*b*c", "xaxbxc"), ("**/a/**/b/**/c*", "x/a/y/y/b/c1"), ("a/**/b/**/*c", "a/b/b/xc"), ("*?*?*z", "abz")],
)
def test_what_is_quick_still_matches(pattern: str, path: str) -> None:
    assert patterns.of([pattern]).verdict(path.encode(), directory=False)


def test_the_groups_and_stars_of_pathspec_are_all_known() -> None:
    """A version that writes them otherwise needs another `_linear`: its regexes would be right, and slow."""
    _, path = patterns._compiled((b"**/*a*b/**/c/**/d*e*f",))
    (regex,) = path.regexes
    assert regex.count(b"(?>") == 4
    assert not re.search(rb"\(\?P<|\^(?!/)", regex)


def test_nothing_is_imported_before_there_is_a_pattern() -> None:
    script = "import sys; from keysift import patterns; patterns.check('*.py'); patterns.parse(b'#x\\n'); "
    script += "print('pathspec' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert answer.stdout.strip() == "False"
