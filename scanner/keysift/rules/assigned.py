"""The two patterns that rules without a format share: a value of a field that is named like a key.

They begin with one of a few words, and are tried only at these, by Python's own engine: many times as fast as a search
by a library with timeouts. No attempt takes longer than a tenth of a millisecond, so none is needed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

_LITERAL_NAMES = "pass|pwd|pw|secret|token|key|auth|salt|plain_?text|cred|bearer|value|default"
_ASSIGNED_NAMES = "key|token|secret|auth|bearer|cred|passw|pwd|private|access|value|default|api"
_OPERATOR = (
    r"[\w.-]{0,40}(?:[\"'`\])*]{0,3}[ \t]{0,20}"
    r"(?::[ \t]{0,4}[&'\w\[\]<>?]{1,30}[ \t]{0,4}=|=>|[:?+]{1,3}=|:-|:(?!-)|[=(,>|]|\|\|=?|\?\?=?|\bor\b)[ \t]{0,20}"
    r"|[ \t]{1,4}(?![\w.-]{1,60}=(?!=?(?:[\s\"']|$)))|</\w{1,20}>\s{0,40}<\w{1,20}>)"
)
_QUOTED = (
    r"(?:[bru@$f]{1,2}(?=[\"'\\]))?(?:\\?\"(?P<secret>[^\"\n\\]{4,200})\\?\"|\\?'(?P<secret>[^'\n\\]{4,200})\\?'|`(?P<secret>[^`\n]{4,200})`)"
    r"(?![ \t]{0,4}(?::|=>))"
)
_BARE = r"(?P<secret>[^\s\"'`,;(){}<>\[\]|][^\s\"'`,;(){}<>\[\]]{3,199})(?![^\s\"'`,;)}<\]]|[ \t]{0,4}=|</key>)"
LITERAL = f"(?i:{_LITERAL_NAMES}){_OPERATOR}(?:{_QUOTED}|{_BARE})"
"""The pattern `literal`: any value, quoted or bare, of a field that is named like a key."""

_VALUE, _NO_DIGIT = r"[0-9A-Za-z_+/=.-]", r"[A-Za-z_+/=.-]"
# Each has one end for a start: hyperscan reports every end of a match, and a report costs as much as 200 bytes.
_WITH_DIGIT = "|".join(
    [
        f"[0-9]{_VALUE}{{11}}",
        *(f"{_NO_DIGIT}{{{count}}}[0-9]{_VALUE}{{{11 - count}}}" for count in range(1, 11)),
        f"{_NO_DIGIT}{{11,28}}[0-9]",
    ]
)
BEHIND = (
    r"[\w-]{0,20}(?:[.-](?:[0-9A-Za-z]{20}|[0-9a-f]{8}-[0-9a-f]{4}-)|"
    r"(?:[./-]{0,4}[^0-9A-Za-z\n./-][^0-9A-Za-z\n]{0,11}|</\w{1,20}>\s{0,20}<\w{1,20}>|[\"'] value=[\"'])"
    rf"(?:{_WITH_DIGIT}|(?:[a-z]{{1,8}}_)?[A-Za-z]{{26}}))"
)
"""Stands behind `key`, `token` and the like wherever `ASSIGNED` holds: the prefilter looks for it, because the words
alone stand in every file."""
_TOKEN_VALUE = (
    r"(?:[bru@$f]{1,2}(?=[\"'\\]))?\\{0,2}[\"'`]{0,3}"
    r"(?P<secret>[0-9A-Za-z_+/.-][0-9A-Za-z_+/=.~:%-]{11,511})"
    r"(?![0-9A-Za-z_+/=.~%(\[{<*\x80-\xff-]|\\?[\"'][ \t]{0,4}(?::|=>))"
)
ASSIGNED = (
    rf"(?i:{_ASSIGNED_NAMES})"
    rf"(?:{_OPERATOR}|[\"'] value=|[-.](?=[0-9A-Za-z]{{20}}|[0-9a-f]{{8}}-[0-9a-f]{{4}}-)){_TOKEN_VALUE}"
)
"""The pattern `assigned`: a value that may be generated, of a field that is named like a key."""
SHARED = {"literal": LITERAL, "assigned": ASSIGNED}
"""The patterns by the names that rules state instead."""
_LONGEST_NAME = 10
_NAMES = {LITERAL: _LITERAL_NAMES, ASSIGNED: _ASSIGNED_NAMES}


def knows(pattern: str) -> bool:
    """Return whether a pattern is one of the two."""
    return pattern in _NAMES


def values(pattern: str, data: bytes, begin: range, end: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of the value of each match that begins in `begin`; bytes from `end` on are not seen."""
    name, whole = _compiled(pattern)
    lowered = data[begin.start : begin.stop + _LONGEST_NAME].lower()
    place = 0
    while (word := name.search(lowered, place)) and word.start() < len(begin):
        found = whole.match(data, begin.start + word.start(), end)
        if found:
            yield found.span(found.lastindex or 0)
        place = found.end() - begin.start if found else word.start() + 1


@functools.cache
def _compiled(pattern: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Return the names, in lower case, and the pattern: with one group in each of its alternatives."""
    return re.compile(_NAMES[pattern].encode()), re.compile(pattern.replace("?P<secret>", "").encode())
