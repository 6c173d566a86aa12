"""What a value says of itself is no key, in whatever field it stands; what only looks like it is found as before."""

import base64
import json
import random
import string
from collections.abc import Callable

import pytest

from keysift.detect import forms
from keysift.detect.forms import plain, published
from keysift.detect.forms.hashed import HASHED
from keysift.detect.forms.other import OTHER
from keysift.detect.forms.public import PUBLIC
from keysift.detect.forms.sealed import SEALED
from keysift.model import Finding, Label

Find = Callable[..., list[Finding]]
SOURCE = random.Random(13)
ALNUM = string.ascii_letters + string.digits
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BASE58 = "".join(character for character in ALNUM if character not in "0OIl")


def draw(alphabet: str, length: int) -> str:
    return "".join(SOURCE.choices(alphabet, k=length))


def hexadecimal(length: int) -> str:
    return draw("0123456789abcdef", length)


def b64(length: int, head: bytes = b"") -> str:
    return base64.b64encode(head + SOURCE.randbytes(length - len(head))).decode()


def der(head: str, length: int) -> bytes:
    return bytes.fromhex(head) + SOURCE.randbytes(length)


def pem(kind: str, data: bytes) -> bytes:
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(data).decode()}-----END {kind}-----\n".encode()


ED25519 = der("302a300506032b6570032100", 32)
P256 = der("3059301306072a8648ce3d020106082a8648ce3d03010703420004", 64)
RSA = der("30820122300d06092a864886f70d01010105000382010f003082010a0282010100", 261)
PUBLIC_KEYS = [
    *(base64.b64encode(key).decode() for key in (ED25519, P256, RSA)),
    *(key.hex() for key in (ED25519, P256, RSA)),
    base64.b64encode(pem("PUBLIC KEY", RSA)).decode(),
    base64.b64encode(pem("CERTIFICATE", der("308203193082020 1a0030201020214".replace(" ", ""), 600))).decode(),
    base64.b64encode(der("3082010a0282010100", 261)).decode(),  # PKCS #1
    f"age1{draw(BECH32, 58)}",
    b64(42, b"Ed"),  # minisign
    b64(33, b"\x05"),  # Signal
    b64(300, bytes.fromhex("99020d04")),  # OpenPGP
    f"02{hexadecimal(64)}",
    f"0x04{hexadecimal(128)}",
    base64.urlsafe_b64encode(b"\x04" + SOURCE.randbytes(64)).decode().rstrip("="),  # VAPID
    f"ssh-ed25519 {'AAAA'}C3NzaC1lZDI1NTE5AAAAI{draw(ALNUM, 43)} ci@build",
    f"U{draw('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 55)}",
    f"npub1{draw(BECH32, 58)}",
    f"xpub6{draw(BASE58, 106)}",
    f"cache.acme.io-1:{b64(32)}",
    f"SHA256:{draw(ALNUM, 43)}",
    ":".join(draw("0123456789ABCDEF", 2) for _ in range(20)),
]
ENCRYPTED = [
    f"encrypted:B{b64(96)}",
    f"2.{b64(16)}|{b64(32)}|{b64(32)}",
    f"ENC({b64(32)})",
    f"ENC[AES256_GCM,data:{b64(20)},iv:{b64(32)},tag:{b64(16)},type:str]",
    f"EJ[1:{b64(32)}:{b64(24)}:{b64(40)}]",
    f"{{cipher}}{hexadecimal(96)}",
    f"{{{b64(48)}}}",  # Maven
    f"AQICAHh{b64(120)}",
    f"CiQA{b64(90)}",
    f"vault:v1:{b64(60)}",
    f"gAAAAA{draw(ALNUM, 114)}==",
    f"U2FsdGVkX1{b64(42)}",
    f"{b64(120)}--{b64(12)}--{b64(16)}",
    b64(200, b"age-encryption.org/v1\n"),
    f"v1:{b64(12)}:{b64(39)}",
    f"AgB{b64(300)}",
]
HASHES = [
    f"$2b$12${draw(ALNUM, 53)}",
    f"$$2y$$10$${draw(ALNUM, 53)}",
    f"$argon2id$v=19$m=65536,t=3,p=4${draw(ALNUM, 22)}${draw(ALNUM, 43)}",
    f"$6${draw(ALNUM, 16)}${draw(ALNUM, 86)}",
    f"$y$j9T${draw(ALNUM, 22)}${draw(ALNUM, 43)}",
    f"pbkdf2_sha256$600000${draw(ALNUM, 22)}${b64(32)}",
    f"scrypt:32768:8:1${draw(ALNUM, 16)}${hexadecimal(128)}",
    f"{{SSHA}}{b64(28)}",
    f"*{draw('0123456789ABCDEF', 40)}",
    f"md5{hexadecimal(32)}",
    f"SCRAM-SHA-256$4096:{b64(16)}${b64(32)}:{b64(32)}",
    f"{{{hexadecimal(40)}{draw(ALNUM, 8)}",
    f"@ByteArray({b64(16)}:{b64(64)})",
    b64(61, b"\x01\x00\x00\x00\x01\x00\x00\x27\x10\x00\x00\x00\x10"),  # ASP.NET
]
OTHERS = [
    f"sha512-{b64(64)}",
    f'W/"{hexadecimal(40)}"',
    "#3f51b5",
    "264653-2a9d8f-e9c46a-f4a261",
    "M12.5 3.2c-1.1.4-2.3 1.8-3.6 4.1v7.9h6.2V9.1l2.4-3.7",
    f"uploads/{hexadecimal(32)}/report.pdf",
    f"v0.0.0-20240101010101-{hexadecimal(12)}",
    "10.0.17.254",
    "npm:^7.0.4",
    f"{draw(string.ascii_uppercase, 20)}/20230214/us-east-1/s3/aws4_request",
    f"{draw(string.ascii_uppercase, 20)}%2F20230214%2Fus-east-1%2Fs3%2Faws4_request",
    "ops.team@mail.acme.io",
    "npm:@acme/minipass@^7.1.2",
    ">=2.3.1 <4.0.0",
    "^3.0.0 || ^4.0.0",
]
FIELDS = ["DB_PASSWORD={}", "api_key: '{}'", 'const SIGNING_KEY = "{}";', '{{"clientSecret": "{}"}}', "<key>{}</key>"]


@pytest.mark.parametrize("value", [*PUBLIC_KEYS, *ENCRYPTED, *HASHES, *OTHERS], ids=lambda value: value[:12])
def test_a_value_that_says_what_it_is_is_no_key_in_any_field(value: str, find: Find) -> None:
    assert forms.said(value)
    for field in FIELDS:
        found = find(field.format(value), path="app.conf")
        assert [finding.rule.id for finding in found if finding.verdict.label is not Label.PUBLIC] == []


PRIVATE = [
    base64.b64encode(der("302e020100300506032b657004220420", 32)).decode(),  # PKCS #8
    der("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420", 101).hex(),
    base64.b64encode(pem("PRIVATE KEY", SOURCE.randbytes(120))).decode(),
    base64.b64encode(pem("CERTIFICATE", SOURCE.randbytes(120)) + pem("PRIVATE KEY", SOURCE.randbytes(120))).decode(),
    f"1f{hexadecimal(64)}",
    hexadecimal(64),
    f"AGE-SECRET-KEY-1{draw(BECH32, 58).upper()}",
    f"S{draw('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 55)}",
    "$2Money#Talks9",
    "Zebra42@acme.io!",
    "p@ssw0rd.Talks9",
    "@ByteArray(Zebra42)",
    "^7.Zebra!42",
    "=7^Kx.92!q",
    ">9.2.Qx7z!Wm",
    "encrypted!Zebra42",
    "{Secret}42!pass",
    "md5sum#Fan2031",
    draw(ALNUM, 40),
    b64(32),
    b64(64),
]


@pytest.mark.parametrize("value", PRIVATE, ids=lambda value: value[:12])
def test_private_keys_and_passwords_say_nothing(value: str) -> None:
    assert (forms.said(value), plain.said(value), published.said(value)) == ("", "", "")


def test_every_form_names_its_source_and_is_reached_by_its_first_characters() -> None:
    for form in (*PUBLIC, *SEALED, *HASHED, *OTHER):
        assert form.source
        assert form.means
        assert form.starts


@pytest.mark.parametrize("name", ["session_token", "auth_cookie"])
def test_what_a_server_encrypted_for_itself_is_a_key_as_a_token(name: str) -> None:
    value = f"gAAAAA{draw(ALNUM, 114)}=="
    assert not forms.lets_in(forms.said(value), "api_key_value")
    assert forms.lets_in(forms.said(value), name)


@pytest.mark.parametrize(
    "text",
    [
        "changeme",
        "my-super-secret-token",
        "${DB_PASSWORD}",
        "https://api.acme.io/v1/endpoint",
        "postgres.prod.svc.cluster.local:5432",
        "user:password",
        "admin:",
        "user:<your password>",
        f"$2b$12${draw(ALNUM, 53)}",
    ],
)
def test_what_is_no_key_in_plain_text_is_none_in_base64(text: str) -> None:
    assert plain.said(base64.b64encode(text.encode()).decode())


@pytest.mark.parametrize(
    "text",
    [
        "hunter2-Real!9",
        "summer-2024",
        f"svc:{draw(ALNUM, 16)}",
        f"{draw(ALNUM, 24)}:",  # a key as the user, without a password
        f"https://svc:{draw(ALNUM, 16)}@db.acme.io/app",
        f"https://hooks.acme.io/catch/{draw(ALNUM, 24)}",
        json.dumps({"password": "Xk7!"}),
    ],
)
def test_what_may_be_a_key_in_plain_text_may_be_one_in_base64(text: str) -> None:
    assert not plain.said(base64.b64encode(text.encode()).decode())


@pytest.mark.parametrize("raw", [b"thisisasecretkey", bytes(range(32)), b"please change this"])
def test_words_and_counting_bytes_in_hexadecimal_are_no_key(raw: bytes) -> None:
    assert plain.said(raw.hex())


AZURITE = "Eby8vdM02xNOcqFlqUwJ" + "PLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
SAMPLE_CLAIMS = {"sub": "1234567890", "name": "John Doe", "iat": 1516239022}


def encoded(claims: object) -> str:
    text = json.dumps(claims, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        f"AZURE_STORAGE_KEY={AZURITE}",
        f'cs = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AZURITE};"',
        f"STORAGE_KEY={AZURITE.replace('/', '%2F').replace('=', '%3D')}",
        f'token = "{encoded({"alg": "HS256"})}.{encoded(SAMPLE_CLAIMS)}.{draw(ALNUM, 43)}"',
        "Authorization: Basic " + base64.b64encode(b"Aladdin:open sesame").decode(),
    ],
)
def test_a_published_value_is_no_key_for_any_rule(text: str, find: Find) -> None:
    assert find(text) == []


def test_a_password_beside_a_published_key_is_found(find: Find) -> None:
    [found] = find(f'cs = "Server=db;User Id=app;Password={draw(ALNUM, 16)};AccountKey={AZURITE};"')
    assert found.rule.id == "connection-string-password"


@pytest.mark.parametrize("name", ["ASIAANDPACIFICREGION", "ASIAPACIFICNORTHEAST", "AKIAACCESSKEYIDVALUE"])
def test_words_in_capitals_are_no_key_of_aws(name: str, find: Find) -> None:
    assert find(f"regions = {name}") == []


def test_a_key_id_of_letters_alone_is_found(find: Find) -> None:
    [found] = find(f"id = {'AKIA'}QXZVKWJYTRBGHMNP")
    assert found.rule.id == "aws-access-key-id"
