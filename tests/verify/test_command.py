"""`keysift verify` and `keysift scan --verify`, from a report to the states of its keys."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import SOURCES, Keysift
from tests.verify import stand_ins
from tests.verify.stand_ins import Vendors

from keysift.rules.generate import instance

PAGERDUTY = instance("u+{{base64url:18}}", "one")[0]
NPM = instance("{{github:npm_}}", "two")[0]
INTEGRATION = instance("{{hex:32}}", "three")[0]


@pytest.fixture
def report(keysift: Keysift, tmp_path: Path) -> Path:
    """A saved report of three keys, masked; one of them stands in three files."""
    (tmp_path / "a.env").write_text(f"NPM_TOKEN={NPM}\n")
    for name in ("b.env", "c.env", "d.env"):
        (tmp_path / name).write_text(f"PAGERDUTY_TOKEN={PAGERDUTY}\n")
    (tmp_path / "e.env").write_text(f"PAGERDUTY_INTEGRATION_KEY={INTEGRATION}\n")
    place = tmp_path / "report.json"
    done = keysift("scan", "a.env", "b.env", "c.env", "d.env", "e.env", "-f", "json", "-o", str(place))
    assert done.returncode == 1
    assert NPM not in place.read_text()
    return place


def states(text: bytes | str) -> dict[str, Any]:
    return {finding["rule_id"]: finding["liveness"]["state"] for finding in json.loads(text)["findings"]}


def test_a_masked_report_is_verified_and_the_live_key_comes_first(
    keysift: Keysift, vendors: Vendors, network: list[str], report: Path
) -> None:
    vendors.allow("registry.npmjs.org", NPM, body={"username": "octocat"})
    done = keysift("verify", str(report), "-f", "json", *network)
    assert states(done.stdout) == {
        "npm-access-token": "live",
        "pagerduty-integration-key": "unverifiable",
        "pagerduty-rest-api-key": "dead",
    }
    assert list(states(done.stdout)) == ["npm-access-token", "pagerduty-integration-key", "pagerduty-rest-api-key"]
    assert done.returncode == 1
    assert b"verified 3 keys: 1 live, 1 unverifiable, 1 dead" in done.stderr
    assert (vendors.asked("api.pagerduty.com"), vendors.asked("registry.npmjs.org")) == (1, 1)


@pytest.mark.parametrize(
    "form", ["text", "sarif", "gitlab", "html", "markdown", "csv", "junit", "github", "codeclimate"]
)
def test_every_format_shows_the_states(
    keysift: Keysift, vendors: Vendors, network: list[str], report: Path, form: str
) -> None:
    vendors.allow("registry.npmjs.org", NPM)
    saved = report.with_name("verified.json")
    keysift("verify", str(report), "-f", "json", "-o", str(saved), *network)
    shown = keysift("report", str(saved), "-f", form).stdout.decode().lower()
    assert "dead" in shown
    first, last = (shown.index(name) for name in ("npm access token", "pagerduty rest api key"))
    assert first < last
    if form == "sarif":
        results = json.loads(shown)["runs"][0]["results"]
        assert [result["rank"] for result in results] == [100.0, 90.0, 5.0]
        assert [result["level"] for result in results] == ["error", "warning", "note"]
    if form == "gitlab":
        assert [each["severity"] for each in json.loads(shown)["vulnerabilities"]] == ["critical", "medium", "info"]


def test_a_dry_run_shows_each_request_and_sends_nothing(
    keysift: Keysift, vendors: Vendors, network: list[str], report: Path
) -> None:
    done = keysift("verify", str(report), "--dry-run", *network)
    text = done.stdout.decode()
    assert "GET https://api.eu.pagerduty.com/abilities  Authorization: Token token=u+" in text
    assert "nothing: write-only" in text
    assert PAGERDUTY not in text
    assert vendors.connections == []


def test_only_what_works_is_listed(keysift: Keysift, vendors: Vendors, network: list[str], report: Path) -> None:
    vendors.allow("api.pagerduty.com", PAGERDUTY, status=403)
    done = keysift("verify", str(report), "--only", "live", "-f", "json", *network)
    assert states(done.stdout) == {"pagerduty-rest-api-key": "limited"}


def test_the_cache_has_no_key_and_is_for_its_owner(
    keysift: Keysift, vendors: Vendors, network: list[str], report: Path, environment: dict[str, str]
) -> None:
    for _ in range(2):
        keysift("verify", str(report), *network)
    assert vendors.asked("registry.npmjs.org") == 1
    kept = [*Path(environment["KEYSIFT_CACHE_DIR"]).rglob("verified*")]
    assert len(kept) == 2
    for file in kept:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert NPM.encode() not in file.read_bytes()


def test_a_key_that_is_gone_is_not_sent(keysift: Keysift, vendors: Vendors, network: list[str], report: Path) -> None:
    other = instance("{{github:npm_}}", "other")[0]
    (report.parent / "a.env").write_text(f"NPM_TOKEN={other}\n")
    done = keysift("verify", str(report), "-f", "json", *network)
    assert states(done.stdout)["npm-access-token"] == "unverifiable"
    assert vendors.asked("registry.npmjs.org") == 0


def test_keys_of_a_history_are_found_in_their_commits(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path, git: Callable[..., None]
) -> None:
    git(tmp_path, "init", "-q")
    place = tmp_path / "deploy.env"
    for text in (f"NPM_TOKEN={NPM}\n", "NPM_TOKEN=\n"):
        place.write_text(text)
        git(tmp_path, "add", "deploy.env")
        git(tmp_path, "commit", "-qm", "Change")
    keysift("audit", "-f", "json", "-o", "audit.json")
    vendors.allow("registry.npmjs.org", NPM)
    done = keysift("verify", "audit.json", "-f", "json", *network)
    assert states(done.stdout) == {"npm-access-token": "live"}


@pytest.mark.usefixtures("report")
def test_a_scan_verifies_with_what_the_user_states(
    keysift: Keysift, vendors: Vendors, environment: dict[str, str]
) -> None:
    place = Path(environment["HOME"]) / ".config" / "keysift" / "config.toml"
    place.parent.mkdir(parents=True)
    place.write_text(f'[verify]\nproxy = "{vendors.proxy}"\nca-file = "{vendors.authority}"\n')
    vendors.allow("registry.npmjs.org", NPM)
    assert "liveness" not in keysift("scan", "a.env", "-f", "json").stdout.decode()
    assert vendors.connections == []
    assert states(keysift("scan", "a.env", "--verify", "-f", "json").stdout) == {"npm-access-token": "live"}


def test_pairs_are_found_beside_each_other(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path
) -> None:
    sid, token = instance("AC{{hex:32}}", "sid")[0], instance("{{hex:32}}", "token")[0]
    (tmp_path / "x.env").write_text(f"TWILIO_ACCOUNT_SID={sid}\nTWILIO_AUTH_TOKEN={token}\n")
    vendors.allow("api.twilio.com", token, body={"sid": sid})
    keysift("scan", "x.env", "-f", "json", "-o", "x.json")
    assert states(keysift("verify", "x.json", "-f", "json", *network).stdout)["twilio-auth-token"] == "live"


@pytest.mark.parametrize("command", [("hook",), ("gate", "HEAD"), ("audit",)])
def test_other_commands_never_verify(keysift: Keysift, command: tuple[str, ...]) -> None:
    done = keysift(*command, "--verify")
    assert done.returncode == 2
    assert b"No such option '--verify'" in done.stderr or b"No such option: --verify" in done.stderr


@pytest.mark.parametrize("module", ["hook", "gate", "audit", "scan", "explain", "view", "mcp", "agent"])
def test_no_other_command_loads_what_connects(module: str) -> None:
    code = f"import sys, keysift.cli.{module}; print(*sys.modules)"
    environment = {"PYTHONPATH": str(SOURCES)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment, text=True)
    assert not [name for name in done.stdout.split() if name.startswith(("keysift.verify", "httpcore"))]


def test_a_repository_states_nothing_of_it(keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / ".keysift.toml").write_text('[verify]\nhosts = ["npm-*=evil.example"]\n')
    done = keysift("scan", ".")
    assert done.returncode == 2
    assert b"'verify' is read from the user's own configuration alone" in done.stderr


def test_a_repositorys_own_rules_state_nothing_of_it(keysift: Keysift, tmp_path: Path) -> None:
    (tmp_path / ".keysift.toml").write_text('rules = ["own.yaml"]\n')
    (tmp_path / "own.yaml").write_text(
        "provider: Acme\nrevoke: Ask.\nreferences: [https://acme.example]\nrules:\n  - id: acme-key\n    name: Acme\n"
        "    label: secret\n    why: It is.\n    pattern: acme_[0-9a-f]{32}\n    keywords: [acme_]\n"
        "    verify: {get: 'https://evil.example/{secret}', live: [200], reference: 'https://evil.example'}\n"
    )
    done = keysift("scan", ".")
    assert done.returncode == 2
    assert b"own.yaml:11: rule acme-key: verify: a repository's own rules may not have it" in done.stderr


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--allow-host=*=evil.example", "does not name the host of a rule"),
        ("--allow-host=evil.example", "does not name the host of a rule"),
        ("--allow-host=npm-*=https://evil.example", "does not name the host of a rule"),
        ("--allow-host=npm-*=evil.example/../x", "does not name the host of a rule"),
        ("--allow-host=npm-*=evil.example/?x=", "does not name the host of a rule"),
        ("--allow-network=everything", "is not a network"),
        ("--proxy=ftp://127.0.0.1", "the proxy is not an address of the form"),
        ("--ca-file=absent.pem", "cannot read certificates"),
    ],
)
def test_what_cannot_be_is_an_error(keysift: Keysift, report: Path, option: str, said: str) -> None:
    done = keysift("verify", str(report), option)
    assert (done.returncode, said in done.stderr.decode()) == (2, True), done.stderr


def test_without_the_libraries_it_says_how_to_get_them(
    keysift: Keysift, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    done = keysift("verify", str(report))
    assert (done.returncode, b"pip install 'keysift[verify]'" in done.stderr) == (2, True)
    assert keysift("verify", str(report), "--dry-run").returncode == 0


def test_every_request_can_be_listed(keysift: Keysift, vendors: Vendors) -> None:
    text = keysift("verify", "--list").stdout.decode()
    assert "pagerduty-rest-api-key: GET https://{host}/abilities" in text
    assert "pagerduty-integration-key: nothing: write-only" in text
    assert vendors.connections == []


def test_ctrl_c_leaves_a_whole_report(
    vendors: Vendors, network: list[str], report: Path, environment: dict[str, str]
) -> None:
    vendors.allow("registry.npmjs.org", NPM)
    vendors.special["api.pagerduty.com"] = stand_ins.slow
    command = [sys.executable, "-m", "keysift", "verify", str(report), "-f", "json", "--timeout", "60", *network]
    with subprocess.Popen(
        command, cwd=report.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        while process.poll() is None and not (
            vendors.asked("registry.npmjs.org") and vendors.asked("api.pagerduty.com")
        ):
            time.sleep(0.02)
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert json.loads(out)["run"]["interrupted"]
    assert states(out)["npm-access-token"] == "live"
    assert states(out)["pagerduty-rest-api-key"] == "unknown"


def test_a_refused_key_of_github_is_dead_unless_the_text_names_a_server(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path, git: Callable[..., None]
) -> None:
    first, second = (instance("{{github:ghp_}}", seed)[0] for seed in ("dead", "elsewhere"))
    (tmp_path / "a.env").write_text(f"GITHUB_TOKEN={first}\n")
    (tmp_path / "b.env").write_text(f"GITHUB_TOKEN={second}\nGITHUB_URL=https://code.acme.example\n")
    keysift("scan", "a.env", "b.env", "-f", "json", "-o", "github.json")

    def found(*options: str) -> dict[str, tuple[str, str]]:
        done = keysift("verify", "github.json", "-f", "json", "--no-cache", *network, *options)
        known = json.loads(done.stdout)["findings"]
        return {each["locations"][0]["path"]: (each["liveness"]["state"], each["liveness"]["how"]) for each in known}

    known = found()
    assert known["a.env"] == (
        "dead",
        "api.github.com answered 401; it can still be live on a server of your own, but none is named near it",
    )
    assert known["b.env"][0] == "unknown"
    assert "the text near it names code.acme.example" in known["b.env"][1]
    assert {seen.host for seen in vendors.requests} == {"api.github.com"}
    assert {state for state, _ in found("--no-other-hosts").values()} == {"dead"}
    # A remote of the repository says where its people work.
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", "git@github.acme.example:acme/app.git")
    assert found()["a.env"][0] == "unknown"
    # The user's server is asked at the path of its API, and has the last word.
    option = "--allow-host=github-*=code.acme.example/api/v3"
    vendors.allow("code.acme.example", second, body={"login": "jane"})
    known = found(option)
    assert known["a.env"] == ("dead", "api.github.com answered 401; code.acme.example/api/v3 answered 401")
    assert known["b.env"] == ("live", "code.acme.example/api/v3 answered 200")
    assert vendors.requests[-1].target == "/api/v3/user"
    dry = keysift("verify", "github.json", "--dry-run", option).stdout.decode()
    assert "GET https://code.acme.example/api/v3/user" in dry
