"""Examples of rules -> text with keys in it, made at run time: no file of ours holds anything that looks like a key.

A template is text with `{{kind:length}}` in it: `PAGERDUTY_TOKEN={{base64url:20}}`. The mark ¦ breaks a token that
would otherwise trip push protection; it is removed.
"""

from __future__ import annotations

import base64
import binascii
import random
import string
import uuid
import zlib
from collections.abc import Callable

import regex

BREAK = "¦"
_ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "digits": string.digits,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "alpha": string.ascii_letters,
    "loweralnum": string.ascii_lowercase + string.digits,
    "upperalnum": string.ascii_uppercase + string.digits,
    "alnum": string.ascii_letters + string.digits,
    "base32": string.ascii_uppercase + "234567",
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "password": string.ascii_letters + string.digits + "!#%*+-_.",
}
_TEMPLATE = regex.compile(r"\{\{(?P<kind>[A-Za-z0-9_]+)(?::(?P<argument>[^{}]+))?\}\}")
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def unbroken(text: str) -> str:
    """The text without break marks."""
    return text.replace(BREAK, "")


def instance(template: str, seed: str = "") -> tuple[str, list[str]]:
    """The template filled in, and the values that were put in; the same for the same seed.

    Raises:
        ValueError: the template names a kind that does not exist.
    """
    source = random.Random(f"{seed}\0{template}")  # noqa: S311 - examples, not keys
    values: list[str] = []

    def fill(found: regex.Match[str]) -> str:
        kind, argument = found["kind"], found["argument"] or ""
        if kind in _ALPHABETS:
            value = _draw(source, kind, int(argument or "32"))
        elif kind in _BUILDERS:
            value = _BUILDERS[kind](source, argument)
        else:
            return str(found[0])
        values.append(base64.b64decode(value).decode() if kind == "base64of" else value)
        return value

    return _TEMPLATE.sub(fill, unbroken(template)), values


def _draw(source: random.Random, kind: str, length: int) -> str:
    """Random characters; with two digits and two letters at least where the kind has both, as nearly all real keys."""
    alphabet = _ALPHABETS[kind]
    while True:
        value = "".join(source.choice(alphabet) for _ in range(length))
        digits = sum(character.isdigit() for character in value)
        mixed = any(map(str.isdigit, alphabet)) and any(map(str.isalpha, alphabet))
        edges = value[0].isalnum() and value[-1].isalnum()
        if length < 12 or not mixed or (2 <= digits <= length - 2 and edges):
            return value


def _uuid(source: random.Random, argument: str) -> str:
    value = str(uuid.UUID(int=source.getrandbits(128), version=4))
    return value.upper() if argument == "upper" else value


def _base62(number: int, width: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits.rjust(width, "0")


def _github(source: random.Random, prefix: str) -> str:
    """Prefix, 30 characters and their CRC-32 in base 62.

    Source: github.blog/2021-04-05-behind-githubs-new-authentication-token-formats.
    """
    body = _draw(source, "alnum", 30)
    return f"{prefix}{body}{_base62(zlib.crc32(body.encode()), 6)}"


def _encoded(source: random.Random, argument: str) -> str:
    """Base64 of a template's instance: `{{base64of:alnum.32}}` (a full stop for the colon)."""
    kind, _, length = argument.partition(".")
    return base64.b64encode(_draw(source, kind, int(length)).encode()).decode()


_NKEY_KINDS = {"U": 20, "A": 0, "N": 13, "O": 14, "C": 2, "X": 23}


def _nkey(source: random.Random, kind: str) -> str:
    """A NATS seed with its checksum: `{{nkey:U}}`."""
    prefix = _NKEY_KINDS[kind] << 3
    raw = bytes([(18 << 3) | (prefix >> 5), (prefix & 31) << 3]) + source.randbytes(32)
    return base64.b32encode(raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")).decode().rstrip("=")


def _basic(source: random.Random, _argument: str) -> str:
    """User and password as HTTP Basic has them: `{{basic}}`."""
    return base64.b64encode(f"svc:{_draw(source, 'alnum', 15)}".encode()).decode()


def _jwt(source: random.Random, _argument: str) -> str:
    """A JSON Web Token that never expires, with a random signature: `{{jwt}}`."""
    parts = (
        b'{"alg":"HS256","typ":"JWT"}',
        b'{"iss":"https://id.acme.io","sub":"' + source.randbytes(6).hex().encode() + b'"}',
    )
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (*parts, source.randbytes(32)))


_BUILDERS: dict[str, Callable[[random.Random, str], str]] = {
    "uuid": _uuid,
    "github": _github,
    "base64of": _encoded,
    "nkey": _nkey,
    "basic": _basic,
    "jwt": _jwt,
}
