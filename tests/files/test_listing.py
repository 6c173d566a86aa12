"""Real directories and repositories, honest and hostile ones."""

# Strings are what the functions take.
# ruff: noqa: PTH109

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from keysift.files import absent, git_listing, listing, naming, reading
from keysift.files.reading import File
from keysift.model import Blob, Skipped

Git = Callable[..., str]
POSIX = pytest.mark.skipif(os.name == "nt", reason="there is no such file on Windows")
LIMIT = 1000


def write(root: Path, *paths: str, text: str = "x") -> None:
    """Make files, and the directories they need."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def found(target: Path | str, *, ignore: bool = True, exclude: Sequence[str] = ()) -> list[str]:
    """The paths of the files below."""
    steps = listing.files(str(target), ignore=ignore, exclude=[naming.of(str(target)).typed(exclude)])
    return [step.path for step in steps if isinstance(step, File)]


def skipped(target: Path | str, *, ignore: bool = True) -> dict[str, Skipped]:
    """What was left out, by path."""
    return {step.path: step for step in listing.files(str(target), ignore=ignore) if isinstance(step, Skipped)}


def blob(target: Path, path: str) -> Blob | Skipped:
    """What reading one of the files gives."""
    return reading.read(File(str(target), path), LIMIT)


# --- In a repository --------------------------------------------------------------------------------------------------


@pytest.fixture
def full(repo: Path, git: Git) -> Path:
    """Tracked, untracked, ignored and tracked-though-ignored files."""
    write(repo, "a.py", "sub/b.py", "forced.log", "gone.py", "tab\tname")
    git(repo, "add", ".")
    write(repo, ".gitignore", text="*.log\n/build/\n")
    write(repo, "sub/.gitignore", text="!keep.log\n*.tmp\n")
    write(repo, "new.py", "noise.log", "build/x.py", "sub/keep.log", "sub/c.tmp", "c.tmp")
    (repo / "gone.py").unlink()
    return repo


def test_a_repository_yields_what_git_would_not_ignore(full: Path) -> None:
    expected = [".gitignore", "a.py", "c.tmp", "forced.log", "new.py", "sub/.gitignore", "sub/b.py", "sub/keep.log"]
    assert found(full) == [*expected, "tab\tname"]
    tracked = [step.path for step in listing.files(str(full)) if isinstance(step, File) and step.tracked]
    assert tracked == ["a.py", "forced.log", "sub/b.py", "tab\tname"]
    assert skipped(full) == {"gone.py": Skipped("gone.py", absent.DELETED, expected=True)}


def test_a_directory_inside_of_a_repository(full: Path) -> None:
    assert found(full / "sub") == ["sub/.gitignore", "sub/b.py", "sub/keep.log"]
    assert next(iter(listing.files(str(full / "sub")))) == File(str(full), "sub/.gitignore")


def test_an_ignored_directory_that_is_named_is_scanned(full: Path) -> None:
    write(full, "build/.gitignore", text="y\n")
    write(full, "build/y")
    assert found(full / "build") == ["build/.gitignore", "build/x.py"]


def test_a_link_to_a_directory_inside_of_a_repository(full: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(full / "sub")
    assert found(tmp_path / "link") == ["sub/.gitignore", "sub/b.py", "sub/keep.log"]


def test_without_ignoring_everything_but_git_itself_is_there(full: Path) -> None:
    everything = found(full, ignore=False)
    assert {"noise.log", "build/x.py", "sub/c.tmp", "forced.log"} <= set(everything)
    assert not [path for path in everything if ".git/" in path]


def test_a_repository_with_conflicts_lists_each_file_once(repo: Path, git: Git) -> None:
    write(repo, "a")
    git(repo, "add", "a")
    git(repo, "commit", "-qm", "1")
    git(repo, "checkout", "-qb", "other")
    write(repo, "a", text="y")
    git(repo, "commit", "-qam", "2")
    git(repo, "checkout", "-q", "main")
    write(repo, "a", text="z")
    git(repo, "commit", "-qam", "3")
    with pytest.raises(Exception, match="merge"):
        git(repo, "merge", "other")
    assert found(repo) == ["a"]


def test_nested_repositories_are_walked_as_their_own(full: Path, git: Git) -> None:
    inner = full / "vendor"
    write(inner, "v.py", "v.log", ".git.txt")
    git(inner, "init", "-q")
    write(inner / "deep", "d.py")
    git(inner / "deep", "init", "-q")
    git(inner / "deep", "add", ".")
    git(inner / "deep", "commit", "-qm", "x")
    git(full, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner / "deep"), "module")
    write(full, "module/untracked.py", "vendor2")
    below = [path for path in found(full) if path.startswith(("vendor", "module"))]
    assert below == [
        "module/d.py",
        "module/untracked.py",
        "vendor/.git.txt",
        "vendor/deep/d.py",
        "vendor/v.log",
        "vendor/v.py",
        "vendor2",
    ]
    assert [path for path in found(full, ignore=False) if path.startswith(("vendor", "module"))] == below


def test_a_submodule_that_is_not_there_is_said_to_be(repo: Path, git: Git) -> None:
    git(repo, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    expected = {"module": Skipped("module", absent.SUBMODULE, expected=True)}
    assert found(repo) == []
    assert skipped(repo) == expected
    (repo / "module").mkdir()
    assert skipped(repo) == expected
    write(repo, "module/left", "b")
    assert found(repo) == ["b", "module/left"]
    assert skipped(repo) == expected


def test_a_linked_working_tree(full: Path, git: Git, tmp_path: Path) -> None:
    git(full, "commit", "-qm", "x")
    git(full, "worktree", "add", "-q", str(tmp_path / "linked"))
    assert found(tmp_path / "linked") == ["a.py", "forced.log", "gone.py", "sub/b.py", "tab\tname"]


def test_a_sparse_checkout(full: Path, git: Git) -> None:
    git(full, "commit", "-qm", "x")
    git(full, "sparse-checkout", "set", "--cone", "sub")
    assert "sub/b.py" in found(full)
    write(full, "far/away/c.py", "far/d.py")
    git(full, "add", "--sparse", "far")
    git(full, "commit", "-qm", "y")
    git(full, "sparse-checkout", "reapply")
    reasons = {path: skip.reason for path, skip in skipped(full).items()}
    assert reasons.pop("gone.py", absent.DELETED) == absent.DELETED
    assert reasons == {"far/away/c.py": absent.SPARSE, "far/d.py": absent.SPARSE}
    assert not skipped(full / "sub")


def test_what_is_missing_is_told_unless_it_is_excluded(repo: Path, git: Git) -> None:
    write(repo, "vendor/a", "b", "c/d")
    git(repo, "add", ".")
    for path in ("vendor", "c"):
        shutil.rmtree(repo / path)
    (repo / "b").unlink()
    assert [*skipped(repo)] == ["b", "c/d", "vendor/a"]
    steps = listing.files(str(repo), exclude=[naming.of(str(repo)).typed(["vendor/", "b"])])
    assert [step.path for step in steps] == ["c/d"]


def test_very_many_missing_files_are_told_by_directory(repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absent, "MOST", 2)
    write(repo, "a/b/c", "a/b/d", "a/e", "f")
    git(repo, "add", ".")
    for path in ("a/b/c", "a/b/d", "f"):
        (repo / path).unlink()
    (repo / "a/b").rmdir()
    assert [*skipped(repo)] == ["a/b", "f"]


@POSIX
def test_what_stands_beside_files_is_skipped_with_its_reason(full: Path, tmp_path: Path) -> None:
    plant(full, tmp_path)
    steps = skipped(full)
    assert steps.pop("gone.py").reason == absent.DELETED
    assert_planted(steps)


def plant(root: Path, outside: Path) -> None:
    """A FIFO, a socket, and every kind of link."""
    write(outside, "outside.txt")
    os.mkfifo(root / "fifo")
    place = os.getcwd()
    os.chdir(root)  # the name of a socket has to be short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
    finally:
        os.chdir(place)
    (root / "to_file").symlink_to("a.py")
    (root / "to_directory").symlink_to("sub")
    (root / "to_outside").symlink_to(outside / "outside.txt")
    (root / "broken").symlink_to("nothing")
    (root / "loop").symlink_to("loop")
    (root / "sub" / "up").symlink_to("..")


def assert_planted(steps: dict[str, Skipped]) -> None:
    """Each is skipped with a reason of its own, and the run stays complete."""
    assert {path: step.reason for path, step in steps.items()} == {
        "fifo": "a FIFO, not a file",
        "socket": "a socket, not a file",
        "to_file": "symbolic link to something inside the target, not followed",
        "to_directory": "symbolic link to something inside the target, not followed",
        "to_outside": "symbolic link to something outside the target, not followed",
        "broken": "broken symbolic link",
        "loop": "symbolic link that leads back to itself",
        "sub/up": "symbolic link to something inside the target, not followed",
    }
    assert all(step.expected for step in steps.values())


# --- Hostile repositories ---------------------------------------------------------------------------------------------


def test_core_worktree_does_not_move_the_scan(full: Path, git: Git, tmp_path: Path) -> None:
    before = found(full)
    write(tmp_path / "elsewhere", "secret")
    git(full, "config", "core.worktree", str(tmp_path / "elsewhere"))
    assert found(full) == before


@POSIX
def test_no_command_runs(full: Path, git: Git, tmp_path: Path) -> None:
    program = tmp_path / "planted"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/marker'\n")
    program.chmod(0o755)
    for key in ("core.fsmonitor", "filter.x.process", "filter.x.clean", "core.sshCommand", "diff.external"):
        git(full, "config", key, str(program))
    write(full, ".gitattributes", text="* filter=x\n")
    write(full, "a.py", text="changed")
    nested = full / "nested"
    nested.mkdir()
    git(nested, "init", "-q")
    git(nested, "config", "core.fsmonitor", str(program))
    write(nested, "n.py")
    (tmp_path / "marker").unlink(missing_ok=True)
    assert "nested/n.py" in found(full)
    found(full, ignore=False)
    found(full / "sub")
    assert not (tmp_path / "marker").exists()


def test_tracked_files_behind_a_link_are_not_read(repo: Path, git: Git, tmp_path: Path) -> None:
    write(repo, "folder/passwd")
    git(repo, "add", ".")
    write(tmp_path / "outside", "passwd")
    (repo / "folder" / "passwd").unlink()
    (repo / "folder").rmdir()
    (repo / "folder").symlink_to(tmp_path / "outside")
    assert found(repo) == []
    assert "outside the target" in skipped(repo)["folder"].reason
    assert skipped(repo)["folder/passwd"].reason == absent.DELETED


@pytest.mark.parametrize(
    ("honest", "forged"),
    [
        ("x_/outside", "../outside"),
        ("xoutside", "/outside"),
        ("xabcdoutside", "x/../outside"),
        ("xgit/config", ".git/config"),
    ],
)
def test_a_forged_index_leads_nowhere(repo: Path, git: Git, tmp_path: Path, honest: str, forged: str) -> None:
    """An index is bytes, and git reads any path from it."""
    write(repo, honest)
    write(repo, "outside")
    write(tmp_path, "outside")
    git(repo, "add", honest)
    index = repo / ".git" / "index"
    index.write_bytes(index.read_bytes().replace(honest.encode(), forged.encode()))
    paths = found(repo)
    assert forged not in {*paths, *skipped(repo)}
    assert "outside" in paths


@POSIX
def test_a_nested_repository_that_git_cannot_list_is_walked(full: Path, git: Git) -> None:
    write(full, "inner/i.py", "inner/i.log")
    write(full, "inner/.gitignore", text="*.log\n")
    git(full / "inner", "init", "-q")
    write(full, "inner/.git/config", text="[core\n")
    steps = list(listing.files(str(full)))
    (note,) = [step for step in steps if isinstance(step, Skipped) and step.reason not in absent.REASONS]
    assert note.path == "inner"
    assert not note.expected
    assert "walked without git" in note.reason
    assert [s.path for s in steps if isinstance(s, File) and s.path.startswith("inner")] == [
        "inner/.gitignore",
        "inner/i.py",
    ]


def test_a_damaged_repository_is_walked_and_said_to_be(full: Path) -> None:
    (full / ".git" / "index").write_bytes(b"nonsense")
    write(full, ".git/info/exclude", text="c.tmp\n")
    assert found(full) == [
        ".gitignore",
        "a.py",
        "new.py",
        "sub/.gitignore",
        "sub/b.py",
        "sub/keep.log",
        "tab\tname",
    ]
    assert [(path, step.expected) for path, step in skipped(full).items()] == [(".", False)]


def test_without_git_the_rules_above_still_hold(repo: Path, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("without_git")
    write(repo, ".gitignore", text="*.log\n/sub/only.txt\n")
    write(repo, "sub/a.log", "sub/only.txt", "sub/b.py", "sub/deep/only.txt")
    assert found(repo / "sub") == ["sub/b.py", "sub/deep/only.txt"]
    assert [step.expected for step in skipped(repo / "sub").values()] == [True]


# --- Outside git ------------------------------------------------------------------------------------------------------


def test_a_plain_directory_honours_nested_rules(tmp_path: Path) -> None:
    write(tmp_path, ".gitignore", text="*.log\nbuild/\n!important.log\n")
    write(tmp_path, "sub/.gitignore", text="!*.log\n/x\n")
    write(tmp_path, "a.log", "important.log", "build/y", "sub/a.log", "sub/x", "sub/deep/x", "sub-a", "sub.a")
    assert found(tmp_path) == [
        ".gitignore",
        "important.log",
        "sub-a",
        "sub.a",
        "sub/.gitignore",
        "sub/a.log",
        "sub/deep/x",
    ]
    assert "build/y" in found(tmp_path, ignore=False)


@pytest.mark.parametrize("has_git", [True, False])
def test_the_users_own_list_holds(tmp_path: Path, home: Path, request: pytest.FixtureRequest, *, has_git: bool) -> None:
    write(home, ".config/git/real", text="*.swp\n")
    (home / ".config/git/ignore").symlink_to("real")
    write(tmp_path, "plain/a", "plain/a.swp")
    if not has_git:
        request.getfixturevalue("without_git")
    assert found(tmp_path / "plain") == ["a"]


def test_the_users_own_list_may_stand_elsewhere(tmp_path: Path, home: Path) -> None:
    write(home, ".gitconfig", text="[core]\n\texcludesFile = ~/mine\n")
    write(home, "mine", text="*.swp\n")
    write(tmp_path, "plain/a", "plain/a.swp")
    assert found(tmp_path / "plain") == ["a"]


@POSIX
def test_a_plain_directory_skips_with_reasons(tmp_path: Path) -> None:
    write(tmp_path / "plain", "a.py", "sub/b.py")
    plant(tmp_path / "plain", tmp_path)
    assert found(tmp_path / "plain") == ["a.py", "sub/b.py"]
    assert_planted(skipped(tmp_path / "plain"))


def test_a_directory_full_of_repositories(full: Path, tmp_path: Path) -> None:
    write(tmp_path, "loose.txt")
    paths = found(full.parent)
    assert "repo/forced.log" in paths
    assert "repo/noise.log" not in paths
    assert paths == sorted(paths)


@contextmanager
def nested(root: Path, name: str, levels: int) -> Iterator[None]:
    """A file at the bottom of many directories, made and removed step by step: no call could take the whole path."""
    place = Path.cwd()
    os.chdir(root)
    for _ in range(levels):
        Path(name).mkdir()
        os.chdir(name)
    Path("f").write_text("x")
    os.chdir(place)
    try:
        yield
    finally:
        os.chdir(root)
        for _ in range(levels):
            os.chdir(name)
        Path("f").unlink()
        for _ in range(levels):
            os.chdir("..")
            Path(name).rmdir()
        os.chdir(place)


@POSIX
def test_a_deep_tree_needs_no_deep_stack(tmp_path: Path) -> None:
    with nested(tmp_path, "d", 1500):
        assert found(tmp_path) == ["d/" * 1500 + "f"]


@POSIX
def test_a_tree_too_deep_for_the_system_is_said_to_be(tmp_path: Path) -> None:
    with nested(tmp_path, "d" * 200, 30):
        (step,) = skipped(tmp_path).values()
    assert "too long" in step.reason
    assert not step.expected


def test_unreadable_directories_make_the_run_incomplete(
    tmp_path: Path, full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests may run as root, who can read everything: the system is made to refuse."""
    write(tmp_path, "plain/closed/a", "plain/open/b")
    real = os.scandir

    def refusing(path: str) -> object:
        if path.endswith(("closed", "sub")):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert found(tmp_path / "plain") == ["open/b"]
    expected = Skipped("closed", "directory not readable: permission denied")
    assert skipped(tmp_path / "plain")["closed"] == expected
    assert skipped(full)["sub"].reason == "directory not readable: permission denied"


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="root reads everything")
def test_a_directory_that_git_cannot_read(full: Path) -> None:
    write(full, "closed/a")
    (full / "closed").chmod(0)
    try:
        assert not skipped(full)["closed"].expected
    finally:
        (full / "closed").chmod(0o700)


def test_the_warnings_of_git_are_understood() -> None:
    warnings = b"warning: could not open directory 'sub/a b/': Permission denied\nwarning: other\n"
    found_ = git_listing._unreadable(warnings, "sub/", "nested/")
    assert list(found_.values()) == [Skipped("nested/a b", "directory not readable: permission denied")]


# --- Excluding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ignore", [True, False])
@pytest.mark.parametrize("kind", ["repository", "plain"])
def test_excluding_holds_everywhere(tmp_path: Path, git: Git, kind: str, *, ignore: bool) -> None:
    root = tmp_path / "root"
    write(root, "a.py", "docs/a.md", "docs/keep/b.md", "x/docs/c.md", "x/big.bin", "x/small.bin")
    if kind == "repository":
        git(root, "init", "-q")
        git(root, "add", "docs", "x/big.bin")
    patterns = ["/docs/", "*.bin", "!small.bin"]
    assert found(root, ignore=ignore, exclude=patterns) == ["a.py", "x/docs/c.md", "x/small.bin"]
    assert found(root / "x" / "big.bin", exclude=patterns) == ["x/big.bin" if kind == "repository" else "big.bin"]


def test_excluding_is_relative_to_the_target(full: Path) -> None:
    assert found(full / "sub", exclude=["/b.py"]) == ["sub/.gitignore", "sub/keep.log"]
    assert "sub/b.py" in found(full, exclude=["/b.py"])


# --- Names ------------------------------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize("kind", ["repository", "plain"])
def test_any_name_is_a_name(tmp_path: Path, git: Git, kind: str) -> None:
    names = [b"line\nbreak", b"\x1b[31mred", b"latin-\xe9", b"quote\"'", b"-m", b":(glob)x", "\uffff".encode(), b"? a"]
    root = tmp_path / "root"
    root.mkdir()
    for name in names:
        (root / os.fsdecode(name)).write_text("x")
    if kind == "repository":
        git(root, "init", "-q")
        git(root, "add", "--", "line\nbreak", "? a")
    assert [os.fsencode(path) for path in found(root)] == sorted(names)
    assert all(isinstance(blob(root, path), Blob) for path in found(root))


# --- Named files ------------------------------------------------------------------------------------------------------


def test_a_named_file_is_always_read(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(full)
    (step,) = listing.files("sub/../noise.log")
    assert step == File(str(full), "noise.log", named=True)
    assert isinstance(step, File)
    assert reading.read(step, LIMIT) == Blob("noise.log", b"x")


def test_a_named_link_is_followed(full: Path) -> None:
    (full / "link").symlink_to("a.py")
    (step,) = listing.files(str(full / "link"))
    assert isinstance(step, File)
    assert reading.read(step, LIMIT) == Blob("link", b"x")


@POSIX
def test_what_was_named_and_is_no_file_makes_the_run_incomplete(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "broken").symlink_to("nothing")
    reasons = {}
    for name in ("fifo", "broken", "missing"):
        (step,) = listing.files(str(tmp_path / name))
        assert isinstance(step, Skipped)
        assert not step.expected
        reasons[name] = step.reason
    assert reasons == {
        "fifo": "a FIFO, not a file (`-` reads standard input)",
        "broken": "broken symbolic link",
        "missing": "no such file or directory",
    }
