"""Vectors of vendors and of our own; put together here, so that no checksum-valid token stands in a file."""

import base64
import hashlib
import random
import string
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysift.rules import checksums, facts
from keysift.rules.checksums import CHECKS
from keysift.rules.generate import instance

SOURCE = random.Random(7)
ALNUM = string.ascii_letters + string.digits
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
GITLAB = "glpat-" + "7x0v4iGtKgqAeS5I5xxRHG86MQp1OjEH" + ".01.0w0nzy6lk"
GRAFANA = "glsa_" + "yscW25imSKJIuav8zF37RZmnbiDvB05G" + "_fcaaf58a"  # keysift: ignore the vendor's own example
ANY = st.one_of(st.text(max_size=120), st.text(ALNUM + "_-.=+/", max_size=120))


def body(length: int) -> str:
    return "".join(SOURCE.choice(ALNUM) for _ in range(length))


def base62(number: int) -> str:
    digits = ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    return digits


def fine_grained() -> str:
    token = f"github_pat_{body(22)}_{body(43)}"
    return token + base64.b32encode(hashlib.sha256(token.encode()).digest())[:8].decode() + body(8)


@pytest.mark.parametrize("prefix", ["ghp", "gho", "ghu", "ghr", "ghs", "npm"])
def test_github_and_npm_end_in_the_crc_of_the_body(prefix: str) -> None:
    for _ in range(50):
        text = body(30)
        assert checksums.crc32_base62(f"{prefix}_{text}{base62(zlib.crc32(text.encode()))}")


def test_a_published_token_of_github_fixes_the_order_of_the_alphabet() -> None:
    # keysift: ignore published, and revoked since
    assert checksums.crc32_base62("gh" + "p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17")


def test_a_small_crc_is_padded_with_zeros() -> None:
    text = next(text for text in (body(30) for _ in range(3000)) if zlib.crc32(text.encode()) < 62**5)
    assert base62(zlib.crc32(text.encode())).startswith("0")
    assert checksums.crc32_base62(f"gho_{text}{base62(zlib.crc32(text.encode()))}")


def test_the_placeholder_of_github_s_documentation_fails() -> None:
    assert not checksums.crc32_base62("gh" + "p_16C7e42F292c6912E7710c838347Ae178B4a")


def test_github_fine_grained() -> None:
    token = fine_grained()
    assert len(token) == 93
    assert checksums.github_fine_grained(token)
    assert not checksums.github_fine_grained(token[:20] + ("a" if token[20] != "a" else "b") + token[21:])
    assert checksums.github_fine_grained(token[:-1] + "x"), "nobody knows what the last eight say"


def test_gitlab_routable() -> None:
    assert checksums.gitlab_routable(GITLAB)
    assert not checksums.gitlab_routable(GITLAB.replace("7x0v", "7x0w"))
    assert not checksums.gitlab_routable(GITLAB.replace(".0w", ".0x"))
    assert not checksums.gitlab_routable(GITLAB[:-1] + "l")
    assert not checksums.gitlab_routable("glpat-" + body(20))


def test_grafana() -> None:
    assert checksums.grafana_service_account(GRAFANA)
    assert not checksums.grafana_service_account(GRAFANA[:-1] + "b")
    assert not checksums.grafana_service_account("glsa_" + "HOruNAb7SOiCdshU7algkrq7FDsNSLAa" + "_55e2f8be")


@pytest.mark.parametrize(
    ("key", "account"),
    [
        ("ASIA" + "Y34FZKBOKMUTVV7A", "609629065308"),
        ("ASIA" + "QNZGKIQY56JQ7WML", "029608264753"),
        ("AKIA" + "IOSFODNN7EXAMPLE", None),  # from before 2019
        ("ASIA" + "ANDPACIFICREGION", None),
        ("AKIA" + "7777" * 4, None),  # 13 digits
        ("AKIA" + "6RVFFB77RE7OLMKI", "999999999999"),
        ("AKIA" + "I44QH8DHBEXAMPLE", None),
        ("AKIA" + "ä" * 16, None),
    ],
)
def test_an_aws_key_id_holds_its_account(key: str, account: str | None) -> None:
    assert facts.aws_account(key) == account


@pytest.mark.parametrize("name", CHECKS)
@given(token=ANY)
def test_no_text_makes_a_check_fail(name: str, token: str) -> None:
    assert CHECKS[name](token) in {True, False}


@pytest.mark.parametrize("name", CHECKS)
@given(token=ANY)
def test_random_text_does_not_pass(name: str, token: str) -> None:
    assert not CHECKS[name](token)


def test_what_the_examples_of_the_rules_are_made_of_passes() -> None:
    for seed in range(50):
        assert checksums.crc32_base62(instance("{{github:ghp_}}", str(seed))[0])
