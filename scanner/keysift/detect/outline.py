"""The lines that a line is in, by indentation: a loop over bytes.

One source in two forms, as `carry`: the build compiles it if it finds a C compiler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64

_BLANK: Final = 1
_INDENT: Final = 2
"""List dashes and quotation marks, which are no words."""
_PASSED: Final = 4
"""The beginning of a comment, and closing brackets."""
_LINE_FEED: Final = 10
_SECTION: Final = 91
MARKS: Final = bytes(
    [
        _BLANK * (byte in b" \t\n\v\f\r") + _INDENT * (byte in b" \t-\"'") + _PASSED * (byte in b"#}])")
        for byte in range(256)
    ]
)
"""By byte, what it means at the beginning of a line."""


def outer_line(text: bytes, end: int, width: int, marks: bytes) -> int:
    """Return the start of the last line up to `end` that is indented less than `width`; -1 if there is none.

    `end` is the end of a line, without its line feed; `marks` is `MARKS`. Blank lines, comments and closing brackets
    are passed over. For a line that is not indented, the header of a section (`[name]`) is what it is in.
    """
    stop: i64 = end
    wide: i64 = width
    start: i64 = 0
    first: i64 = 0
    while stop >= 0:
        start = stop
        while start > 0 and text[start - 1] != _LINE_FEED:
            start -= 1
        first = start
        while first < stop and marks[text[first]] & _BLANK:
            first += 1
        if first < stop and not marks[text[first]] & _PASSED:
            while first < stop and marks[text[first]] & _INDENT:
                first += 1
            if first - start < wide or (wide == 0 and text[start] == _SECTION):
                return int(start)
        stop = start - 1
    return -1


if __name__ == "keysift.detect.outline":  # but not in the compiled form, which has another name
    from keysift import native

    native.take_over(__name__, __file__)
