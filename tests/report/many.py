"""A long audit to report, the same in every run; and one whose every text is hostile."""

from __future__ import annotations

import random
from dataclasses import replace

from keysift.fingerprint import fingerprint
from keysift.model import Confidence, Finding, History, Label, Location, Rule, Run, Skipped, Suppression, Verdict

KINDS = (
    ("pagerduty-rest-api-key", "PagerDuty REST API key", "PagerDuty", Label.SECRET, 7),
    ("pagerduty-integration-key", "PagerDuty integration key", "PagerDuty", Label.SENSITIVE, 9),
    ("aws-secret-access-key", "AWS secret access key", "AWS", Label.SECRET, 14),
    ("github-personal-access-token", "GitHub personal access token", "GitHub", Label.SECRET, 11),
    ("slack-incoming-webhook", "Slack incoming webhook", "Slack", Label.SENSITIVE, 8),
    ("stripe-secret-key", "Stripe secret key", "Stripe", Label.SECRET, 4),
    ("datadog-api-key", "Datadog API key", "Datadog", Label.SENSITIVE, 6),
    ("sendgrid-api-key", "SendGrid API key", "SendGrid", Label.SECRET, 3),
    ("google-oauth-client-secret", "Google OAuth client secret", "Google", Label.SECRET, 3),
    ("sentry-auth-token", "Sentry auth token", "Sentry", Label.SECRET, 2),
)
WHY = "It reads and changes what its owner can: services, schedules and users. The vendor says to keep it secret."
REVOKE = "Create the new key first. Integrations > API Access Keys > Disable, then Remove, by an admin or the owner."
PEOPLE = (
    "Ada Byron <ada@example.org>",
    "Lin Müller <lin@example.org>",
    "José Ruiz <jose@example.org>",
    "王芳 <wf@example.org>",
)
PLACES = (
    "deploy/prod.env",
    "config/settings.py",
    "terraform/alerts/main.tf",
    "k8s/secret.yaml",
    "docs/runbook.md",
    "scripts/page.sh",
)
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\x1b[31m'\"&amp;]]>"


def rule(kind: tuple[str, str, str, Label, int]) -> Rule:
    identity, name, provider, label, _ = kind
    reference = (f"https://docs.example.com/{identity}",)
    return Rule(identity, name, provider, label, WHY, REVOKE, reference)


def audit(count: int, seed: int = 1) -> Run:
    """A run of so many keys, with their lives."""
    chance = random.Random(seed)
    kinds = chance.choices(KINDS, [kind[4] for kind in KINDS], k=count)
    findings = [_finding(rule(kind), number, chance) for number, kind in enumerate(kinds)]
    accepted = [
        replace(one, suppressions=(Suppression("external", "A test account", who="ada", until="2027-01-01"),))
        for one in findings[: count // 50]
    ]
    skipped = [Skipped(f"assets/film-{number}.mp4", "larger than 256M", expected=True) for number in range(3)]
    return Run(
        "audit", ("acme/pager",), "2026-03-01T09:30:00Z", 12.3, 48_211, 3_700_000_000, findings[count // 50 :],
        accepted, skipped=skipped, settings={"version": "1.0.0", "rules": "1,167"},
    )  # fmt: skip


def _finding(kind: Rule, number: int, chance: random.Random) -> Finding:
    secret = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=chance.choice((20, 32, 40)))).encode()
    places = [_place(number, chance) for _ in range(min(30, int(chance.expovariate(0.6)) + 1))]
    confidence = chance.choices(list(Confidence), (6, 3, 1))[0]
    reasons = ("stands in the field pagerduty.token", f"has the shape of a {kind.name}")
    verdict = Verdict(kind.label, confidence, reasons)
    return Finding(kind, secret, verdict, tuple(places), fingerprint(kind.id, secret), history=_life(chance))


def _place(number: int, chance: random.Random) -> Location:
    line, column = chance.randint(1, 400), chance.randint(1, 60)
    path = f"services/app-{number % 173}/{chance.choice(PLACES)}"
    return Location(
        path, line, column, line, column + 20, 0, 20, commit=chance.choice(("", f"{chance.getrandbits(160):040x}"))
    )


def _life(chance: random.Random) -> History:
    from_day = int(chance.triangular(1, 1500, 200))
    live = chance.random() < 0.3
    days = from_day if live else chance.randint(0, from_day)
    return History(
        f"{chance.getrandbits(160):040x}", _day(from_day), (chance.choice(PEOPLE),),
        "" if live else f"{chance.getrandbits(160):040x}", "" if live else _day(from_day - days), live,
        ("refs/heads/main", "refs/tags/v1.2") if live else (),
        "refs" if live else chance.choice(("refs", "refs", "reflog", "nothing")),
        days, chance.randint(1, 5),
    )  # fmt: skip


def _day(before: int) -> str:
    year, day = divmod(2026 * 360 + 60 - before, 360)
    return f"{year}-{day // 30 + 1:02}-{day % 30 % 28 + 1:02}T10:00:00Z"


def hostile() -> Run:
    """A run in which every text that may come from files, or from a stranger's rules, is an attack."""
    kind = replace(
        rule(KINDS[0]),
        name=HOSTILE,
        provider=HOSTILE,
        why=HOSTILE,
        revoke=HOSTILE,
        references=("javascript:alert(3)", HOSTILE),
    )
    life = History(
        "f" * 40, "2025-01-01T00:00:00Z", (HOSTILE,), refs=(HOSTILE,), in_head=True, kept_by="refs", exposed_days=3
    )
    places = (Location(HOSTILE, 1, 1, 1, 5, 0, 4), Location("=cmd|' /C calc'!A0", 1, 1, 1, 5, 0, 4, member=HOSTILE))
    verdict = Verdict(
        Label.SECRET, Confidence.HIGH, (HOSTILE, "::error::x\r\n##[error]y", "@everyone [x](http://x) #1")
    )
    finding = Finding(kind, b"some-key-that-is-long", verdict, places, "f" * 32, history=life)
    accepted = replace(finding, fingerprint="e" * 32, suppressions=(Suppression("inSource", HOSTILE, who=HOSTILE),))
    return Run(
        "audit",
        (HOSTILE,),
        "2026-03-01T09:30:00Z",
        1.0,
        1,
        1,
        [finding],
        [accepted],
        skipped=[Skipped(HOSTILE, HOSTILE)],
    )
