"""Value -> what it is without base64 or hexadecimal around it: words, a placeholder, an address, half a login.

Kubernetes writes every value of a Secret in base64, Basic credentials are base64 (RFC 7617), and samples spell their
keys in hexadecimal: what is no key in plain text is none in these.
"""

from __future__ import annotations

import base64
import functools
import itertools
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.detect import forms, signals
from keysift.detect.forms import published

if TYPE_CHECKING:
    from keysift.detect.named import model, names
else:
    model = lazy.module("keysift.detect.named.model")
    names = lazy.module("keysift.detect.named.names")

LONGEST = 800
"""Characters of an encoded value that is looked at."""
SHORTEST = 4
"""Characters of an encoded value."""
SHORTEST_UNPADDED = 12
"""Characters of base64 without `=` at its end; shorter values decode to text by chance."""
SHORTEST_COUNTED = 8
"""Bytes; fewer count up by chance."""
SHORTEST_USER = 16
"""Characters of a user that may be a key itself, which needs no password."""
SHORTEST_RANDOM = 12
"""Characters of a part of an address that may be a key."""
FLUENT = 0.6
"""Share of neighbouring letters that are common in words, from which letters alone are taken for words."""
SHORTEST_SPELLED = 4
"""Letters; fewer are no password."""
_BASE64 = lazy.compile(r"[0-9A-Za-z+/]+={0,2}|[0-9A-Za-z_-]+={0,2}")
_HEX = lazy.compile(r"(?:0x)?[0-9a-fA-F]{16,}")
_BASIC = "basic "
_LARAVEL = "base64:"
"""Before the key of an application: https://laravel.com/docs/encryption."""
_PART = lazy.compile(r"[0-9A-Za-z_+~-]+")
_ADDRESS = lazy.compile(
    r"(?i)(?:[a-z][a-z0-9+.-]{1,20}://(?:[a-z0-9_-]+@)?)?"
    r"(?:(?:[a-z0-9_-]+\.)+[a-z]{2,}(?::\d{1,5})?|[a-z][a-z0-9-]*:\d{1,5}|\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|(?<=//)[a-z0-9-]+)"
    r"(?:[/?#][\w./?&=%#~+,:-]*)?"
)
_STRUCTURE = lazy.compile(
    r"[\[{][\"'{\[].*[\]}]|[a-z][\w+.-]*://[\w./-]+|[a-z]+(?::[a-z0-9]+){2,}|[\d:., -]+|(?:[A-Z][a-z]+){2,}:\d+"
    r"|/[\w.-]+(?:/[\w.-]+)+"
)
_SIMPLE = lazy.compile(r"[\w:.@-]+")
_SPACED = lazy.compile(r"[A-Za-z]+(?:[ _-][A-Za-z]+)*")
_NAMES_A_KEY = lazy.compile(r"(?i)pass|pwd|secret|token|key|auth")


@functools.lru_cache(maxsize=1 << 12)
def said(value: str) -> str:
    """Return what an encoded value says in plain text, as the reason why it is no key; empty if it may be one."""
    if not SHORTEST <= len(value) <= LONGEST:
        return ""
    text = decoded(value)
    if not text:
        return "it counts up or repeats, in another notation" if _counts(_bytes(value)) else ""
    return _half_a_login(text) or _plain(text)


def decoded(value: str) -> str:
    """Return the printable text that a value is the base64 or hexadecimal of, `Basic` in front or not; else empty."""
    value = value.removeprefix(_LARAVEL)
    text = _bytes(value[len(_BASIC) :].lstrip() if value[: len(_BASIC)].lower() == _BASIC else value)
    decoded = text.decode("ascii", "replace").strip("\r\n")
    if not decoded.isprintable() or "\ufffd" in decoded:
        return ""
    sure = len(value) >= SHORTEST_UNPADDED or value.endswith("=")
    return decoded if sure or _SIMPLE.fullmatch(decoded) else ""


def _bytes(value: str) -> bytes:
    """Return the bytes that a value is the hexadecimal or base64 of; none if it is neither."""
    if _HEX.fullmatch(value):
        digits = value.removeprefix("0x")
        if len(digits) % 2 == 0:
            return bytes.fromhex(digits)
    if not _BASE64.fullmatch(value) or len(value.rstrip("=")) % 4 == 1:
        return b""
    body = value.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(body + "=" * (-len(body) % 4))


def _counts(raw: bytes) -> bool:
    """Return True if each byte differs from the one before it by the same."""
    return (
        len(raw) >= SHORTEST_COUNTED and len({(after - before) & 255 for before, after in itertools.pairwise(raw)}) == 1
    )


def _half_a_login(text: str) -> str:
    """Return why a user and a password are none: the password is empty or stands for one, and the user is no key."""
    user, colon, password = text.partition(":")
    if not colon or password.startswith("//") or (len(user) >= SHORTEST_USER and signals.looks_random(user)):
        return ""
    return f"a user with {no_password(password)}" if no_password(password) else ""


def no_password(password: str) -> str:
    """Return why a text is no password that someone made for use: empty, a placeholder, a word; else empty."""
    if not password:
        return "an empty password"
    if signals.placeholder(password) or signals.reference(password):
        return "a placeholder for a password"
    return forms.said(password) or ("a word for a password" if _is_words(password) else "")


def _is_words(text: str) -> bool:
    if any(map(str.isdigit, text)):
        return False
    if names.in_words(text.lower(), model.load().vocabulary):
        return True
    return text.isalpha() and (len(text) < SHORTEST_SPELLED or signals.wordiness(text) >= FLUENT)


def _plain(text: str) -> str:
    if signals.placeholder(text) or signals.reference(text):
        return "a placeholder or a reference in another notation"
    if form := forms.said(text) or published.said(text):
        return f"{form} in another notation"
    if names.in_words(text, model.load().vocabulary) or (_SPACED.fullmatch(text) and signals.wordiness(text) >= FLUENT):
        return "words in another notation"
    structured = _ADDRESS.fullmatch(text) or (_STRUCTURE.fullmatch(text) and not _NAMES_A_KEY.search(text))
    if structured and not any(map(_may_be_key, _PART.findall(text))):
        return "an address or a structure without a key, in another notation"
    return ""


def _may_be_key(part: str) -> bool:
    return len(part) >= SHORTEST_RANDOM and signals.looks_random(part)
