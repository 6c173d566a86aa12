"""Tells where a value ends: at its quotation mark, or where bare text does; and whether someone may have written it."""

from __future__ import annotations

import re

from keysift.detect.named import spans

BACK = 140
"""Bytes between the stem of a name and its value, at most."""
LONGEST = 1000
"""Bytes of a quoted value, at most."""
SHORTEST = 4
"""Bytes of a value, at least."""
_BARE = re.compile(rb"[^\s\"'`<>\\]{0,500}")
_MARKS = re.compile(rb"\\*[\"'`]")
_CONTROL = bytes([*range(9), *range(10, 32), 127])
_HIGH = bytes(range(128, 256))
_NEXT_PARAMETER = re.compile(rb"&[\w.-]{1,40}=")


def is_text(value: bytes) -> bool:
    """Return True if someone may have written it: in compressed bytes, two letters look like a name as well."""
    if len(value) > len(value.translate(None, _CONTROL)):
        return False
    try:
        value.decode()
    except UnicodeDecodeError:
        return 4 * (len(value) - len(value.translate(None, _HIGH))) <= len(value)  # text of another code page
    return True


def value_end(data: bytes, start: int, quote: bytes, name_start: int = -1) -> int:
    """Return the end of a value behind this quotation mark, or of a bare one; `start` if it has none.

    The name right before a bare value begins at `name_start`; else at the first word of the line.
    """
    if quote:
        return _quoted_end(data, start, quote)
    if name_start < 0:
        line = data[data.rfind(b"\n", max(0, start - BACK), start) + 1 : start]
        name_start = start - len(line.lstrip(b" \t-"))
    return _bare_end(data, name_start, start)


def block_end(data: bytes, start: int) -> int:
    """Return the end of a block of one line; `start` if it has more, or more than a word."""
    line, _, below = data[start : start + LONGEST].partition(b"\n")
    indent = start - data.rfind(b"\n", 0, start) - 1
    following = below.split(b"\n", 1)[0]
    if len(line.split()) != 1 or (following.strip() and len(following) - len(following.lstrip(b" \t")) >= indent):
        return start
    return start + len(line.rstrip())


def _quoted_end(data: bytes, start: int, quote: bytes) -> int:
    """Return the end of a literal; `start` if it does not end on this line."""
    limit = start + LONGEST
    mark = _closing(quote)
    end = data.find(mark, start, limit)
    while end > start and data[end - 1 : end] == b"\\" and mark[:1] != b"\\":
        end = data.find(mark, end + 1, limit)
    return start if end < 0 or 0 <= data.find(b"\n", start, limit) < end else end


def _closing(quote: bytes) -> bytes:
    """Return what closes a literal: of one inside of another the marks in turn, as in `'"x"'`."""
    return b"".join(reversed(_MARKS.findall(quote))) if quote[-1:] in b"\"'`" else quote


def _bare_end(data: bytes, name_start: int, start: int) -> int:
    """Return the end of a bare value: before a space, a quotation mark, or the next parameter of a query."""
    whole = spans.whole_end(data, name_start, start)
    if whole > start:
        return whole
    bare = _BARE.match(data, start)
    value = bare[0] if bare else b""
    if data[name_start - 2 : name_start] == b"${":  # `${NAME:-value}` of shells and settings
        value = value.partition(b"}")[0]
    following = _NEXT_PARAMETER.search(value)
    if following:
        value = value[: following.start()]
    return start + len(value if value.endswith(b"...") else value.rstrip(b",;)]}."))
