"""Tells by the header of a table in which columns keys may be, and which of their cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from keysift import lazy
from keysift.detect.decode.identifiers import Cell
from keysift.detect.decode.triggers import STEM

if TYPE_CHECKING:
    from keysift.detect.named import names, shapes
else:
    names = lazy.module("keysift.detect.named.names")
    shapes = lazy.module("keysift.detect.named.shapes")

SHORTEST, LONGEST = 4, 400
"""Bytes of a cell that may be a key."""
STEMS = re.compile(rb"(?i)" + STEM)
_VALUES = frozenset({"value", "values", "val", "default", "default_value", "current_value", "content", "secret_value"})
_NAMES = frozenset({
    "name", "key", "variable", "var", "setting", "parameter", "param", "property", "option", "field", "env",
    "environment_variable", "env_var", "variable_name", "secret_name", "secret", "item", "label", "title", "config",
})  # fmt: skip
"""Headers, in words, of the two columns of a table of names and values."""
_TELLS_NOTHING = frozenset({("key",), ("keys",), ("token",), ("tokens",), ("auth",), ("authorization",), ("pass",)})
"""Headers of columns of identifiers, of words and of results as well."""
MARKUP = b"`*_ \t\"'[]\r\n\\"
"""Marks around the text of a cell."""


class Columns(NamedTuple):
    """What a header says."""

    telling: list[tuple[int, str]]
    """The columns that keys may be in, each with its name."""
    name: int = -1
    """The column of names, in a table of names and values; else -1."""
    value: int = -1
    """The column of values."""

    def __bool__(self) -> bool:
        return self.name >= 0 or bool(self.telling)

    def keys(self, data: bytes, row: Sequence[Cell]) -> Iterator[tuple[str, Cell]]:
        """Yield the cells of a row that may be keys, with their names."""
        for index, name in self.telling:
            if index < len(row) and _may_be_key(data[slice(*row[index])]):
                yield name, row[index]
        if self.name >= 0 and max(self.name, self.value) < len(row):
            given = data[slice(*row[self.name])]
            if STEMS.search(given) and _may_be_key(data[slice(*row[self.value])]):
                yield _name(given), row[self.value]


def columns_of(header: Sequence[bytes]) -> Columns:
    """Return what the cells of a header say."""
    words = [_words(cell) for cell in header]
    plain = ["_".join(own) for own in words]
    value = next((index for index, own in enumerate(plain) if own in _VALUES), -1)
    name = next((index for index, own in enumerate(plain) if own in _NAMES), -1) if value >= 0 else -1
    telling = [(index, _telling(cell, own)) for index, (cell, own) in enumerate(zip(header, words, strict=True))]
    telling = [(index, told) for index, told in telling if told and index != name]
    if name < 0 and len(header) == 2 and not telling:
        name, value = 0, 1
    return Columns(telling, name, value if name >= 0 else -1)


def _telling(cell: bytes, words: tuple[str, ...]) -> str:
    """Return the name that a header gives to the keys in its column; empty if there are none."""
    if not STEMS.search(cell) or words in _TELLS_NOTHING or not names.kind(words):
        return ""
    return _name(cell)


def _words(cell: bytes) -> tuple[str, ...]:
    return names.words(cell.decode("utf-8", "replace"))


def _name(cell: bytes) -> str:
    """Return a header, or the cell of a name, as a name."""
    text = cell.strip(MARKUP).decode("utf-8", "replace")
    return re.sub(r"[^\w.$-]+", "_", text)[:60].strip("_")


def _may_be_key(cell: bytes) -> bool:
    if cell[:1] == b"$" and shapes.is_hashed(cell.decode("utf-8", "replace")):
        return False  # tables of users have one in each row
    return SHORTEST <= len(cell) <= LONGEST and b"\n" not in cell and cell.count(b" ") <= 1 and not cell.isdigit()
