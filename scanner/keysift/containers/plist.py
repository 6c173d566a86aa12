"""Reads binary property lists, as one line for each value. Those in XML are scanned as the text that they are."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from json.encoder import encode_basestring
from typing import Any

from keysift.containers import kinds
from keysift.containers.stream import Container, Inside, Member, of_bytes

_MOST = 200_000
"""Values that are read. A shared value counts at every use, so a small file can claim to hold very many."""
_DEEPEST = 100
"""Levels of nesting that are read."""


def members(container: Container, _family: str) -> Inside:
    """Yield the values with their paths, then the data objects that are containers themselves."""
    lines: list[str] = []
    containers: list[Member] = []
    for number, (path, value) in enumerate(_values(plistlib.loads(container.data()), "", 0)):
        if number >= _MOST:
            break
        if isinstance(value, bytes):
            if kinds.kind(value[:33_000], value[-22:]) is not None:
                containers.append(Member(path, of_bytes(value)))
            value = value.decode("utf-8", "surrogateescape")  # noqa: PLW2901 - the same value, readable
        lines.append(f"{path} = {encode_basestring(str(value))}\n")
    yield Member("values", of_bytes("".join(lines).encode("utf-8", "surrogateescape")))
    yield from containers


def _values(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - whatever plistlib makes
    """Yield the scalar values below a value, each with its path; nothing of what is nested too deep."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, path, depth + 1)
    else:
        yield path, value
