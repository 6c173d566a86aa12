"""Text from files -> what a terminal may be shown: nothing that moves, colours, hides or reverses.

Nothing is left out, lest what stood on both sides of it come together: each such character becomes a visible mark.
"""

from __future__ import annotations

from unicodedata import category, combining, east_asian_width

MARK = "\N{REPLACEMENT CHARACTER}"
TAB = 4
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that look like nothing: fillers, joiners, the Braille blank."""
_SELECTORS = (range(0xFE00, 0xFE10), range(0x180B, 0x1810), range(0xE0100, 0xE01F0))
"""Variation selectors: invisible, and some make the character before them wider."""


def plain(text: str) -> str:
    """Text of one line; as many characters as before, all printable: a tab and any other white space become a space."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if character == "\t" else visible(character) for character in text)


def visible(character: str) -> str:
    """The character itself, its control picture (`␛`), or a mark where it must not be shown."""
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
    """How many columns a visible character takes: 2 for East Asian wide ones and emoji, 0 for combining ones."""
    if character.isascii():
        return 1
    if combining(character) or category(character) in {"Mn", "Me"}:
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1


def cells(text: str) -> list[str]:
    """The characters of a line as they are shown, tabs as the spaces up to the next stop."""
    shown: list[str] = []
    column = 0
    for character in text:
        cell = " " * (TAB - column % TAB) if character == "\t" else visible(character)
        shown.append(cell)
        column += columns(cell)
    return shown


def columns(text: str) -> int:
    """How many columns visible text takes."""
    return len(text) if text.isascii() else sum(map(width, text))
