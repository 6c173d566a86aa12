"""The page as text: its data, its policy, its list."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from tests.report import many
from tests.report.pages import page

from keysift import masking
from keysift.model import Gone, Run
from keysift.report import kinds
from keysift.rules import ruleset


@pytest.mark.parametrize("kind", ["full", "hostile", "empty"])
def test_nothing_in_the_data_can_end_its_element(kind: str, full_run: Run) -> None:
    text = page({"full": full_run, "hostile": many.hostile(), "empty": Run("scan", (".",))}[kind])
    assert text.count("<script") == text.count("</script>") == 2
    data = text.partition('id="data">')[2].partition("</script>")[0]
    assert not set("<>&") & set(data)
    assert data.isascii()
    assert set(json.loads(data)) == {
        "tool", "run", "masked", "live", "notices", "rules", "skipped", "keys",
    }  # fmt: skip


def test_the_page_says_what_was_scanned_and_what_to_know() -> None:
    run = Run("audit", (".",), blobs=1200, notes=["an acceptance is over: <b>"], gone=[Gone("ab12", "some-rule", "a")])
    data = json.loads(page(run).partition('id="data">')[2].partition("</script>")[0])
    assert data["run"]["scanned"] == "1,200 objects"
    assert [(notice["kind"], notice["text"]) for notice in data["notices"]] == [
        ("note", "An acceptance is over: <b>"),
        ("note", "1 accepted key is gone: run `keysift baseline prune` to clean up the baseline."),
    ]
    assert "1 file" in page(Run("scan", (".",), blobs=1))


def test_the_policy_allows_this_script_and_this_style_alone() -> None:
    text = page(Run("scan", (".",)))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]
    assert "connect-src 'none'" in policy[1]
    for element in ("script", "style"):
        content = re.search(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        assert content
        assert f"{element}-src 'sha256-{b64encode(sha256(content[1].encode()).digest()).decode()}'" in policy[1]
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert "@" not in re.sub(r"@(?:media|page)\b", "", text)


@pytest.mark.parametrize(
    ("mask", "short"),
    [
        ("ghp_" + "aK3" + "*" * 31 + "oZ", "ghp_aK3***oZ"),
        ("https://hooks.slack.com/services/" + "T0*" + "*" * 30, "https://h***"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----" + "*" * 32 + "-----END RSA " + "PRIVATE KEY-----", ""),
        ("*" * 32, "***"),
        ("H9*******f", "H9*******f"),
        ("", ""),
    ],
)
def test_a_mask_takes_twelve_characters_at_most(mask: str, short: str) -> None:
    assert masking.shorten(mask) == short
    assert len(short) <= masking.LONGEST_SHORTENED


@pytest.mark.parametrize(
    ("provider", "name", "issuer"),
    [
        ("GitHub", "GitHub personal access token", "GitHub"),
        ("Any", "secret or API key", "Secret or API key"),
        ("Any service", "API key or token in a sentence", "API key or token"),
        ("Credentials", "password in a connection string", "Password"),
        ("Private keys", "private key (PEM or PGP)", "Private key"),
        ("Private keys", "JSON Web Key, private or symmetric", "JSON Web Key"),
        ("", "of nothing", "Of nothing"),
    ],
)
def test_a_rule_without_a_provider_has_the_kind_of_its_keys(provider: str, name: str, issuer: str) -> None:
    assert kinds.issuer(replace(many.rule(many.KINDS[0]), provider=provider, name=name)) == issuer


def test_our_rules_name_the_providers_that_are_none() -> None:
    stated = {rule.provider for rule in ruleset.load()}
    assert kinds._NO_PROVIDERS - {""} <= stated


def test_without_javascript_there_is_a_list(full_run: Run) -> None:
    text = page(full_run, show_public=True)
    listed = text.partition("<noscript>")[2].partition("</noscript>")[0]
    assert listed.count("<li>") == 10
    assert "Slack webhook" in listed
    assert "docs/old.md:1</code> in commit 3f5c2d1e3f5c" in listed
    assert "and 2 more places" in listed
    assert listed.isascii()
    hostile = page(many.hostile()).partition("<noscript>")[2].partition("</noscript>")[0]
    assert "<script" not in hostile
    assert "<img" not in hostile
