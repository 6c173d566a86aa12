"""The terminal: how wide it is, whether it takes colours, and sentences for whoever sits before it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

import click

from keysift import lazy

if TYPE_CHECKING:
    from keysift.report import plain
else:
    plain = lazy.module("keysift.report.plain")

LEAST_WIDTH, USUAL_WIDTH = 60, 100
"""Columns of a text report: at least, and where there is no terminal."""


def width() -> int:
    """Return the columns for text: of the terminal, or of that behind a pager if the text goes into a pipe.

    As `shutil` determines them, which takes 4 ms to import.
    """
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal():
        return max(LEAST_WIDTH, int(columns))
    for stream in (1, 2, 0):
        with suppress(OSError):
            return max(LEAST_WIDTH, os.get_terminal_size(stream).columns or USUAL_WIDTH)
    return USUAL_WIDTH


def takes_colour(stream: TextIO) -> bool:
    """Return True for a terminal, unless its user objects, and for whatever a user insists on.

    https://no-color.org, https://force-color.org
    """
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def say(sentence: str) -> None:
    """Write a sentence to standard error: for a person wrapped between words, for a program in one line."""
    lines = plain.wrapped(sentence, width(), 2) if sys.stderr.isatty() else [sentence]
    for line in lines:
        click.echo(line, err=True)


def tell(text: str, first: str = "", other: str = "  ") -> None:
    """Write text that may be a stranger's to standard output: before a person wrapped, with these indents."""
    line = first + plain.plain(text)
    for part in plain.wrapped(line, width(), len(other)) if sys.stdout.isatty() else [line]:
        click.echo(part)
