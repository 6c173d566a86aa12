"""Signatures as minisign writes them: of a file, by an Ed25519 key; https://jedisct1.github.io/minisign/#signature-format.

A signature lies beside its file. It also covers its trusted comment.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import NamedTuple

from keysift.errors import UsageError

ENDING = ".minisig"
_KEY = re.compile(r"^(RW[A-Za-z0-9+/]{54})\s*$", re.MULTILINE)
"""The line of a file with a public key that is not a comment."""
_SIGNATURE = re.compile(
    r"\Auntrusted comment: [^\n]*\n(?P<signature>[A-Za-z0-9+/=]{100})\r?\n"
    r"trusted comment: (?P<comment>[^\r\n]*)\r?\n(?P<all>[A-Za-z0-9+/=]{88})\s*\Z"
)
_HELP = "the file beside it is made by `minisign -S`"


class PublicKey(NamedTuple):
    """The key of whoever signs."""

    number: bytes
    """It tells keys apart, and proves nothing."""
    point: bytes

    @property
    def shown(self) -> str:
        """The number as minisign shows it."""
        return self.number[::-1].hex().upper()


def public_key(text: str, where: str) -> PublicKey:
    """Return the key in the text of a key file, or the line of it alone.

    Raises:
        UsageError: there is none.
    """
    line = _KEY.search(text)
    raw = base64.b64decode(line[1]) if line else b""
    if len(raw) != 42 or not raw.startswith(b"Ed"):
        raise UsageError(
            f"{where}: no public key of minisign", help="it is the line that begins with RW in minisign.pub"
        )
    return PublicKey(raw[2:10], raw[10:])


def check(data: bytes, signature: str, key: PublicKey, name: str) -> None:
    """Return if a file is as the owner of a key has signed it.

    Raises:
        UsageError: it is not, or the signature is none.
    """
    written = _SIGNATURE.match(signature)
    try:
        head = base64.b64decode(written["signature"], validate=True) if written else b""
        whole = base64.b64decode(written["all"], validate=True) if written else b""
    except binascii.Error:
        head = whole = b""
    if not written or len(head) != 74 or len(whole) != 64 or not head.startswith(b"ED"):
        raise UsageError(f"{name}{ENDING} is no signature of minisign, or a damaged one", help=_HELP)
    number, signed = head[2:10], head[10:]
    if number != key.number:
        other = PublicKey(number, b"").shown
        raise UsageError(
            f"{name} is signed by the key {other}, not by {key.shown}", help="--rules-key names the key that you trust"
        )
    if not _holds(key.point, hashlib.blake2b(data).digest(), signed):
        raise UsageError(f"{name} was damaged or changed after it was signed", help="get it again from who made it")
    if not _holds(key.point, signed + written["comment"].encode(), whole):
        raise UsageError(f"{name}{ENDING} was damaged or changed", help="get it again from who made it")


def _holds(point: bytes, message: bytes, signature: bytes) -> bool:
    from Cryptodome.Signature import eddsa  # noqa: PLC0415 - few runs are pointed at other rules

    try:
        eddsa.new(eddsa.import_public_key(point), "rfc8032").verify(message, signature)
    except ValueError:
        return False
    return True
