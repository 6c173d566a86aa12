"""Lists what the prefilter looks for to find encoded values.

Each trigger is rare where nothing is encoded: it looks for encoded *text*, never for a mere run of the characters of an
encoding, since digests are such runs.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import NamedTuple


class Kind(enum.IntEnum):
    """The kind of decoding that a trigger calls for."""

    KUBERNETES = 1
    BASE64 = 2
    HEX = 3
    WIDE = 4
    ESCAPES = 5
    PERCENT = 6
    ENTITIES = 7
    QUOTED = 8
    JOINED = 9
    TABLE = 10


class Trigger(NamedTuple):
    """A literal followed by `more` bytes of an alphabet, or else a regex, `shape`.

    A hit starts `length` bytes before its end.
    """

    kind: Kind
    literal: bytes = b""
    alphabet: bytes = b""
    more: int = 0
    caseless: bool = False
    shape: bytes = b""
    length: int = 0
    once: bool = False
    """True if the first hit in the data is enough, because there are many."""
    needs: bytes = b""
    """Bytes that every match of the shape contains."""
    near: bool = False
    """True if a match lies within a value that may be generated."""
    width: int = 0
    """Bytes of a character in the shape, where they are wide; `length` is that of all characters."""


BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
TOKEN = BASE64 + b"=._"
_TEXT = b"[ACDI-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]"
"""Base64 of three bytes below 128, the first of them printable or NUL (as in UTF-16): a tenth of random base64."""
_KEPT = b"(?:2[5BbDdEeFf]|3[0-9Aa]|4[0-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9AaEe])"
"""The percent-encoded characters of keys, without the brackets and spaces that any URL may have."""
_ZLIB = (b"eJw", b"eJx", b"eJy", b"eJz", b"eNo", b"eNp", b"eNq", b"eNr")
"""Base64 of the two bytes that zlib starts with at its default and best levels."""

_PIECE = b"[A-Za-z0-9_+/=-]"
_PREFIX = b"[fFrRbBu]?"
_GLUES = (
    *((quote + space + sign + space + _PREFIX + quote, quote + space + sign.replace(b"\\", b"") + space)
      for quote, space, sign in (
        (b'"', b" ", b"\\+"), (b"'", b" ", b"\\+"), (b'"', b"", b"\\+"), (b"'", b"", b"\\+"),
        (b'"', b" ", b"\\."), (b"'", b" ", b"\\."), (b'"', b"", b"\\."), (b"'", b"", b"\\."),
        (b'"', b" ", b"\\.\\."), (b"'", b" ", b"\\.\\."), (b'"', b" ", b"&"),
    )),
    *((glue, glue) for glue in (b'""', b"''", b"\"'", b"'\"", b'" "', b"' '", b'" f"', b"' f'")),
    *((quote + b"\\r?\\n[ \\t]*(?:\\+|\\.{1,2}|&) ?" + _PREFIX + quote, quote) for quote in (b'"', b"'")),
    (b"[\"'] [+.&\\\\](?: _)?\\r?\\n[ \\t]*" + _PREFIX + b"[\"']", b"\n"),
)  # fmt: skip
"""The glue between two pieces of a string, each with bytes that it contains. Spelled out with as many fixed
characters as possible, because an engine finds those ten times as fast as one expression for all of them.
"""
_LONG_PIECE = _PIECE * 8
"""Longer than the items of word lists, which have line after line of them that do not belong together."""
STEM = b"(?:pass|pwd|secret|token|key|auth|cred|otp)"
"""What the names of keys have in them."""
_HEADER = rb"[\w .()/#:\"'\t,;|-]"
"""A character of the first line of a table in CSV."""


def _runs(kind: Kind, *literals: bytes, more: int = 20) -> tuple[Trigger, ...]:
    """Return triggers for the literals that an encoded value starts with."""
    return tuple(Trigger(kind, literal, BASE64, more, length=len(literal) + more) for literal in literals)


def _before(*literals: bytes, more: int = 16, caseless: bool = False) -> tuple[Trigger, ...]:
    """Return triggers for the literals that an encoded value follows."""
    return tuple(Trigger(Kind.BASE64, literal, BASE64, more, caseless, length=more) for literal in literals)


def _shape(kind: Kind, shape: bytes, length: int, needs: bytes = b"", *, once: bool = False) -> Trigger:
    return Trigger(kind, shape=shape, length=length, once=once, needs=needs)


def _near(kind: Kind, shape: bytes, length: int) -> Trigger:
    """Return a trigger for a shape that is found only in values that may be generated."""
    return Trigger(kind, shape=shape, length=length, near=True)


def _wide(shape: bytes, length: int, width: int) -> Trigger:
    return Trigger(Kind.WIDE, shape=shape, length=length, once=True, needs=b"\0", width=width)


def _escape(shape: bytes, length: int) -> Iterator[Trigger]:
    """Yield triggers for an escaped character beside plain ones, and for six in a row.

    In the escaped bytes of a program or a picture every third is a character of keys, but its neighbours are not.
    """
    yield _shape(Kind.ESCAPES, _PIECE * 4 + shape, length, b"\\")
    yield _shape(Kind.ESCAPES, shape + _PIECE, length + 1, b"\\")
    yield _shape(Kind.ESCAPES, shape * 6, 6 * length, b"\\")


TRIGGERS = (
    *(
        Trigger(Kind.KUBERNETES, word, length=len(word))
        for word in (b"kind: Secret", b"kind: List", b'kind": "Secret', b'kind":"Secret')
    ),
    *(
        Trigger(Kind.BASE64, word, length=0)
        for word in (b": Basic ", b'"Basic ', b"'Basic ", b" base64 -d", b" base64 --d")
    ),
    _near(Kind.BASE64, b"[\"'`=>\\n]" + _TEXT * 6, 24),
    _near(Kind.BASE64, b": " + _TEXT * 6, 24),
    *_runs(Kind.BASE64, b"eyJ", b"H4sI", b"77u/", b"//4", b"//5", b"/v8A", *_ZLIB),
    _shape(Kind.BASE64, b"^" + _TEXT * 6, 24),  # at the start of the data, so not in a stretch of them
    *_before(b"base64,"),
    *_before(b" -encodedcommand ", b" -enc ", b" -ec ", b" -e ", caseless=True),
    _shape(Kind.BASE64, b": [>|][+-]?\\r?\\n", 0),
    _near(Kind.HEX, b"(?:[2-7][0-9A-Fa-f]){16}", 32),
    _near(Kind.HEX, b"(?:[2-7][0-9A-Fa-f]00){8}", 32),
    Trigger(Kind.HEX, b"1f8b08", b"0123456789abcdefABCDEF", 20, caseless=True, length=26),
    _wide(b"(?:[\\t\\n\\r -~]\\0){10}", 20, width=2),
    _wide(b"(?:[\\t\\n\\r -~]\\0\\0\\0){6}", 24, width=4),
    *_escape(b"\\\\x[2-7][0-9A-Fa-f]", 4),
    *_escape(b"\\\\u00[2-7][0-9A-Fa-f]", 6),
    _shape(Kind.ESCAPES, b"\\\\U000000[2-7][0-9A-Fa-f]", 10, b"\\"),
    _shape(Kind.ESCAPES, b"\\\\u\\{[2-7][0-9A-Fa-f]\\}", 6, b"\\"),
    _shape(Kind.ESCAPES, b"\\\\(?:0[4-7]|1[0-7])[0-7]", 4, b"\\"),
    _shape(Kind.ESCAPES, b"[A-Za-z0-9+]\\\\/[A-Za-z0-9+]", 3, b"\\"),
    Trigger(Kind.ESCAPES, b'\\\\\\"', length=2),
    _shape(Kind.PERCENT, b"[A-Za-z0-9]%" + _KEPT + b"[A-Za-z0-9%]", 4, b"%"),
    *_runs(Kind.PERCENT, b"%22", more=16),
    _shape(Kind.ENTITIES, b"&#(?:x[2-7][0-9A-Fa-f]|[3-9][0-9]|1[01][0-9]);", 5, b"&#"),
    *_runs(Kind.ENTITIES, b"&quot;", b"&apos;", more=16),
    *_runs(Kind.QUOTED, b"=3D", more=8),
    _shape(Kind.QUOTED, b"[A-Za-z0-9]=(?:5F|2B|2D|2F)[A-Za-z0-9]", 5, b"="),
    _shape(Kind.QUOTED, b"(?:=[3-7][0-9A-F]){6}", 18, b"="),
    _shape(Kind.QUOTED, b"[A-Za-z0-9+/_.-]{8}=\\r?\\n[A-Za-z0-9]", 2),
    *(_shape(Kind.JOINED, _PIECE + glue + _PIECE, 2, needs) for glue, needs in _GLUES),
    *(
        _shape(Kind.JOINED, _LONG_PIECE + quote + b"\\r?\\n[ \\t]*" + _PREFIX + quote + _PIECE, 2, quote)
        for quote in (b'"', b"'")
    ),
    _shape(Kind.JOINED, b"[A-Za-z0-9_+/=-]{4}\\\\\\r?\\n[ \\t]{0,40}[A-Za-z0-9_+/=-]{4}", 5),
    _shape(Kind.JOINED, b"[A-Za-z0-9_\"'}]\\{[\"'][A-Za-z0-9_+/=.-]{1,40}[\"']\\}", 3, b"{"),
    _shape(Kind.JOINED, b"[\"']{2}\\.join\\(", 8, b".join("),
    _shape(Kind.JOINED, b"\\]\\.join\\([\"']{2}\\)", 10, b".join("),
    _shape(Kind.JOINED, b": >[+-]?\\r?\\n", 1),
    _shape(
        Kind.TABLE,
        b"^(?i:(?:\\xef\\xbb\\xbf)?" + _HEADER + b"{0,400}?(?:" + STEM + b"|value)" + _HEADER + b"{0,400}\\r?\\n)",
        0,
    ),
    _shape(Kind.TABLE, b"\\|[ \\t]?:?--", 0, b"|"),
    _shape(Kind.TABLE, b"--[ \\t]?[|+][ \\t]?--", 0, b"--"),
    _shape(Kind.TABLE, b"\\n--+[ ]+--", 0, b"--"),
    _shape(Kind.TABLE, b"[)][ \\t\\r\\n]{0,8}(?i:values)[ \\t\\r\\n]{0,8}[(]", 0),
    Trigger(Kind.TABLE, b" FROM stdin", caseless=True),
)
"""Every trigger. A regex uses only what all engines read alike, and all its matches at one place end together."""
_LOCAL = frozenset({Kind.ESCAPES, Kind.PERCENT, Kind.ENTITIES, Kind.QUOTED, Kind.JOINED})
"""The encodings of which only what is near the trigger counts."""
FARTHER = bytes(trigger.kind not in _LOCAL for trigger in TRIGGERS)
"""By the number of each trigger, 1 if what it announces may be all over the data."""
HEADERS = bytes(trigger.kind is Kind.TABLE and trigger.shape[:1] == b"^" for trigger in TRIGGERS)
"""The same for those that are the first line of a table."""
ONCE = bytes(trigger.once for trigger in TRIGGERS)
"""The same for those of which the first hit is enough."""
