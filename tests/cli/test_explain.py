import subprocess
from collections.abc import Callable
from pathlib import Path

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
    assert b"cannot read none.env: No such file or directory" in answer.stderr
    assert b"--text" in answer.stderr


def test_escapes_in_text_do_not_reach_the_terminal(keysift: Keysift, integration_key: str) -> None:
    answer = keysift("explain", "-", "--name", "a\x1b[31m", stdin=f"\x1b[2J PAGERDUTY_TOKEN={integration_key}".encode())
    assert b"\x1b" not in answer.stdout
