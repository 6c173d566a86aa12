"""Attacks: a hostile vendor, a hostile report, a hostile environment, a resolver that lies."""

from __future__ import annotations

import csv
import html
import io
import ipaddress
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Keysift
from tests.verify import stand_ins
from tests.verify.stand_ins import Handler, Vendors
from tests.verify.terminals import Terminal
from tests.verify.test_asking import KEY, LOOPBACK, ask, trusting

from keysift.model import LiveState
from keysift.report import FORMATS
from keysift.rules.generate import instance
from keysift.verify import addresses, answers, asking

NPM = instance("{{github:npm_}}", "attack")[0]
PAGERDUTY = instance("u+{{base64url:18}}", "attack")[0]
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\r\n::error::x"
MARKUP = "<script>alert(1)</script>[x](javascript:alert(1))|`=HYPERLINK(1)"


@pytest.fixture
def local(vendors: Vendors) -> str:
    return f"localhost:{vendors.port}"


def save(keysift: Keysift, tmp_path: Path, **keys: str) -> Path:
    (tmp_path / "a.env").write_text("".join(f"{name}={key}\n" for name, key in keys.items()))
    place = tmp_path / "report.json"
    assert keysift("scan", "a.env", "-f", "json", "-o", str(place)).returncode == 1
    return place


# --- A hostile vendor -------------------------------------------------------------------------------------------------


def raw(*parts: bytes, forever: bytes = b"") -> Callable[[Handler], None]:
    """Answer with these bytes, and then with others until nobody listens."""

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        with suppress(OSError):
            for part in parts:
                handler.wfile.write(part)
            while forever:
                handler.wfile.write(forever)

    return answer


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (raw(b"HTTP/1.1 200 OK\r\n", forever=b"X-More: " + b"x" * 4000 + b"\r\n"), "gave an answer that is no HTTP"),
        (raw(forever=b"HTTP/1.1 100 Continue\r\n\r\n"), "did not answer within 1 seconds"),
        (raw(b"SSH-2.0-OpenSSH_9.9\r\n"), "gave an answer that is no HTTP"),
        (raw(b"HTTP/1.1 2000 OK\r\n\r\n"), "gave an answer that is no HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), "gave an answer that is no HTTP"),
        (raw(), "gave an answer that is no HTTP"),
    ],
)
def test_what_is_no_answer_is_none(vendors: Vendors, local: str, answer: Callable[[Handler], None], how: str) -> None:
    vendors.special["localhost"] = answer
    known = ask(local, trust=trusting(vendors), seconds=1)
    assert (known.state, known.how, known.facts) == (LiveState.UNKNOWN, f"{local} {how}", ())


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60000,
        b"9" * 60000,
        b'{"email": ' + b"9" * 60000 + b"}",
        b"\xff\xfe\x00",
        b'{"email": {"a": [1]}}',
        b"null",
    ],
)
def test_a_body_that_is_odd_gives_no_fact(vendors: Vendors, local: str, body: bytes) -> None:
    vendors.special["localhost"] = lambda handler: handler.say(200, body)
    known = ask(local, trust=trusting(vendors))
    assert (known.state, known.facts) == (LiveState.LIVE, ())


def test_facts_are_short_lines_without_control_characters(vendors: Vendors, local: str) -> None:
    body = {"plan": ESCAPES + "x" * 5000, "email": f"{ESCAPES}{KEY}@acme.example"}
    vendors.special["localhost"] = lambda handler: handler.say(200, body)
    facts = dict(ask(local, trust=trusting(vendors)).facts)
    assert all(text.isprintable() and len(text) <= answers.LONGEST_FACT for text in facts.values()), facts
    assert KEY[:12] not in str(facts)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_facts_and_states_of_a_report_are_text_in_every_format(keysift: Keysift, tmp_path: Path, form: str) -> None:
    """A saved report may be anybody's, and so may be what it says of the state of a key."""
    place = save(keysift, tmp_path, NPM_TOKEN=NPM)
    content = json.loads(place.read_text())
    content["findings"][0]["liveness"] = {
        "state": "live",
        "when": "2026-01-01T00:00:00Z",
        "how": ESCAPES + MARKUP,
        "facts": {"who": ESCAPES + MARKUP},
    }
    place.write_text(json.dumps(content))
    shown = keysift("report", str(place), "-f", form).stdout.decode()
    assert not {"\x1b", "\x07", "\u202e"} & set(shown), form
    assert "\n::error::x" not in shown
    if form in {"html", "junit"}:
        assert "<script>alert(1)" not in shown
        assert "alert(1)" in html.unescape(shown)
    if form == "csv":
        assert not [cell for row in csv.reader(io.StringIO(shown)) for cell in row if cell.startswith(("=", "+", "@"))]


# --- A hostile report -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["verify", "respond"])
def test_a_report_names_no_host_and_no_request(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path, command: str
) -> None:
    place = save(keysift, tmp_path, NPM_TOKEN=NPM)
    content = json.loads(place.read_text())
    finding = content["findings"][0]
    declared = {
        "get": "https://evil.example/{secret}",
        "hosts": ["evil.example"],
        "live": [200],
        "reference": "https://e",
    }
    finding |= {"verify": declared, "hosts": ["evil.example"], "revocation": declared, "map": [declared]}
    finding["liveness"] = {"state": "live", "how": "evil.example answered 200", "facts": {}}
    finding |= {"rule_name": ESCAPES, "why": ESCAPES, "revoke": ESCAPES, "provider": ESCAPES}
    place.write_text(json.dumps(content | {"hosts": ["evil.example"], "verify": declared}))
    dry = keysift(command, str(place), "--dry-run").stdout.decode()
    done = keysift(command, str(place), *network, stdin=b"m\nr\nd\ns\n")
    assert set(vendors.connections) == {"registry.npmjs.org"}
    text = dry + (done.stdout + done.stderr).decode()
    assert "evil.example" not in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert "\n::error::x" not in text
    assert NPM not in text


@pytest.mark.parametrize(
    "name", ["/dev/zero", "pipe", ".", "/proc/kmsg", "a\0b", "", "x" * 5000, "-", "../" * 40, "\ud800"]
)
@pytest.mark.parametrize("commit", ["", "HEAD", "HEAD\n", "--all", ":(glob)**"])
def test_a_place_that_is_none_is_passed_over(  # noqa: PLR0913, PLR0917 - the case is one
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path, name: str, commit: str,
    git: Callable[..., None],
) -> None:  # fmt: skip
    place = save(keysift, tmp_path, GITHUB_TOKEN=instance("{{github:ghp_}}", "place")[0])
    os.mkfifo(tmp_path / "pipe")
    git(tmp_path, "init", "-q")
    content = json.loads(place.read_text())
    location = content["findings"][0]["locations"][0]
    location |= {"path": name, "commit": commit or None, "start_byte": 1 << 53, "end_byte": 0}
    place.write_text(json.dumps(content))
    for command in ("verify", "respond"):
        done = keysift(command, str(place), *network)
        assert done.returncode in {0, 1, 2}, done.stderr
        assert b"which nobody foresaw" not in done.stderr, done.stderr
    assert vendors.requests == []


def test_a_report_that_holds_keys_is_sent_where_its_rules_say(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path
) -> None:
    """Whoever writes a report may put any text into it as a key; it stays in its place in the request."""
    place = save(keysift, tmp_path, NPM_TOKEN=NPM)
    content = json.loads(place.read_text())
    from keysift.fingerprint import fingerprint  # noqa: PLC0415 - for this forgery alone

    for evil in ("x\r\nHost: evil.example", "a" * 100_000, "é" * 9, "\x1b[2J"):
        known = content["findings"][0]
        known |= {"secret": evil, "fingerprint": fingerprint("npm-access-token", evil.encode())}
        place.write_text(json.dumps(content))
        done = keysift("verify", str(place), "-f", "json", *network)
        assert json.loads(done.stdout)["findings"][0]["liveness"]["state"] == "unverifiable"
    assert vendors.connections == []


def test_a_long_report_ends(keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path) -> None:
    """Many keys that are not there any more, each at many places: none is read twice, and none is sent."""
    place = save(keysift, tmp_path, NPM_TOKEN=NPM)
    content = json.loads(place.read_text())
    first = content["findings"][0]
    content["findings"] = [{**first, "fingerprint": f"{number:032x}"} for number in range(3000)]
    place.write_text(json.dumps(content))
    done = keysift("verify", str(place), "-f", "json", *network)
    assert len(json.loads(done.stdout)["findings"]) == 3000
    assert vendors.connections == []


@pytest.mark.parametrize("kind", ["pipe", "binary", "other", "deep"])
def test_a_ledger_that_is_none_is_refused_before_anybody_is_asked(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path, kind: str
) -> None:
    place = save(keysift, tmp_path, NPM_TOKEN=NPM)
    ledger = tmp_path / "keysift-ledger.jsonl"
    if kind == "pipe":
        os.mkfifo(ledger)
    else:
        ledger.write_bytes({"binary": b"\xff\0" * 99, "other": b'{"a": 1}\n', "deep": b"[" * 100_000}[kind])
    done = keysift("respond", str(place), *network)
    assert (done.returncode, b"help: " in done.stderr) == (2, True), done.stderr
    assert vendors.connections == []


def test_a_ledger_moves_no_cursor(keysift: Keysift, tmp_path: Path) -> None:
    names = ("fingerprint", "rule_id", "rule_name", "key", "what", "state", "evidence", "who", "when")
    (tmp_path / "keysift-ledger.jsonl").write_text(json.dumps(dict.fromkeys(names, ESCAPES)))
    shown = keysift("report", "ledger").stdout.decode()
    assert not {"\x1b", "\x07", "\u202e", "\r"} & set(shown)
    assert "\n::error::x" not in shown


# --- A hostile environment --------------------------------------------------------------------------------------------


def run(command: list[str], directory: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


def test_the_environment_has_no_say(
    keysift: Keysift, vendors: Vendors, trap: int, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Proxies, certificates, credentials, keys of connections: all that programs take from there, at once."""
    place = save(keysift, tmp_path, NPM_TOKEN=NPM)
    (tmp_path / "netrc").write_text("machine registry.npmjs.org login evil password evil\n")
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    hostile = {
        **dict.fromkeys(proxies, f"http://127.0.0.1:{trap}"),
        **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(vendors.authority)),
        "SSL_CERT_DIR": str(vendors.authority.parent),
        "SSLKEYLOGFILE": str(tmp_path / "connections"),
        "NETRC": str(tmp_path / "netrc"),
        "PYTHONASYNCIODEBUG": "1",
        "HTTPX_LOG_LEVEL": "trace",
        "HTTPCORE_LOG_LEVEL": "trace",
    }
    command = ["-X", "dev", "-m", "keysift", "verify", str(place), "--no-cache", "--proxy", vendors.proxy]
    vendors.allow("registry.npmjs.org", NPM)
    # The authority of the tests is trusted by nobody but who says so.
    refused = run(command, tmp_path, {**environment, **hostile})
    assert "no valid certificate" in refused.stdout, refused.stderr
    assert vendors.requests == []
    taken = run([*command, "--ca-file", str(vendors.authority)], tmp_path, {**environment, **hostile})
    assert "live" in taken.stdout
    [seen] = vendors.requests
    assert seen.headers["authorization"] == f"Bearer {NPM}"
    assert not (tmp_path / "connections").exists()
    assert NPM not in refused.stdout + refused.stderr + taken.stdout + taken.stderr


def test_no_traceback_shows_the_key(
    keysift: Keysift, network: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that nobody foresaw, in the worst place and with the worst message."""
    place = save(keysift, tmp_path, NPM_TOKEN=NPM)

    def fail(*_: object) -> None:
        raise RuntimeError(NPM)

    monkeypatch.setattr(answers, "read", fail)
    done = keysift("--debug", "verify", str(place), *network)
    assert b"RuntimeError" in done.stderr
    assert NPM.encode() not in done.stderr + done.stdout


# --- A resolver that lies ---------------------------------------------------------------------------------------------


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names lead to these addresses, one answer after the other; return the names that are asked for."""
    names: list[str] = []

    def look_up(host: str, port: int, **_: object) -> list[Any]:
        names.append(host)
        return [(0, 0, 0, "", (address, port)) for address in answers[min(len(names), len(answers)) - 1]]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    return names


@pytest.mark.parametrize(
    "address",
    ["::ffff:127.0.0.1", "64:ff9b::7f00:1", "::1", "fe80::1%lo", "2002:7f00:1::", "::127.0.0.1", "169.254.169.254",
     "fd00:ec2::254", "0.0.0.0", "100.100.100.200", "10.0.0.1"],  # noqa: S104
)  # fmt: skip
def test_a_vendors_name_that_leads_inside_is_not_connected_to(
    vendors: Vendors, trap: int, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolving(monkeypatch, [address])
    known = ask(f"api.acme.example:{trap}", trust=trusting(vendors))
    assert "was not asked: it leads to " in known.how


def test_a_name_is_resolved_once_and_goes_there(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attack by rebinding: what was checked is what is connected to, and no second answer counts."""
    names = resolving(monkeypatch, ["127.0.0.1"], ["10.0.0.7"])
    vendors.special["localhost"] = raw(b"HTTP/1.1 429 No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
    known = ask(f"localhost:{vendors.port}", trust=trusting(vendors))
    assert known.how.endswith("answered 429 3 times")
    assert len(vendors.connections) == 3
    assert names == ["localhost"]


def test_a_resolver_that_hangs_has_a_time_limit(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: released.wait(60) and [])
    known = ask("api.acme.example", trust=trusting(vendors), seconds=0.3)
    released.set()
    assert known.how == "api.acme.example did not answer within 0.3 seconds"


def test_a_handshake_that_hangs_has_a_time_limit(vendors: Vendors) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"localhost:{silent.getsockname()[1]}"
        assert ask(host, trust=trusting(vendors), seconds=0.3).how == f"{host} did not answer within 0.3 seconds"


def test_a_network_that_is_allowed_is_not_the_metadata_service(
    vendors: Vendors, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, ["169.254.169.254"])
    trust = trusting(vendors, "git.acme.example", networks=LOOPBACK)
    assert "a cloud's metadata service" in ask("git.acme.example", trust=trust).how
    assert addresses.refusal(ipaddress.ip_address("169.254.169.254"))


# --- A person who presses Ctrl-C --------------------------------------------------------------------------------------


def test_a_scan_that_verifies_shows_how_far_it_is_and_ends_whole(
    vendors: Vendors, tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "a.env").write_text(f"NPM_TOKEN={NPM}\nPAGERDUTY_TOKEN={PAGERDUTY}\n")
    place = Path(environment["HOME"]) / ".config" / "keysift" / "config.toml"
    place.parent.mkdir(parents=True)
    place.write_text(f'[verify]\nproxy = "{vendors.proxy}"\nca-file = "{vendors.authority}"\n')
    vendors.allow("registry.npmjs.org", NPM)
    vendors.special["api.pagerduty.com"] = stand_ins.slow
    command = [sys.executable, "-m", "keysift", "scan", "a.env", "--verify", "-f", "json", "-o", "out.json"]
    with Terminal(command, tmp_path, environment) as terminal:
        terminal.wait_for("%", anywhere=True)
        while not vendors.asked("api.pagerduty.com"):
            time.sleep(0.02)
        terminal.press(b"\x03")
        status = terminal.end()
    assert "asking vendors" in terminal.shown
    assert "50%" in terminal.shown
    report = json.loads((tmp_path / "out.json").read_text())
    known = {finding["rule_id"]: finding["liveness"]["state"] for finding in report["findings"]}
    assert (status, report["run"]["interrupted"]) == (130, True), terminal.shown
    assert known == {"npm-access-token": "live", "pagerduty-rest-api-key": "unknown"}
    assert asking.MOST_AT_ONCE > 1
