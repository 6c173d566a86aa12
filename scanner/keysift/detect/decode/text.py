"""Decodes single characters (escapes, percent, entities, quoted-printable) and strings written in pieces."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from keysift.detect.decode.parts import Part, like_key
from keysift.detect.decode.triggers import BASE64, TOKEN

Hits = Sequence[tuple[int, int]]
AROUND = 96
"""Bytes on either side of an encoded character, on its line, within which others are decoded with it."""
FULL_LINE = range(71, 78)
"""Characters of a line that quoted-printable broke within a word: up to 76, less what an encoded one would take."""
LONGEST_LIST = 2000
"""Bytes of a list whose strings are joined."""
_ESCAPE = re.compile(
    rb"\\(?:x([0-9A-Fa-f]{2})|u00([0-9A-Fa-f]{2})|U000000([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{2})\}|([01][0-7]{2})|([/\"]))"
)
DIGESTS = (27, 43)
"""Characters before the equals sign that ends the base64 of a SHA-1 or SHA-256."""
_BINARY = re.compile(rb"\\x(?:[89A-Fa-f]|0[0-8BCEFbcef]|1)")
MOST_BINARY = 3
"""Escaped bytes near an escaped character that may be no text; more of them are a picture or a program."""
LONGEST_ESCAPE = 6
"""Bytes of an escape that may come, several in a row, before the hit."""
_ESCAPE_BEFORE = re.compile(rb"\\(?:x[2-7][0-9A-Fa-f]|u00[2-7][0-9A-Fa-f])\Z")
_PERCENT = re.compile(rb"%([2-7][0-9A-Fa-f]|0[9AaDd])")
_ALL_ENCODED = re.compile(rb"(?:%[2-7][0-9A-Fa-f]){6}")
_ENCODED_TOKEN = re.compile(rb"(?:[\w+/=.~-]|%(?:2[5BbDdEeFf]|3[0-9ADad]|[4-7][0-9A-Fa-f])){16,}")
_MIXED = re.compile(
    rb"(?<![^/._=~&:?-])(?=[^/._=~&:?-]*[0-9])(?=[^/._=~&:?-]*[A-Za-z])[^/._=~&:?-]{6,}|[0-9A-Za-z+]{20}"
)
"""A run of letters and digits mixed, or a long one: the URLs of pages and pictures are made of words and numbers."""
_ENTITY = re.compile(rb"&(?:#[xX]([2-7][0-9A-Fa-f])|#([3-9][0-9]|1[01][0-9]|12[0-6])|(quot|apos|amp|lt|gt));")
_NAMED = {b"quot": b'"', b"apos": b"'", b"amp": b"&", b"lt": b"<", b"gt": b">"}
_QUOTED = re.compile(rb"=(?:([2-7][0-9A-F])|\r?\n)")
_ALL_QUOTED = re.compile(rb"(?:=[3-7][0-9A-F]){6}")
_OPERATOR = rb"(?:\+|\.{1,2}|&)?"
_GLUE = re.compile(
    rb"[\"'](?P<filler>[ \t]*" + _OPERATOR + rb"[ \t]*(?:[\\_]?[ \t]*\r?\n[ \t]*)?" + _OPERATOR + rb"[ \t]*)"
    rb"[fFrRbBu]?[\"']\Z"
)
_CONTINUED = re.compile(rb"\\\r?\n[ \t]*\Z")
_LIST = rb"[\[(]\s*(?P<items>(?:[\"'][\w+/=.-]*[\"']\s*,?\s*)+)[\])]"
_JOIN_OF = re.compile(rb"[\"']{2}\.join\(\s*" + _LIST + rb"\s*\)")
_OF_JOIN = re.compile(_LIST + rb"\.join\([\"']{2}\)")
_ITEM = re.compile(rb"[\"']([^\"']*)[\"']")
_FOLDED = re.compile(rb"(?P<indent>[ \t]+)[\w+/=.-]{8,}(?:\r?\n(?P=indent)[\w+/=.-]{8,}(?=\s|\Z))+")
_NEW_LINE = re.compile(rb"\r?\n[ \t]+")


def escapes(data: bytes, hits: Hits) -> Iterator[Part]:
    r"""Decode `\x5f`, `\u005f`, `\137`, and the `\/` and `\\\"` of JSON, however many times they are escaped."""
    taken = 0
    for hit, end in hits:
        if len(_BINARY.findall(_near(data, hit, end))) > MOST_BINARY:
            continue
        start = max(taken, hit)
        while before := _ESCAPE_BEFORE.search(data, max(taken, start - LONGEST_ESCAPE), start):
            start = before.start()
        while (escape := _ESCAPE.match(data, start)) and b" " <= (decoded := _escaped(escape)) <= b"~":
            low = start
            while low > taken and data[low - 1] == ord("\\"):
                low -= 1
            start = taken = escape.end()
            yield Part(low, taken, decoded, ("string escapes",))


def _escaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1] or escape[2] or escape[3] or escape[4]
    return escape[6] or bytes([int(code, 16) if code else int(escape[5], 8)])


def percent(data: bytes, hits: Hits) -> Iterator[Part]:
    """Decode `%5F` and its neighbours on the line, if a key may be near; most URLs have none."""
    for character in _around(_PERCENT, data, [hit for hit in hits if _near_key(_near(data, *hit))]):
        yield Part(*character.span(), _plain(character), ("percent-encoding",))


def _near(data: bytes, start: int, end: int) -> bytes:
    return data[max(0, start - AROUND // 2) : end + AROUND // 2]


@functools.lru_cache(maxsize=20_000)
def _near_key(near: bytes) -> bool:
    """Return True if some token could be a key. Cached, since a history asks the same over and over."""
    if _ALL_ENCODED.search(near):
        return True
    tokens = (_PERCENT.sub(_plain, token) for token in _ENCODED_TOKEN.findall(near))
    return any(like_key(token) and _MIXED.search(token) for token in tokens)


def _plain(character: re.Match[bytes]) -> bytes:
    return bytes.fromhex(character[1].decode())


def entities(data: bytes, hits: Hits) -> Iterator[Part]:
    """Decode `&#95;`, `&#x5f;` and `&quot;`, and their neighbours on the line."""
    for entity in _around(_ENTITY, data, hits):
        decoded = _NAMED[entity[3]] if entity[3] else bytes([int(entity[1], 16) if entity[1] else int(entity[2])])
        yield Part(*entity.span(), decoded, ("HTML entities",))


def quoted_printable(data: bytes, hits: Hits) -> Iterator[Part]:
    """Decode `=5F`, and join lines broken by `=`; where nothing but a line is broken, any other `=` is itself."""
    wanted = [(start, end) for start, end in hits if data[start] != ord("\n") or _is_full(data, start - 1)]
    for match in _around(_QUOTED, data, wanted, lines=True):
        line_break = match[1] is None
        if line_break and not _is_full(data, match.start()):
            continue
        if line_break or _is_encoded(data, match.start()):
            yield Part(*match.span(), b"" if line_break else _plain(match), ("quoted-printable",))


def _is_full(data: bytes, place: int) -> bool:
    """Return True if the line that ends at `place`, with `=` and perhaps CR, is as long as broken lines are."""
    equals = data.rfind(b"=", max(0, place - 1), place + 1)
    start = data.rfind(b"\n", max(0, equals - FULL_LINE[-1] - 2), equals) + 1
    if equals - start not in FULL_LINE:
        return False
    line = data[start:equals]
    return len(line) - len(line.rstrip(BASE64)) not in DIGESTS


def _is_encoded(data: bytes, place: int) -> bool:
    """Return True if an encoded equals sign or punctuation of keys is near, or everything is encoded."""
    near = data[max(0, place - AROUND) : place + AROUND]
    return any(sign in near for sign in (b"=3D", b"=5F", b"=2B", b"=2D", b"=2F")) or bool(_ALL_QUOTED.search(near))


def _around(pattern: re.Pattern[bytes], data: bytes, hits: Hits, *, lines: bool = False) -> Iterator[re.Match[bytes]]:
    """Yield the matches near the hits, each once; `lines` also allows those on other lines."""
    taken = 0
    for start, end in hits:
        low, high = max(taken, start - AROUND), min(len(data), end + AROUND)
        if not lines:
            low = max(low, data.rfind(b"\n", low, start) + 1)
            after = data.find(b"\n", end, high)
            high = after if after >= 0 else high
        for match in pattern.finditer(data, low, high):
            taken = match.end()
            yield match


def joined(data: bytes, hits: Hits) -> Iterator[Part]:
    """Remove what stands between the pieces of a string: `"ab" + "cd"` becomes `"abcd"`."""
    glues: set[tuple[int, int]] = set()
    for start, end in hits:
        if b".join" in data[start:end]:
            yield from _list(data, start, end)
        else:
            glues.update(_glue(data, end))
    for chain in _chains(data, sorted(glues)):
        if _may_be_key(data, chain):
            yield from (Part(low, high, b"", ("joined pieces",)) for low, high in chain)


def _glue(data: bytes, end: int) -> Iterator[tuple[int, int]]:
    """Yield what stands between two pieces; the second starts one byte before `end`, or four in a continued line."""
    if data[end - 1 : end] == b"\n":
        folded = _FOLDED.match(data, end, end + LONGEST_LIST)
        yield from (line.span() for line in _NEW_LINE.finditer(data, end, folded.end())) if folded else ()
    elif data[end - 1 : end] == b"}":
        opened = data.rfind(b"{", max(0, end - 48), end)
        if opened >= 0:
            yield opened, opened + 2
            yield end - 2, end
    elif data[end - 2 : end - 1] in {b'"', b"'"}:
        if length := _length(_GLUE, data[max(0, end - 49) : end - 1]):
            yield end - 1 - length, end - 1
    elif length := _length(_CONTINUED, data[max(0, end - 49) : end - 4]):
        yield end - 4 - length, end - 4


@functools.lru_cache(maxsize=1 << 15)
def _length(pattern: re.Pattern[bytes], text: bytes) -> int:
    """Return the length of a match at the end of a text, or 0. Cached, since a history asks the same over and over."""
    match = pattern.search(text)
    return len(text) - match.start() if match else 0


def _chains(data: bytes, glues: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the glues in groups, with nothing but a piece of a key between one and the next."""
    chain: list[tuple[int, int]] = []
    for low, high in glues:
        if chain and low < chain[-1][1]:
            continue
        if chain and not (low - chain[-1][1] < AROUND and not data[chain[-1][1] : low].strip(TOKEN)):
            yield chain
            chain = []
        chain.append((low, high))
    if chain:
        yield chain


def _may_be_key(data: bytes, chain: Sequence[tuple[int, int]]) -> bool:
    """Return True if the pieces around and between the glues make something like a key."""
    first, last = chain[0][0], chain[-1][1]
    left, right = data[max(0, first - AROUND) : first], data[last : last + AROUND]
    return _makes_key(left, tuple(data[end:start] for (_, end), (start, _) in pairwise(chain)), right)


@functools.lru_cache(maxsize=1 << 14)
def _makes_key(left: bytes, between: tuple[bytes, ...], right: bytes) -> bool:
    pieces = (left[len(left.rstrip(TOKEN)) :], *between, right[: len(right) - len(right.lstrip(TOKEN))])
    return like_key(b"".join(pieces))


def _list(data: bytes, start: int, end: int) -> Iterator[Part]:
    """Decode `"".join(["ab", "cd"])` and `["ab", "cd"].join("")` to the string that they make."""
    call = _JOIN_OF.match(data, start, start + LONGEST_LIST)
    if not call:
        low = data.rfind(b"[", max(0, start - LONGEST_LIST), start)
        call = _OF_JOIN.match(data, low, end) if low >= 0 else None
    if call:
        text = b"".join(item[1] for item in _ITEM.finditer(call["items"]))
        yield Part(*call.span(), b'"' + text + b'"', ("joined pieces",))
