"""Real repositories that plant a command in every place where one could stand; none may ever run."""

# Strings are what the functions take.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from keysift.errors import SourceError
from keysift.files import listing
from keysift.git import process
from keysift.model import Skipped

POSIX = pytest.mark.skipif(os.name == "nt", reason="the planted commands are shell scripts")


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"):
        monkeypatch.delenv(name, raising=False)


def plain(directory: Path, *arguments: str) -> str:
    """Git as anyone starts it, to build what is to be scanned."""
    command = ["git", "-C", str(directory), "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with one commit."""
    place = tmp_path / "repo"
    place.mkdir()
    plain(place, "init", "-q", "-b", "main")
    (place / "a.txt").write_text("one\n")
    (place / ".gitattributes").write_text("* filter=planted diff=planted\n")
    plain(place, "add", ".")
    plain(place, "commit", "-q", "-m", "first")
    return place


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """What the planted command would write."""
    return tmp_path / "marker"


@pytest.fixture
def planted(tmp_path: Path, marker: Path) -> str:
    """A program that leaves a mark."""
    program = tmp_path / "planted"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{marker}'\nexit 0\n")
    program.chmod(0o755)
    return str(program)


READING = [
    ("ls-files", "-z", "-t", "--stage", "--cached", "--others", "--exclude-standard"),
    ("ls-files", "-z", "--deleted"),
    ("check-ignore", "--no-index", "-v", "a.txt"),
    ("rev-parse", "HEAD"),
    ("rev-list", "--objects", "--all"),
    ("log", "--raw", "-m", "--all"),
    ("log", "-p", "--all"),
    ("diff-index", "HEAD"),
    ("diff-index", "-p", "HEAD"),
    ("diff-tree", "-p", "--root", "HEAD"),
    ("for-each-ref",),
    ("reflog",),
    ("cat-file", "--batch-all-objects", "--batch"),
    ("ls-tree", "-r", "HEAD"),
]

KEYS = [
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.sshCommand",
    "core.gitProxy",
    "core.askPass",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.planted.command",
    "diff.planted.textconv",
    "filter.planted.clean",
    "filter.planted.smudge",
    "filter.planted.process",
    "gpg.program",
    "gpg.ssh.program",
    "gpg.ssh.defaultKeyCommand",
    "pager.log",
    "pager.ls-files",
    "trailer.planted.command",
]


def read_everything(repo: Path) -> None:
    """Every subcommand, in ways that would touch every kind of setting."""
    for arguments in READING:
        process.run(repo, *arguments, accept=(0, 1))


@POSIX
@pytest.mark.parametrize("included", [False, True], ids=["direct", "by include.path"])
def test_no_command_of_the_configuration_runs(
    repo: Path, planted: str, marker: Path, tmp_path: Path, *, included: bool
) -> None:
    (repo / "a.txt").write_text("two\n")  # so that filters and diffs had something to do
    target = str(tmp_path / "more.config") if included else str(repo / ".git" / "config")
    for key in KEYS:
        plain(repo, "config", "--file", target, "--replace-all", key, planted)
    if included:
        plain(repo, "config", "include.path", target)
    plain(repo, "config", "alias.ls-files", f"!{planted}")
    plain(repo, "config", "hook.planted.command", planted)
    plain(repo, "config", "--add", "hook.planted.event", "reference-transaction")
    marker.unlink(missing_ok=True)
    read_everything(repo)
    assert not marker.exists()


@POSIX
def test_the_planted_commands_would_run_for_plain_git(repo: Path, planted: str, marker: Path) -> None:
    """The tests around this one would prove nothing if git had never run them."""
    plain(repo, "config", "core.fsmonitor", planted)
    plain(repo, "ls-files", "--others")
    plain(repo, "config", "--unset", "core.fsmonitor")
    plain(repo, "config", "diff.external", planted)
    (repo / "a.txt").write_text("two\n")
    plain(repo, "diff")
    assert len(marker.read_text().splitlines()) >= 2


@POSIX
def test_no_hook_runs(repo: Path, planted: str, marker: Path) -> None:
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman", "query-watchman"):
        shutil.copy(planted, repo / ".git" / "hooks" / hook)
    plain(repo, "config", "core.fsmonitor", ".git/hooks/query-watchman")
    os.utime(repo / "a.txt", (1, 1))  # a stale index is what git would like to refresh
    marker.unlink(missing_ok=True)
    read_everything(repo)
    assert not marker.exists()


@POSIX
def test_no_signature_is_checked(repo: Path, planted: str, marker: Path) -> None:
    body = plain(repo, "cat-file", "commit", "HEAD")
    header, message = body.split("\n\n", 1)
    signed = f"{header}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n\n{message}"
    (repo.parent / "signed").write_text(signed)
    oid = plain(repo, "hash-object", "-t", "commit", "-w", str(repo.parent / "signed")).strip()
    plain(repo, "update-ref", "refs/heads/signed", oid)
    for key, value in {"gpg.program": planted, "log.showSignature": "true", "format.pretty": "%G? %H"}.items():
        plain(repo, "config", key, value)
    plain(repo, "log", "signed")
    assert marker.exists(), "plain git runs it"
    marker.unlink()
    process.run(repo, "log", "--raw", "--all")
    assert not marker.exists()


@POSIX
@pytest.mark.parametrize(
    "address", ["ext::{planted} %S", "ssh://example.invalid/x", "{other}", "git://example.invalid/"]
)
def test_no_missing_object_is_fetched(repo: Path, planted: str, marker: Path, address: str, tmp_path: Path) -> None:
    blob = plain(repo, "rev-parse", "HEAD:a.txt").strip()
    (repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "evil",
        "remote.evil.promisor": "true",
        "remote.evil.url": address.format(planted=planted, other=tmp_path / "elsewhere"),
        "remote.evil.uploadpack": planted,
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "protocol.file.allow": "always",
        "core.sshCommand": planted,
        "core.gitProxy": planted,
    }
    plain(tmp_path, "init", "-q", "--bare", "elsewhere")
    for key, value in settings.items():
        plain(repo, "config", key, value)
    answer = process.run(repo, "cat-file", "--batch", stdin=blob.encode() + b"\n", accept=range(256))
    assert b"missing" in answer.stdout or answer.returncode
    assert not marker.exists()


def test_what_could_run_a_command_is_refused(repo: Path) -> None:
    for arguments in (
        ("status",),
        ("cat-file", "--textconv", "HEAD:a.txt"),
        ("cat-file", "--filters", "HEAD:a.txt"),
        ("ls-files", "--modified"),
        ("ls-files", "-m"),
        ("diff-tree", "--ext-diff", "HEAD"),
        ("log", "-p", "--textconv"),
    ):
        with pytest.raises(ValueError, match="not known to be safe"):
            process.run(repo, *arguments)


def test_a_path_after_two_dashes_is_no_option(repo: Path) -> None:
    (repo / "-m").write_text("")
    assert process.run(repo, "ls-files", "-z", "--others", "--", "-m").stdout == b"-m\0"


def test_core_worktree_leads_nowhere(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "passwd").write_text("x")
    plain(repo, "config", "core.worktree", str(other))
    assert process.run(repo, "ls-files", "--others").stdout == b""
    plain(repo, "config", "core.bare", "true")
    assert b"passwd" not in process.run(repo, "ls-files", "--others").stdout


def test_names_are_never_patterns(repo: Path) -> None:
    (repo / "[a].txt").write_text("")
    assert process.run(repo, "ls-files", "-z", "--others", "--", "[a].txt").stdout == b"[a].txt\0"
    assert process.run(repo, "ls-files", "-z", "--", "*.txt").stdout == b""


def test_replaced_objects_are_shown_as_they_are(repo: Path) -> None:
    (repo / "innocent").write_text("innocent")
    other = plain(repo, "hash-object", "-w", "innocent").strip()
    blob = plain(repo, "rev-parse", "HEAD:a.txt").strip()
    plain(repo, "replace", blob, other)
    assert process.run(repo, "cat-file", "blob", blob).stdout == b"one\n"


def test_variables_that_redirect_git_are_dropped(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    assert process.run(repo, "ls-files").stdout == b".gitattributes\na.txt\n"


def test_a_hook_may_keep_its_index(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo / "b.txt").write_text("b")
    monkeypatch.setenv("GIT_INDEX_FILE", str(repo / ".git" / "next-index"))
    plain(repo, "add", "b.txt")
    monkeypatch.chdir(repo)
    monkeypatch.setenv("GIT_INDEX_FILE", os.path.join(".git", "next-index"))
    assert process.run(repo, "ls-files", inherit=("GIT_INDEX_FILE",)).stdout == b"b.txt\n"
    assert process.run(repo, "ls-files").stdout == b".gitattributes\na.txt\n"


def test_the_configuration_of_the_user_holds(repo: Path) -> None:
    home = Path(os.environ["HOME"])
    (home / "everywhere").write_text("*.swp\n")
    (home / ".gitconfig").write_text("[core]\n\texcludesFile = ~/everywhere\n")
    (repo / "x.swp").write_text("")
    assert process.run(repo, "ls-files", "--others", "--exclude-standard").stdout == b""
    assert process.excludes_file() == str(home / "everywhere")


def test_the_list_of_the_repository_around_is_not_the_users(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain(repo, "config", "core.excludesFile", "/etc/passwd")
    monkeypatch.chdir(repo)
    assert process.excludes_file() is None


def test_a_repository_of_someone_else_is_an_error_with_help(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(SourceError, match="dubious ownership") as caught:
        process.run(repo, "ls-files", inherit=("GIT_TEST_ASSUME_DIFFERENT_OWNER",))
    assert f"--add safe.directory '{repo}'" in caught.value.help


def test_without_git_there_is_an_error_with_help(repo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not process.available()
    assert process.excludes_file() is None
    with pytest.raises(SourceError, match="not installed") as caught:
        process.run(repo, "ls-files")
    assert "https://" in caught.value.help


@POSIX
def test_git_is_never_taken_from_the_current_directory(
    repo: Path, planted: str, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(planted, repo / "git")
    monkeypatch.chdir(repo)
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", os.environ["PATH"]]))
    process.run(repo, "ls-files")
    assert not marker.exists()


@pytest.mark.parametrize(
    ("file", "content", "help_"),
    [("index", b"DIRC nonsense", "index"), ("HEAD", b"nonsense", "git sees"), ("config", b"[core\n", "fsck")],
)
def test_a_damaged_repository_is_an_error_with_help(repo: Path, file: str, content: bytes, help_: str) -> None:
    (repo / ".git" / file).write_bytes(content)
    with pytest.raises(SourceError, match=r"git ls-files failed in .*repo: \S") as caught:
        process.run(repo, "ls-files")
    assert help_ in caught.value.help


def test_a_stream_is_read_while_it_comes(repo: Path) -> None:
    with process.stream(repo, "cat-file", "--batch") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for _ in range(2):
            child.stdin.write(b"HEAD:a.txt\n")
            child.stdin.flush()
            assert child.stdout.readline().split()[1:] == [b"blob", b"4"]
            assert child.stdout.read(5) == b"one\n\n"
    assert child.returncode == 0


def test_a_stream_can_be_left_early(repo: Path) -> None:
    with process.stream(repo, "cat-file", "--batch-all-objects", "--batch") as child:
        pass
    assert child.poll() is not None
    with pytest.raises(RuntimeError, match="mine"), process.stream(repo, "cat-file", "--batch") as child:
        raise RuntimeError("mine")
    assert child.poll() is not None


def test_a_stream_that_fails_is_an_error(repo: Path) -> None:
    with pytest.raises(SourceError, match="git rev-list failed"), process.stream(repo, "rev-list", "nothing"):
        pass


def test_a_bare_repository_answers(repo: Path, tmp_path: Path) -> None:
    plain(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
    assert process.run(tmp_path / "bare.git", "cat-file", "blob", "HEAD:a.txt").stdout == b"one\n"


# --- Hanging ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_PATIENCE_S", 0.3)
    monkeypatch.setattr(process, "_LOOK_S", 0.1)


@POSIX
@pytest.mark.usefixtures("_impatient")
def test_a_repository_that_makes_git_hang_is_given_up(repo: Path) -> None:
    os.mkfifo(repo / "included")
    plain(repo, "config", "include.path", str(repo / "included"))
    with pytest.raises(SourceError, match="git rev-parse has done nothing for") as raised:
        process.run(repo, "rev-parse", "HEAD")
    assert "hangs" in raised.value.help


def test_a_process_that_begins_late_gets_all_that_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_LOOK_S", 0.05)
    late = "import sys, time; time.sleep(0.5); print(len(sys.stdin.buffer.read()))"
    done = process._ended([sys.executable, "-c", late], dict(os.environ), bytes(1 << 20))
    assert done is not None
    assert done.stdout.split() == [b"1048576"]


@POSIX
@pytest.mark.usefixtures("_impatient")
def test_ignore_files_that_hang_cost_no_file(repo: Path) -> None:
    (repo / "b.txt").write_text("two\n")
    os.mkfifo(repo / ".gitignore")
    steps = {step.path: step for step in listing.files(str(repo))}
    assert {"a.txt", "b.txt"} < set(steps)
    assert isinstance(said := steps["."], Skipped)
    assert "has done nothing" in said.reason


@POSIX
def test_no_list_of_names_of_people_is_opened(repo: Path) -> None:
    os.mkfifo(repo / ".mailmap")
    assert b"first" in process.run(repo, "log", "--all").stdout


@POSIX
@pytest.mark.usefixtures("_impatient")
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the state of a process is not known")
def test_a_git_that_computes_is_waited_for(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\ni=0; while [ $i -lt 600000 ]; do i=$((i+1)); done; echo done\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
    assert process.run(repo, "rev-parse", "HEAD").stdout == b"done\n"
