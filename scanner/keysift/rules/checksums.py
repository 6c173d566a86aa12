"""Offline checks of tokens that carry a checksum: a function for each kind returns whether it holds.

Sources: GitHub and npm, github.blog 2021-04-05 (CRC-32 in base 62); GitLab, handbook on routable tokens (CRC-32 in base
36); Grafana, grafana/grafana pkg/components/satokengen (CRC-32, little-endian hex); NATS, nats-io/nkeys. Key ids of AWS
have none.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import string
import zlib
from collections.abc import Callable

from keysift.model import Checksum

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BASE36 = string.digits + string.ascii_lowercase


def digits(number: int, alphabet: str, width: int) -> str:
    """Return a number in the digits of an alphabet, filled up on the left to a width."""
    text = ""
    while number:
        number, rest = divmod(number, len(alphabet))
        text = alphabet[rest] + text
    return text.rjust(width, alphabet[0])


def crc32_base62(token: str) -> bool:
    """Check the last six characters of GitHub's `ghp_ gho_ ghu_ ghr_` and short `ghs_`, and of npm's `npm_`."""
    body, check = token.partition("_")[2][:-6], token[-6:]
    return digits(zlib.crc32(body.encode()), BASE62, 6) == check


def github_fine_grained(token: str) -> bool:
    """Check `github_pat_`: eight characters of base32(SHA-256) stand before the last eight."""
    digest = hashlib.sha256(token[:-16].encode()).digest()
    return base64.b32encode(digest)[:8].decode() == token[-16:-8]


def gitlab_routable(token: str) -> bool:
    """Check GitLab's tokens with a dotted tail: length and CRC-32 in base 36."""
    found = re.fullmatch(r"[a-z_-]+-(?:t\d_)?([\w-]{27,300})\.(?:[0-9a-z]{2}\.)?([0-9a-z]{2})([0-9a-z]{7})", token)
    if not found:
        return False
    return int(found[2], 36) == len(found[1]) and digits(zlib.crc32(token[:-7].encode()), _BASE36, 7) == found[3]


def grafana_service_account(token: str) -> bool:
    """Check the hexadecimal tail of `glsa_`."""
    body, _, check = token.rpartition("_")
    return zlib.crc32(body.encode()).to_bytes(4, "little").hex() == check


def nkey_seed(token: str) -> bool:
    """Check a NATS seed: it ends in the CRC-16 (XMODEM, little-endian) of the rest (nats-io/nkeys, crc16.go)."""
    try:
        raw = base64.b32decode(token + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return False
    return len(raw) > 2 and binascii.crc_hqx(raw[:-2], 0).to_bytes(2, "little") == raw[-2:]


CHECKS: dict[Checksum, Callable[[str], bool]] = {
    Checksum.CRC32_BASE62: crc32_base62,
    Checksum.GITHUB_FINE_GRAINED: github_fine_grained,
    Checksum.GITLAB_ROUTABLE: gitlab_routable,
    Checksum.GRAFANA_SERVICE_ACCOUNT: grafana_service_account,
    Checksum.NKEY_SEED: nkey_seed,
}
