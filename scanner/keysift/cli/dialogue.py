"""The questions of `keysift baseline audit`: one key at a time, each answer written at once and undone at will."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import field, replace
from pathlib import Path
from typing import NoReturn

import click

from keysift import masking, report, wide
from keysift.accept import baseline
from keysift.accept.baseline import Entry
from keysift.accept.decision import Answer, Kind, kind_of
from keysift.cli import terminal
from keysift.cli.accepting import Work, parse_end, request_union_merge
from keysift.cli.deciding import entries_of
from keysift.errors import UsageError
from keysift.model import Finding, Location
from keysift.records import dataclass
from keysift.report.plain import columns, plain

if sys.platform != "win32":
    import termios
    import tty

_KINDS = {"r": Kind.REAL, "f": Kind.FALSE_ALARM, "a": Kind.ACCEPTED}
_SAME = {
    "\x1b[C": "s", "\x1b[B": "s", " ": "s", "\r": "s", "\n": "s", "n": "s",
    "\x1b[D": "b", "\x1b[A": "b", "p": "b",
}  # fmt: skip
"""Other keys with the same meaning: right, down, space, Enter and `next`; left, up and `previous`."""
_CHOICES = "[r]eal  [f]alse alarm  [a]ccept until   [s]kip  [b]ack  [u]ndo   [c]ontext  [v]alue   [q]uit"
_LAST = "[b]ack  [u]ndo   [q]uit"
_MORE = 10
"""Lines before and after a key that each request for context adds."""
_LARGEST = 16 << 20
"""Bytes of a file whose lines are shown as context."""


class _QuitError(Exception):
    """The user quits, or the input ends."""


@dataclass(slots=True)
class _Step:
    """A decision of this session, and what the baseline said of the key before it."""

    number: int
    entry: Entry
    before: list[Entry]


@dataclass(slots=True)
class _Dialogue:
    work: Work
    waiting: list[Finding]
    steps: list[_Step] = field(default_factory=list)
    number: int = 0
    """The index of the key that is shown."""
    context: int = 0
    """Lines of context around it."""

    def run(self) -> None:
        """Ask until all keys have been shown, or the user quits."""
        try:
            while self.number < len(self.waiting) or self._goes_on():
                self._show()
                while not self._answered(_pressed()):
                    pass
        except _QuitError:
            click.echo()

    def _goes_on(self) -> bool:
        """Return True if the user takes back something after the last key; only a terminal is asked."""
        if not (self.steps and sys.stdin.isatty()):
            return False
        click.echo("--- that was the last key ---")
        while (key := _pressed(_LAST)) not in "bu":
            pass
        return self._answered(key)

    def _show(self) -> None:
        finding, total = self.waiting[self.number], len(self.waiting)
        click.echo(f"--- key {self.number + 1} of {total} ---")
        # The other keys are not shown, but must stay hidden on the lines that are.
        everything = [*self.work.run.everything()]
        report.write(replace(self.work.run, findings=[finding], suppressed=everything), "text", sys.stdout, _view())
        step = next((step for step in reversed(self.steps) if step.number == self.number), None)
        if step:
            reason = f": {step.entry.why}" if step.entry.why else ""
            click.echo(f"decided: {kind_of(step.entry)}{plain(reason)}")

    def _answered(self, key: str) -> bool:
        """Do what a key stands for; return True if another key, or the same one anew, is to be shown."""
        if key in _KINDS:
            return self._decide(_KINDS[key])
        match key:
            case "s":
                self._go(self.number + 1)
            case "b" if self.number:
                self._go(self.number - 1)
            case "u" if self.steps:
                self._undo()
            case "c":
                self._more_context()
                return False
            case "v":
                _reveal(self.waiting[self.number])
                return False
            case _:
                click.echo({"b": "this is the first key", "u": "nothing is decided yet"}.get(key, _CHOICES))
                return False
        return True

    def _go(self, number: int) -> None:
        self.number, self.context = number, 0

    def _decide(self, kind: Kind) -> bool:
        """Ask for what the decision needs, and write it; return False if the user thinks better of it."""
        policy = self.work.acceptances.sources.config.policy
        finding = self.waiting[self.number]
        try:
            until = click.prompt("until (2026-12-31, or 90d)", value_proc=_end_or_ask) if kind is Kind.ACCEPTED else ""
            needed = kind is not Kind.REAL and policy.require_reason
            why = click.prompt("why", default=None if needed else "", show_default=False)
            [entry] = entries_of([finding], self.work.known, Answer(kind, why, until), policy, self.work.hidden)
        except click.Abort:
            _end_of_input()
            click.echo("\nnot decided")
            return False
        except UsageError as error:
            click.echo(f"{error}{f'; {error.help}' if error.help else ''}")
            return False
        there = baseline.read(self.work.file) if self.work.file.exists() else None
        before = there.all_entries(finding) if there else []
        self.work.add([entry], {old.id for old in before} - {entry.id})
        self.steps.append(_Step(self.number, entry, before))
        self._go(self.number + 1)
        return True

    def _undo(self) -> None:
        """Put back what the last decision replaced, and show its key again."""
        step = self.steps.pop()
        self.work.add(step.before, {step.entry.id} - {old.id for old in step.before})
        click.echo(f"undone: {kind_of(step.entry)}")
        self._go(step.number)

    def _more_context(self) -> None:
        self.context += _MORE
        for line in _around(self.work, self.waiting[self.number], self.context):
            click.echo(line)


def ask(work: Work) -> None:
    """Ask about each key that is neither accepted nor known to be real, until the user quits."""
    waiting = report.in_order(work.waiting())
    dialogue = _Dialogue(work, waiting)
    dialogue.run()
    decided = len({step.number for step in dialogue.steps})
    if decided:
        request_union_merge(work.file)
    click.echo(f"{decided} decided, {len(waiting) - decided} left; in {work.file}", err=True)


# --- Keys and prompts -------------------------------------------------------------------------------------------------


def _key_of_terminal(prompt: str) -> str:
    """Show a prompt and return the next key without waiting for Enter; what was typed early is not lost.

    click's own function forgets it, for it empties the buffer.
    """
    if sys.platform == "win32":
        click.echo(prompt, nl=False)
        return click.getchar()
    descriptor = sys.stdin.fileno()
    usual = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor, termios.TCSADRAIN)
    try:
        click.echo(prompt, nl=False)  # only now: who answers a prompt at once finds the terminal ready
        return os.read(descriptor, 32).decode("utf-8", "replace") or "\x04"
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, usual)


def _pressed(choices: str = _CHOICES) -> str:
    """Return the next key, at once from a terminal, else the first character of the next line."""
    try:
        if sys.stdin.isatty():
            key = _key_of_terminal(f"{choices}\n")
        else:
            click.echo(choices)
            line = sys.stdin.readline()
            key = line.strip()[:1] if line else "\x04"
    except (EOFError, KeyboardInterrupt):
        key = "\x04"
    if key in {"\x04", "\x03", "q"}:
        raise _QuitError
    return _SAME.get(key, key.lower())


def _end_of_input() -> None:
    """Quit where there is no terminal whose user may go on after an interrupted prompt."""
    if not sys.stdin.isatty():
        _quit()


def _quit() -> NoReturn:
    raise _QuitError


def _end_or_ask(text: str) -> str:
    try:
        return parse_end(text)
    except UsageError as error:
        raise click.BadParameter(f"{error}; {error.help}") from error


# --- What is shown ----------------------------------------------------------------------------------------------------


def _view() -> report.Options:
    return report.Options(colour=terminal.takes_colour(sys.stdout), width=terminal.width())


def _reveal(finding: Finding) -> None:
    """Show the key in the clear until the next key press, if there is a terminal that can forget it."""
    text = plain(finding.secret.decode("utf-8", "backslashreplace")) if finding.secret else "a file as such, not a key"
    click.echo(text)
    if sys.stdin.isatty() and sys.stdout.isatty():
        _key_of_terminal("any key hides it")
        rows = 2 + max(0, columns(text) - 1) // shutil.get_terminal_size().columns  # with the choices above it
        click.echo("\r\x1b[2K" + "\x1b[1A\x1b[2K" * rows, nl=False)


def _around(work: Work, finding: Finding, lines: int) -> Iterable[str]:
    """Yield the lines around a key as they are on the disk, all keys in them masked."""
    place = finding.locations[0]
    text = _content(place)
    if text is None:
        yield "the lines around it are not on the disk"
        return
    first, last = max(1, place.start_line - lines), min(len(text), place.end_line + lines)
    spans = _spans(work, place)
    width = len(str(last))
    for number in range(first, last + 1):
        line = text[number - 1].rstrip("\r")
        covered = [(start, min(end, len(line))) for start, end in spans.get(number, []) if start < len(line)]
        shown = masking.mask(line, work.hidden, covered)
        mark = ">" if place.start_line <= number <= place.end_line else " "
        yield f"{mark} {number:>{width}} | {plain(shown)}"


def _content(place: Location) -> list[str] | None:
    if place.member or place.commit:
        return None
    try:
        with Path(place.path).open("rb") as file:
            data = file.read(_LARGEST)
        return wide.to_utf8(data).decode("utf-8", "surrogateescape").split("\n")
    except (OSError, ValueError):
        return None


def _spans(work: Work, place: Location) -> dict[int, list[tuple[int, int]]]:
    """Return the characters of each line of a file that belong to keys, encoded ones included."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for finding in work.run.everything():
        for other in finding.locations if finding.secret else ():
            if (other.path, other.member, other.commit) != (place.path, place.member, place.commit):
                continue
            for number in range(other.start_line, other.end_line + 1):
                start = other.start_column - 1 if number == other.start_line else 0
                end = other.end_column - 1 if number == other.end_line else sys.maxsize
                spans.setdefault(number, []).append((start, end))
    return spans
