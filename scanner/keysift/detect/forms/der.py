"""Value -> what its ASN.1 says: a public key, a certificate, a signature, something encrypted; nothing of private keys.

Keys and certificates are written in DER (ITU-T X.690), which states at its start what follows: in base64, in
hexadecimal, or in base64 of PEM. Private keys begin with their version; what is public does not.
"""

from __future__ import annotations

import base64
import re

from keysift import lazy

HEAD = 48
"""Bytes of a value that are looked at."""
_LENGTH = rb"(?:[\x02-\x7f]|\x81[\x00-\xff]|\x82[\x00-\xff]{2}|\x83[\x00-\xff]{3})"
_SEQUENCE = rb"\x30" + _LENGTH
_MEANINGS = (
    # SubjectPublicKeyInfo (RFC 5280, 4.1.2.7): SEQUENCE { SEQUENCE { the algorithm, ... }, the key }
    (_SEQUENCE + _SEQUENCE + rb"\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01"
        rb"|\x07\x2a\x86\x48\xce|\x03\x2b\x65[\x6e-\x71]|[\x07-\x09]\x2a\x81\x1c)", "a public key"),
    # EncryptedPrivateKeyInfo (RFC 5958, 3): the algorithm is one of PKCS #5 or PKCS #12
    (_SEQUENCE + _SEQUENCE + rb"\x06[\x09\x0a]\x2a\x86\x48\x86\xf7\x0d\x01(?:\x05|\x0c)", "an encrypted private key"),
    # RSAPublicKey (RFC 8017, A.1.1): SEQUENCE { the modulus, ... }
    # and a signature (RFC 3279, 2.2.3): SEQUENCE { two numbers }
    (_SEQUENCE + rb"\x02(?:[\x1c-\x7f]|\x81[\x00-\xff]|\x82[\x00-\xff]{2})", "a public key or a signature"),
    # CertificationRequest (RFC 2986, 4): SEQUENCE { SEQUENCE { version 0, the subject, ... }, ... }
    (_SEQUENCE + _SEQUENCE + rb"\x02\x01\x00\x30", "a request for a certificate"),
    # Certificate (RFC 5280, 4.1): SEQUENCE { SEQUENCE { [0] the version, the serial number, ... }, ... }
    (_SEQUENCE + _SEQUENCE + rb"\xa0\x03\x02\x01", "a certificate"),
    # SignedData, EnvelopedData and others (RFC 5652, 3): SEQUENCE { a type of PKCS #7, ... }
    (_SEQUENCE + rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07", "a signed or encrypted message"),
)  # fmt: skip
_BASE64 = lazy.compile(r"M[CDEFGHI][0-9A-Za-z+/_-]{20,}(?:[0-9A-Za-z+/_\s-]|\\n)*={0,2}")
_HEX = lazy.compile(r"(?:0x)?30(?:[0-9a-fA-F]{2}){24,}")
_PEM = "LS0tLS1CRUdJTi"
"""Base64 of `-----BEGIN`."""
_PUBLIC_PEM = re.compile(rb"-----BEGIN (?:[A-Z0-9]{1,10} )?(?:PUBLIC KEY|CERTIFICATE|NEW CERTIFICATE|PGP MESSAGE)")


def said(text: str) -> str:
    """Return what a value of letters and digits is by its ASN.1; empty if it is no such value, or a private key."""
    if text.startswith(_PEM):
        return _of_pem(text)
    if text.startswith("M") and _BASE64.fullmatch(text):
        return _of_bytes(_decoded(text[:64].replace("-", "+").replace("_", "/")))
    if text.startswith(("30", "0x30")) and _HEX.fullmatch(text):
        return _of_bytes(bytes.fromhex(text.removeprefix("0x")[: 2 * HEAD]))
    return ""


def _of_pem(text: str) -> str:
    """Return what PEM in base64 is; nothing if there is a private key in it."""
    decoded = _decoded(text)
    return "a public key or certificate" if _PUBLIC_PEM.match(decoded) and b"PRIVATE" not in decoded else ""


def _of_bytes(head: bytes) -> str:
    return next((meaning for pattern, meaning in _MEANINGS if re.match(pattern, head, re.DOTALL)), "")


def _decoded(text: str) -> bytes:
    """Return the bytes of as much of a text as is base64; empty if it is not."""
    whole = text.rstrip("=")
    try:
        return base64.b64decode(whole[: len(whole) - len(whole) % 4])
    except ValueError:
        return b""
