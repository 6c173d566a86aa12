"""The report for people: each finding as a compiler would show it, and a summary.

Colours are written by hand, because importing a library for them takes longer than a whole small scan.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from keysift.model import Finding, Label, Run
from keysift.report.next_steps import FIRST, SECOND, next_steps
from keysift.report.plain import cells, columns, plain
from keysift.report.view import Key, Options, View, view
from keysift.report.wording import by_label, by_reason, count, life, not_shown, place, reasons, scanned, shown, some

MORE_PLACES = 3
MORE_EXAMPLES = 3
MORE_REASONS = 10
CUT = "\N{HORIZONTAL ELLIPSIS}"
_COLOURS = {
    Label.SECRET: "1;31", Label.SENSITIVE: "1;33", Label.PUBLIC: "1;34", "frame": "1;34", "bold": "1", "good": "1;32",
}  # fmt: skip


def write(run: Run, out: TextIO, options: Options) -> None:
    """Write the findings with a blank line after each; nothing where there are none."""
    seen = view(run, options)
    for finding in seen.findings():
        out.writelines(f"{line}\n" for line in _finding(seen, finding))


def summary(run: Run, out: TextIO, options: Options) -> None:
    """Write what was not scanned and why, and on the last line what was found."""
    seen = view(run, options)
    out.writelines(f"{line}\n" for line in _not_scanned(seen))
    if unsure := not_shown(run, public=options.show_public):
        out.write(f"{unsure}\n")
    out.write(_result(run, options) + "\n")


def _finding(seen: View, finding: Finding) -> Iterator[str]:
    options, rule, label = seen.options, finding.rule, finding.verdict.label
    name = _paint(f": {plain(rule.name)}", "bold", options)
    yield _paint(f"{label}[{plain(rule.id)}]", label, options) + name
    key = _key(seen, finding)
    gutter = len(str(key.first_line + key.text.count("\n"))) if key else 1
    frame = _Frame(gutter, options)
    for location in finding.locations[:1]:
        yield frame.arrow(place(seen, location))
    yield from _evidence(seen, frame, key, finding)
    others = [place(seen, location) for location in finding.locations[1:]]
    if others:
        yield frame.note(f"also at: {some(others, MORE_PLACES, 'place')}")
    if finding.history:
        yield frame.note(f"history: {life(seen, finding.history)}")
    if rule.why:
        yield frame.note(f"why: {plain(rule.why)}")
    yield from _next(frame, next_steps(finding))
    yield ""


def _next(frame: _Frame, steps: tuple[str, ...]) -> Iterator[str]:
    """Yield at most three lines of steps: about the key itself, about its use and the files, about the history."""
    lines = ["", "", ""]
    for number, step in enumerate(steps, 1):
        row = 0 if step.startswith(FIRST) else 1 if step.startswith(SECOND) else 2
        lines[row] += f" {number}. {plain(step)}"
    for number, line in enumerate(filter(None, lines)):
        yield f"{frame.pad}        {line}" if number else frame.note(f"next:{line}")


def _key(seen: View, finding: Finding) -> Key | None:
    """Return the key in its lines, or by itself where they are not known; None where a finding has no key to show."""
    if not finding.secret or not finding.locations:
        return None
    location = finding.locations[0]
    key = seen.key(location)
    if key and key.end > key.start:
        return key
    secret = seen.secret(finding)
    return Key(location.start_line, f"{CUT}{secret}{CUT}", 1, 1 + len(secret))


class _Frame:
    """The left margin of a finding, as wide as its longest line number."""

    def __init__(self, gutter: int, options: Options) -> None:
        self.pad = " " * gutter
        self.options = options
        self.room = max(options.width - gutter - 3, 20)

    def arrow(self, place: str) -> str:
        return self.pad + _paint("--> ", "frame", self.options) + place

    def row(self, number: int | str, text: str) -> str:
        bar = _paint(f"{number:>{len(self.pad)}} |", "frame", self.options)
        return f"{bar} {text}" if text else bar

    def note(self, text: str) -> str:
        return f"{self.pad} {_paint('=', 'frame', self.options)} {text}"


def _evidence(seen: View, frame: _Frame, key: Key | None, finding: Finding) -> Iterator[str]:
    """Yield the lines of the key with carets under it, and beside the carets the confidence and its reasons."""
    verdict = finding.verdict
    confidence = f"{verdict.confidence} confidence"
    if verdict.reasons:
        confidence += f": {reasons(seen, finding)}"
    if key is None:
        yield frame.note(confidence)
        return
    yield frame.row("", "")
    rows = _rows(key)
    for number, line, start, end in rows:
        if number > rows[0][0] + 1:
            yield frame.pad + _paint(" ...", "frame", frame.options)
        before, text, carets = _window(line, start, end, frame.room)
        yield frame.row(number, text)
        fits = number == rows[-1][0] and before + carets + 1 + columns(confidence) <= frame.room
        label = f" {confidence}" if fits else ""
        yield frame.row("", " " * before + _paint("^" * carets + label, verdict.label, frame.options))
    if not label:
        yield frame.note(confidence)


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


def _not_scanned(seen: View) -> Iterator[str]:
    """Yield the reasons, the most frequent first, each with a few paths."""
    if not seen.run.skipped:
        return
    groups = by_reason(seen.run)
    yield _paint(f"not scanned: {len(seen.run.skipped):,}", "bold", seen.options)
    for reason, paths in groups[:MORE_REASONS]:
        examples = [shown(seen, path) for path in paths[: MORE_EXAMPLES + 1]]
        yield f"  {shown(seen, reason)} ({len(paths):,}): {some(examples, MORE_EXAMPLES, '', len(paths))}"
    if len(groups) > MORE_REASONS:
        rest = sum(len(paths) for _, paths in groups[MORE_REASONS:])
        yield f"  other reasons ({rest:,}): see the JSON report (-f json)"


def _result(run: Run, options: Options) -> str:
    keys, colour = "no leaked keys found", "good"
    if run.findings:
        keys = f"{count(len(run.findings), 'leaked key')} found ({by_label(run.findings)})"
        secret = any(finding.verdict.label is Label.SECRET for finding in run.findings)
        colour = Label.SECRET if secret else Label.SENSITIVE
    parts = [f"{_paint(keys, colour, options)} in {scanned(run)}, {_size(run.bytes)}, {run.duration_s:.2f} s"]
    parts += [f"{len(run.suppressed):,} suppressed"] if run.suppressed else []
    parts += [f"{len(run.public):,} public"] if options.show_public and run.public else []
    parts += ["interrupted" if run.interrupted else "the scan is incomplete"] if not run.complete else []
    return "; ".join(parts)


def _size(number: int) -> str:
    """Return bytes in decimal units, as disks are sold."""
    if number < 1000:
        return count(number, "byte")
    power = 1 if number < 1000**2 else 2 if number < 1000**3 else 3
    return f"{number / 1000**power:,.1f} {('kB', 'MB', 'GB')[power - 1]}"


def _paint(text: str, colour: str, options: Options) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if options.colour and text else text
