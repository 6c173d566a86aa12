"""What the name, the line and the lines around a value say of it: checksums, ids of OpenPGP keys, sealed values."""

from collections.abc import Callable

import pytest

from keysift.model import Finding, Label

Find = Callable[..., list[Finding]]

LISTS = {
    "Podfile.lock": "SPEC CHECKSUMS:\n  Alamofire: {{hex:40}}\n  FirebaseAuth: {{hex:40}}\n  FirebaseCore: {{hex:40}}\n"
    "  DatadogCore: {{hex:40}}\n\nPODFILE CHECKSUM: {{hex:40}}\n",
    "deployment.yaml": "spec:\n  template:\n    metadata:\n      annotations:\n        checksum/secret: {{hex:64}}\n"
    '        checksum/api-token: "{{hex:64}}"\n        checksum/pagerduty-key: {{hex:32}}\n',
    "SHA256SUMS": "{{hex:64}}  pagerduty-agent.tar.gz\n{{hex:64}} *api-token.zip\n{{hex:64}}  ./secret.key\n",
    "distinfo": "SHA256 (secret-token-1.0.tar.gz) = {{hex:64}}\nMD5 (api_key) = {{hex:32}}\n",
    "pagerduty-checksums.json": '{"pagerduty-agent": "{{hex:32}}", "datadog-api-key": "{{hex:40}}"}\n',
    "ngsw.json": '{"hashTable": {\n  "/assets/token.js": "{{hex:40}}",\n  "/secret.js": "{{hex:40}}"\n}}\n',
    "checksums.go": 'var checksums = map[string]string{\n\t"linux": "{{hex:64}}",\n\t"darwin": "{{hex:64}}",\n'
    '\t"api-token": "{{hex:64}}",\n}\n',
    "assets.json": '{"files": {"auth-token.js": "{{hex:32}}", "secretKey.css": "{{hex:32}}"}}\n',
}
IDS = {
    "Dockerfile": 'ENV GPG_KEYS="{{HEX:40}} {{HEX:40}}"\nENV NODE_KEY={{HEX:40}}\nARG SIGNING_KEY=0x{{HEX:40}}\n',
    "verification-metadata.xml": '<trusted-key id="{{HEX:40}}" group="a"/>\n<ignored-key id="{{HEX:16}}"/>\n',
    ".gitconfig": "[user]\n\tsigningkey = {{HEX:16}}\n",
    "release.yml": "env:\n  MAVEN_GPG_KEY: {{HEX:16}}\n  KEY_FPR: {{HEX:40}}\n",
    "main.yml": "- rpm_key:\n    key: {{HEX:16}}\n    fingerprint: {{HEX:40}}\n",
}
SEALED = {
    "envelope.json": '{"wrappedKey": "{{base64:80}}", "encryptedDataKey": "{{base64:80}}"}',
    "dek.json": '{"dek_ciphertext": "{{base64:80}}"}',
    "user.yml": "encrypted_api_key: {{base64:64}}\npassword_enc: {{base64:64}}\ntokenEncrypted: {{base64:64}}\n",
}
OTHERS = {
    "contracts.json": '{"tokenAddress": "0x{{hex:40}}", "operator_key": "0x{{hex:40}}"}',
    "Registry.sol": "bytes32 constant ADMIN_KEY = 0x{{hex:64}};\n",
    "index.html": '<div class="captcha" data-sitekey="6L{{alnum:38}}"></div>\n',
    "hashes.py": 'API_KEY_MD5 = "{{hex:32}}"\nTOKEN_SHA256 = "{{hex:64}}"\nkey_fingerprint = "{{hex:40}}"\n',
    "times.yml": "admin.passwordMtime: '2024-03-01T10:00:00Z'\noauth_timestamp: '1272323047'\n",
    "pins.swift": 'let pinnedKeys = ["{{base64:43}}="]\n',
}


@pytest.mark.parametrize(("path", "text"), [*(LISTS | IDS | SEALED | OTHERS).items()])
def test_a_place_that_says_what_its_values_are_has_no_keys(path: str, text: str, find: Find) -> None:
    for seed in "ab":
        found = find(text, seed=seed, path=path)
        assert [finding.rule.id for finding in found if finding.verdict.label is not Label.PUBLIC] == []


KEYS = [
    ("deployment.yaml", "checksum/secret: {{hex:64}}\napi_key: {{hex:32}}\n", 2),
    ("SHA256SUMS", "{{hex:64}}  a.tar.gz\nAPI_TOKEN={{hex:40}}\n{{hex:64}}  b.tar.gz\n", 2),
    (".env", "# md5 of nothing\nAPI_KEY={{hex:32}}\nAUTH_TOKEN={{hex:32}}\nCLIENT_SECRET={{hex:32}}\n", 3),
    ("keys.env", "GPG_KEY={{HEX:40}}\nAPI_SECRET_KEY={{HEX:40}}\n", 2),
    ("app.py", '# for encrypted_data\nENCRYPTION_KEY = "{{hex:64}}"\n', 2),
    ("captcha.env", "HCAPTCHA_SECRET=0x{{HEX:40}}\n", 1),
]


@pytest.mark.parametrize(("path", "text", "line"), KEYS)
def test_a_key_beside_checksums_and_ids_is_found(path: str, text: str, line: int, find: Find) -> None:
    for seed in "ab":
        assert line in {finding.locations[0].start_line for finding in find(text, seed=seed, path=path)}


@pytest.mark.parametrize(
    "text",
    [
        'channel.basic_publish(exchange="alerts", routing_key="{{hex:32}}")  # to PagerDuty',
        '# PagerDuty\nqueue.bind(exchange, routing_key: "{{hex:32}}")',
        '{"bindings": [{"destination": "pagerduty", "destination_type": "queue", "routing_key": "{{hex:32}}"}]}',
        '// PagerDuty\nconst exchange = "alerts";\nconst routingKey = "{{hex:32}}";\namqp.publish(exchange);',
        "# pagerduty\ntask_default_routing_key = '{{hex:32}}'",
        "PagerDuty incident key: {{hex:32}} triggered",
        '{"msg": "sent to pagerduty", "key": "{{hex:32}}", "incident_key": "{{hex:32}}"}',
        "[pagerduty] Event processed with key {{hex:32}}",
    ],
)
def test_routing_keys_of_brokers_and_keys_of_incidents_are_none_of_pagerduty(text: str, find: Find) -> None:
    assert [finding.rule.id for finding in find(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        'post("https://events.pagerduty.com/v2/enqueue", {"routing_key": "{{hex:32}}"})\nchannel.queue_bind(q)',
        '{"pagerduty": {\n "routing_key": "{{hex:32}}"\n}, "amqp": {\n "exchange": "alerts"\n}}',
        "receivers:\n- pagerduty_configs:\n  - routing_key: {{hex:32}}\nrabbitmq:\n  exchange: alerts\n",
    ],
)
def test_a_key_of_pagerduty_is_found_beside_a_broker(text: str, find: Find) -> None:
    assert [finding.rule.id for finding in find(text)] == ["pagerduty-integration-key"]


@pytest.mark.parametrize(
    "text",
    [
        'analytics.load("x", { integrations: { Pendo: { apiKey: "{{uuid}}" } } });',
        '{"destinations": [{"name": "Pendo", "settings": {"apiKey": "{{uuid}}"}}]}',
        'import Pendo from "@analytics/pendo";\nplugins: [Pendo({ apiKey: "{{uuid}}" })]',
    ],
)
def test_what_sends_events_to_pendo_has_its_application_key(text: str, find: Find) -> None:
    assert [(finding.rule.id, finding.verdict.label) for finding in find(text)] == [("pendo-app-key", Label.PUBLIC)]
