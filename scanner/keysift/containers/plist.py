"""Reads binary property lists, as one line for each value. Those in XML are scanned as the text that they are."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from json.encoder import encode_basestring
from typing import Any

from keysift.containers import kinds
from keysift.containers.limits import LimitError
from keysift.containers.stream import Container, Inside, Member, of_bytes

_DEEPEST = 100
"""Levels of nesting that are read: a list may hold itself."""
_LONGEST_NAME = 100
"""Characters of a key that stand in a path: a long one may be shared by all dictionaries of a file."""
_LONG = 200
"""Characters or bytes of a value that is read once, however many share it."""


def members(container: Container, _family: str) -> Inside:
    """Yield the values with their paths, then the data objects that are containers themselves."""
    lines: list[str] = []
    containers: list[Member] = []
    length = 0
    for path, value in _values(plistlib.loads(container.data())):
        if isinstance(value, bytes):
            if kinds.kind(value[:33_000], value[-22:]) is not None:
                containers.append(Member(path, of_bytes(value)))
            value = value.decode("utf-8", "surrogateescape")  # noqa: PLW2901 - the same value, readable
        lines.append(f"{path} = {encode_basestring(str(value))}\n")
        length += len(lines[-1])
        if length > container.limits.held:
            raise LimitError(f"its values are longer than {container.limits.held:,} characters together")
    yield Member("values", of_bytes("".join(lines).encode("utf-8", "surrogateescape")))
    yield from containers


def _values(top: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - whatever plistlib makes
    """Yield the scalar values of a property list, each with its path; nothing of what is nested too deep.

    A list or dictionary is read where it stands first: it may stand in many others, and in itself, so that a small
    file unfolds without end.
    """
    seen: set[int] = set()
    waiting = [("", top, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if isinstance(value, dict | list) or (isinstance(value, str | bytes) and len(value) > _LONG):
            if id(value) in seen or depth > _DEEPEST:
                continue
            seen.add(id(value))
        if isinstance(value, dict):
            inside = [(_joined(path, str(key)), inner, depth + 1) for key, inner in value.items()]
            waiting += reversed(inside)
        elif isinstance(value, list):
            waiting += [(path, inner, depth + 1) for inner in reversed(value)]
        else:
            yield path, value


def _joined(path: str, key: str) -> str:
    key = key[:_LONGEST_NAME]
    return f"{path}.{key}" if path else key
