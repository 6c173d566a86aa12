"""The line of a key as the text report shows it: a frame with line numbers, and carets under the key."""

from __future__ import annotations

from collections.abc import Iterator

import click

from keysift.model import Finding, Label
from keysift.report.plain import cells, columns, wrapped
from keysift.report.view import Key, Options, View

CUT = "\N{HORIZONTAL ELLIPSIS}"
_COLOURS = {
    Label.SECRET: "red", Label.SENSITIVE: "magenta", Label.PUBLIC: "blue",
    "frame": "blue", "good": "green", "bold": None,
}  # fmt: skip
"""Each can be read on black and on white, as yellow cannot."""


def paint(text: str, colour: str, options: Options) -> str:
    """Return the text in the colour of a label or of a part of the report, if colours are wanted."""
    return click.style(text, fg=_COLOURS[colour], bold=True) if options.colour and text else text


def key_of(seen: View, finding: Finding) -> Key | None:
    """Return the key in its lines, or by itself where they are not known; None where a finding has no key to show."""
    if not finding.secret or not finding.locations:
        return None
    location = finding.locations[0]
    key = seen.key(location)
    if key and key.end > key.start:
        return key
    secret = seen.secret(finding)
    return Key(location.start_line, f"{CUT}{secret}{CUT}", 1, 1 + len(secret))


class Frame:
    """The left margin of a finding, as wide as its longest line number."""

    def __init__(self, key: Key | None, options: Options) -> None:
        gutter = len(str(key.first_line + key.text.count("\n"))) if key and options.snippets else 1
        self.pad = " " * gutter
        self.options = options
        self.room = max(options.width - gutter - 3, 20)
        """Columns behind the margin."""

    def arrow(self, place: str) -> str:
        """Return the line of a place, which is never broken: it can be copied."""
        return self.pad + paint("--> ", "frame", self.options) + place

    def row(self, number: int | str, text: str) -> str:
        """Return a line of code, or of what stands below one."""
        return f"{paint(f'{number:>{len(self.pad)}} |', 'frame', self.options)} {text}".rstrip()

    def note(self, text: str, indent: int = 2) -> list[str]:
        """Return a sentence behind a `=`, wrapped; further lines stand `indent` columns further right."""
        first, *more = wrapped(text, self.room, indent)
        return [f"{self.pad} {paint('=', 'frame', self.options)} {first}", *(f"{self.pad}   {line}" for line in more)]


def evidence(frame: Frame, key: Key, label: Label, remark: str) -> Iterator[str]:
    """Yield the first and the last line of a key with carets under it; the remark beside the last ones if it fits."""
    rows = _rows(key)
    for number, line, start, end in rows:
        if number > rows[0][0] + 1:
            yield frame.pad + paint(" ...", "frame", frame.options)
        before, text, carets = _window(line, start, end, frame.room)
        yield frame.row(number, text)
        beside = f" {remark}" if number == rows[-1][0] and _fits(before + carets, remark, frame) else ""
        yield frame.row("", " " * before + paint("^" * carets + beside, label, frame.options))


def stands_beside(frame: Frame, key: Key, remark: str) -> bool:
    """Return True if there is room for a remark beside the last carets."""
    _, line, start, end = _rows(key)[-1]
    before, _, carets = _window(line, start, end, frame.room)
    return _fits(before + carets, remark, frame)


def _fits(taken: int, remark: str, frame: Frame) -> bool:
    return taken + 1 + columns(remark) <= frame.room


def _rows(key: Key) -> list[tuple[int, str, int, int]]:
    """Return the first and the last line of a key: number, text, and start and end of the key in it (0-based)."""
    rows = []
    offset = 0
    for number, line in enumerate(key.text.split("\n"), key.first_line):
        start, end = max(key.start - offset, 0), min(key.end - offset, len(line))
        if start < end and line[start:end].strip():
            start += len(line[start:end]) - len(line[start:end].lstrip())
            rows.append((number, line, start, end))
        offset += len(line) + 1
    return [*rows[:1], *rows[1:][-1:]]


def _window(line: str, start: int, end: int, room: int) -> tuple[int, str, int]:
    """Return as much of a line around its key as fits: columns before the key, text, columns of the key.

    A key that is too long is cut at its end. The text before a key, its name, is kept longer than the text after it.
    """
    low, high = max(0, start - room), min(len(line), min(end, start + room) + room)
    characters = cells(line[low:high])
    widths = [columns(cell) for cell in characters]
    start, end = start - low, min(end - low, len(characters))
    total = sum(widths)
    if total <= room and low == 0 and high == len(line):
        return sum(widths[:start]), "".join(characters), sum(widths[start:end])
    left = _fit(widths[:start][::-1], max(room - sum(widths[start:end]) - 12, room // 4))
    first = start - left
    last = first + _fit(widths[first:], room - 2)
    before = CUT if first or low else ""
    after = CUT if last < len(characters) or high < len(line) else ""
    text = before + "".join(characters[first:last]) + after
    return len(before) + sum(widths[first:start]), text, sum(widths[start : min(end, last)])


def _fit(widths: list[int], room: int) -> int:
    """Return how many characters of these widths fit."""
    for fitting, width in enumerate(widths):
        room -= width
        if room < 0:
            return fitting
    return len(widths)
