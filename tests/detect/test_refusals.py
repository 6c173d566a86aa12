from collections.abc import Callable

import pytest

from keysift.detect.matcher import Matcher
from keysift.detect.named import spans
from keysift.model import Confidence, Finding, Label
from keysift.rules.generate import instance

Find = Callable[..., list[Finding]]


def ids(found: list[Finding]) -> list[str]:
    return [finding.rule.id for finding in found]


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


def rows(template: str, count: int = 12) -> str:
    return "".join(f"{template}\n" for _ in range(count))


@pytest.mark.parametrize(
    "row",
    [
        "12:30 INFO cache.users hit key={{hex:32}} took=3ms",
        '<property name="authKey" value="{{uuid}}"/>',
        "See the access key {{uuid}} of the user.",
    ],
)
def test_of_a_column_of_identifiers_only_the_first_are_told(row: str, find: Find) -> None:
    assert 0 < len(find(rows(row))) <= spans.COLUMN


@pytest.mark.parametrize(
    ("before", "row"),
    [
        ("", "client_secret={{hex:32}}"),
        ("", "x_api_key={{alnum:32}}"),
        ("# PagerDuty\n", "routing_key: {{hex:32}}"),
    ],
    ids=["secrets", "letters", "one service"],
)
def test_of_other_lists_every_key_is_told(before: str, row: str, find: Find) -> None:
    assert len(find(before + rows(row))) == 12


def test_a_digest_below_others_is_no_key_of_a_service(matcher: Matcher) -> None:
    data = instance(rows('"Key": "img_1.jpg", "ETag": "{{hex:32}}"', 40), "listing")[0].encode()
    windows = matcher.windows(data)
    tried, everything = (
        {one.span for one in matcher.candidates(data, windows, everything=everything) if len(one.secret) == 32}
        for everything in (False, True)
    )
    assert len(tried) <= spans.COLUMN < len(everything)
