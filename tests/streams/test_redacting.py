"""`keysift.redact` and `keysift.Redactor`: every key is masked, and nothing else."""

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

import keysift
from keysift.errors import UsageError
from keysift.rules.generate import instance

TEXT, [KEY] = instance("# ü\nPAGERDUTY_TOKEN={{hex:32}}\n", "redacting")
PEM, [BODY] = instance("-----BEGIN RSA PRIVATE KEY-----\n{{base64:64}}\n-----END RSA PRIVATE KEY-----\n", "pem")


def shows(text: str, key: str) -> bool:
    """Whether four consecutive characters of a key stand in a text."""
    return any(key[at : at + 4] in text for at in range(len(key) - 3))


def test_a_key_is_masked_as_in_reports_and_all_else_stays() -> None:
    masked = keysift.redact(TEXT)
    assert masked == TEXT.replace(KEY, f"{KEY[:3]}{'*' * 27}{KEY[-2:]}")
    assert keysift.redact(TEXT.encode()) == masked.encode()


@pytest.mark.parametrize("text", ["", "nothing to see\n", "\udcff\ud800 lone\n", "a\r\nb\0c"])
def test_text_without_keys_is_returned_as_it_is(text: str) -> None:
    assert keysift.redact(text) is text


def test_bytes_that_are_no_text_stay() -> None:
    noise = bytes(range(256)) * 3
    line = TEXT.splitlines(keepends=True)[1].encode()
    assert keysift.redact(noise + b"\n" + line + noise, style="tag").startswith(noise)
    assert keysift.redact(noise + b"\n" + line + noise, style="tag").endswith(b"]\n" + noise)


@pytest.mark.parametrize(
    "form",
    [
        lambda key: key,
        lambda key: base64.b64encode(key.encode()).decode(),
        lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
        lambda key: base64.urlsafe_b64encode(f"us:{key}:x".encode()).decode(),
        lambda key: "".join(f"%{ord(character):02x}" for character in key),
        lambda key: "".join(f"\\u{ord(character):04x}" for character in key),
        lambda key: key.encode().hex(),
        lambda key: key.encode().hex().upper(),
        quote,
        json.dumps,
    ],
)
def test_a_known_key_is_masked_wherever_it_recurs(form: object) -> None:
    assert callable(form)
    again = form(KEY)
    for text in (f"{TEXT}we saw {again} there\n", f"we saw {again} there\n{TEXT}"):
        masked = keysift.redact(text)
        assert not shows(masked, KEY)
        assert not shows(masked, again.strip('"')[8:-4])
        assert masked.replace("*", "").count("we saw ") == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_in_wide_characters_stays_in_step(encoding: str) -> None:
    text = f"a\nPAGERDUTY_TOKEN={KEY}\nagain {KEY} and so on\n"
    masked = keysift.redact(text.encode(encoding), style="tag").decode(encoding)
    tag = masked.splitlines()[1].removeprefix("PAGERDUTY_TOKEN=")
    assert tag.startswith("[sensitive:pagerduty-integration-key:")
    assert masked == text.replace(KEY, tag)


def test_a_key_of_several_lines_is_masked_in_whole() -> None:
    masked = keysift.redact(f"before\n{PEM}after\n")
    assert not shows(masked, BODY)
    assert masked.startswith("before\n-----BEGIN RSA PRIVATE KEY-----*")
    assert masked.endswith("*-----END RSA PRIVATE KEY-----\nafter\n")
    tag = keysift.redact(f"{PEM}then {BODY} alone\n", style="tag")
    assert not shows(tag, BODY)
    assert tag.count("[secret:private-key:") == 2


def test_a_tag_is_the_same_for_the_same_key_and_another_for_another() -> None:
    other, [key] = instance("PAGERDUTY_TOKEN={{hex:32}}\n", "other")
    redactor = keysift.Redactor(style="tag")
    first, second = redactor.redact(TEXT).splitlines()[1], redactor.redact(other).strip()
    assert first != second
    assert redactor.redact(f"{key} {KEY}") == f"{second.partition('=')[2]} {first.partition('=')[2]}"
    assert keysift.redact(TEXT, style="tag") != keysift.redact(TEXT, style="tag")


def test_a_hash_is_the_same_in_every_run() -> None:
    hashed = [keysift.redact(TEXT, style="hash", key=bytes([number]) * 16) for number in (1, 1, 2)]
    assert hashed[0] == hashed[1] != hashed[2]
    assert KEY not in hashed[0]


def test_labels_and_confidence_choose_what_is_masked() -> None:
    assert keysift.redact(TEXT, labels=["secret"]) == TEXT
    assert keysift.redact(TEXT, labels=["sensitive"]) != TEXT
    assert keysift.redact(TEXT, rules=keysift.Rules(disable="pagerduty-*")) == TEXT


def test_no_comment_unmasks_a_key() -> None:
    assert KEY not in keysift.redact(TEXT.rstrip() + "  # keysift: ignore\n")


@pytest.mark.parametrize(
    "stated", [{"style": "x"}, {"labels": ["x"]}, {"min_confidence": "x"}, {"style": "hash"}, {"key": b"x" * 16}]
)
def test_what_makes_no_sense_is_an_error(stated: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        keysift.redact("", **stated)  # type: ignore[call-overload]


def test_a_short_key_for_hashes_is_an_error() -> None:
    with pytest.raises(UsageError, match="has 15 bytes, and needs 16"):
        keysift.redact("", style="hash", key=b"x" * 15)


def test_the_rest_of_a_quoted_password_is_masked_as_well() -> None:
    text, _ = instance('{"db": {"password": "{{alnum:12}};{{alnum:8}}", "host": "a"}}\n', "quoted")
    assert json.loads(keysift.redact(text))["db"]["host"] == "a"
    assert set(json.loads(keysift.redact(text))["db"]["password"][3:-2]) == {"*"}


def test_threads_may_share_a_redactor() -> None:
    redactor = keysift.Redactor(style="tag")
    texts = [instance("PAGERDUTY_TOKEN={{hex:32}}\n", str(number % 7)) for number in range(70)]
    barrier = threading.Barrier(7)

    def masked(number: int) -> list[str]:
        barrier.wait()
        return [redactor.redact(text) for text, _ in texts[number::7]]

    with ThreadPoolExecutor(7) as pool:
        results = [*pool.map(masked, range(7))]
    assert [len(set(same)) for same in results] == [1] * 7
    assert len({same[0] for same in results}) == 7


def test_each_way_of_looking_for_known_keys_finds_the_same() -> None:
    line = "PAGERDUTY_TOKEN={{hex:32}}\n"
    redactor = keysift.Redactor()
    keys = [key for number in range(60) for key in instance(line, f"many-{number}")[1]]
    for key in keys:
        redactor.redact(line.replace("{{hex:32}}", key))
    encoded = [base64.b64encode(key.encode()).decode() for key in keys[:20]]
    text = "".join(f"saw {key} there\n" for key in (*keys, *encoded))
    for part in (*text.splitlines(keepends=True), text, text + "x = 1\n" * 20_000):
        masked = redactor.redact(part)
        assert [key for key in (*keys, *encoded) if key[4:-4] in masked] == []
        assert masked.count("saw ") == part.count("saw ")
    with redactor._masker._lock:
        repeats = redactor._masker._memory.repeats()
    data = (text + "x = 1\n" * 20_000).encode()
    assert sorted(repeats._hits(data)) == sorted(repeats._hits_by_start(data))
