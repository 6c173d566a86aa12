"""The surroundings of a value: the text on its line and near it, and the field that contains it."""

from __future__ import annotations

import functools

from keysift.detect import fields

NEAR_BEFORE, NEAR_AFTER = 12, 8
"""Lines before and after the value that count as near."""
NEAR_CHARACTERS = 1500
LONGEST_LINE = 400
"""Bytes of the value's own line, on either side of it."""
NEARBY = 600
"""Bytes on either side of a value that are enough for a verdict which needs no enclosing block and no line above."""
_DEEPEST, _NO_HEADING = 6, 7
"""The level of the least heading, and one more: https://spec.commonmark.org/0.31.2/#atx-headings."""
_GIVEN = frozenset({"data", "start", "end"})
_CONTINUATION = bytes(range(0x80, 0xC0))
"""Of UTF-8: a text is not cut in the middle of a character."""


class Surroundings:
    """The surroundings of the bytes from `start` to `end` of a text; each view of them is made when first used.

    Rules on the same bytes share one object, so that the field and the lines are worked out once.
    """

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data = data
        self.start = start
        self.end = end

    @functools.cached_property
    def left(self) -> str:
        """The text before the value, escapes blanked out."""
        return fields.plain(as_text(self.data[max(0, self.start - fields.BEFORE) : self.start]))

    @functools.cached_property
    def right(self) -> str:
        """The text after the value, escapes blanked out."""
        return fields.plain(as_text(self.data[self.end : self.end + fields.AFTER]))

    @functools.cached_property
    def tail(self) -> str:
        """The last `LONGEST_LINE` bytes of the text before the value: enough for most verdicts."""
        low = max(0, self.start - LONGEST_LINE)
        text = self.data[low : self.start]
        return fields.plain(as_text(text.lstrip(_CONTINUATION) if low else text))

    @functools.cached_property
    def before(self) -> str:
        """The value's line up to the value; of a very long line the last part."""
        return self.tail[self.tail.rfind("\n") + 1 :]

    @functools.cached_property
    def after(self) -> str:
        """The value's line from the end of the value; of a very long line the first part."""
        return fields.plain(as_text(self.data[self.end : self.end + LONGEST_LINE])).partition("\n")[0]

    @functools.cached_property
    def near(self) -> str:
        """The lines around the value without the value itself, which must not confirm itself."""
        before = self.left[-NEAR_CHARACTERS:].split("\n")[-1 - NEAR_BEFORE :]
        after = self.right[:NEAR_CHARACTERS].split("\n")[: 1 + NEAR_AFTER]
        return "\n".join(_of_section(before)) + " " + "\n".join(_until_heading(after))

    @functools.cached_property
    def field(self) -> fields.Field:
        """The field that contains the value."""
        return fields.field_of(self.left, self.right, self._leaf_in_left)

    @functools.cached_property
    def ending(self) -> str:
        """The last name of the path of that field, in the form in which names are compared; empty if it has none."""
        if not self.leaf.generic:
            return fields.normalise(self.leaf.name)
        return fields.ending_of(self.left, self.right, self._leaf_in_left)

    @property
    def _leaf_in_left(self) -> fields.Leaf:
        return self.leaf._replace(start=max(0, len(self.left) - len(self.tail) + self.leaf.start))

    @functools.cached_property
    def leaf(self) -> fields.Leaf:
        """The last name of that field; its start is that in `tail`."""
        return fields.leaf_of(self.tail)

    def forget(self) -> None:
        """Drop what was worked out, some 10 kB; it is worked out again where it is asked for."""
        for name in [name for name in self.__dict__ if name not in _GIVEN]:
            del self.__dict__[name]

    @property
    def far(self) -> bool:
        """True if a view was used that reaches farther than `NEARBY` bytes from the value."""
        return "left" in self.__dict__ or "right" in self.__dict__

    @functools.cached_property
    def value(self) -> str:
        """The value itself."""
        return as_text(self.data[self.start : self.end])

    @functools.cached_property
    def literal(self) -> str:
        """The quoted literal of which the value is a part, or the value."""
        for quote in "\"'`":
            low, high = self.before.rfind(quote), self.after.find(quote)
            if low >= 0 and high >= 0 and self.before.count(quote) % 2:
                return self.before[low + 1 :] + self.value + self.after[:high]
        return self.value


def _of_section(lines: list[str]) -> list[str]:
    """Return the lines of the section that the last one is in, and above them the headings of those around it."""
    kept: list[str] = []
    least = _NO_HEADING
    for index in range(len(lines) - 1, -1, -1):
        level = _level(lines, index, own=len(lines) - 1)
        if level < least or (least == _NO_HEADING and level == _NO_HEADING):
            kept.append(lines[index])
        least = min(least, level)
    return kept[::-1]


def _until_heading(lines: list[str]) -> list[str]:
    """Return the lines before the next heading."""
    headings = (index for index in range(1, len(lines)) if _level(lines, index, own=0) < _NO_HEADING)
    return lines[: next(headings, len(lines))]


def _level(lines: list[str], index: int, own: int) -> int:
    """Return the level of a heading of Markdown, `_NO_HEADING` for any other line; `own` is the value's line.

    A line with one `#` is a comment elsewhere, so it counts only with empty lines around it.
    """
    line = lines[index]
    if not line.startswith("#"):
        return _NO_HEADING
    level = len(line) - len(line.lstrip("#"))
    apart = not index or (index - 1 != own and not lines[index - 1].strip())
    followed = index + 1 == len(lines) or (index + 1 != own and not lines[index + 1].strip())
    return level if line[level : level + 1] == " " and apart and (followed or 1 < level <= _DEEPEST) else _NO_HEADING


def as_text(data: bytes) -> str:
    """Decode UTF-8; undecodable bytes become U+FFFD."""
    return data.decode("utf-8", "replace")
