"""The report for people: each finding as a compiler would show it, and a summary.

Colours are written by hand: a library for them costs more time than a whole small scan.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from keysift.model import Finding, Label, Run, Skipped
from keysift.redact import Keys, mask_name
from keysift.report.next_steps import FIRST, SECOND, next_steps
from keysift.report.plain import cells, columns, plain
from keysift.report.view import Key, Options, View, view
from keysift.report.wording import count, life, place, scanned, some

MORE_PLACES = 3
MORE_EXAMPLES = 3
MORE_REASONS = 10
CUT = "\N{HORIZONTAL ELLIPSIS}"
_COLOURS = {
    Label.SECRET: "1;31", Label.SENSITIVE: "1;33", Label.PUBLIC: "1;34", "frame": "1;34", "bold": "1", "good": "1;32",
}  # fmt: skip


def write(run: Run, out: TextIO, options: Options) -> None:
    """The findings, a blank line behind each; nothing where there are none."""
    seen = view(run, options)
    for finding in seen.findings():
        out.writelines(f"{line}\n" for line in _finding(seen, finding))


def summary(run: Run, out: TextIO, options: Options) -> None:
    """What was not scanned and why, and on the last line what was found."""
    seen = view(run, options)
    out.writelines(f"{line}\n" for line in _not_scanned(seen))
    out.write(_result(run, options) + "\n")


def _finding(seen: View, finding: Finding) -> Iterator[str]:
    options, rule, label = seen.options, finding.rule, finding.verdict.label
    name = _paint(f": {plain(rule.name)}", "bold", options)
    yield _paint(f"{label}[{plain(rule.id)}]", label, options) + name
    shown = _key(seen, finding)
    gutter = len(str(shown.first_line + shown.text.count("\n"))) if shown else 1
    frame = _Frame(gutter, options)
    for location in finding.locations[:1]:
        yield frame.arrow(place(seen, location))
    yield from _evidence(frame, shown, finding, seen.hidden)
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
    """At most three lines: the key itself, its use and the files, the history."""
    lines = ["", "", ""]
    for number, step in enumerate(steps, 1):
        row = 0 if step.startswith(FIRST) else 1 if step.startswith(SECOND) else 2
        lines[row] += f" {number}. {plain(step)}"
    for number, line in enumerate(filter(None, lines)):
        yield f"{frame.pad}        {line}" if number else frame.note(f"next:{line}")


def _key(seen: View, finding: Finding) -> Key | None:
    """The key in its lines, or by itself where they are not known; None where a finding has no key to show."""
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


def _evidence(frame: _Frame, key: Key | None, finding: Finding, hidden: Keys) -> Iterator[str]:
    """The lines of the key with carets under it, and beside them how sure we are and why."""
    verdict = finding.verdict
    said = f"{verdict.confidence} confidence"
    if verdict.reasons:
        said += ": " + plain(mask_name(", ".join(verdict.reasons), hidden))
    if key is None:
        yield frame.note(said)
        return
    yield frame.row("", "")
    rows = _rows(key)
    for number, line, start, end in rows:
        if number > rows[0][0] + 1:
            yield frame.pad + _paint(" ...", "frame", frame.options)
        before, text, carets = _window(line, start, end, frame.room)
        yield frame.row(number, text)
        label = f" {said}" if number == rows[-1][0] and before + carets + 1 + columns(said) <= frame.room else ""
        yield frame.row("", " " * before + _paint("^" * carets + label, verdict.label, frame.options))
    if not label:
        yield frame.note(said)


def _rows(key: Key) -> list[tuple[int, str, int, int]]:
    """The first and the last line of a key: number, text, and where the key starts and ends in it."""
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
    """As much of a line around its key as there is room for: columns before the key, text, columns of the key.

    A key that is too long is cut at its end, and what stands before a key, its name, is kept longer than what follows.
    """
    low, high = max(0, start - room), min(len(line), min(end, start + room) + room)
    shown = cells(line[low:high])
    widths = [columns(cell) for cell in shown]
    start, end = start - low, min(end - low, len(shown))
    total = sum(widths)
    if total <= room and low == 0 and high == len(line):
        return sum(widths[:start]), "".join(shown), sum(widths[start:end])
    left = _fit(widths[:start][::-1], max(room - sum(widths[start:end]) - 12, room // 4))
    first = start - left
    last = first + _fit(widths[first:], room - 2)
    before = CUT if first or low else ""
    after = CUT if last < len(shown) or high < len(line) else ""
    text = before + "".join(shown[first:last]) + after
    return len(before) + sum(widths[first:start]), text, sum(widths[start : min(end, last)])


def _fit(widths: list[int], room: int) -> int:
    """How many characters of these widths there is room for."""
    for fitting, width in enumerate(widths):
        room -= width
        if room < 0:
            return fitting
    return len(widths)


def _not_scanned(seen: View) -> Iterator[str]:
    """The reasons, the most frequent first, each with a few paths."""
    if not seen.run.skipped:
        return
    reasons: dict[str, list[Skipped]] = {}
    for skipped in seen.run.skipped:
        reasons.setdefault(skipped.reason, []).append(skipped)
    groups = sorted(reasons.items(), key=lambda group: -len(group[1]))
    yield _paint(f"not scanned: {len(seen.run.skipped):,}", "bold", seen.options)
    for reason, found in groups[:MORE_REASONS]:
        paths = [plain(mask_name(skipped.path, seen.hidden)) for skipped in found[: MORE_EXAMPLES + 1]]
        named = some(paths, MORE_EXAMPLES, "", len(found))
        yield f"  {plain(mask_name(reason, seen.hidden))} ({len(found):,}): {named}"
    if len(groups) > MORE_REASONS:
        rest = sum(len(found) for _, found in groups[MORE_REASONS:])
        yield f"  other reasons ({rest:,}): the report with -f json has them"


def _result(run: Run, options: Options) -> str:
    labels = [finding.verdict.label for finding in run.findings]
    counts = ", ".join(f"{labels.count(label):,} {label}" for label in Label if label in labels)
    found = count(len(labels), "leaked key") + f" found ({counts})" if labels else "no leaked keys found"
    colour = Label.SECRET if Label.SECRET in labels else Label.SENSITIVE if labels else "good"
    parts = [f"{_paint(found, colour, options)} in {scanned(run)}, {_size(run.bytes)}, {run.duration_s:.2f} s"]
    parts += [f"{len(run.suppressed):,} suppressed"] if run.suppressed else []
    parts += [f"{len(run.public):,} public"] if options.show_public and run.public else []
    parts += ["interrupted" if run.interrupted else "the scan is incomplete"] if not run.complete else []
    return "; ".join(parts)


def _size(number: float) -> str:
    """Bytes in decimal units, as disks are sold."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    return f"{number:,.0f} {unit}" if unit == "bytes" else f"{number:,.1f} {unit}"


def _paint(text: str, colour: str, options: Options) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if options.colour and text else text
