from collections.abc import Callable
from pathlib import Path

import pytest

from keysift.detect.check import example_blob
from keysift.detect.explain import Explanation, explain
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Confidence, Finding, Label
from keysift.rules import authoring
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


@pytest.mark.parametrize(
    "text",
    [
        "victorops_configs:\n  - routing_key: {{hex:32}}",
        "victorops_configs:\n  - routing_key: my-team-in-production",
        "pagerduty:\n  incident_key: {{hex:32}}",
        "event_action: resolve\nclient: PagerDuty\ndedup_key: {{hex:32}}",
        '{"service": "pagerduty", "alert_key": "{{hex:32}}"}',
        "X-PagerDuty-Signature: v1={{hex:64}}",
        "PAGERDUTY_SERVICE_ID=P{{upperalnum:6}}",
        "rabbitmq:\n  routing_key: {{hex:32}}",
        "# PagerDuty plugin\npagerduty_plugin_sha256: {{hex:64}}",
        "pagerduty-agent.tar.gz md5: {{hex:32}}",
        "PagerDuty\n\n{{alnum:64}}\n{{alnum:64}}\ne+{{alnum:18}}\n=Xk3p",
    ],
)
def test_look_alikes_are_nothing(text: str, find: Find) -> None:
    for seed in "abc":
        assert ids([one for one in find(text, seed=seed) if one.verdict.label is not Label.PUBLIC]) == []


# --- Stand-ins --------------------------------------------------------------------------------------------------------

STAND_INS = [
    "${PD_TOKEN}",
    "$PD_TOKEN",
    "${{ secrets.PD_TOKEN }}",
    "{{ .Values.pagerduty.token }}",
    "$(vault read pd)",
    "<TOKEN>",
    "op://ops/PagerDuty/token",
    "vault:secret/data/pd#token",
    "ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]",
    "YOUR_PAGERDUTY_TOKEN",
    "your-token-here",
    "changeme",
    "xxxxxxxxxxxxxxxxxxxx",
    "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
    "00000000000000000000000000000000",
    "0123456789abcdef0123456789abcdef",
    "abcd****************wxyz",
    "R0123456789abcdef",
    "someToken1234567890",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:pd-AbCdEf",
    "/run/secrets/pagerduty",
]


@pytest.mark.parametrize("value", STAND_INS)
@pytest.mark.parametrize(
    "text", ["PAGERDUTY_TOKEN={}", 'pagerduty:\n  api_token: "{}"\n', '{{"pagerduty_routing_key": "{}"}}']
)
def test_references_placeholders_and_masked_values_are_no_findings(text: str, value: str, find: Find) -> None:
    assert ids(find(text.format(value))) == []


@pytest.mark.parametrize(
    "text",
    [
        'token = os.getenv("PAGERDUTY_TOKEN")',
        "token: process.env.PAGERDUTY_TOKEN",
        "pagerduty_token = var.pagerduty_token",
        "pagerduty:\n  routing_key_file: /etc/alertmanager/pagerduty_routing_key",
        "env:\n  - name: PAGERDUTY_TOKEN\n    valueFrom:\n      secretKeyRef:\n        name: pd\n        key: token",
        "spec:\n  encryptedData:\n    pagerduty_token: Ag{{base64:60}}",
        "service.pagerdutyv2: |\n  serviceKeys:\n    my-service: $pagerduty-key-my-service",
    ],
)
def test_fields_that_name_a_key_hold_none(text: str, find: Find) -> None:
    assert ids(find(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "PAGERDUTY_TOKEN=${PAGERDUTY_TOKEN:-{{hex:32}}}",
        "pagerduty.token: ${PAGERDUTY_TOKEN:{{hex:32}}}",
        'token = os.getenv("PAGERDUTY_TOKEN", "{{hex:32}}")',
        "token = os.environ.get('PAGERDUTY_TOKEN', '{{hex:32}}')",
        "token = os.environ.get('PAGERDUTY_TOKEN') or '{{hex:32}}'",
        'token = ENV.fetch("PAGERDUTY_TOKEN", "{{hex:32}}")',
        'const token = process.env.PAGERDUTY_TOKEN || "{{hex:32}}";',
        "const token = process.env.PAGERDUTY_TOKEN ?? '{{hex:32}}';",
        "'token' => env('PAGERDUTY_TOKEN', '{{hex:32}}'),",
        'token: {{ env "PAGERDUTY_TOKEN" | default "{{hex:32}}" }}',
    ],
)
def test_the_default_of_a_reference_is_a_literal(text: str, find: Find) -> None:
    filled, [key] = instance(text, "test")
    [finding] = find(text)
    assert finding.rule.id == "pagerduty-integration-key"
    assert finding.secret.decode() == key
    assert key in filled


@pytest.mark.parametrize(
    "text",
    [
        "PAGERDUTY_TOKEN=" + "y_NbAkKc66" + "ryYTWUXYEu",
        "PAGERDUTY_API_KEY=" + "GFd723tgwE" + "bnDcvixPV1",
        "PAGERDUTY_API_KEY=" + "3c3gRvzx7u" + "GfMYEnWKvF",
        "pagerduty routing_key: " + "e93facc04764012d" + "7bfb002500d5d1a6",
        "pagerduty routing_key: " + "R028DIE06SNKNO6V" + "5ACSLRV7Y0TUVG7T",
        "PAGERDUTY_TOKEN=" + "pdus+" + "_0XBPWQQ_dfd3c718-4a46-400d-a8ec-45bab1fd417e",
        "STATUSPAGE_API_KEY=" + "89a229ce1a8dbcf9ff30430fbe35eb4c" + "0426574bca932061892cefd2138aa4b1",
        ("AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        "https://hooks.slack.com/" + "services/T00000000/B00000000/" + "X" * 24,
        "token: " + "gh" + "p_16C7e42F292c6912E7710c838347Ae178B4a",
    ],
)
def test_what_vendors_print_in_their_documentation_is_no_finding(text: str, find: Find) -> None:
    found = [finding for finding in find(text) if finding.verdict.confidence is not Confidence.LOW]
    assert ids(found) == []


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


# --- explain ----------------------------------------------------------------------------------------------------------


def steps(matcher: Matcher, template: str) -> list[Explanation]:
    text, _ = instance(template, "explain")
    return explain(matcher, Blob("a.env", text.encode()))[0]


@pytest.mark.parametrize("text", ["Authorization: Bearer pdus+_0XBPWQQ_¦dfd3c718-4a46-400d-a8ec-45bab1fd417e"])
def test_what_a_vendor_prints_is_no_finding_of_any_other_rule(text: str, matcher: Matcher) -> None:
    blob = Blob("example.txt", text.replace("¦", "").encode())
    steps = explain(matcher, blob)[0]
    assert {step.candidate.rule.id for step in steps} >= {"http-bearer-token", "pagerduty-oauth-token"}
    assert {step.outcome for step in steps} == {"a value from the vendor's documentation"}
    assert not scan_blob(matcher, blob).findings


def test_every_candidate_is_explained(matcher: Matcher) -> None:
    [step] = [step for step in steps(matcher, "PAGERDUTY_TOKEN={{hex:32}}") if step.outcome == "a finding"]
    assert step.candidate.rule.id == "pagerduty-integration-key"
    assert step.field == "pagerduty_token"
    assert step.verdict is not None
    assert step.verdict.label is Label.SENSITIVE
    assert step.location.start_column == 17


def test_what_was_refused_says_why(matcher: Matcher) -> None:
    found = steps(matcher, "pagerduty:\n  incident_key: {{hex:32}}")
    assert found
    assert all(step.verdict is None and step.outcome != "a finding" for step in found)
    assert any(step.candidate.rule.id == "pagerduty-integration-key" and step.outcome for step in found)


def test_what_lost_its_bytes_says_so(matcher: Matcher) -> None:
    found = steps(matcher, "AWS_ACCESS_KEY_ID=AKIA{{base32:16}}\nAWS_SECRET_ACCESS_KEY={{base64:40}}")
    outcomes = {step.outcome for step in found}
    assert "a finding" in outcomes
    assert sum(step.outcome == "a finding" for step in found) == 2


def test_the_key_is_in_no_repr(matcher: Matcher) -> None:
    [step] = [step for step in steps(matcher, "PAGERDUTY_TOKEN={{hex:32}}") if step.outcome == "a finding"]
    assert step.candidate.secret.decode() not in repr(step)


def test_a_field_that_has_the_name_of_the_service_may_hold_its_key(find: Find) -> None:
    found = find("cloudsmith = {{hex:40}}\n")
    assert ids(found) == ["cloudsmith-api-key"]
    assert found[0].verdict.confidence is Confidence.LOW
    assert found[0].verdict.reasons == ("the field is named after Cloudsmith",)
    assert find("cloudsmith_commit = {{hex:40}}\n") == []


def test_a_word_in_a_random_token_of_a_shape_of_its_own_makes_it_doubtful(matcher: Matcher) -> None:
    text, _ = instance("TOKEN=dckr_pat¦_Example{{alnum:20}}\n", "word")
    data = text.replace("¦", "").encode()
    assert [one.verdict.confidence for one in scan_blob(matcher, Blob("app.conf", data)).findings] == [Confidence.LOW]
    assert scan_blob(matcher, Blob("docs/app.md", data)).findings == ()


PARTS = """\
provider: Acme
revoke: Console > Keys > Revoke.
references: [https://acme.example/keys]
rules:
  - {id: whole, name: whole, label: secret, why: It is whole., pattern: 'acme-[0-9]{8}-[a-z]{20}', keywords: [acme-], \
examples: [a, b], counterexamples: [c], documented: [DOCUMENTED]}
  - {id: part, name: part, label: secret, why: It is a part., pattern: '(?<=-)[a-z]{20}', keywords: [acme-], \
reach: 40, general: true, examples: [a, b], counterexamples: [c]}
"""


@pytest.mark.parametrize(("documented", "found"), [("acme-12345679-qmzvhtrkwnbxclyfgdsp", []), ("other", ["whole"])])
def test_a_part_of_a_value_from_documentation_is_no_finding(documented: str, found: list[str], tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(PARTS.replace("DOCUMENTED", documented))
    matcher = Matcher(authoring.read_directory(tmp_path))
    blob = Blob("a.txt", b"x acme-12345679-qmzvhtrkwnbxclyfgdsp y")
    assert ids(list(scan_blob(matcher, blob).findings)) == found
    assert any(step.verdict for step in explain(matcher, blob)[0]) == bool(found)
