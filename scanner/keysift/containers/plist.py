"""Binary property lists -> one line a value. Those in XML are text as they are."""

from __future__ import annotations

import json
import plistlib
from collections.abc import Iterator
from typing import Any

from keysift.containers import kinds
from keysift.containers.stream import Container, Inside, Member, of_bytes

_MOST = 200_000
"""Values: shared ones are met as often as they are used, so that a small file can claim to hold very many."""
_DEEPEST = 100


def members(container: Container, _family: str) -> Inside:
    """The values with their paths, and the data objects that are containers themselves."""
    lines: list[str] = []
    kept: list[Member] = []
    for number, (path, value) in enumerate(_values(plistlib.loads(container.data()), "", 0)):
        if number >= _MOST:
            break
        if isinstance(value, bytes):
            if kinds.kind(value[:33_000], value[-22:]) is not None:
                kept.append(Member(path, of_bytes(value)))
            value = value.decode("utf-8", "surrogateescape")  # noqa: PLW2901 - the same value, readable
        lines.append(f"{path} = {json.dumps(str(value), ensure_ascii=False)}\n")
    yield Member("values", of_bytes("".join(lines).encode("utf-8", "surrogateescape")))
    yield from kept


def _values(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - anything may be inside
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
