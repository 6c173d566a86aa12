"""Text from files, made safe for a terminal: nothing that moves, colours, hides or reverses other text.

Nothing is left out, since the text on both sides would join: each such character becomes a visible mark.
"""

from __future__ import annotations

from unicodedata import category, combining, east_asian_width

MARK = "\N{REPLACEMENT CHARACTER}"
TAB = 4
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that are invisible: fillers, joiners, the Braille blank."""
_SELECTORS = (range(0xFE00, 0xFE10), range(0x180B, 0x1810), range(0xE0100, 0xE01F0))
"""Variation selectors: they are invisible, and some widen the character before them."""


def plain(text: str) -> str:
    """Return one line of as many characters, all printable: a tab and any other white space become a space."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if character == "\t" else visible(character) for character in text)


def visible(character: str) -> str:
    """Return the character itself, its control picture (`␛`), or a mark where it must not be shown."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code < 0x7F:
        return character
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    kind = category(character)
    if kind == "Zs":
        return " "
    hidden = kind in _UNSEEN or character in _BLANK or any(code in selector for selector in _SELECTORS)
    return MARK if hidden else character


def width(character: str) -> int:
    """Return the columns that a visible character takes: 2 if East Asian wide or an emoji, 0 if combining."""
    if character.isascii():
        return 1
    if combining(character) or category(character) in {"Mn", "Me"}:
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1


def cells(text: str) -> list[str]:
    """Return the characters of a line as they are shown, a tab as the spaces up to the next stop."""
    shown: list[str] = []
    column = 0
    for character in text:
        cell = " " * (TAB - column % TAB) if character == "\t" else visible(character)
        shown.append(cell)
        column += columns(cell)
    return shown


def columns(text: str) -> int:
    """Return the columns that visible text takes."""
    return len(text) if text.isascii() else sum(map(width, text))


def wrapped(text: str, room: int, indent: int = 0) -> list[str]:
    """Break visible text between words into lines of at most `room` columns; all but the first are indented.

    A word that is longer than a line, such as a path, stays whole, and so does a command between backquotes. Blanks at
    the start of the text stay, too.
    """
    if columns(text) <= room:
        return [text]
    first, *words = _words(text)
    lines, line = [], first
    for word in words:
        if line.strip() and columns(line) + 1 + columns(word) > room:
            lines.append(line)
            line = " " * indent + word
        else:
            line += f" {word}"
    return [*lines, line]


def _words(text: str) -> list[str]:
    parts = text.split("`")
    if len(parts) % 2:
        parts[1::2] = [part.replace(" ", "\n") for part in parts[1::2]]  # visible text has no line breaks
    return [word.replace("\n", " ") for word in "`".join(parts).split(" ")]
