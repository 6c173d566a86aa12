"""What a release runs: the trial of a wheel, the comparison of versions, the notes."""

import fnmatch
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from keysift.version import VERSION

ROOT = Path(__file__).parents[1]


def run(script: str, *words: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scanner")}
    command = [sys.executable, str(root / ".ci" / script), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def copied(place: Path, changelog: str) -> Path:
    for name in (".ci/version.py", "scanner/keysift/version.py"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    (place / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
    return place


def test_an_installation_is_tried() -> None:
    done = run("try_wheel.py")
    assert done.returncode == 0, done.stderr


def test_an_installation_that_finds_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "keysift").mkdir()
    (tmp_path / "keysift/__init__.py").touch()
    (tmp_path / "keysift/__main__.py").write_text("print('{}')\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    script = [sys.executable, str(ROOT / ".ci/try_wheel.py")]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the scan ended with 0" in done.stderr


def test_a_tag_names_the_version_and_the_changelog_has_it(tmp_path: Path) -> None:
    root = copied(tmp_path, f"# Changelog\n\n## [{VERSION}] - 2027-01-31\n\n- New.\n\n## [0.0.1]\n\n- Old.\n")
    done = run("version.py", f"v{VERSION}", "--notes", root=root)
    assert (done.returncode, done.stdout) == (0, "- New.\n")
    done = run("version.py", "v9.9.9", root=root)
    assert done.returncode == 1
    assert VERSION in done.stderr


def test_a_version_without_notes_is_refused(tmp_path: Path) -> None:
    done = run("version.py", f"v{VERSION}", root=copied(tmp_path, "# Changelog\n\n## [Unreleased]\n\n- New.\n"))
    assert done.returncode == 1
    assert "no section" in done.stderr


def test_no_job_that_runs_our_code_or_anyone_elses_can_publish() -> None:
    workflow = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    jobs = re.split(r"^  (?=[a-z]+:$)", workflow.partition("\njobs:\n")[2], flags=re.MULTILINE)
    rights = {job.partition(":")[0]: re.findall(r"^      ([a-z-]+): write$", job, re.MULTILINE) for job in jobs if job}
    assert {job: kinds for job, kinds in rights.items() if kinds} == {
        "publish": ["id-token", "attestations"],
        "notes": ["contents"],
        "image": ["packages"],
    }
    for job in jobs:
        if re.search(r": write$", job, re.MULTILINE):
            assert ".ci/run" not in job
            assert "cibuildwheel" not in job
            assert "needs: [" in job


def test_the_mirror_for_pre_commit_has_our_hooks_and_the_wheel(tmp_path: Path) -> None:
    done = run("mirror.py", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / ".pre-commit-hooks.yaml").read_bytes() == (ROOT / ".pre-commit-hooks.yaml").read_bytes()
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["dependencies"] == [f"keysift=={VERSION}"]
    assert project["version"] == VERSION


def test_the_image_has_the_wheel_that_is_built_for_it_and_no_rights() -> None:
    lines = (ROOT / ".ci/image/Dockerfile").read_text(encoding="utf-8")
    python = re.search(r"^FROM python:3\.(\d+)-slim", lines, re.MULTILINE)
    wheel = re.search(r"/dist/(keysift-\S+\.whl)", lines)
    assert python
    assert wheel
    built = (
        "cp313-cp313-manylinux_2_28_x86_64",
        "cp313-cp313-musllinux_1_2_x86_64",
        "cp312-cp312-manylinux_2_28_x86_64",
    )
    assert [fnmatch.fnmatch(f"keysift-{VERSION}-{tags}.whl", wheel[1]) for tags in built] == [True, False, False]
    assert f"cp3{python[1]}" in wheel[1]
    user = lines.index("\nUSER 1000\n")
    assert lines.rindex("\nRUN ") < user < lines.index('\nENTRYPOINT ["keysift"]\n')
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["cibuildwheel"]["build"]
    assert f"cp3{python[1]}-*" in wanted.split()


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root can give a file to somebody else")
def test_the_image_judges_a_checkout_of_somebody_else(tmp_path: Path) -> None:
    """What the Dockerfile tells git of owners holds: a job's checkout belongs to another user than the image's."""
    config = tmp_path / "gitconfig"
    dockerfile = (ROOT / ".ci/image/Dockerfile").read_text(encoding="utf-8")
    told = re.search(r"git config --system (--add safe\.directory '\*')", dockerfile)
    assert told
    subprocess.run(["git", "config", "--file", str(config), *shlex.split(told[1])], check=True)
    repository = tmp_path / "src"
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    for place in (repository, *repository.rglob("*")):
        os.chown(place, 1234, 1234)
    command = [sys.executable, "-m", "keysift", "audit", "-q"]
    usual = {**os.environ, "PYTHONPATH": str(ROOT / "scanner"), "GIT_CONFIG_GLOBAL": os.devnull}
    for system, code in ((os.devnull, 3), (str(config), 0)):
        environment = {**usual, "GIT_CONFIG_SYSTEM": system}
        done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
