import base64
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.errors import ReportError
from keysift.model import Finding, Location, Rule, Run
from keysift.report.replacements import write_replacements

Build = Callable[..., Finding]


@pytest.fixture
def finding(build_finding: Build, build_rule: Callable[..., Rule], build_place: Callable[..., Location]) -> Build:
    return lambda secret, *more: build_finding(
        build_rule("k", "K"), secret, *(build_place("p", b"a: '" + form + b"'", form) for form in more)
    )


def written(run: Run, place: Path) -> list[bytes]:
    write_replacements(run, place)
    return place.read_bytes().splitlines()


def test_a_key_that_holds_another_goes_first(finding: Build, tmp_path: Path) -> None:
    run = Run("audit", ("."), findings=[finding(b"short-key"), finding(b"a-short-key-longer")])
    assert written(run, tmp_path / "r") == [
        b"literal:a-short-key-longer==>***REMOVED***",
        b"literal:short-key==>***REMOVED***",
    ]


def test_the_encoded_form_is_replaced_too(finding: Build, tmp_path: Path) -> None:
    encoded = base64.b64encode(b"some-key-of-ours")
    lines = written(Run("audit", ("."), findings=[finding(b"some-key-of-ours", encoded)]), tmp_path / "r")
    assert lines == [b"literal:%s==>***REMOVED***" % form for form in (encoded, b"some-key-of-ours")]


def test_what_would_hit_other_text_is_left_out_and_said(finding: Build, tmp_path: Path) -> None:
    short, tracked = finding(b"admin"), finding(b"")
    place = tmp_path / "r"
    assert write_replacements(Run("audit", ("."), findings=[short, tracked]), place) == [short]
    assert place.read_bytes() == b""


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_only_the_owner_can_read_it_whatever_was_there(finding: Build, tmp_path: Path) -> None:
    place = tmp_path / "r"
    place.write_text("old")
    place.chmod(0o666)
    write_replacements(Run("audit", ("."), findings=[finding(b"some-key-of-ours")]), place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["r"]


def test_a_place_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="No such file"):
        write_replacements(Run("audit", (".")), tmp_path / "none" / "r")


def test_git_filter_repo_takes_every_form_out_of_a_history(finding: Build, tmp_path: Path) -> None:
    program = shutil.which(
        "git-filter-repo", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    if not program:
        pytest.skip("git-filter-repo is not installed")
    secrets = [
        b"==>arrow==>ed-key", b"regex:.*glob:*", b"odd\xff\xfe\x01bytes", b"'$(x)`\\1\\g<0>#",
        b"two lines\r\nof a (key)+\n",
        "schl\u00fcssel-key ".encode(),
    ]  # fmt: skip
    repository = tmp_path / "repository"
    environment = {**os.environ, "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*arguments: str) -> bytes:
        command = ["git", "-C", str(repository), "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
        return subprocess.run(command, check=True, capture_output=True, env=environment).stdout

    repository.mkdir()
    git("init", "-q", "-b", "main")
    for number, secret in enumerate(secrets):
        (repository / f"{number}.env").write_bytes(b"before <" + secret + b"> behind\n")
    git("add", "--all")
    git("commit", "-qm", "in")
    git("rm", "-q", "0.env")
    git("commit", "-qm", "out")
    place = tmp_path / "replacements"
    write_replacements(Run("audit", ("."), findings=[finding(secret) for secret in secrets]), place)
    command = [sys.executable, program, "--force", "--quiet", "--replace-text", str(place)]
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=repository)
    for number, secret in enumerate(secrets):
        assert git("show", f"HEAD~1:{number}.env") == b"before <***REMOVED***> behind\n", secret
