import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def report(keysift: Keysift, leak: Path, tmp_path: Path) -> Path:
    assert keysift("scan", leak.name, "-f", "json", "-o", "report.json").returncode == 1
    return tmp_path / "report.json"


def test_a_saved_report_in_another_format(keysift: Keysift, report: Path, leak: Path) -> None:
    leak.unlink()
    answer = keysift("report", report.name, "-f", "csv")
    assert answer.returncode == 0
    assert b"pagerduty-integration-key" in answer.stdout
    assert b"1 leaked key found (1 sensitive)" in answer.stderr
    piped = keysift("report", "-", "-f", "csv", stdin=report.read_bytes())
    assert piped.stdout == answer.stdout


def test_json_again_is_the_same_json(keysift: Keysift, report: Path) -> None:
    assert json.loads(keysift("report", report.name, "-f", "json").stdout) == json.loads(report.read_bytes())


def test_several_reports_are_one(keysift: Keysift, report: Path, tmp_path: Path, leak: Path) -> None:
    (tmp_path / "b.conf").write_bytes(leak.read_bytes())
    keysift("scan", "b.conf", "-f", "json", "-o", "b.json")
    found = json.loads(keysift("report", report.name, "b.json", "-f", "json").stdout)["findings"]
    assert [[place["path"] for place in one["locations"]] for one in found] == [["a.conf", "b.conf"]]


@pytest.mark.parametrize(("label", "status"), [("never", 0), ("secret", 0), ("sensitive", 1)])
def test_the_exit_code_is_asked_for(label: str, status: int, keysift: Keysift, report: Path) -> None:
    assert keysift("report", report.name, "--fail-on", label).returncode == status


def test_what_is_no_report_is_2(keysift: Keysift, leak: Path) -> None:
    answer = keysift("report", leak.name)
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert b"is not a JSON report of keysift" in answer.stderr
    assert b"help: create one with `keysift scan -f json -o FILE`" in answer.stderr


# --- Completion -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_of_that_shell(shell: str, keysift: Keysift, tmp_path: Path) -> None:
    answer = keysift("completion", shell)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert b"_KEYSIFT_COMPLETE=" + shell.encode() + b"_complete" in answer.stdout
    if shutil.which(shell):
        (tmp_path / "script").write_bytes(answer.stdout)
        subprocess.run([shell, "-n", tmp_path / "script"], check=True)


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "offered"), [(["keysift", "rep"], "report"), (["keysift", "report", "x", "-f", "mark"], "markdown")]
)
def test_bash_completes(words: list[str], offered: str, keysift: Keysift, environment: dict[str, str]) -> None:
    program = shutil.which("keysift", path=str(Path(sys.executable).parent))
    if not program:
        pytest.skip("keysift is not installed")
    script = keysift("completion", "bash").stdout.decode()
    tried = f"{script}\nCOMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}\n_keysift_completion {program}\n"
    tried += 'echo "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", tried], capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.split() == [offered], done.stderr
