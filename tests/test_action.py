"""`action.yml` and the template for GitLab: valid by their schemas, and the script of the action does what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from keysift.cli import gate
from keysift.cli.exit_codes import FAIL_ON

ROOT = Path(__file__).parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HEADER, JOBS = yaml.safe_load_all((ROOT / "templates" / "gitlab-ci.yml").read_text(encoding="utf-8"))


def check(*arguments: str) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *arguments]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout


def test_the_action_is_valid() -> None:
    check("vendor.github-actions", str(ROOT / "action.yml"))


def test_no_input_stands_in_a_script() -> None:
    """GitHub pastes `${{ }}` into scripts as it is, whatever a stranger has called a branch."""
    scripts = [step["run"] for step in ACTION["runs"]["steps"]]
    assert scripts
    assert not any("${{" in script for script in scripts)


def test_every_input_is_used() -> None:
    text = json.dumps(ACTION["runs"])
    assert [name for name in ACTION["inputs"] if f"inputs.{name} " not in text] == []


def test_nothing_is_uploaded_and_no_licence_asked_for() -> None:
    assert all("uses" not in step for step in ACTION["runs"]["steps"])
    assert not any("licen" in name or "token" in name for name in ACTION["inputs"])


@pytest.mark.skipif(os.name == "nt", reason="the step is a script of bash")
@pytest.mark.parametrize("output", ["", "report.txt"])
@pytest.mark.parametrize("code", [0, 1])
def test_the_step_calls_the_gate_and_hands_on_its_code(tmp_path: Path, output: str, code: int) -> None:
    program = tmp_path / "keysift"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/called"\nexit {code}\n')
    program.chmod(0o755)
    environment = {
        **os.environ,
        "KEYSIFT_BIN": str(tmp_path),
        "KEYSIFT_BASE": "",
        "KEYSIFT_FAIL_ON": "secret",
        "KEYSIFT_FORMAT": "json",
        "KEYSIFT_OUTPUT": output,
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
    }
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", ACTION["runs"]["steps"][-1]["run"]]
    done = subprocess.run(command, env=environment, check=False)
    assert done.returncode == code
    assert (tmp_path / "outputs").read_text() == f"exit-code={code}\n"
    called = (tmp_path / "called").read_text().split()
    assert called == ["gate", "--format", "json", "--fail-on", "secret", *(["--output", output] if output else [])]


def test_the_variables_of_the_action_are_those_of_the_gate() -> None:
    assert ACTION["runs"]["steps"][-1]["env"]["KEYSIFT_BASE"] == "${{ inputs.base }}"
    [base] = [option for option in gate.command.params if option.name == "base"]
    assert base.envvar == "KEYSIFT_BASE"


def test_labels_are_those_of_the_command_line() -> None:
    assert HEADER["spec"]["inputs"]["fail-on"]["options"] == list(FAIL_ON)


def test_the_template_is_valid(tmp_path: Path) -> None:
    assert HEADER["spec"]["inputs"]["source"] != {"default": None}
    for number, document in enumerate((HEADER, JOBS)):
        place = tmp_path / f"{number}.json"
        place.write_text(json.dumps(document))
        check("vendor.gitlab-ci", "--data-transform", "gitlab-ci", str(place))


def test_the_template_uses_its_inputs_and_the_whole_history() -> None:
    used = set(re.findall(r"\$\[\[ inputs\.([\w-]+) \]\]", json.dumps(JOBS)))
    assert used == set(HEADER["spec"]["inputs"])
    assert JOBS["keysift"]["variables"]["GIT_DEPTH"] == "0"
    assert JOBS["keysift"]["script"][-1] == 'keysift gate --fail-on "$KEYSIFT_FAIL_ON"'


@pytest.mark.skipif(os.name == "nt", reason="the job is a script of a shell")
@pytest.mark.parametrize("has_keysift", [True, False], ids=["our image", "another"])
def test_the_job_installs_keysift_where_the_image_has_none(tmp_path: Path, *, has_keysift: bool) -> None:
    image, builds = tmp_path / "image", tmp_path / "builds"
    image.mkdir()
    program = f'#!/bin/sh\necho "$0 $*" >> "{tmp_path}/called"\n'
    made = f'{program}mkdir -p "$3/bin"; for name in pip keysift; do cp "{image}/tool" "$3/bin/$name"; done\n'
    for name, text in (("tool", program), ("python3", made), *([("keysift", program)] if has_keysift else [])):
        (image / name).write_text(text)
        (image / name).chmod(0o755)
    path = f"{image}:/usr/bin:/bin"
    environment = {"PATH": path, "CI_BUILDS_DIR": str(builds), "KEYSIFT_SOURCE": "keysift", "KEYSIFT_FAIL_ON": "secret"}
    script = "\n".join(JOBS["keysift"]["script"])
    subprocess.run(["/bin/sh", "-e", "-c", script], env=environment, check=True, capture_output=True)
    called = (tmp_path / "called").read_text().splitlines()
    bin_ = image if has_keysift else builds / "keysift-venv/bin"
    assert called[-1] == f"{bin_}/keysift gate --fail-on secret"
    assert len(called) == (1 if has_keysift else 3)
