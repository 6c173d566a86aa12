"""Reads text that spells characters otherwise: with the escapes of URLs, strings and markup, in base64, in hexadecimal.

A key that is known in one form may stand beside itself in another. What is read here is ASCII.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from keysift import lazy

if TYPE_CHECKING:
    import html
else:
    html = lazy.module("html")

DEEPEST = 3
"""Encodings in one another that are read."""
_ESCAPE = lazy.compile(
    r"%(?P<percent>[2-7][0-9A-Fa-f])|\\x(?P<hex>[2-7][0-9A-Fa-f])|\\u00(?P<unicode>[2-7][0-9A-Fa-f])"
    r"|\\u\{0{0,4}(?P<braced>[2-7][0-9A-Fa-f])\}|\\(?P<octal>[01][0-7]{2})|&(?P<reference>#[0-9]{2,7}|#[xX][0-9A-Fa-f]{2,6}"
    r"|amp|lt|gt|quot|apos);|\\(?P<sign>[\"'\\/`$&!])"
)
_PRINTABLE_ESCAPE = lazy.compile(r"=(?P<percent>[2-7][0-9A-F])")
"""Of quoted-printable; apart, since `=41` is a value elsewhere."""
_HEXADECIMAL = lazy.compile(r"[0-9A-Fa-f]{12,}")
_BASE64 = lazy.compile(r"[0-9A-Za-z+/_-]{12,}={0,2}")
_BASE64_IN_NAME = lazy.compile(r"[0-9A-Za-z+_-]{12,}={0,2}")
_STANDARD = str.maketrans("-_", "+/")


class Reading(NamedTuple):
    """A text as it reads, and where each of its characters stands."""

    text: str
    starts: list[int]
    ends: list[int]
    """Half-open, by the characters of what was read."""

    def within(self, outer: Reading) -> Reading:
        """Return this reading of a text that is itself one, by the characters of what that was read from."""
        starts = [outer.starts[start] for start in self.starts]
        return Reading(self.text, starts, [outer.ends[end - 1] for end in self.ends])


def readings(text: str, *, name: bool = False, deepest: int = DEEPEST) -> Iterator[Reading]:
    """Yield the other readings of a text, and theirs; in a `name` a slash parts what is encoded."""
    for reading in (*_escaped(text), *_hexadecimal(text), *_base64(text, _BASE64_IN_NAME if name else _BASE64)):
        yield reading
        if deepest > 1:
            yield from (inner.within(reading) for inner in readings(reading.text, deepest=deepest - 1))


def _escaped(text: str) -> Iterator[Reading]:
    """Yield the text with its escapes resolved, if it has any."""
    for pattern in (_ESCAPE, _PRINTABLE_ESCAPE):
        read: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for escape in pattern.finditer(text):
            read += [text[done : escape.start()], character := _character(escape)]
            starts += [*range(done, escape.start()), *[escape.start()] * len(character)]
            done = escape.end()
            ends += [
                *(start + 1 for start in starts[len(ends) : len(starts) - len(character)]),
                *[done] * len(character),
            ]
        if done:
            starts += range(done, len(text))
            ends += range(done + 1, len(text) + 1)
            yield Reading("".join(read) + text[done:], starts, ends)


def _character(escape: re.Match[str]) -> str:
    kind = escape.lastgroup
    stated = escape[kind] if kind else ""
    if kind == "sign":
        return stated
    if kind == "reference":
        character = html.unescape(f"&{stated};")
        return character if len(character) == 1 else "?"
    return chr(int(stated, 8 if kind == "octal" else 16))


def _hexadecimal(text: str) -> Iterator[Reading]:
    """Yield what runs of hexadecimal digits stand for, from both places at which one may begin."""
    for run in _HEXADECIMAL.finditer(text):
        for start in (run.start(), run.start() + 1):
            count = (run.end() - start) // 2
            starts = [start + 2 * place for place in range(count)]
            read = bytes.fromhex(text[start : start + 2 * count]).decode("latin-1")
            yield Reading(read, starts, [place + 2 for place in starts])


def _base64(text: str, pattern: re.Pattern[str]) -> Iterator[Reading]:
    """Yield what runs of base64 stand for, from each of the four places at which one may begin."""
    for run in pattern.finditer(text):
        body = run[0].rstrip("=").translate(_STANDARD)
        for skip in range(4):
            part = body[skip:]
            part = part[: len(part) - (len(part) % 4 == 1)]
            raw = base64.b64decode(part + "=" * (-len(part) % 4))
            if not any(32 <= byte < 127 for byte in raw):
                continue
            start = run.start() + skip
            starts = [start + place * 8 // 6 for place in range(len(raw))]
            yield Reading(raw.decode("latin-1"), starts, [start - (-(place + 1) * 8 // 6) for place in range(len(raw))])
