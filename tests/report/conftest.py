"""Runs to report. Keys are joined when the tests run, so that no scanner of this repository takes them for real."""

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.report import many
from tests.report.pages import KEYS, page

from keysift.detect.locate import locate
from keysift.fingerprint import fingerprint
from keysift.model import (
    Blob,
    Confidence,
    Finding,
    History,
    Label,
    Location,
    Rule,
    Run,
    Skipped,
    Span,
    Suppression,
    Verdict,
)

ALPHABET = "aK3fQ9zL2mX7cV5bN8tR4yU6wE1sD0gHjPqTiOoZ"


def body(length: int, seed: int = 0) -> str:
    """Characters that look random and are the same in every run."""
    return "".join(ALPHABET[(seed * 7 + place * place * 3 + place * 11) % len(ALPHABET)] for place in range(length))


def rule(identity: str, name: str, label: Label = Label.SECRET, **more: object) -> Rule:
    values: dict[str, object] = {
        "provider": "PagerDuty",
        "why": "It reads and changes the whole account: {services} and [schedules].",
        "revoke": "Integrations > API Access Keys > Remove, by an admin.",
        "references": ("https://support.example.com/docs/api-access-keys",),
    }
    return Rule(id=identity, name=name, label=label, **{**values, **more})  # type: ignore[arg-type]


def place(path: str, text: bytes, secret: bytes, **more: str) -> Location:
    start = text.index(secret)
    return replace(locate(Blob(path, text), Span(start, start + len(secret))), **more)


@pytest.fixture
def build_finding() -> Callable[..., Finding]:
    def build(kind: Rule, secret: bytes, *places: Location, label: Label | None = None, **more: object) -> Finding:
        verdict = Verdict(
            label or kind.label,
            more.pop("confidence", Confidence.HIGH),  # type: ignore[arg-type]
            more.pop("reasons", ("field PAGERDUTY_TOKEN", f"{len(secret)} characters")),  # type: ignore[arg-type]
        )
        return Finding(kind, secret, verdict, places, fingerprint(kind.id, secret), **more)  # type: ignore[arg-type]

    return build


@pytest.fixture
def build_rule() -> Callable[..., Rule]:
    return rule


@pytest.fixture
def build_place() -> Callable[..., Location]:
    return place


@pytest.fixture
def find_in(build_finding: Callable[..., Finding]) -> Callable[[bytes, bytes], Finding]:
    """A finding of a key in the text of a file."""
    return lambda text, secret: build_finding(rule("k", "K"), secret, place("p", text, secret))


@pytest.fixture
def full_run(build_finding: Callable[..., Finding]) -> Run:
    """One of everything that a report must cope with."""
    token = ("u" + "+" + body(18)).encode()
    events = body(32, 3).encode()
    armoured = "-----BEGIN {0} KEY-----\n{1}\n{2}\n{3}\n-----END {0} KEY-----".format(
        "RSA " + "PRIVATE", body(64, 5), body(64, 6), body(20, 7)
    ).encode()
    webhook = (
        "https://hooks.slack.com/" + "services/T0" + body(8, 1) + "/B0" + body(8, 2) + "/" + body(24, 3)
    ).encode()
    raw = b"pass\xff\xfe\x1b[31m" + body(20, 9).encode()
    hidden = body(40, 11).encode()
    encoded = base64.b64encode(hidden)
    public = ("pk_" + "live_" + body(24, 12)).encode()
    account = rule("pagerduty-rest-api-key", "PagerDuty REST API key")
    integration = rule("pagerduty-integration-key", "PagerDuty integration key", Label.SENSITIVE, references=())
    general = rule("generic-password", "Password", why="", revoke="", references=(), confidence=Confidence.LOW)
    line = b"PAGERDUTY_TOKEN=" + token + b"\n"
    spread = b"\tschl\xc3\xbcssel: '\xe5\xaf\x86\xe9\x92\xa5 " + events + b"' # and " + token + b" \x1b]0;owned\x07\n"
    findings = [
        build_finding(
            integration, events, place("config/日本.yaml", spread, events), confidence=Confidence.MEDIUM,
            reasons=("32 hexadecimal digits", "field routing_key", "block pagerduty_configs",
            "host events.pagerduty.com"),
        ),
        build_finding(
            account, token,
            place("deploy/prod.env", b"# the pager\nA=1\n" + line, token),
            place("docs/old.md", line, token, commit="3f5c2d1e" * 5),
            place("dist/site.zip", line, token, member="etc/app.env"),
            place("config/日本.yaml", spread, token),
            place("last.txt", line, token),
        ),
        build_finding(
            rule("private-key", "Private key"), armoured, place("keys/id_rsa", b"x: |\n" + armoured + b"\n", armoured),
        ),
        build_finding(
            rule("slack-webhook", "Slack webhook", provider="Slack"), webhook,
            place("web/app.min.js", b"var a=1;" * 3000 + b"u='" + webhook + b"';" + b"b=2;" * 3000, webhook),
        ),
        build_finding(general, raw, place("bad\udcffname\x1b[2J\n\u202etxt",
        b"p=" + raw, raw), confidence=Confidence.LOW),
        build_finding(
            rule("aws-secret-access-key", "AWS secret access key", provider="AWS"), hidden,
            place("k8s/secret.yaml", b"data:\n  key: " + encoded + b"\n", encoded), reasons=("decoded from base64",),
        ),
        build_finding(
            rule("tracked-env-file", "Tracked .env file", Label.SENSITIVE), b"", Location(".env", 1, 1, 1, 1, 0, 0),
            reasons=("tracked, though .gitignore names it",),
        ),
    ]  # fmt: skip
    ours = body(32, 20).encode()
    accepted = build_finding(
        integration, ours, place("tests/data.py", b"K = '" + ours + b"'", ours),
        suppressions=(Suppression("inSource", "a test of ours <b>", who="ada", until="2030-01-01"),),
    )  # fmt: skip
    shipped = build_finding(
        rule("stripe-publishable-key", "Stripe publishable key", Label.PUBLIC, provider="Stripe"), public,
        place("web/pay.js", b"Stripe('" + public + b"')", public),
    )  # fmt: skip
    guess = body(24, 30).encode()
    unsure = replace(
        build_finding(
            general, guess, place("spec/login.rb", b"pw: '" + guess + b"'", guess), confidence=Confidence.LOW
        ),
        below_threshold=True,
    )
    skipped = [
        Skipped("core", "larger than 10 MB"),
        Skipped("logo.png", "binary", expected=True),
        *(Skipped(f"locked/{number}", "permission denied") for number in range(5)),
        Skipped("made/" + token.decode(), "a name with a key in it"),
    ]
    return Run(
        "scan", (".",), "2026-01-02T03:04:05Z", 0.1234, 120, 4_200_000, findings, [accepted], [shipped], skipped,
        settings={"version": "1.2.3", "rules": "241"}, below=[unsure],
    )  # fmt: skip


@pytest.fixture
def audit_run(build_finding: Callable[..., Finding]) -> Run:
    """Keys with lives, in the wrong order."""
    account = rule(
        "pagerduty-rest-api-key", "PagerDuty REST API key", revoke="Create the new key first. Team > Remove."
    )
    integration = rule("pagerduty-integration-key", "PagerDuty integration key", Label.SENSITIVE)
    ada, lin, old, new = "Ada Byron <ada@example.org>", "Lin\x1b[31m <lin@example.org>", "3f5c2d1e" * 5, "9a8b7c6d" * 5
    refs = ("refs/heads/main", "refs/heads/next", "refs/tags/v1", "refs/pull/7/head")
    lives = {
        "reflog": History(old, "2025-03-01T10:00:00Z", (lin,), "", "", kept_by="reflog", exposed_days=306),
        "stash": History("", "2025-11-01T10:00:00Z", (), kept_by="stash", exposed_days=62),
        "gone": History(
            old, "2024-05-01T08:00:00Z", (ada, lin), new, "2024-06-01T09:00:00Z", kept_by="refs", exposed_days=31,
        ),
        "live": History(
            old, "2024-05-01T08:00:00Z", (ada,), in_head=True, refs=refs, kept_by="refs", exposed_days=610, copies=3,
        ),
        "branch": History(new, "2025-12-31T23:00:00Z", (ada,), refs=refs[1:2], kept_by="refs", exposed_days=1),
    }  # fmt: skip
    findings = []
    for number, (name, life) in enumerate(lives.items()):
        key = body(20, 30 + number).encode()
        line = b"PAGERDUTY_TOKEN=" + key + b"\n"
        where = place(f"config/{name}.env", line, key, commit="" if life.in_head else old)
        findings.append(build_finding(account, key, where, history=life))
    sensitive = body(32, 40).encode()
    where = place("alerts.yml", b"routing_key: " + sensitive, sensitive)
    findings.append(build_finding(integration, sensitive, where, history=lives["live"], baseline="unchanged"))
    return Run(
        "audit", (".",), "2026-01-02T03:04:05Z", 1.5, 4_711, 9_300_000, findings, settings={"version": "1.2.3"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of an audit with thousands of keys."""
    place = tmp_path_factory.mktemp("page") / "audit.html"
    place.write_text(page(many.audit(KEYS)), encoding="utf-8")
    return place
