"""Reads the strings of pickles and compiled Python, without unpickling or unmarshalling, which may run code."""

from __future__ import annotations

import pickletools
import re
from collections.abc import Iterable, Iterator

from keysift.containers import kinds
from keysift.containers.stream import Container, Inside, Member, of_bytes

_STRING = re.compile(
    # A type, then a length of one byte or of four: https://github.com/python/cpython/blob/main/Python/marshal.c
    rb"[zZ\xfa\xda](?P<short>[\x01-\xff])|[aAtu\xe1\xc1\xf4\xf5s\xf3](?P<long>[\x01-\xff][\x00-\xff]{3}(?<=\0))",
    re.DOTALL,
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z_.-]{1,60}\d{0,2}")
_TEXT = re.compile(rb"\A[\x09\x0a\x0d\x20-\x7e\x80-\xff]+\Z")


def members(container: Container, family: str) -> Inside:
    """Yield the strings, one a line, each behind the string before it if that looks like a name."""
    data = container.data()
    strings = _pickled(data) if family == kinds.PICKLE else _marshalled(data)
    text = "".join(_lines(strings))
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
    """Yield every argument that is text, in order; of a damaged pickle, those before the damage."""
    try:
        for _, argument, _ in pickletools.genops(data):
            if isinstance(argument, str):
                yield argument
            elif isinstance(argument, bytes | bytearray):
                yield bytes(argument).decode("utf-8", "surrogateescape")
    except Exception:  # noqa: BLE001 - no pickle, or a damaged one: its own bytes are scanned in any case
        return


def _marshalled(data: bytes) -> Iterator[str]:
    """Yield whatever reads as a string behind the header of 16 bytes."""
    position = 16
    while head := _STRING.search(data, position):
        length = int.from_bytes(head["short"] or head["long"], "little")
        text = data[head.end() : head.end() + length]
        if len(text) == length and _TEXT.match(text):
            yield text.decode("utf-8", "surrogateescape")
            position = head.end() + length
        else:
            position = head.start() + 1
