"""Decodes what encodes whole values: base64, hex, UTF-16 and UTF-32, and what is compressed within them."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence

from keysift.detect import values
from keysift.detect.decode.parts import LONGEST, LimitError, Part, like_key

Hits = Sequence[tuple[int, int]]
MOST_INFLATED = 8 << 20
"""Bytes that one compressed value may unpack to."""
_LOOKED_AT = 4096
"""Bytes of a compressed value that tell whether it is text."""
MOST_TOGETHER = 16 << 20
"""Bytes that all compressed values of one text may unpack to."""
HEAD = 64
"""Characters at the start of a run that show whether it is worth decoding."""
WRAPPED_AT = 40
"""Characters that a line of base64 has at least if the next line continues it."""
_TOKEN = re.compile(rb"(?<![\w+/=.-])[A-Za-z0-9+/]{8,}+={0,2}(?![\w+/=])")
_LEAD = re.compile(rb"[\s\"'`>|]{0,80}")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
_LINE = re.compile(rb"[A-Za-z0-9+/_-]+")
_BREAK = re.compile(rb"=?(?:\r?\n|(?:\\r)?\\n)[ \t]*(?=[A-Za-z0-9+/_-]+={0,2}(?:[\s\"'`<\\-]|\Z))")
_HEX = re.compile(rb"(?:[2-7][0-9A-Fa-f]|0[09AaDd])+")
_HEX_DIGITS = re.compile(rb"(?:[0-9A-Fa-f]{2})+")
_WIDE_NAMES = {2: "UTF-16", 4: "UTF-32"}
_PRINTABLE = bytes([*range(32, 127), 9, 10, 13])
_TEXT = bytes([*range(32, 127), *range(128, 256), 9, 10, 13])
_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x78\x9c": "zlib", b"\x78\xda": "zlib", b"\x78\x01": "zlib", b"\x78\x5e": "zlib"}
SHORTEST_INFLATED = 16
"""Bytes that a compressed value unpacks to at least: any two bytes may look like a header of zlib by chance."""
_ESCAPED = re.compile(rb"(?:\\[ntr]|%[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2})\Z")
_DECODER = b" base64 -"


def kubernetes(data: bytes, _hits: Hits) -> Iterator[Part]:
    """Decode every value that is base64 of text, as all values in the manifest of a Kubernetes Secret are."""
    for token in _TOKEN.finditer(data):
        decoded = _base64(token[0].rstrip(b"="))
        if len(decoded) >= 4 and not decoded.strip(_PRINTABLE) and not decoded.translate(None, _PRINTABLE):
            yield Part(token.start(), token.end(), decoded.rstrip(b"\n"), ("base64",), (4, 3))


def base64_runs(data: bytes, hits: Hits) -> Iterator[Part | LimitError]:
    """Decode the run of base64 at each hit, over several lines if it is wrapped.

    A compressed value that unpacks to too much is an error among the parts; those after it are decoded.
    """
    taken, left = 0, MOST_TOGETHER
    for hit, _ in hits:
        start = _first(data, hit) if hit >= taken else len(data)
        if start < taken or not _begins(data, start):
            continue
        lines = _lines(data, start)
        taken = lines[-1][1] if lines else taken  # whatever comes of it, nothing is decoded twice
        try:
            for part in _base64_parts(data, lines, left) if lines else ():
                left -= len(part.decoded) if len(part.steps) > 1 else 0
                yield part
        except LimitError as error:
            left -= MOST_INFLATED
            yield error


def _begins(data: bytes, start: int) -> bool:
    """Return True if a run that is worth decoding starts here, and not in the middle of another."""
    if start and data[start - 1 : start].isalnum() and not _ESCAPED.search(data, max(0, start - 6), start):
        return False
    line = _LINE.match(data, start, start + HEAD)
    head = _base64(line[0]) if line else b""
    return _readable(head) or head[:2] in _COMPRESSED


def goes_on(data: bytes, place: int, back: int) -> bool:
    """Return True if a run of base64 worth decoding starts more than `back` bytes before `place` and ends after it."""
    if data[max(0, place - back) : place + 1].strip(_ALPHABET):
        return False
    start = len(data[:place].rstrip(_ALPHABET))
    return start < place - back and _begins(data, start)


def _first(data: bytes, start: int) -> int:
    """Return where the run that a trigger announces starts: after it, or before `| base64 -d`."""
    if _DECODER in data[max(0, start - 12) : start]:
        decoder = data.rfind(_DECODER, 0, start)
        low = max(0, start - 2048)
        # What stands before the decoder before this one is that one's, or each of many would look at all again.
        earlier = data.rfind(_DECODER, low, decoder)
        low = earlier + len(_DECODER) if earlier >= 0 else low
        before = list(_LINE.finditer(data, low, decoder))
        return max(before, key=lambda run: len(run[0])).start() if before else len(data)
    lead = _LEAD.match(data, start)
    return lead.end() if lead else start


def _lines(data: bytes, start: int) -> list[tuple[int, int]]:
    """Return the spans of the lines of one run: all are as long as the first, but for the last."""
    lines: list[tuple[int, int]] = []
    line = _LINE.match(data, start)
    while line:
        lines.append(line.span())
        length, first = (end - begin for begin, end in (lines[-1], lines[0]))
        following = _BREAK.match(data, line.end()) if length == first >= WRAPPED_AT else None
        if not following:
            break
        line = _LINE.match(data, following.end())
        if line and line.end() - line.start() > first:
            break
    return lines


def _base64_parts(data: bytes, lines: list[tuple[int, int]], left: int) -> Iterator[Part]:
    """Decode the lines of one run. Raises LimitError."""
    start, end = lines[0][0], lines[-1][1]
    while end < len(data) and data[end] == ord("=") and end < lines[-1][1] + 2:
        end += 1
    decoded = _base64(b"".join(data[low:high] for low, high in lines))
    if inner := _inflated(decoded, left):
        yield Part(start, end, inner[0], ("base64", inner[1]))
    elif not _readable(decoded) or (data[max(0, start - 6) : start] == b"Basic " and not _login_with_key(decoded)):
        return
    elif any((high - low) % 4 for low, high in lines[:-1]):
        yield Part(start, end, decoded.rstrip(b"\n"), ("base64",))
    else:
        yield from _line_by_line(data, lines, end)


def _login_with_key(decoded: bytes) -> bool:
    """Return True if user or password may be a key; other logins are recognised without being decoded."""
    return any(map(like_key, decoded.split(b":")))


def _line_by_line(data: bytes, lines: list[tuple[int, int]], end: int) -> Iterator[Part]:
    """Decode each line by itself, and the breaks between lines to nothing, so that each byte's origin is known."""
    for index, (low, high) in enumerate(lines):
        decoded = _base64(data[low:high])
        last = index + 1 == len(lines)
        yield Part(low, end if last else high, decoded.rstrip(b"\n") if last else decoded, ("base64",), (4, 3))
        if not last:
            yield Part(high, lines[index + 1][0], b"", ("base64",))


def _base64(token: bytes) -> bytes:
    """Decode base64 of either alphabet, with or without padding; empty if it is none."""
    token = token[: len(token) - 1] if len(token) % 4 == 1 else token
    try:
        return base64.b64decode(token.translate(_STANDARD) + b"=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return b""


_STANDARD = bytes.maketrans(b"-_", b"+/")


def _inflated(data: bytes, left: int) -> tuple[bytes, str] | None:
    """Return the text that is compressed in the data, and the name of the format; of a truncated text, what there is.

    Raises:
        LimitError: it unpacks to too much, or so do those before it: `left` is what all of them may unpack to.
    """
    name = _COMPRESSED.get(data[:2])
    if not name:
        return None
    if left <= 0:
        raise LimitError(f"compressed values unpack to more than {MOST_TOGETHER >> 20} MB")
    reader = zlib.decompressobj(wbits=47)
    try:
        inner = reader.decompress(data, _LOOKED_AT)  # what is no text costs no more
        if not _readable(inner):
            return None
        inner += reader.decompress(reader.unconsumed_tail, MOST_INFLATED - len(inner))
    except zlib.error:
        return None
    if len(inner) < SHORTEST_INFLATED or not (reader.eof or _is_text(inner)):
        return None
    if len(inner) == MOST_INFLATED:
        raise LimitError(f"a compressed value unpacks to more than {MOST_INFLATED >> 20} MB")
    return inner, name


def _is_text(data: bytes) -> bool:
    """Return True if all of it is text, but for a last character that is cut.

    Without a checksum, nothing less tells it from random bytes.
    """
    try:
        codecs.utf_8_decode(data, "strict", False)  # noqa: FBT003 - it takes no keywords
    except UnicodeDecodeError:
        return False
    return not data.translate(None, _TEXT)


def _readable(data: bytes) -> bool:
    """Return True if the data start like text, in any encoding of Unicode."""
    start = data.lstrip(b"\xef\xbb\xbf\xff\xfe\0")[:16]
    return len(start) >= 4 and not start.translate(None, _TEXT + b"\0")


def hex_runs(data: bytes, hits: Hits) -> Iterator[Part | LimitError]:
    """Decode the run of hex digits at each hit, as far as it is text or compressed text; errors as in `base64_runs`."""
    taken, left = 0, MOST_TOGETHER
    for start, _ in hits:
        compressed = data[start : start + 4].lower() == b"1f8b"
        if start < taken:
            continue
        run = _HEX_DIGITS.match(data, start) if compressed else _HEX.match(data, start, start + LONGEST)
        if not run:
            continue
        taken = run.end()
        decoded = bytes.fromhex(run[0].decode())
        if data[start - 2 : start] in {b"0x", b"0X"}:
            yield Part(start - 2, start, b"", ("hex",))
        if not compressed:
            yield Part(*run.span(), decoded, ("hex",), (2, 1))
            continue
        try:
            inner = _inflated(decoded, left)
        except LimitError as error:
            left -= MOST_INFLATED
            yield error
            continue
        if inner:
            left -= len(inner[0])
            yield Part(*run.span(), inner[0], ("hex", inner[1]))


def wide_runs(data: bytes, _hits: Hits) -> Iterable[Part]:
    """Decode text of two or four bytes a character, in either byte order, also amid other data."""
    for width, name in _WIDE_NAMES.items():
        bounds = values.wide_runs(data, width, values.TEXT)
        for start, end in zip(bounds[::2], bounds[1::2], strict=True):
            if _big_endian(data, start, end, width):
                yield Part(start - width + 1, end + 1, data[start : end + 1 : width], (name,), (width, 1))
            else:
                yield Part(start, end, data[start:end:width], (name,), (width, 1))


def _big_endian(data: bytes, start: int, end: int, width: int) -> bool:
    """Return True if the zeros precede their characters: some are before the run then, and a character after it."""
    before = data[max(0, start - width + 1) : start]
    return before == bytes(width - 1) and end < len(data) and values.TEXT[data[end]] != 0
