"""The forms in which a known key may recur without anything that says what it is: as it is, and encoded."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import field
from urllib.parse import quote

from keysift.records import dataclass

SHORTEST, SHORTEST_PLAIN = 12, 8
"""Characters of a key that is looked for elsewhere; of one with letters and digits, the fewer: no such word recurs."""
SHORTEST_LINE = 24
"""Characters of a line of a longer key that is looked for by itself."""
LONGEST = 8192
"""Bytes of a key that is looked for as a whole."""


@dataclass(frozen=True, slots=True)
class Form:
    """Bytes to look for, and how many of those around them belong to them."""

    text: bytes = field(repr=False)
    before: int = 0
    after: int = 0


def forms(secret: bytes) -> Iterator[Form]:
    """Yield the forms of a key that are looked for, each once."""
    known: set[bytes] = set()
    for text in _parts(secret):
        for form in _encoded(text):
            if form.text not in known:
                known.add(form.text)
                yield form


def _parts(secret: bytes) -> Iterator[bytes]:
    """Yield a key, if it is long enough, and each line of one of several lines, which a log may print one by one."""
    if len(secret) <= LONGEST and is_telling(secret):
        yield secret
    if b"\n" in secret:
        for line in secret.split(b"\n"):
            bare = line.strip()
            if len(bare) >= SHORTEST_LINE and not bare.startswith(b"-----") and b": " not in bare:
                yield bare


def is_telling(secret: bytes) -> bool:
    """Return True if the same bytes elsewhere are the same key, and no word."""
    if len(secret) >= SHORTEST:
        return True
    digits = len(secret) - len(secret.translate(None, b"0123456789"))
    return len(secret) >= SHORTEST_PLAIN and 0 < digits < len(secret)


def _encoded(text: bytes) -> Iterator[Form]:
    yield Form(text)
    if len(text) < SHORTEST:
        return
    yield Form(quote(text, safe="").encode())
    yield Form(quote(text, safe="/").encode())
    readable = text.decode("utf-8", "replace")
    yield Form(json.dumps(readable)[1:-1].encode())
    yield Form(text.hex().encode())
    yield Form(text.hex().upper().encode())
    for codec in ("utf-16-le", "utf-32-le"):
        # Without the zeros at the end it occurs in either byte order.
        yield Form(readable.encode(codec).rstrip(b"\0"))
    for shift in range(3):
        yield from _base64(text, shift)


def _base64(text: bytes, shift: int) -> Iterator[Form]:
    """Yield what base64 makes of a key behind so many other bytes, without the characters that those decide as well."""
    encoded = base64.b64encode(b"\0" * shift + text)
    first = -(-shift * 8 // 6)
    last = (shift + len(text)) * 8 // 6
    inner = encoded[first:last]
    before, after = int(shift > 0), int(bool((shift + len(text)) * 8 % 6))
    yield Form(inner, before, after)
    yield Form(inner.translate(bytes.maketrans(b"+/", b"-_")), before, after)
