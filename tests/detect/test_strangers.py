"""A name and a value side by side that do not belong together, and those that do in the same syntax."""

from collections.abc import Callable

import pytest

from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.detect.surroundings import Surroundings
from keysift.model import Blob, Confidence, Finding

Find = Callable[..., list[Finding]]

APART = {
    "attribute of an element": ("a.vue", '<UpdatePasswordForm class="mt-10 sm:mt-0" />'),
    "attribute behind another's value": ("a.vue", '<Form :x="authToken" class="mt-10 sm:{{alnum:8}}" />'),
    "title of an element": ("a.svg", '<path id="RU-PSK" title="Q{{alnum:9}}" class="land"/>'),
    "address of a server": ("httpd.conf", 'ProxyPass "ajp://tomee:8009/{{alnum:12}}-be"'),
    "regular expression": ("a.js", "var token = /\\\\.|[dDjlNSwzWFmMntLoYyaABgGhHisueIOPTZcrU]/g,"),
    "expression": (
        "a.js",
        "var user=HEAP[a+68>>2];var password=HEAP[a+{{digits:9}}>>2];var headers=HEAP[a+76>>2];",
    ),
    "name of a variable": ("a.json", '"env": ["DB_URL", "DB_PASSWORD", "KEYCLOAK_ADMIN_PASSWORD"]'),
    "row of a table": ("a.sql", "INSERT INTO t VALUES (1, NULL, 'x', NULL, 'EIGHT PASS', '{{digits:12}}', 'm');"),
    "short name of a public key": ("a.config", '<map Token="{{hex:16}}" PublicKey="00240000048000009400"/>'),
    "argument behind a variable": ("a.go", 'ok := kv.Exists(ctx, path.Join(p.RootKey, "{{lower:36}}"))'),
    "argument behind nameof": ("a.cs", '[Migration(nameof(MigrateAuthDb), "{{uuid}}")]'),
    "next list": ("a.ts", "[\n  ['focus', PASS_COMMAND],\n  ['q{{alnum:9}}', X],\n]"),
    "last item of a list": ("a.js", "const fields = ['name', 'token', '{{alnum:10}}'];"),
    "member of a class": ("a.cpp", 'const Id KeePass2::KDF_AES_9X = make("x");'),
    "member of an object": ("a.cpp", "auto password = m_ui_9x->edit();"),
    "label of a block": ("a.tf", 'resource "aws_secretsmanager_secret" "db_{{alnum:8}}" {\n}'),
    "UUID among others": (
        "a.ts",
        'enum A {\n  Chrome = "{{uuid}}",\n  LastPass = "{{uuid}}",\n  Dashlane = "{{uuid}}",\n  Edge = "{{uuid}}",\n}',
    ),
    "made into a UUID": ("a.cpp", 'const QUuid PasswordTable = QUuid("{{uuid}}");'),
    "licence": ("a.json", '{"license": {"key": "lgpl-3.0"}}'),
    "Kubernetes label": ("a.yaml", "metadata:\n  labels:\n    token-rotation: r2024-01-15-a7f3\n"),
    "design token": ("a.yaml", 'tokens:\n  bg: "#f4f4f4"\n  gap: 12px\n  radius-token: r-2xl-9q7z\n'),
}


def test_letters_among_bytes_that_are_no_text_are_no_value(matcher: Matcher) -> None:
    noise = bytes(range(0xC8, 0xF8)).replace(b"\xcd", b"")
    picture = noise + b"pw=\xcd\xa2" + "2\u0416q9".encode() + b"\n" + noise
    assert scan_blob(matcher, Blob("trees.jpg", picture)).findings == ()


def test_a_piece_of_encoded_data_is_no_value(find: Find) -> None:
    piece = 'q%K_,2>+hLg1a9u(PQIrlQU<n^EW:>9E^-BX&PW={{alnum:24}}&"(P5F'
    other = piece.replace("PW=", "Kr>")
    assert find(f"{other}\r{piece}\r{other}", "a.eps") == []
    assert find(piece, "a.eps") != []


@pytest.mark.parametrize(("path", "template"), APART.values(), ids=APART)
def test_neighbours_that_do_not_belong_together_are_no_finding(path: str, template: str, find: Find) -> None:
    assert find(template, path) == []


TOGETHER = {
    "property of XML": ("a.xml", '<property name="password" text="{{alnum:18}}"/>'),
    "constant and argument": ("a.js", 'store.set(API_KEY, "{{alnum:32}}");'),
    "tuple": ("a.hrl", '{password, "{{alnum:18}}"}'),
    "quoted argument": ("a.py", 'config.set("db", "password", "{{alnum:18}}")'),
    "option of a command": ("a.py", 'run(["mysql", "-u", "root", "--password", "{{alnum:18}}"])'),
    "value of an attribute": ("a.json", '{"name": "db_password", "value": "{{alnum:18}}"}'),
    "UUIDs of an application": (
        "a.env",
        "TENANT_ID={{uuid}}\nCLIENT_ID={{uuid}}\nSUBSCRIPTION_ID={{uuid}}\nCLIENT_SECRET={{uuid}}\n",
    ),
    "generated key among colours": ("a.yaml", 'bg: "#f4f4f4"\ngap: 12px\napi_token: {{alnum:30}}\n'),
}


@pytest.mark.parametrize(("path", "template"), TOGETHER.values(), ids=TOGETHER)
def test_neighbours_that_belong_together_are_found(path: str, template: str, find: Find) -> None:
    assert [finding for finding in find(template, path) if finding.rule.label == "secret"]


def test_a_key_beside_what_a_cipher_makes_of_it_is_low(find: Find) -> None:
    key = 'key = "{{hex:32}}"\n'
    shown = 'plaintext = "{{hex:32}}"\nciphertext = "{{hex:32}}"\n'
    [alone] = find(key, "src/cipher.py")
    assert alone.verdict.confidence is not Confidence.LOW
    assert [one.verdict.confidence for one in find(key + shown, "src/cipher.py")] == [Confidence.LOW]
    [used] = find(key + "ciphertext = encrypt(key, plaintext)\n", "src/cipher.py")
    assert used.verdict.confidence is not Confidence.LOW


def test_what_its_name_calls_a_fake_is_low(find: Find) -> None:
    for template in ("const fakePassword = '{{alnum:20}}';", 'MOCK_API_KEY = "{{alnum:32}}"'):
        assert {one.verdict.confidence for one in find(template, "src/app.ts")} == {Confidence.LOW}


def test_a_test_is_known_by_its_name_in_camel_case(find: Find) -> None:
    key = 'val apiKey = "{{alnum:32}}"'
    for path in ("src/androidTest/java/A.kt", "src/CipherTest.kt", "Sources/CipherTests.swift"):
        assert [one.verdict.confidence for one in find(key, path)] == [Confidence.LOW]
    assert [one.verdict.confidence for one in find(key, "src/Latest.kt")] != [Confidence.LOW]


def near(text: str) -> str:
    data = text.encode()
    start = data.index(b"VALUE")
    return Surroundings(data, start, start + 5).near


def test_near_ends_with_the_section_of_a_document_and_knows_the_headings_above_it() -> None:
    text = (
        "# PagerDuty bot\n\nintro\n\n## Paging\n\nold\n\n## Weather\n\n### Keys\nkey: VALUE\nmore\n\n## Opsgenie\n\nx\n"
    )
    assert near(text).split() == ["#", "PagerDuty", "bot", "##", "Weather", "###", "Keys", "key:", "more"]


def test_comments_end_no_section() -> None:
    assert near("# of PagerDuty\n# the token\nTOKEN=VALUE\n# next\n").count("#") == 3


def test_a_key_of_another_section_is_not_one_of_the_service_that_a_document_names(find: Find) -> None:
    text = "# Bot\n\n## PagerDuty\n\nWe page through PagerDuty.\n\n## Weather\n\nThe api_key is {}.\n".format(
        "{{hex:32}}"
    )
    assert "pagerduty-integration-key" not in [finding.rule.id for finding in find(text, "README.md")]


@pytest.mark.parametrize(
    ("path", "template", "confidence"),
    [
        ("a.php", '/*\n   "auth_token": "{{alnum:40}}"\n*/\n', Confidence.LOW),
        ("a.php", '/* before */\nx = 1;\nauth_token = "{{alnum:40}}";\n', Confidence.HIGH),
        ("a.env", "/*\nAUTH_TOKEN={{alnum:40}}\n", Confidence.HIGH),  # whoever leaks it cannot hide it so
        ("a.php", "gateway_key = '{{hex:32}}';\n", Confidence.LOW),
        ("a.php", "encryption_key = '{{hex:32}}';\n", Confidence.HIGH),
    ],
)
def test_comments_of_several_lines_and_possible_identifiers_are_doubtful(
    path: str, template: str, confidence: Confidence, find: Find
) -> None:
    [finding] = find(template, path)
    assert finding.verdict.confidence is confidence
