"""What is filled into a request stays in its place, whatever it is."""

import base64
import json
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.rules.verification import Verification
from keysift.verify import requests
from keysift.verify.requests import Request, UnfitError, Values

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60)
STATED = Verification(
    post="https://{host}/v1/{secret}/me?key={secret}&all=no",
    harmless="It is a test.",
    headers={"Authorization": "Token token={secret}"},
    json={"query": "query { me { id } }", "key": "{secret}"},
    live=[200],
)


def made(stated: Verification, secret: str, **pairs: str) -> Request:
    [request] = requests.requests(stated, Values(secret, pairs, {}), ["api.acme.example"])
    return request


@given(PRINTABLE)
def test_a_key_stays_in_its_place(secret: str) -> None:
    try:
        request = made(STATED, secret)
    except UnfitError:
        assert secret.strip(".") == "" or secret != secret.strip()
        return
    parts = urlsplit(f"https://{request.host}{request.target}")
    assert (parts.hostname, parts.fragment) == ("api.acme.example", "")
    assert [unquote(part) for part in parts.path.split("/")] == ["", "v1", secret, "me"]
    assert parse_qs(parts.query, strict_parsing=True) == {"key": [secret], "all": ["no"]}
    assert dict(request.headers)["Authorization"] == f"Token token={secret}"
    assert json.loads(request.body) == {"query": "query { me { id } }", "key": secret}


@given(PRINTABLE)
def test_a_form_holds_the_key_alone(secret: str) -> None:
    stated = Verification(post="https://{host}/", harmless="A test.", form={"a b": "{secret}"}, live=[200])
    if secret.strip("."):
        assert parse_qs(made(stated, secret).body.decode(), strict_parsing=True) == {"a b": [secret]}


def test_a_name_of_basic_authentication_ends_at_its_colon() -> None:
    stated = Verification(get="https://{host}/", basic="{pair.sid}:{secret}", pair={"sid": "acme-sid"}, live=[200])
    header = dict(made(stated, "a:b", sid="AC1").headers)["Authorization"]
    assert base64.b64decode(header.removeprefix("Basic ")) == b"AC1:a:b"
    with pytest.raises(UnfitError):
        made(stated, "b", sid="AC1:evil")


@pytest.mark.parametrize("secret", ["a\nb", "a\r\nX: 1", "a\0b", "é", "\udc80", ".", "..", "", "a\x7f", "\u2028"])
def test_what_no_request_can_carry_is_refused(secret: str) -> None:
    with pytest.raises(UnfitError) as error:
        made(STATED, secret)
    assert not secret.strip(".") or secret not in str(error.value)


def test_a_line_of_a_dry_run_shows_no_key() -> None:
    secret = "".join(chr(0x41 + place % 26) for place in range(40))
    line = requests.describe(STATED, Values(secret, {}, {}), "api.acme.example")
    assert line.startswith("POST https://api.acme.example/v1/")
    assert not any(secret[place : place + 6] in line for place in range(len(secret) - 6))
