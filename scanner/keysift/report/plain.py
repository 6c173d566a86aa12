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
