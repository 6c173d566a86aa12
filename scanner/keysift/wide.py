"""Text of two or four bytes a character, which has neither lines nor columns when it is read as bytes."""

from __future__ import annotations

from typing import NamedTuple

MARKS = (
    (b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"),
)  # fmt: skip
"""The byte order marks; that of UTF-32 begins with one of UTF-16. https://www.unicode.org/faq/utf_bom.html#bom4"""
UTF_8_MARK = "\ufeff".encode()
"""That of UTF-8. A mark is no character of the text: no column counts it."""
_WIDTHS = (4, 2)
_SHORTEST = 4
"""Characters of a key by which wide text is told from other data."""
_LOOKED_AT = 1024
"""Bytes at the start of a file without a mark by which it is told from other data."""
_LONGEST_RUN = 16_384
"""Bytes of text amid other data, on either side of a key."""


class Wide(NamedTuple):
    """Where wide text begins and ends, and its encoding."""

    codec: str
    start: int
    end: int
    amid: bool = False
    """True if there is other data around it."""

    @property
    def width(self) -> int:
        """The bytes of a character of ASCII."""
        return 4 if "32" in self.codec else 2

    def text(self, data: bytes) -> str:
        """Return bytes of this text as text, with a stand-in for each byte that is none."""
        return data.decode(self.codec, "replace")

    def utf8(self, data: bytes) -> bytes:
        """Return the same as UTF-8."""
        return self.text(data).encode("utf-8", "replace")

    def character(self, data: bytes, place: int) -> int:
        """Return where the character begins that a byte belongs to."""
        place -= (place - self.start) % self.width
        low = data[place : place + 1] if self.codec == "utf-16-be" else data[place + 1 : place + 2]
        is_second = self.width == 2 and low and 0xDC <= low[0] <= 0xDF and place >= 2
        return place - 2 if is_second else place


def to_utf8(data: bytes) -> bytes:
    """Return the bytes of a file that people write as UTF-8 without a mark.

    PowerShell redirects into UTF-16, and Notepad writes marks. Raises UnicodeDecodeError for wide text that is broken.
    """
    found = next(((mark, codec) for mark, codec in MARKS if data.startswith(mark)), None)
    if found:
        return data[len(found[0]) :].decode(found[1]).encode("utf-8")
    return data.removeprefix(UTF_8_MARK)


def by_mark(data: bytes) -> Wide | None:
    """Return the text of a file that begins with a byte order mark, with ASCII in it; None for any other file."""
    found = next(((mark, codec) for mark, codec in MARKS if data.startswith(mark)), None)
    if not found or b"\0" not in data[len(found[0]) : _LOOKED_AT]:
        return None
    text = Wide(found[1], len(found[0]), len(data))
    return text if _is_text(text.text(data[text.start : text.start + _LOOKED_AT])) else None


def around(data: bytes, start: int, end: int) -> Wide | None:
    """Return the wide text that holds a key of ASCII at these bytes; None if the key is not wide.

    Where the key begins and ends may be some bytes off: the zeros around it are those of two characters.
    """
    key = data[start:end]
    if b"\0" not in key:
        return None  # nearly always
    shape = next(((width, place) for width in _WIDTHS for place in (0, width - 1) if _is_wide(key, width, place)), None)
    if not shape:
        return None
    width, place = shape
    order = {0: "le", width - 1: "be"}
    if codec := order.get((start + place) % width):
        codec = f"utf-{8 * width}-{codec}"
        text = by_mark(data) or Wide(codec, 0, len(data))
        if text.codec == codec and _is_text(text.text(data[text.start : text.start + _LOOKED_AT])):
            return text
    return _run(Wide(f"utf-{8 * width}-{order[place]}", start, end, amid=True), data)


def _is_wide(key: bytes, width: int, place: int) -> bool:
    """Return True if a key is ASCII, with one byte of `width` at this place in each character."""
    if len(key) < _SHORTEST * width or len(key) % width:
        return False
    return 0 not in key[place::width] and not any(any(key[other::width]) for other in range(width) if other != place)


def _is_text(text: str) -> bool:
    """Return True if every character but the last, of which there may be a part only, is one that people write."""
    return all(character.isprintable() or character in "\t\r\n\f\ufeff" for character in text[:-1])


def _run(text: Wide, data: bytes) -> Wide:
    """Return the text right around a key amid other data."""
    first, last, width = text.start, text.end, text.width
    while first - width >= max(0, text.start - _LONGEST_RUN) and _is_ascii(text, data[first - width : first]):
        first -= width
    while last + width <= min(len(data), text.end + _LONGEST_RUN) and _is_ascii(text, data[last : last + width]):
        last += width
    return text._replace(start=first, end=last)


def _is_ascii(wide: Wide, data: bytes) -> bool:
    character = wide.text(data)
    return character.isascii() and (character.isprintable() or character in "\t\r\n")
