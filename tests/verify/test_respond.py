"""`keysift respond`, as typed: from a report to the proof that the keys are dead."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Keysift
from tests.verify.stand_ins import Handler, Vendors
from tests.verify.terminals import Terminal

from keysift.rules.generate import instance

FIRST, SECOND = (instance("{{github:ghp_}}", seed)[0] for seed in ("first", "second"))
GITLAB = instance("glpat-{{base64url:20}}", "gitlab")[0]
PAGERDUTY = instance("u+{{base64url:18}}", "one")[0]
INTEGRATION = instance("{{hex:32}}", "three")[0]
DATADOG = instance("{{hex:32}}", "datadog")[0]
SENDGRID = instance("SG.{{base64url:22}}.{{base64url:43}}", "sendgrid")[0]


def save(keysift: Keysift, tmp_path: Path, **keys: str) -> None:
    lines = "".join(f"{name}={key}\n" for name, key in keys.items())
    (tmp_path / "a.env").write_text(lines)
    assert keysift("scan", "a.env", "-f", "json", "-o", "report.json").returncode == 1


def entries(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "keysift-ledger.jsonl").read_text().splitlines()]


def respond(keysift: Keysift, network: list[str], *typed: str) -> tuple[int, str]:
    done = keysift("respond", "report.json", "--who", "jane@acme.example", *network, stdin="\n".join(typed).encode())
    return done.returncode, (done.stdout + done.stderr).decode()


def fingerprint(tmp_path: Path, rule: str) -> str:
    findings = json.loads((tmp_path / "report.json").read_text())["findings"]
    return next(str(finding["fingerprint"]) for finding in findings if finding["rule_id"] == rule)


def test_a_key_is_mapped_revoked_and_proven_dead(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path
) -> None:
    save(keysift, tmp_path, GITLAB_TOKEN=GITLAB)

    def answer(handler: Handler) -> None:
        seen = vendors.requests[-1]
        known = seen.headers.get("private-token") == GITLAB and "gitlab.com gone" not in vendors.keys
        if seen.method == "DELETE" and known:
            vendors.allow("gitlab.com", "gone")
            handler.say(204, b"")
        elif "projects" in seen.target:
            handler.say(200 if known else 401, [{"path_with_namespace": "acme/app"}])
        else:
            handler.say(200 if known else 401, {"username": "jane", "scopes": ["api"]})

    vendors.special["gitlab.com"] = answer
    word = f"revoke {fingerprint(tmp_path, 'gitlab-personal-access-token')[:6]}"
    status, text = respond(keysift, network, "m", "r", word)
    assert "projects: names acme/app" in text
    assert "DELETE https://gitlab.com/api/v4/personal_access_tokens/self" in text
    assert "cannot be undone" in text
    assert "gitlab.com answered 401" in text, text
    assert [(entry["what"], entry["state"]) for entry in entries(tmp_path)] == [
        ("mapped", "live"),
        ("revoked by request", "dead"),
    ]
    last = entries(tmp_path)[-1]
    assert (last["who"], last["when"][:2]) == ("jane@acme.example", "20")
    assert "answered 204, as documented; then gitlab.com answered 401" in last["evidence"]
    assert GITLAB not in text + (tmp_path / "keysift-ledger.jsonl").read_text()
    assert stat.S_IMODE((tmp_path / "keysift-ledger.jsonl").stat().st_mode) == 0o600
    assert status == 0
    assert b"closed, dead" in keysift("report", "ledger").stdout
    assert json.loads(keysift("report", "ledger", "-f", "json").stdout)[-1]["state"] == "dead"
    # It resumes where it stopped: nothing is left, and nobody is asked.
    before = len(vendors.requests)
    assert respond(keysift, network)[0] == 0
    assert len(vendors.requests) == before


@pytest.mark.parametrize("typed", ["yes", "revoke", "revoke 000000", "REVOKE", ""])
def test_nothing_is_revoked_without_the_word(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path, typed: str
) -> None:
    save(keysift, tmp_path, GITLAB_TOKEN=GITLAB)
    vendors.allow("gitlab.com", GITLAB)
    status, text = respond(keysift, network, "r", typed, "q")
    assert "not sent" in text
    assert {seen.method for seen in vendors.requests} == {"GET"}
    assert status == 1


def test_github_revokes_all_keys_by_one_request(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path
) -> None:
    save(keysift, tmp_path, GITHUB_TOKEN=FIRST, OTHER_GITHUB_TOKEN=SECOND)
    revoked: list[str] = []

    def answer(handler: Handler) -> None:
        seen = vendors.requests[-1]
        if seen.method == "POST":
            assert "authorization" not in seen.headers  # GitHub refuses the request of somebody who is logged in
            revoked.extend(json.loads(seen.body)["credentials"])
            handler.say(202, {})
        else:
            handler.say(401 if revoked else 200, {"login": "octocat"})

    vendors.special["api.github.com"] = answer
    findings = json.loads((tmp_path / "report.json").read_text())["findings"]
    status, text = respond(keysift, network, f"revoke {findings[0]['fingerprint'][:6]}")
    assert sorted(revoked) == sorted([FIRST, SECOND])
    assert [seen.method for seen in vendors.requests].count("POST") == 1
    assert "revokes 2" in text
    assert status == 0
    assert FIRST not in text


ADMIN = instance("{{hex:40}}", "admin")[0]


def revoking(vendors: Vendors, host: str, header: str) -> list[str]:
    """Let a vendor take DELETE requests with the token of an admin alone; return what they asked for, as it comes."""
    revoked: list[str] = []

    def answer(handler: Handler) -> None:
        seen = vendors.requests[-1]
        if seen.method != "DELETE":
            handler.say(403 if revoked else 200, {"valid": True})
        elif ADMIN not in seen.headers.get(header, ""):
            handler.say(401, {})
        else:
            revoked.append(seen.target)
            handler.say(200, {})

    vendors.special[host] = answer
    return revoked


def test_a_revocation_by_an_admin_asks_for_the_token_and_keeps_it_nowhere(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path, environment: dict[str, str]
) -> None:
    """The key is one of the European site, so that site revokes it."""
    save(keysift, tmp_path, DD_API_KEY=DATADOG)
    revoked = revoking(vendors, "api.datadoghq.eu", "dd-application-key")
    word = f"revoke {fingerprint(tmp_path, 'datadog-api-key')[:6]}"
    status, text = respond(keysift, network, "r", word, ADMIN)
    assert revoked == [f"/api/v1/api_key/{DATADOG}"], text
    assert "an application key of the organisation with the permission api_keys_delete (hidden): " in text
    assert "DD-APPLICATION-KEY: (the token that you type)" in text
    assert (status, entries(tmp_path)[-1]["state"]) == (0, "dead"), text
    deleted = [seen for seen in vendors.requests if seen.method == "DELETE"]
    assert [(seen.host, seen.headers["dd-application-key"]) for seen in deleted] == [("api.datadoghq.eu", ADMIN)]
    kept = [path for place in (tmp_path, Path(environment["KEYSIFT_CACHE_DIR"]), Path(environment["HOME"]))
            for path in place.rglob("*") if path.is_file()]  # fmt: skip
    assert kept
    assert not [path for path in kept if ADMIN.encode() in path.read_bytes()]
    assert ADMIN not in text
    assert DATADOG not in text


def test_without_the_token_of_an_admin_nothing_is_sent(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path
) -> None:
    save(keysift, tmp_path, DD_API_KEY=DATADOG)
    revoked = revoking(vendors, "api.datadoghq.eu", "dd-application-key")
    word = f"revoke {fingerprint(tmp_path, 'datadog-api-key')[:6]}"
    for typed in ("", "two\x7fwords"):
        status, text = respond(keysift, network, "r", word, typed, "q")
        assert "not sent" in text or "nothing was sent: the token that was typed has characters" in text
        assert status == 1
    assert revoked == []
    assert {seen.method for seen in vendors.requests} == {"GET"}


def test_a_wrong_token_of_an_admin_leaves_the_key_open(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path
) -> None:
    save(keysift, tmp_path, SENDGRID_API_KEY=SENDGRID)
    revoked = revoking(vendors, "api.eu.sendgrid.com", "authorization")
    word = f"revoke {fingerprint(tmp_path, 'sendgrid-api-key')[:6]}"
    status, text = respond(keysift, network, "r", word, "wrong", "q")
    assert "DELETE api.eu.sendgrid.com answered 401, which is not what a revocation is answered" in text
    assert (status, revoked, entries(tmp_path)[-1]["what"]) == (1, [], "not revoked")
    respond(keysift, network, "r", word, ADMIN, "q")
    assert revoked == [f"/v3/api_keys/{SENDGRID.split('.')[1]}"]  # the id of the key, and not the key


def test_a_hidden_token_is_typed_on_a_terminal(
    vendors: Vendors, network: list[str], tmp_path: Path, keysift: Keysift, environment: dict[str, str]
) -> None:
    save(keysift, tmp_path, DD_API_KEY=DATADOG)
    revoked = revoking(vendors, "api.datadoghq.eu", "dd-application-key")
    word = f"revoke {fingerprint(tmp_path, 'datadog-api-key')[:6]}"
    command = [sys.executable, "-m", "keysift", "respond", "report.json", *network]
    with Terminal(command, tmp_path, environment) as terminal:
        for question, answer in (("[q]uit: ", "r"), ("to send it: ", word), ("(hidden): ", ADMIN)):
            terminal.wait_for(question)
            terminal.type(answer)
        status = terminal.end()
    assert revoked
    assert (status, ADMIN in terminal.shown, word in terminal.shown) == (0, False, True), terminal.shown


@pytest.mark.parametrize("host", ["api.datadoghq.com", "gone"])
def test_a_key_that_no_host_took_is_revoked_nowhere(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path, host: str
) -> None:
    save(keysift, tmp_path, DD_API_KEY=DATADOG)
    vendors.special[host] = lambda handler: handler.say(500, {})
    _, text = respond(keysift, network, "r", "q")
    if host == "gone":
        assert "closed, dead" in text
    else:
        assert "[r]evoke" not in text
        assert "it is not known which of the vendor's hosts has it: revoke it by hand" in text
    assert {seen.method for seen in vendors.requests} == {"GET"}


def test_a_key_of_the_users_server_is_revoked_there(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path
) -> None:
    save(keysift, tmp_path, GITLAB_TOKEN=GITLAB)
    vendors.allow("git.acme.example", GITLAB, body={"username": "jane"})
    word = f"revoke {fingerprint(tmp_path, 'gitlab-personal-access-token')[:6]}"
    _, text = respond(keysift, [*network, "--allow-host", "gitlab-*=git.acme.example"], "r", word, "q")
    assert [seen.host for seen in vendors.requests if seen.method == "DELETE"] == ["git.acme.example"], text


def test_only_an_answer_that_is_offered_counts(keysift: Keysift, network: list[str], tmp_path: Path) -> None:
    save(keysift, tmp_path, PAGERDUTY_INTEGRATION_KEY=INTEGRATION)
    _, text = respond(keysift, network, "done it", "revoke", "x", "q")
    assert text.count("answer with one of these letters") == 3
    assert "[d]one by hand  [s]kip  [q]uit: " in text
    assert "[m]ap" not in text
    assert not (tmp_path / "keysift-ledger.jsonl").exists()


def test_what_nobody_can_ask_is_closed_by_hand(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path
) -> None:
    save(keysift, tmp_path, PAGERDUTY_INTEGRATION_KEY=INTEGRATION)
    status, text = respond(keysift, network, "r", "d")
    assert "no request is declared" in text
    assert entries(tmp_path)[-1]["what"] == "revoked by hand"
    assert status == 0
    assert vendors.connections == []


def test_the_documented_answer_counts_where_nobody_can_ask(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path
) -> None:
    secret = instance("pplx-{{alnum:48}}", "perplexity")[0]
    save(keysift, tmp_path, PERPLEXITY_API_KEY=secret)
    vendors.allow("api.perplexity.ai", secret)
    word = f"revoke {fingerprint(tmp_path, 'perplexity-api-key')[:6]}"
    status, _ = respond(keysift, network, "r", word)
    assert [seen.method for seen in vendors.requests] == ["POST"]
    assert json.loads(vendors.requests[0].body) == {"auth_token": secret}
    last = entries(tmp_path)[-1]
    assert (status, last["what"], last["state"]) == (0, "revoked by request", "unverifiable")
    assert "nobody can ask" in last["evidence"]


def test_a_key_revoked_by_hand_is_proven_dead(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path
) -> None:
    save(keysift, tmp_path, PAGERDUTY_TOKEN=PAGERDUTY)
    vendors.allow("api.pagerduty.com", PAGERDUTY)
    status, text = respond(keysift, network, "d", "q")
    assert "live: api.pagerduty.com answered 200" in text
    assert (status, entries(tmp_path)[-1]["what"]) == (1, "not revoked")
    vendors.revoke(PAGERDUTY)
    status, _ = respond(keysift, network, "d")
    assert (status, entries(tmp_path)[-1]["what"], entries(tmp_path)[-1]["state"]) == (0, "revoked by hand", "dead")


def test_a_forged_ledger_hides_no_live_key(
    keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path
) -> None:
    """A repository may bring a file of this name."""
    save(keysift, tmp_path, PAGERDUTY_TOKEN=PAGERDUTY)
    vendors.allow("api.pagerduty.com", PAGERDUTY)
    forged = dict.fromkeys(("rule_id", "rule_name", "key", "evidence"), "")
    forged |= {"fingerprint": fingerprint(tmp_path, "pagerduty-rest-api-key"), "what": "found dead", "state": "dead"}
    (tmp_path / "keysift-ledger.jsonl").write_text(json.dumps(forged) + "\n")
    status, text = respond(keysift, network, "q")
    assert (status, "live: api.pagerduty.com answered 200" in text) == (1, True)


def test_the_ledger_is_shown_and_written(keysift: Keysift, network: list[str], tmp_path: Path) -> None:
    save(keysift, tmp_path, PAGERDUTY_INTEGRATION_KEY=INTEGRATION)
    assert b"the ledger is empty" in keysift("report", "ledger").stdout
    respond(keysift, network, "d")
    shown = keysift("report", "ledger").stdout
    assert b"closed, unverifiable" in shown
    assert keysift("report", "ledger", "-o", "ledger.txt").stdout == b""
    assert (tmp_path / "ledger.txt").read_bytes() == shown
    assert keysift("report", "ledger", "keysift-ledger.jsonl", "-f", "json", "-o", "ledger.json").returncode == 0
    assert json.loads((tmp_path / "ledger.json").read_text())[0]["who"] == "jane@acme.example"
    for wrong in (["absent.jsonl"], ["report.json"], ["-f", "html"]):
        done = keysift("report", "ledger", *wrong)
        assert (done.returncode, b"help: " in done.stderr) == (2, True), done.stderr


def test_a_ledger_that_is_a_link_is_not_written(keysift: Keysift, network: list[str], tmp_path: Path) -> None:
    save(keysift, tmp_path, PAGERDUTY_INTEGRATION_KEY=INTEGRATION)
    (tmp_path / "other").write_text("")
    (tmp_path / "keysift-ledger.jsonl").symlink_to(tmp_path / "other")
    assert respond(keysift, network, "d")[0] == 2
    assert (tmp_path / "other").read_text() == ""


def test_a_dry_run_sends_nothing(keysift: Keysift, vendors: Vendors, network: list[str], tmp_path: Path) -> None:
    save(keysift, tmp_path, GITLAB_TOKEN=GITLAB, DD_API_KEY=DATADOG)
    done = keysift("respond", "report.json", "--dry-run", *network)
    text = done.stdout.decode()
    assert "could ask: GET https://gitlab.com/api/v4/personal_access_tokens/self" in text
    assert "could map: GET https://gitlab.com/api/v4/projects" in text
    assert "could revoke: DELETE https://gitlab.com/api/v4/personal_access_tokens/self" in text
    assert "could revoke: DELETE https://{host}/api/v1/api_key/" in text
    assert "{host}: the one that takes the key of api.datadoghq.com, api.us3.datadoghq.com, " in text
    assert GITLAB not in text
    assert DATADOG not in text
    assert vendors.connections == []
    assert not (tmp_path / "keysift-ledger.jsonl").exists()
