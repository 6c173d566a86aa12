import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.rules.generate import instance

Keysift = Callable[..., subprocess.CompletedProcess[bytes]]


def test_a_file(keysift: Keysift, leak: Path, integration_key: str) -> None:
    answer = keysift("explain", leak.name)
    assert answer.returncode == 0
    assert b"a.conf:1:17  pagerduty-integration-key" in answer.stdout
    for part in (
        b"field    pagerduty_token",
        b"verdict  sensitive, high confidence",
        b"because  ",
        b"outcome  a finding",
    ):
        assert part in answer.stdout
    assert integration_key.encode() not in answer.stdout + answer.stderr


def test_one_line_of_a_file(keysift: Keysift, leak: Path) -> None:
    leak.write_text("x\n" + leak.read_text())
    assert b"a.conf:2:17" in keysift("explain", f"{leak.name}:2").stdout
    assert b"No candidates" in keysift("explain", f"{leak.name}:1").stdout


def test_text(keysift: Keysift, integration_key: str) -> None:
    answer = keysift("explain", "--text", f"PAGERDUTY_TOKEN={integration_key}")
    assert b"text:1:17" in answer.stdout


def test_standard_input_under_a_name(keysift: Keysift, integration_key: str) -> None:
    answer = keysift("explain", "-", "--name", "x/y.env", stdin=f"PAGERDUTY_TOKEN={integration_key}".encode())
    assert b"x/y.env:1:17" in answer.stdout


def test_a_refusal_has_its_reason(keysift: Keysift, integration_key: str) -> None:
    answer = keysift("explain", "--text", f"pagerduty:\n  incident_key: {integration_key}")
    assert answer.returncode == 0
    assert b"pagerduty-integration-key" in answer.stdout
    assert b"outcome  a finding" not in answer.stdout
    assert b"outcome  the field incident_key contains an identifier or a digest" in answer.stdout
    other = keysift("explain", "--text", "PAGERDUTY_TOKEN=" + "x" * 20)
    assert b"outcome  masked" in other.stdout


def test_secrets_are_shown_on_request(keysift: Keysift, leak: Path, integration_key: str) -> None:
    assert integration_key.encode() in keysift("explain", "--show-secrets", leak.name).stdout


def test_a_file_that_is_not_there_is_2(keysift: Keysift) -> None:
    answer = keysift("explain", "none.env")
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert b"cannot read none.env: no such file" in answer.stderr
    assert b"--text" in answer.stderr


def test_escapes_in_text_do_not_reach_the_terminal(keysift: Keysift, integration_key: str) -> None:
    answer = keysift("explain", "-", "--name", "a\x1b[31m", stdin=f"\x1b[2J PAGERDUTY_TOKEN={integration_key}".encode())
    assert b"\x1b" not in answer.stdout


# --- Places of reports ------------------------------------------------------------------------------------------------


def git(place: Path, *arguments: str) -> str:
    command = ["git", "-C", str(place), "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_place_can_be_pasted_with_its_column(keysift: Keysift, leak: Path) -> None:
    leak.write_text("x\n" + leak.read_text())
    assert b"a.conf:2:17  pagerduty-integration-key" in keysift("explain", f"{leak.name}:2:17").stdout


def test_a_place_in_a_commit(keysift: Keysift, leak: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "leak")
    commit = git(tmp_path, "rev-parse", "HEAD")
    leak.unlink()
    for name in (commit, commit[:12]):
        answer = keysift("explain", f"{name}:a.conf:1:17")
        assert b"a.conf:1:17  pagerduty-integration-key" in answer.stdout, answer.stderr
    assert keysift("explain", f"{commit}:none:1").returncode == 2


def test_a_place_inside_of_a_container_and_no_repeats_of_it(
    keysift: Keysift, tmp_path: Path, integration_key: str
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("b/prod.env", f"x\nPAGERDUTY_TOKEN={integration_key}\n")
    for what in ("a.zip", "a.zip!/b/prod.env:2:17"):
        answer = keysift("explain", what)
        assert answer.stdout.count(b"outcome  a finding") == 1, answer.stdout
        assert b"a.zip!/b/prod.env:2:17  pagerduty-integration-key" in answer.stdout
    assert b"a finding" not in keysift("explain", "a.zip!/b/prod.env:1").stdout


@pytest.mark.parametrize("line", ["9", "0", "²", "1" * 5000, "999999999"])
def test_a_line_that_is_not_there_is_wrong_usage(keysift: Keysift, leak: Path, line: str) -> None:
    answer = keysift("explain", f"{leak.name}:{line}")
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert b"help: " in answer.stderr
    assert b"Traceback" not in answer.stderr


def test_an_empty_file_has_no_line(keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert b"it has 0 lines" in keysift("explain", "empty:1").stderr
    assert keysift("explain", "empty").returncode == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_file_is_not_waited_for(keysift: Keysift, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert keysift("explain", "pipe").returncode == 2
    assert keysift("explain", ".").returncode == 2


# --- What takes a finding out -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("configuration", "outcome"),
    [
        ('exclude = ["a.conf"]', b"left out of a scan: its file is excluded"),
        ('disable = ["pagerduty-*"]', b"its rule is turned off"),
        ('[[ignore]]\nrule = "pagerduty-*"\nreason = "rotated"', b"an accepted finding"),
        ('[[path]]\npattern = "a.conf"\ndisable = ["pagerduty-*"]', b"an accepted finding"),
        ('[[ignore]]\nrule = "pagerduty-*"\nreason = "x"\nuntil = 2020-01-01', b"a finding"),
    ],
)
def test_what_a_scan_takes_out_is_no_finding(
    keysift: Keysift, leak: Path, tmp_path: Path, configuration: str, outcome: bytes
) -> None:
    (tmp_path / ".keysift.toml").write_text(configuration)
    answer = keysift("explain", "--all", leak.name)
    assert b"outcome  " + outcome in answer.stdout, answer.stdout
    assert (b"outcome  a finding" in answer.stdout) is (outcome == b"a finding")


def test_a_reference_and_a_placeholder_are_named(keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('TOKEN = os.environ["TOKEN"]\nAPI_KEY = "your-api-key"\nflag = true\n')
    assert b"a.py:1  TOKEN: a reference" in keysift("explain", "a.py:1").stdout
    assert b"a.py:2  API_KEY: a placeholder" in keysift("explain", "a.py:2").stdout
    assert b"reference" not in keysift("explain", "a.py:3").stdout


def test_a_key_in_the_name_of_a_file_is_masked_and_found(keysift: Keysift, tmp_path: Path) -> None:
    name, [key] = instance("{{github:ghp_}}.env", "name")
    (tmp_path / name).write_text("x = 1\n")
    answer = keysift("explain", name)
    assert b"a finding in the name of the file" in answer.stdout
    assert key.encode() not in answer.stdout + answer.stderr


@pytest.mark.skipif(os.name == "nt", reason="a directory in use cannot be deleted")
@pytest.mark.parametrize("command", ["scan", "explain --text x", "audit", "hook", "config show"])
def test_a_current_directory_that_is_gone_is_said(script: Path, tmp_path: Path, command: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    shell = f"cd '{gone}' && rmdir '{gone}' && '{script}' {command}"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, check=False)
    assert done.returncode == 2 or command.startswith("explain"), done.stderr
    assert b"Traceback" not in done.stderr
