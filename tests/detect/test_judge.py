from collections.abc import Callable

import pytest

from keysift.detect.check import example_blob
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Confidence, Finding, Label
from keysift.rules.generate import instance

Find = Callable[..., list[Finding]]


def ids(found: list[Finding]) -> list[str]:
    return [finding.rule.id for finding in found]


# --- The shape decides, the field confirms ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule", "label"),
    [
        ("PAGERDUTY_TOKEN={{base64url:20}}", "pagerduty-rest-api-key", Label.SECRET),
        ("PAGERDUTY_TOKEN=u+{{base64url:18}}", "pagerduty-rest-api-key", Label.SECRET),
        ("PAGERDUTY_TOKEN=e+{{base64url:18}}", "pagerduty-rest-api-key", Label.SECRET),
        ("PAGERDUTY_TOKEN={{hex:32}}", "pagerduty-integration-key", Label.SENSITIVE),
        ("PAGERDUTY_TOKEN=pdus+_0{{upperalnum:6}}_{{uuid}}", "pagerduty-oauth-token", Label.SECRET),
        ("PAGERDUTY_API_KEY={{hex:32}}", "pagerduty-integration-key", Label.SENSITIVE),
        ("PAGERDUTY_SERVICE_KEY={{hex:32}}", "pagerduty-integration-key", Label.SENSITIVE),
        ("pagerduty_configs:\n  - routing_key: {{hex:32}}", "pagerduty-integration-key", Label.SENSITIVE),
        ("REACT_APP_PAGERDUTY_API_TOKEN={{base64url:20}}", "pagerduty-rest-api-key", Label.SECRET),
    ],
)
def test_the_value_s_shape_says_which_key_a_field_holds(text: str, rule: str, label: Label, find: Find) -> None:
    for seed in "abc":
        [finding] = find(text, seed=seed)
        assert (finding.rule.id, finding.verdict.label) == (rule, label)
        assert finding.verdict.confidence is Confidence.HIGH
        assert finding.verdict.reasons


# --- Labels -----------------------------------------------------------------------------------------------------------


def test_an_aws_key_id_is_sensitive_alone_and_secret_with_its_other_half(find: Find) -> None:
    [alone] = find("AWS_ACCESS_KEY_ID=AKIA{{base32:16}}")
    assert alone.verdict.label is Label.SENSITIVE
    found = find("AWS_ACCESS_KEY_ID=AKIA{{base32:16}}\nAWS_SECRET_ACCESS_KEY={{base64:40}}")
    assert len(found) == 2
    assert {finding.verdict.label for finding in found} == {Label.SECRET}
    assert any("its other half" in reason for reason in found[0].verdict.reasons)


@pytest.mark.parametrize(
    "text",
    [
        "STRIPE_KEY=pk_live_{{alnum:24}}",
        "mapboxgl.accessToken = 'pk.eyJ1{{alnum:60}}.{{base64url:22}}'",
        'const firebaseConfig = {\n  apiKey: "AIza{{base64url:35}}",\n  authDomain: "x.firebaseapp.com",\n}',
        "SENTRY_DSN=https://{{hex:32}}@o{{digits:6}}.ingest.sentry.io/{{digits:7}}",
        "posthog.init('phc_{{alnum:43}}')",
        "arn:aws:sns:us-east-2:{{digits:12}}:MyTopic",
    ],
)
def test_keys_that_may_be_public_are_claimed_by_a_public_rule_alone(text: str, find: Find) -> None:
    for seed in "abc":
        found = find(text, seed=seed)
        assert found
        assert {finding.verdict.label for finding in found} == {Label.PUBLIC}, ids(found)


def test_no_example_of_a_public_rule_is_claimed_by_a_graver_one(matcher: Matcher) -> None:
    wrong = []
    for rule in matcher.rules:
        for template in rule.examples if rule.label is Label.PUBLIC else ():
            blob, values = example_blob(template, "public")
            wrong += [
                (rule.id, finding.rule.id)
                for finding in scan_blob(matcher, blob).findings
                if finding.verdict.label is not Label.PUBLIC and values == [finding.secret.decode()]
            ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("curl -H 'x-pendo-integration-key: {{uuid}}' https://app.pendo.io/api/v1/page", Label.SECRET),
        ("curl -H 'x-pendo-integration-key: {{uuid}}' https://app.pendo.io/data/track", Label.SENSITIVE),
        ("pendo.initialize({apiKey: '{{uuid}}', visitor: {id: 1}, account: {id: 2}})", Label.PUBLIC),
        ('src="https://cdn.pendo.io/agent/static/{{uuid}}/pendo.js"', Label.PUBLIC),
    ],
)
def test_one_shape_of_pendo_has_three_labels(text: str, label: Label, find: Find) -> None:
    [finding] = find(text)
    assert finding.rule.id.startswith("pendo-")
    assert finding.verdict.label is label


def test_a_checksum_decides_how_sure_we_are(find: Find) -> None:
    [good] = find("token: {{github:ghp_}}")
    assert good.verdict.confidence is Confidence.HIGH
    assert "its checksum is valid" in good.verdict.reasons
    [bad] = find("token: ghp_{{alnum:36}}")
    assert bad.verdict.confidence is Confidence.LOW
    assert any("checksum is wrong" in reason for reason in bad.verdict.reasons)


def test_a_word_in_a_random_token_of_a_shape_of_its_own_makes_it_doubtful(matcher: Matcher) -> None:
    text, _ = instance("TOKEN=dckr_pat¦_Example{{alnum:20}}\n", "word")
    data = text.replace("¦", "").encode()
    assert [one.verdict.confidence for one in scan_blob(matcher, Blob("app.conf", data)).findings] == [Confidence.LOW]
    assert scan_blob(matcher, Blob("docs/app.md", data)).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        "SPLUNK_PASSWORD=splunk-password",
        '{"name": "splunk-password", "value": "splunk-password"}',
        '{"name": "Splunk password", "value": "splunk-password"}',
        "- name: SPLUNK_PASSWORD\n  value: splunk-password",
    ],
)
def test_a_value_that_is_its_name_is_no_key_wherever_the_name_stands(text: str, find: Find) -> None:
    assert find(text) == []


# --- What is shown, and what is for tests -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "example:\n  api_secret: {{alnum:40}}\n",
        '{"properties": {"header": {"examples": ["Authorization: Bearer {{alnum:32}}"]}}}',
    ],
)
def test_what_a_description_of_an_interface_shows_is_low(text: str, find: Find) -> None:
    [finding] = find(text, "spec/api.yml")
    assert finding.verdict.confidence is Confidence.LOW


@pytest.mark.parametrize(
    ("text", "low"),
    [
        ("CREATE USER app IDENTIFIED BY 'acme_test';", True),
        ('SA_PASSWORD="Acmedb_Test1"', True),
        ("CREATE USER app IDENTIFIED BY '{{alnum:16}}';", False),
    ],
)
def test_a_password_that_says_it_is_for_tests_is_low(text: str, low: bool, find: Find) -> None:  # noqa: FBT001
    [finding] = find(text, "deploy/setup.sh")
    assert (finding.verdict.confidence is Confidence.LOW) == low


@pytest.mark.parametrize(
    "text",
    ["- 'urn:ietf:params:oauth:request_uri:{{base64url:42}}'", 'test_spreadsheet_key = "1{{alnum:43}}"'],
)
def test_names_of_things_are_no_keys(text: str, find: Find) -> None:
    assert not [finding for finding in find(text, "a.py") if finding.rule.named]


def test_letters_alone_in_a_url_count_where_they_make_no_word(find: Find) -> None:
    [finding] = find("nats://gateway:fldvqhxb@10.0.0.4:4222", "app.conf")
    assert (finding.rule.id, finding.verdict.confidence) == ("url-password-letters", Confidence.LOW)
    assert not find("nats://gateway:elastic@10.0.0.4:4222\nnats://fldvqhxb:fldvqhxb@10.0.0.4:4222", "app.conf")
