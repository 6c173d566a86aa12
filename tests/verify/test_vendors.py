"""The rules that come with keysift, each asked about through its own request, with vendors in the state of the case."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.cli.conftest import Keysift
from tests.verify import stand_ins
from tests.verify.stand_ins import Handler, Vendors

from keysift.rules.generate import instance


def key(template: str) -> str:
    return instance(template, "vendors")[0]


def verify(keysift: Keysift, network: list[str], rule: str, *lines: str) -> tuple[int, dict[str, Any]]:
    done = keysift("verify", "--rule", rule, "-", "-f", "json", *network, stdin="\n".join(lines).encode())
    report = json.loads(done.stdout)
    assert lines[0] not in (done.stdout + done.stderr).decode()
    assert report["run"]["duration_s"] >= 0
    return done.returncode, report["findings"][0]["liveness"]


SAID: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("pagerduty-rest-api-key", "u+{{base64url:18}}", "api.eu.pagerduty.com", {}, "live"),
    ("pagerduty-rest-api-key", "u+{{base64url:18}}", "", {}, "dead"),
    ("opsgenie-api-key", "{{uuid}}", "api.opsgenie.com", {"status": 403}, "limited"),
    ("statuspage-api-key", "{{hex:32}}", "api.statuspage.io", {"body": [{"name": "Acme"}]}, "live"),
    ("pendo-integration-key", "{{hex:32}}.{{uuid}}", "app.au.pendo.io", {}, "live"),
    ("slack-bot-token", "xoxb-{{digits:12}}-{{alnum:24}}", "slack.com", {"body": {"ok": True, "user": "bot"}}, "live"),
    ("slack-bot-token", "xoxb-{{digits:12}}-{{alnum:24}}", "slack.com",
     {"body": {"ok": False, "error": "token_revoked"}}, "dead"),
    ("slack-bot-token", "xoxb-{{digits:12}}-{{alnum:24}}", "slack.com",
     {"body": {"ok": False, "error": "internal_error"}}, "unknown"),
    ("datadog-api-key", "{{hex:32}}", "api.us5.datadoghq.com", {"body": {"valid": True}}, "live"),
    ("datadog-api-key", "{{hex:32}}", "", {}, "dead"),
    ("github-personal-access-token", "{{github:ghp_}}", "api.github.com",
     {"body": {"login": "octocat"}, "headers": {"X-OAuth-Scopes": "repo, gist"}}, "live"),
    ("github-personal-access-token", "{{github:ghp_}}", "", {}, "dead"),
    ("sonarqube-token", "squ_{{hex:40}}", "", {}, "unknown"),
    ("gitlab-personal-access-token", "glpat-{{base64url:20}}", "gitlab.com", {"body": {"scopes": ["api"]}}, "live"),
    ("npm-access-token", "npm_{{alnum:36}}", "registry.npmjs.org", {"body": {"username": "octocat"}}, "live"),
    ("stripe-secret-key", "sk_¦live_{{alnum:24}}", "api.stripe.com", {"status": 403}, "limited"),
    ("sendgrid-api-key", "SG.{{base64url:22}}.{{base64url:43}}", "api.eu.sendgrid.com",
     {"body": {"scopes": ["mail.send"]}}, "live"),
    ("linear-api-key", "lin_api_{{alnum:40}}", "api.linear.app",
     {"body": {"data": {"viewer": {"email": "jane@acme.example"}}}}, "live"),
    ("linear-api-key", "lin_api_{{alnum:40}}", "api.linear.app",
     {"status": 400, "body": {"errors": [{"extensions": {"code": "AUTHENTICATION_ERROR"}}]}}, "dead"),
    ("mailchimp-api-key", "{{hex:32}}-us12", "us12.api.mailchimp.com", {}, "live"),
    ("telegram-bot-token", "{{digits:10}}:AA{{base64url:33}}", "api.telegram.org",
     {"body": {"result": {"username": "acme_bot"}}}, "live"),
    ("cloudflare-user-api-token", "cfut_{{alnum:40}}", "api.cloudflare.com",
     {"body": {"success": True, "result": {"status": "disabled"}}}, "dead"),
    ("recaptcha-secret-key", "6L{{base64url:38}}", "www.google.com",
     {"body": {"success": False, "error-codes": ["invalid-input-response"]}}, "live"),
    ("toggl-api-token", "{{hex:32}}", "api.track.toggl.com", {"status": 403}, "dead"),
]  # fmt: skip
"""Rule, key, the host that knows it, what that answers, and the state."""


@pytest.mark.parametrize(("rule", "template", "host", "answer", "state"), SAID)
def test_each_vendor_is_understood(  # noqa: PLR0913, PLR0917 - the case is one
    keysift: Keysift,
    vendors: Vendors,
    network: list[str],
    rule: str,
    template: str,
    host: str,
    answer: dict[str, Any],
    state: str,
) -> None:
    secret = key(template)
    if host:
        vendors.allow(host, secret, **answer)
    status, known = verify(keysift, network, rule, secret)
    assert (known["state"], status) == (state, {"live": 1, "limited": 1, "dead": 0, "unknown": 3}[state]), known
    assert {seen.method for seen in vendors.requests} <= {"GET", "POST"}


def test_a_key_is_live_then_revoked(keysift: Keysift, vendors: Vendors, network: list[str]) -> None:
    secret = key("dop_v1_{{hex:64}}")
    vendors.allow("api.digitalocean.com", secret, body={"account": {"email": "jane@acme.example"}})
    rule = "digitalocean-personal-access-token"
    assert verify(keysift, network, rule, secret)[1]["facts"] == {"who": "j***@acme.example"}
    vendors.revoke(secret)
    assert verify(keysift, network, rule, secret)[1]["state"] == "live"  # for an hour, from the cache
    assert vendors.asked("api.digitalocean.com") == 1
    assert verify(keysift, [*network, "--no-cache"], rule, secret)[1]["state"] == "dead"


def test_a_key_may_be_live_in_one_region_alone(keysift: Keysift, vendors: Vendors, network: list[str]) -> None:
    secret = key("u+{{base64url:18}}")
    vendors.special["api.eu.pagerduty.com"] = lambda handler: handler.say(500, {})
    assert verify(keysift, network, "pagerduty-rest-api-key", secret)[1]["state"] == "unknown"
    assert [seen.host for seen in vendors.requests] == ["api.pagerduty.com", "api.eu.pagerduty.com"]
    assert vendors.requests[0].headers["authorization"] == f"Token token={secret}"


@pytest.mark.parametrize(
    ("special", "how"),
    [
        (stand_ins.redirect("https://evil.example/"), "a redirect, which is not followed"),
        (stand_ins.endless, "answered 200"),
        (stand_ins.slow, "did not answer within 0.5 seconds"),
        (stand_ins.busy(9, "900"), "asks to wait for 900 seconds"),
    ],
)
def test_vendors_that_misbehave(
    keysift: Keysift, vendors: Vendors, network: list[str], special: Callable[[Handler], None], how: str
) -> None:
    vendors.special["registry.npmjs.org"] = special
    _, known = verify(keysift, [*network, "--timeout", "0.5"], "npm-access-token", key("npm_{{alnum:36}}"))
    assert how in known["how"]
    assert {seen.host for seen in vendors.requests} <= {"registry.npmjs.org"}


def test_a_vendor_with_the_wrong_certificate_learns_nothing(
    keysift: Keysift, vendors: Vendors, network: list[str]
) -> None:
    status, known = verify(keysift, network, "openai-admin-key", key("sk-admin-{{base64url:80}}"))
    assert (status, known["state"]) == (3, "unknown")
    assert "no valid certificate" in known["how"]
    assert (vendors.connections, vendors.requests) == (["api.openai.com"], [])


@pytest.mark.parametrize(
    ("rule", "template", "target", "header"),
    [
        ("okta-api-token", "00{{base64url:40}}", "/api/v1/users/me", "authorization"),
        ("vault-token", "hvs.{{base64url:90}}", "/v1/auth/token/lookup-self", "x-vault-token"),
        ("grafana-service-account-token", "glsa_{{alnum:32}}_{{hex:8}}", "/api/org", "authorization"),
    ],
)
def test_a_server_that_only_the_user_knows_is_asked_once_it_is_named(  # noqa: PLR0913, PLR0917 - the case is one
    keysift: Keysift, vendors: Vendors, network: list[str], rule: str, template: str, target: str, header: str
) -> None:
    secret = key(template)
    status, known = verify(keysift, network, rule, secret)
    assert (status, known["state"], vendors.connections) == (0, "unverifiable", [])
    assert known["how"].endswith(f": --allow-host {rule}=HOST names it")
    vendors.allow("sso.acme.example", secret)
    status, known = verify(keysift, [*network, "--allow-host", f"{rule}=sso.acme.example"], rule, secret)
    assert (status, known["state"]) == (1, "live")
    [seen] = vendors.requests
    assert (seen.host, seen.target, secret in seen.headers[header]) == ("sso.acme.example", target, True)


def test_twilio_is_asked_with_the_other_half(keysift: Keysift, vendors: Vendors, network: list[str]) -> None:
    sid, token = key("AC{{hex:32}}"), key("{{hex:32}}")
    vendors.allow("api.twilio.com", token, body={"sid": sid, "status": "active"})
    assert verify(keysift, network, "twilio-auth-token", token, f"sid={sid}")[1]["state"] == "live"
    assert vendors.requests[0].target == f"/2010-04-01/Accounts/{sid}.json"
    alone = verify(keysift, network, "twilio-auth-token", token)[1]
    assert (alone["state"], alone["facts"]) == ("unverifiable", {})
    assert alone["how"] == "its other half (twilio-account-sid) is not near it"


def test_aws_gets_a_signature_and_never_the_key(keysift: Keysift, vendors: Vendors, network: list[str]) -> None:
    identity, secret = key("AKIA{{base32:16}}"), key("{{base64:40}}")

    def answer(handler: Handler) -> None:
        seen = vendors.requests[-1]
        parts = dict(part.strip().split("=", 1) for part in seen.headers["authorization"].split(" ", 1)[1].split(","))
        if parts["Signature"] != _signature(seen, secret, parts["Credential"]):
            handler.say(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        else:
            handler.say(200, b"<R><Arn>arn:aws:iam::123456789012:user/jane</Arn><Account>123456789012</Account></R>")

    vendors.special["sts.amazonaws.com"] = answer
    _, known = verify(keysift, network, "aws-secret-access-key", secret, f"id={identity}")
    assert (known["state"], known["facts"]["account"]) == ("live", "123456789012")
    assert secret not in str(vendors.requests)


def test_a_temporary_key_of_aws_is_not_called_dead(keysift: Keysift, vendors: Vendors, network: list[str]) -> None:
    secret = key("{{base64:40}}")
    _, known = verify(keysift, network, "aws-secret-access-key", secret, f"id={key('ASIA{{base32:16}}')}")
    assert (known["state"], vendors.connections) == ("unverifiable", [])


def _signature(seen: stand_ins.Seen, secret: str, credential: str) -> str:
    """Sign a request as AWS documents it, from what arrived."""
    _, day, region, service, end = credential.split("/")
    names = ["content-type", "host", "x-amz-date"]
    lines = "".join(f"{name}:{seen.headers[name]}\n" for name in names)
    digest = hashlib.sha256(seen.body).hexdigest()
    canonical = "\n".join([seen.method, seen.target, "", lines, ";".join(names), digest])
    signed = "\n".join(
        ["AWS4-HMAC-SHA256", seen.headers["x-amz-date"], f"{day}/{region}/{service}/{end}",
         hashlib.sha256(canonical.encode()).hexdigest()]
    )  # fmt: skip
    value = b"AWS4" + secret.encode()
    for part in (day, region, service, end):
        value = hmac.new(value, part.encode(), hashlib.sha256).digest()
    return hmac.new(value, signed.encode(), hashlib.sha256).hexdigest()
