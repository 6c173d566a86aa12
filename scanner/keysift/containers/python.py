"""Reads the strings of pickles and compiled Python, without unpickling or unmarshalling, which may run code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from keysift.containers import kinds, strings
from keysift.containers.stream import Container, Inside, Member, of_bytes

_STRING = re.compile(
    # A type, then a length of one byte or of four: https://github.com/python/cpython/blob/main/Python/marshal.c
    rb"[zZ\xfa\xda](?P<short>[\x01-\xff])|[aAtu\xe1\xc1\xf4\xf5s\xf3](?P<long>[\x01-\xff][\x00-\xff]{3}(?<=\0))",
    re.DOTALL,
)
_NO_TEXT = re.compile(rb"[^\x09\x0a\x0d\x20-\x7e\x80-\xff]")


def members(container: Container, family: str) -> Inside:
    """Yield the strings, one a line, each behind the string before it if that looks like a name."""
    data = container.data()
    texts = strings.pickled(data) if family == kinds.PICKLE else [*_marshalled(data)]
    text = strings.lines(texts)
    if text:
        yield Member("strings", of_bytes(text))


def _marshalled(data: bytes) -> Iterator[bytes]:
    """Yield whatever reads as a string behind the header of 16 bytes."""
    position, bad = 16, 0
    while head := _STRING.search(data, position):
        start, end = head.end(), head.end() + int.from_bytes(head["short"] or head["long"], "little")
        if end <= len(data) and bad < start:  # looked for once, however many strings would reach so far
            found = _NO_TEXT.search(data, start)
            bad = found.start() if found else len(data)
        if end <= min(len(data), max(bad, start)):
            yield data[start:end]
            position = end
        else:
            position = head.start() + 1
