"""The text in a JSON value: its strings with their places, and the same value with other strings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

MOST_STRINGS = 2_000
"""Strings of a value that are looked at one by one; all of them are looked at together in any case."""


MISSING: Any = object()
"""What stands at a path where nothing does, not even null."""


class Text(NamedTuple):
    """A string in a value."""

    where: str
    """Its place: `tool_input.edits[2].new_string`."""
    text: str

    def __repr__(self) -> str:
        """Leave out the text: it may have a key."""
        return f"Text({self.where!r})"


def strings(value: Any, where: str) -> Iterator[Text]:  # noqa: ANN401 - any JSON
    """Yield every string in a value, keys of objects included."""
    if isinstance(value, str):
        yield Text(where, value)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield Text(f"{where} (a name in it)", name)
            yield from strings(item, f"{where}.{name}" if name.isidentifier() else f"{where}[…]")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from strings(item, f"{where}[{number}]")


def changed(value: Any, change: Callable[[str], str], rename: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON
    """Return the same value with every string of it changed, and every name in it by `rename`."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {rename(name): changed(item, change, rename) for name, item in value.items()}
    if isinstance(value, list):
        return [changed(item, change, rename) for item in value]
    return value


def unpacked(value: Any) -> tuple[Any, bool]:  # noqa: ANN401 - any JSON
    """Return the object or list that a string holds as JSON, and True; any other value as it is, and False."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value), True
        except ValueError:
            return value, False
    return value, False


def at(payload: Any, path: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what stands at a path of names; `MISSING` if nothing does."""
    for name in path.split("."):
        payload = payload.get(name, MISSING) if isinstance(payload, dict) else MISSING
    return payload
