"""Tells which cells of a table are identifiers in a column of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from keysift import lazy

if TYPE_CHECKING:
    from keysift.detect.named import names, spans
else:
    names = lazy.module("keysift.detect.named.names")
    spans = lazy.module("keysift.detect.named.spans")

Cell = tuple[int, int]
"""The start and end of the text of a cell, without quotation marks and blanks around it."""
Above = dict[tuple[str, int], deque[tuple[int, bytes]]]
"""The last values of a column, and where they start, by its name and their length."""


def without_columns(data: bytes, cells: Iterable[tuple[str, Cell]], above: Above) -> Iterator[tuple[str, Cell]]:
    """Leave out hexadecimal identifiers below others of their column, as `spans.in_column` has it for text.

    A table may have a hundred thousand, and each would cost as much as a key. What is `above` goes on from one
    statement to the next.
    """
    for name, (start, end) in cells:
        if _may_be_identifier(name, data, start, end):
            last = above.setdefault((name, end - start), deque(maxlen=spans.COLUMN))
            value, near = data[start:end], len(last) == spans.COLUMN and start - last[0][0] <= spans.REACH
            repeated = any(value == other for _, other in last)
            last.append((start, value))
            if near and not repeated:
                continue
        yield name, (start, end)


def _may_be_identifier(name: str, data: bytes, start: int, end: int) -> bool:
    if not spans.SHORTEST_IDENTIFIER <= end - start <= spans.LONGEST_IDENTIFIER:
        return False
    return names.may_identify(name) and spans.is_hexadecimal(data, start, end, spans.TABLE)
