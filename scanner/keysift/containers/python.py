"""Pickles and compiled Python: their strings. Nothing is unpickled or unmarshalled, for either may run code."""

from __future__ import annotations

import pickletools
import re
from collections.abc import Iterable, Iterator

from keysift.containers import kinds
from keysift.containers.stream import Container, Inside, Member, of_bytes

_STRING = re.compile(
    # Short strings: a byte of length; long ones: four. https://github.com/python/cpython/blob/main/Python/marshal.c
    rb"[zZ\xfa\xda](?P<short>[\x01-\xff])|[aAtu\xe1\xc1\xf4\xf5s\xf3](?P<long>[\x01-\xff][\x00-\xff]{3}(?<=\0))",
    re.DOTALL,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z_.-]{1,60}\d{0,2}")
_SPLIT = re.compile(rb"\A[\x09\x0a\x0d\x20-\x7e\x80-\xff]+\Z")


def members(container: Container, family: str) -> Inside:
    """The strings, each a line, with the one before it where that looks like a name."""
    data = container.data()
    found = _pickled(data) if family == kinds.PICKLE else _marshalled(data)
    text = "".join(_lines(found))
    if text:
        yield Member("strings", of_bytes(text.encode("utf-8", "surrogateescape")))


def _lines(strings: Iterable[str]) -> Iterator[str]:
    name = ""
    for text in strings:
        if _NAME.fullmatch(text):
            name = text
        else:
            quoted = text if "\n" in text else f'"{text}"'
            yield f"{name} = {quoted}\n" if name else f"{quoted}\n"
            name = ""


def _pickled(data: bytes) -> Iterator[str]:
    """Every argument that is text, in order; a damaged pickle gives those before the damage."""
    try:
        for _, argument, _ in pickletools.genops(data):
            if isinstance(argument, str):
                yield argument
            elif isinstance(argument, bytes | bytearray):
                yield bytes(argument).decode("utf-8", "surrogateescape")
    except Exception:  # noqa: BLE001 - no pickle, or a damaged one: its bytes were scanned as they are
        return


def _marshalled(data: bytes) -> Iterator[str]:
    position = 16
    while found := _STRING.search(data, position):
        length = int.from_bytes(found["short"] or found["long"], "little")
        text = data[found.end() : found.end() + length]
        if len(text) == length and _SPLIT.match(text):
            yield text.decode("utf-8", "surrogateescape")
            position = found.end() + length
        else:
            position = found.start() + 1
