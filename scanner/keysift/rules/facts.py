"""Key -> the facts that it states itself, read offline: one function for each kind of key."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable
from typing import Any

from keysift.model import Confidence, FactsKind, Label
from keysift.records import dataclass

MAX_TIME = 253_402_300_799
"""The last second of the year 9999, in seconds since 1970: anything later is not a time."""
_SUPABASE = {"anon": Label.PUBLIC, "service_role": Label.SECRET}
"""The labels of its keys, by their roles: https://supabase.com/docs/guides/api/api-keys."""
_CLAIMS = ("iss", "aud", "azp", "client_id", "appid", "role", "ref", "scope", "email", "sub")
_ACCOUNT_BITS = 0x7FFFFFFFFF80
"""Of the first six bytes of an AWS key id: the account number."""
_ACCOUNTS = 1_000_000_000_000
"""AWS accounts have twelve digits."""
_LONGEST = 60
"""Characters of a claim that are shown."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Reasons in words, and the confidence and the label that follow from them, if any."""

    reasons: tuple[str, ...] = ()
    confidence: Confidence | None = None
    label: Label | None = None


def jwt(token: str) -> Facts:
    """Return issuer, role and expiry of a JSON Web Token (RFC 7519); its signature is not checked.

    The role of a key of Supabase decides its label: `anon` stands in every browser, `service_role` passes all checks.
    """
    parts = [*token.split("."), ""][:3]
    header, claims = _json(parts[0]), _json(parts[1])
    if not header or claims is None:
        return Facts(("its parts are not JSON: damaged, or made up",), Confidence.LOW)
    reasons = [f"{name}: {_short(claims[name])}" for name in _CLAIMS if isinstance(claims.get(name), str | list)]
    if str(header.get("alg", "")).lower() == "none" or not parts[-1]:
        return Facts((*reasons, "not signed"), Confidence.LOW)
    supabase = str(claims.get("iss", "")).startswith("supabase")
    label = _SUPABASE.get(str(claims.get("role"))) if supabase else None
    expiry = claims.get("exp")
    if isinstance(expiry, int | float) and 0 < expiry < MAX_TIME:
        expired = expiry < time.time()
        reasons.append(f"{'expired' if expired else 'expires'} {time.strftime('%Y-%m-%d', time.gmtime(expiry))}")
        return Facts(tuple(reasons), Confidence.LOW if expired else None, label)
    return Facts(tuple(reasons), label=label)


def basic(token: str) -> Facts:
    """Return the user of Basic credentials (RFC 7617)."""
    raw = _decoded(token.replace("+", "-").replace("/", "_"))
    user, colon, password = raw.decode("latin-1").partition(":")
    if not (raw and colon and password and raw.decode("latin-1").isprintable()):
        return Facts(("does not decode to a user and a password",), Confidence.LOW)
    return Facts((f"decodes to a password of user {_short(user)}" if user else "decodes to a password",))


def aws(token: str) -> Facts:
    """Return the account in an AWS access key id, if it names one. Any base32 has a number, so it proves nothing."""
    account = aws_account(token)
    return Facts((f"belongs to AWS account {account}",) if account else ())


def aws_account(token: str) -> str | None:
    """Return the twelve digits of the account in an AWS key id.

    Ids from before 2019 have none, and lack the first bit
    (https://awsteele.com/blog/2020/09/26/aws-access-key-format.html); other numbers are no account.
    """
    try:
        raw = base64.b32decode(token[4:])
    except (binascii.Error, ValueError):
        return None
    account = (int.from_bytes(raw[:6], "big") & _ACCOUNT_BITS) >> 7
    return f"{account:012d}" if raw[:1] >= b"\x80" and account < _ACCOUNTS else None


def gitlab(token: str) -> Facts:
    """Return organisation, group, project and user of a routable GitLab token (handbook on routable tokens)."""
    names = {"c": "cell", "o": "organisation", "g": "group", "p": "project", "u": "user", "t": "token type"}
    raw = _decoded(token.partition("-")[2].rpartition("-")[2].split(".")[0].removeprefix("t1_"))
    if not raw or raw[-1] >= len(raw):
        return Facts()
    pairs = [
        line.split(":", 1) for line in raw[-1 - raw[-1] : -1].decode("ascii", "replace").split("\n") if ":" in line
    ]
    owners = [f"{names[key]} {_base36(value)}" for key, value in pairs if key in names and value.isalnum()]
    return Facts((f"belongs to GitLab {', '.join(owners)}",) if owners else ())


def discord(token: str) -> Facts:
    """Return the id of the bot in a Discord token: its first part, in base64."""
    raw = _decoded(token.partition(".")[0])
    return Facts((f"belongs to Discord bot {raw.decode()}",) if raw and raw.isdigit() else ())


def _base36(value: str) -> str:
    return str(int(value, 36)) if value.isascii() else value


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return b""


def _json(part: str) -> dict[str, Any] | None:
    try:
        content = json.loads(_decoded(part))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _short(claim: object) -> str:
    text = " ".join(map(str, claim)) if isinstance(claim, list) else str(claim)
    return "".join(character for character in text if character.isprintable())[:_LONGEST]


FACTS: dict[FactsKind, Callable[[str], Facts]] = {
    FactsKind.JWT: jwt,
    FactsKind.BASIC: basic,
    FactsKind.AWS: aws,
    FactsKind.GITLAB: gitlab,
    FactsKind.DISCORD: discord,
}
