import base64
import json
import time

import pytest

from keysift.model import Confidence, Label
from keysift.rules import facts


def encoded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def jwt(header: object = None, signature: str = "c2lnbmF0dXJl", **claims: object) -> facts.Facts:
    return facts.jwt(f"{encoded(header or {'alg': 'HS256', 'typ': 'JWT'})}.{encoded(claims)}.{signature}")


def test_a_jwt_tells_its_issuer_and_when_it_ends() -> None:
    told = jwt(iss="https://acme.io", scope=["read", "write"], exp=4_102_444_800)
    assert told.reasons == ("iss: https://acme.io", "scope: read write", "expires 2100-01-01")
    assert (told.confidence, told.label) == (None, None)


def test_what_has_expired_is_less_sure() -> None:
    told = jwt(exp=int(time.time()) - 1)
    assert told.confidence is Confidence.LOW
    assert told.reasons[-1].startswith("expired ")


@pytest.mark.parametrize("exp", [True, -1, 0, 10**15, "soon", None])
def test_what_is_no_time_says_nothing(exp: object) -> None:
    told = jwt(exp=exp)
    assert told.confidence in {None, Confidence.LOW}
    assert exp is True or told == facts.Facts()


def test_an_unsigned_jwt_is_hardly_one() -> None:
    assert jwt({"alg": "none"}, iss="a").confidence is Confidence.LOW
    assert jwt(signature="", iss="a").reasons[-1] == "not signed"


@pytest.mark.parametrize("token", ["eyJh.eyJh.x", "a.b.c", f"{encoded([1])}.{encoded({})}.x", f"{encoded({})}.!!.x"])
def test_a_damaged_jwt_is_hardly_one(token: str) -> None:
    assert facts.jwt(token).confidence is Confidence.LOW


@pytest.mark.parametrize(
    ("issuer", "role", "label"),
    [
        ("supabase", "anon", Label.PUBLIC),
        ("supabase-demo", "anon", Label.PUBLIC),
        ("supabase", "service_role", Label.SECRET),
        ("supabase", "authenticated", None),
        ("https://acme.io", "anon", None),
        ("supabase", ["anon"], None),
    ],
)
def test_the_role_decides_what_a_key_of_supabase_is(issuer: str, role: object, label: Label | None) -> None:
    assert jwt(iss=issuer, role=role, exp=4_102_444_800).label is label
    assert jwt(iss=issuer, role=role).label is label


def test_control_characters_of_a_claim_are_not_shown() -> None:
    assert jwt(iss="a\x1b[31mb" + "c" * 100).reasons == ("iss: a[31mb" + "c" * 54,)


def test_basic_credentials_name_their_user_and_never_the_password() -> None:
    told = facts.basic(base64.b64encode(b"ci:Qz7!xw").decode())
    assert told.reasons == ("decodes to a password of user ci",)
    assert facts.basic(base64.b64encode(b":Qz7!xw").decode()).reasons == ("decodes to a password",)


@pytest.mark.parametrize("raw", [b"no colon", b"user:", b"us\x00er:pass", b""])
def test_what_decodes_to_nothing_is_hardly_basic(raw: bytes) -> None:
    assert facts.basic(base64.b64encode(raw).decode()).confidence is Confidence.LOW


def test_a_gitlab_token_tells_where_it_is_valid() -> None:
    routing = b"o:1\nu:a\nx:9"
    part = base64.urlsafe_b64encode(bytes(16) + routing + bytes([len(routing)])).decode().rstrip("=")
    told = ("belongs to GitLab organisation 1, user 10",)
    assert facts.gitlab(f"glpat-{part}.01.abcdefghi").reasons == told
    assert facts.gitlab(f"glrt-t1_{part}.01.abcdefghi").reasons == told
    assert facts.gitlab("glpat-.01.abcdefghi") == facts.Facts()


def test_a_discord_token_names_its_bot() -> None:
    bot = base64.urlsafe_b64encode(b"198622483471925248").decode().rstrip("=")
    assert facts.discord(f"{bot}.x.y").reasons == ("belongs to Discord bot 198622483471925248",)
    assert facts.discord("!!.x.y") == facts.Facts()


def test_an_aws_key_tells_its_account() -> None:
    account = base64.b32encode((1 << 47 | 123_456_789_012 << 7).to_bytes(6, "big") + bytes(4)).decode()
    assert facts.aws(f"ASIA{account}").reasons == ("belongs to AWS account 123456789012",)
    assert facts.aws("ASIA" + "0" * 16) == facts.Facts()
