import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.detect import signals
from keysift.detect.signals import crossed, entropy, generated, looks_random, placeholder, reference, typed, wordiness
from keysift.rules.generate import instance

ANY = st.text(max_size=200)


def made(template: str, seed: str) -> str:
    return instance(template, seed)[0]


@pytest.mark.parametrize(
    ("value", "bits"), [("", 0), ("aaaa", 0), ("ab", 1), ("abcd", 2), (b"abcd", 2), ("aab", 0.918)]
)
def test_entropy_in_bits_a_character(value: str | bytes, bits: float) -> None:
    assert entropy(value) == pytest.approx(bits, abs=0.001)


@given(ANY)
def test_entropy_lies_between_none_and_that_of_all_different_characters(value: str) -> None:
    assert -1e-9 <= entropy(value) <= math.log2(max(1, len(set(value)))) + 1e-9


@pytest.mark.parametrize(
    "value",
    [
        "YOUR_API_KEY",
        "your-token-here",
        "YOUR_INTEGRATION_KEY_HERE",
        "super_secret_token_value",
        "<YOUR SERVICE KEY HERE>",
        "samplekeyhere",
        "routingkeyhere",
        "someToken1234567890",
        "changeme",
        "change-me-please",
        "REPLACE_ME",
        "replace-with-key",
        "insert-key",
        "dummy-key-1",
        "fakefakefake1234",
        "REDACTED",
        "todo",
        "null",
        "n/a",
        "my-secret-token",
        "not-a-real-key",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "example.com-key",
        "xxxxxxxxxxxxxxxxxxxx",
        "XXXX-XXXX",
        "********",
        "abcd****wxyz",
        "abc...xyz",
        "ab…yz",
        "••••••",
        "##########",
        "00000000000000000000000000000000",
        "11111111-1111-1111-1111-111111111111",
        "aaaaaaaaaaaaaaaaaaaa",
        "0123456789abcdef0123456789abcdef",
        "Bf30000000000000VNahJj",
        "PickSomeLongPhrase77!",
        "enter_your-own-phrase",
        "see ACME_DB_PASSWORD in the vault",
    ],
)
def test_placeholders_and_masks(value: str) -> None:
    assert placeholder(value)


@pytest.mark.parametrize(
    "template",
    [
        "{{hex:32}}",
        "{{HEX:40}}",
        "{{alnum:20}}",
        "{{base64url:20}}",
        "{{uuid}}",
        "{{base64:44}}",
        "{{digits:12}}",
        "{{password:16}}",
    ],
)
def test_what_a_generator_makes_is_no_placeholder(template: str) -> None:
    wrong = [value for value in (made(template, str(seed)) for seed in range(500)) if placeholder(value)]
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize(
    "value",
    [
        "hunter2",
        "correct horse battery staple",
        "R0XB7Q",
        "Tr0ub4dor&3",
        "y_NbAk",
        "keyboard-cat-7",
        "useragentX9",
        "Entertain7",
    ],
)
def test_a_password_is_no_placeholder(value: str) -> None:
    assert placeholder(value) == ""


@pytest.mark.parametrize(
    "value",
    [
        "${PAGERDUTY_TOKEN}",
        "$PAGERDUTY_TOKEN",
        "$(cat token)",
        "`cat token`",
        "${{ secrets.PD }}",
        "{{ .Values.x }}",
        "{{resolve:ssm:x}}",
        "{% x %}",
        "<%= ENV['X'] %>",
        "<< parameters.x >>",
        "%(token)s",
        "%TOKEN%",
        "@@TOKEN@@",
        "#{token}",
        "<TOKEN>",
        "{token}",
        "ENC[AES256_GCM,data:abc,iv:x,tag:y,type:str]",
        "ENC[PKCS7,MIIB]",
        "!vault |",
        "op://Management/PagerDuty/Admin/email",
        "pass://vault/item/field",
        "ref+vault://secret/x#y",
        "vault:secret/data/app#key",
        "projects/p/secrets/s/versions/latest",
        "sm://p/s",
        "arn:aws:secretsmanager:us-east-1:1:secret:x",
        "arn:aws:ssm:us-east-1:1:parameter/x",
        "@Microsoft.KeyVault(SecretUri=https://v/)",
        "process.env.TOKEN",
        "import.meta.env.VITE_X",
        "os.environ['TOKEN']",
        "os.getenv('TOKEN')",
        "secrets.TOKEN",
        "var.token",
        "local.token",
        "data.vault_generic_secret.x.data",
        "module.x.token",
        "getToken()",
        "config.get('x')",
        "null",
        "None",
        "true",
        "",
        "   ",
        '""',
        "/run/secrets/token",
        "./token.txt",
        "~/.token",
        "token.json",
        "file:///run/secrets/x",
        "${input:pagerduty-api-key}",
        "${env:X}",
        "<path:kv/data/app#key>",
        "$pagerduty-key-my-service",
        "${X:?}",
        "${var.prefix}-${var.suffix}",
        "prefix-${VAR}",
    ],
)
def test_references(value: str) -> None:
    assert reference(value)


@pytest.mark.parametrize(
    "value", ["hunter2${SUFFIX}", "hunter2", "p@ssw0rd", "a$b$c", "abc{def}", "50%off%now", "R028DIE06S"]
)
def test_what_holds_literal_text_is_no_reference(value: str) -> None:
    assert reference(value) == ""


@pytest.mark.parametrize(
    "template", ["{{hex:32}}", "{{alnum:32}}", "{{base64url:20}}", "{{uuid}}", "{{alnum:24}}", "{{base64:40}}"]
)
def test_what_a_generator_makes_is_no_reference(template: str) -> None:
    assert [value for value in (made(template, str(seed)) for seed in range(500)) if reference(value)] == []


@pytest.mark.parametrize(
    "template", ["{{hex:32}}", "{{alnum:20}}", "{{base64url:20}}", "{{alnum:32}}", "{{uuid}}", "{{upperalnum:32}}"]
)
def test_what_a_generator_makes_looks_random(template: str) -> None:
    wrong = [value for value in (made(template, str(seed)) for seed in range(1000)) if not looks_random(value)]
    assert len(wrong) <= 10, wrong


@pytest.mark.parametrize(
    "value",
    [
        "send_resolved_notification",
        "PagerDutyIntegration",
        "getServiceIntegrationKey",
        "my-production-cluster",
        "12345678901234567890",
        "aaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "service_account_name",
        "kubernetes-dashboard",
        "application/json",
    ],
)
def test_names_and_numbers_do_not_look_random(value: str) -> None:
    assert not looks_random(value)


@given(ANY)
def test_any_text_can_be_measured(value: str) -> None:
    assert isinstance(placeholder(value), str)
    assert isinstance(reference(value), str)
    assert looks_random(value) in {True, False}
    assert 0 <= wordiness(value) <= 1


@pytest.mark.parametrize(
    "value",
    [
        "12345678901234567890",
        "abcdefghijklmnopqrstuvwxyz",
        "12345678-ABCD-ABCD-ABCD-1234567890AB",
        "deadbeefdeadbeef",
        "0123456789abcdef0123456789abcdef",
    ],
)
def test_what_is_typed_by_hand_is_told_from_what_is_generated(value: str) -> None:
    assert typed(value)
    assert not typed(instance("{{hex:32}}", value)[0])


@pytest.mark.parametrize("value", ["access-token-123", "webhooksecret123", "0003_auto_20200101", "refresh12345"])
def test_words_are_not_generated(value: str) -> None:
    assert not generated(value)
    assert generated(instance("acme_live_{{loweralnum:32}}", value)[0])


@pytest.mark.parametrize("value", ["a{b)c}d", "x[(]y", "{{o)p${e]n}}", "](}[)"])
def test_brackets_that_cross_are_in_no_code(value: str) -> None:
    assert crossed(value)
    assert not reference(value + "x")


@pytest.mark.parametrize("value", ["call(a[1], {b: c})", "open(", "cut)", "${NAME:-x}", "plain", "{{ a }}-${b}"])
def test_brackets_of_code_do_not_cross(value: str) -> None:
    assert not crossed(value)


WORDS_OF_PLACEHOLDERS = st.sampled_from([
    "example", "PLACEHOLDER", "change-me", "change_in_", "dummy", "Fake", "sample", "your", "your_key", "insert_",
    "replace with", "redacted", "removed", "-todo-", ".fixme", "tbd", "n/a", "-na-", "none", "null", "nil", "undefined",
    "empty", "goes-here", "key_here", "foobar", "lorem", "notreal", "not-a-real", "test_key", "some-token",
    "super_secret", "hidden", "masked", "XXXX", "secret-token", "my_key", "mypass", "choose-a-", "UseStrong",
    "APP_KEY-in", "APP_KEY ", "K9", "-", "_", " ", "qz7",
])  # fmt: skip


@given(st.lists(WORDS_OF_PLACEHOLDERS, max_size=4).map("".join))
def test_words_of_placeholders_are_what_the_pattern_finds(value: str) -> None:
    found = signals._WORDS.search(value)
    assert bool(signals.worded(value)) == bool(found)
