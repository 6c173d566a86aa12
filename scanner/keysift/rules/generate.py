"""Examples of rules -> text with keys in it, made at run time, so that no file here holds what looks like a key.

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

from keysift.rules import checksums

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


def unbroken(text: str) -> str:
    """Return the text without break marks."""
    return text.replace(BREAK, "")


def instance(template: str, seed: str = "") -> tuple[str, list[str]]:
    """Return the template filled in, and the values that were put in; the same for the same seed.

    A kind that does not exist stays as it is: `{{ .Values.x }}` is a template of others.
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
    """Return random characters; 12 or more have at least two digits and two letters if the kind has both."""
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


def _github(source: random.Random, prefix: str) -> str:
    """Return a prefix, 30 characters and their CRC-32 in base 62: `{{github:ghp_}}`.

    Source: github.blog/2021-04-05-behind-githubs-new-authentication-token-formats.
    """
    body = _draw(source, "alnum", 30)
    return f"{prefix}{body}{checksums.digits(zlib.crc32(body.encode()), checksums.BASE62, 6)}"


def _encoded(source: random.Random, argument: str) -> str:
    """Return the base64 of random characters: `{{base64of:alnum.32}}` (with a full stop for the colon)."""
    kind, _, length = argument.partition(".")
    return base64.b64encode(_draw(source, kind, int(length)).encode()).decode()


_NKEY_KINDS = {"U": 20, "A": 0, "N": 13, "O": 14, "C": 2, "X": 23}


def _nkey(source: random.Random, kind: str) -> str:
    """Return a NATS seed with its checksum: `{{nkey:U}}`."""
    prefix = _NKEY_KINDS[kind] << 3
    raw = bytes([(18 << 3) | (prefix >> 5), (prefix & 31) << 3]) + source.randbytes(32)
    return base64.b32encode(raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")).decode().rstrip("=")


def _basic(source: random.Random, _argument: str) -> str:
    """Return a user and a password as HTTP Basic encodes them: `{{basic}}`."""
    return base64.b64encode(f"svc:{_draw(source, 'alnum', 15)}".encode()).decode()


def _jwt(source: random.Random, _argument: str) -> str:
    """Return a JSON Web Token that never expires, with a random signature: `{{jwt}}`."""
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
