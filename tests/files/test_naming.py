"""How paths read: for rules, in reports, for code hosts, beside a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift import patterns
from keysift.files import listing, naming
from keysift.files.reading import File
from keysift.git import messages
from keysift.history import context
from keysift.model import Location, ScanResult, Skipped

Git = Callable[..., str]


def read(target: Path | str) -> set[tuple[str, str, str]]:
    """Each file below a target: by which path it is judged, how it is shown, and how a code host names it."""
    paths = naming.of(str(target))
    files = [file for file in listing.files(str(target)) if isinstance(file, File)]
    return {(file.path, paths.shown(file.path), paths.in_repository(file.path)) for file in files}


@pytest.fixture
def tree(repo: Path) -> Path:
    """A repository with two files of one name."""
    for name in ("a/x.env", "b/x.env"):
        (repo / name).parent.mkdir()
        (repo / name).write_text("x")
    return repo


@pytest.mark.parametrize("typed", ["a", "./a", "a/", "b/../a", "{cwd}/a", "../repo/a", "a/x.env", "./b/../a/x.env"])
def test_however_a_target_is_typed_its_paths_are_the_same(
    typed: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree)
    assert read(typed.format(cwd=tree)) == {("a/x.env", "a/x.env", "a/x.env")}


def test_in_a_subdirectory_reports_start_there_and_rules_and_hosts_at_the_top(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree / "a")
    for target in (".", str(tree / "a"), "x.env"):
        assert read(target) == {("a/x.env", "x.env", "a/x.env")}
    assert read("../b") == read("../b/x.env") == {("b/x.env", f"{tree}/b/x.env", "b/x.env")}
    assert ("a/x.env", f"{tree}/a/x.env", "a/x.env") in read(tree)


def test_from_elsewhere_paths_are_absolute_but_for_hosts(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree.parent / "elsewhere").mkdir()
    monkeypatch.chdir(tree.parent / "elsewhere")
    assert read(tree / "a") == read(tree / "a" / "x.env") == {("a/x.env", f"{tree}/a/x.env", "a/x.env")}
    monkeypatch.chdir(tree.parent)
    assert read("repo/b") == {("b/x.env", "repo/b/x.env", "b/x.env")}


def test_outside_of_git_hosts_have_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "tests" / "plain"
    (place / "sub").mkdir(parents=True)
    (place / "sub" / "x.env").write_text("x")
    absolute = f"{place}/sub/x.env"
    monkeypatch.chdir(place)
    assert read(".") == {("sub/x.env", "sub/x.env", absolute)}
    assert read("sub") == read(place / "sub") == {("x.env", "sub/x.env", absolute)}
    assert read("sub/x.env") == {("sub/x.env", "sub/x.env", absolute)}
    monkeypatch.chdir(place / "sub")
    assert read(place) == {("sub/x.env", absolute, absolute)}
    monkeypatch.chdir(tmp_path)
    assert read(place) == {("sub/x.env", "tests/plain/sub/x.env", absolute)}
    monkeypatch.chdir(place.parent.parent)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert read(place / "sub" / "x.env") == {("x.env", absolute, absolute)}, "no rule sees the directories above"


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_links_to_the_current_directory_lead_inside_of_it(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tree.parent / "link"
    link.symlink_to(tree)
    monkeypatch.chdir(link)
    for target in (".", "a", str(link / "a"), str(tree / "a"), str(link / "a" / "x.env")):
        assert ("a/x.env", "a/x.env", "a/x.env") in read(target)
    monkeypatch.chdir(tree.parent)
    assert read("link/a") == {("a/x.env", "repo/a/x.env", "a/x.env")}


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_named_link_to_a_file_keeps_its_own_name(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree.parent / "real.env").write_text("x")
    (tree / "link.env").symlink_to("../real.env")
    monkeypatch.chdir(tree)
    assert read("link.env") == {("link.env", "link.env", "link.env")}


def test_a_bare_repository_and_the_inside_of_git_are_plain_directories(
    tree: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree)
    git(tree, "init", "-q", "--bare", "bare.git")
    assert naming.of("bare.git").base == str(tree / "bare.git")
    assert naming.of(".git/config").shown(".git/config") == ".git/config"
    assert ("config", "bare.git/config", f"{tree}/bare.git/config") in read("bare.git")


def test_what_is_not_there_is_named_all_the_same(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree / "a")
    (missing,) = naming.named([ScanResult(skipped=tuple(_skipped("none.env")))], naming.of("none.env"))
    assert missing.skipped == (Skipped("none.env", "no such file or directory", repository_path="a/none.env"),)


def _skipped(target: str) -> list[Skipped]:
    return [step for step in listing.files(target) if isinstance(step, Skipped)]


def test_the_target_itself_has_a_name(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    assert naming.of(".").shown(".") == "."
    assert naming.of("a").shown("a") == "a"
    monkeypatch.chdir(tree / "a")
    assert naming.of(".").shown("a") == "."
    assert naming.of("..").shown(".") == str(tree)


@pytest.mark.parametrize(
    "path",
    [
        messages.MESSAGE,
        f"{messages.MESSAGE} of {'a' * 40}",
        messages.TAG,
        f"tag {'a' * 40}",
        context.UNKNOWN,
        "standard input",
        ".git/config",
    ],
)
def test_what_is_no_file_keeps_its_name(path: str, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree / "a")
    place = Location(path, 1, 1, 1, 1, 0, 1)
    assert naming.named_place(place, naming.of(str(tree))) == place


def test_a_current_directory_that_is_gone_holds_nothing(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(os, "getcwd", gone)
    assert read(tree / "a") == {("a/x.env", f"{tree}/a/x.env", "a/x.env")}


def test_patterns_speak_of_the_directory_of_their_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree / "a")
    for target, path in ((".", "a/x.env"), ("..", "a/x.env"), ("x.env", "a/x.env")):
        paths = naming.of(target)
        for pattern, origin in (("/a/x.env", tree / "c.toml"), ("/x.env", tree / "a" / "c.toml"), ("/x.env", "c.toml")):
            assert patterns.covers(paths.stated([pattern], str(origin)), path)
            assert paths.beside(path, str(origin)) == pattern[1:]
        above = paths.stated(["/repo/a/x.env"], str(tree.parent / "c.toml"))
        assert patterns.covers(above, path)
    assert patterns.covers(naming.of(".").typed(["/x.env"]), "a/x.env")
    assert not patterns.covers(naming.of("..").typed(["/x.env"]), "a/x.env")


def test_a_file_of_a_commit_speaks_from_the_top(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree / "a")
    assert naming.of("..").beside("a/x.env", "abc123:.keysift.toml") == "a/x.env"


def test_the_path_of_a_report_reads_from_a_file_beside_or_above_it(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree / "a")
    assert naming.from_report("x.env", str(tree / ".keysift-baseline")) == "a/x.env"
    assert naming.from_report(f"{tree}/b/x.env", "../.keysift-baseline") == "b/x.env"
    assert naming.from_report("x.env", ".keysift-baseline") == "x.env"
    assert naming.from_report("/elsewhere/x.env", ".keysift-baseline") == "/elsewhere/x.env"
