"""What is said of an error that nobody foresaw: its kind and its place, and nothing that it quotes."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import click

from keysift import shortage
from keysift.version import VERSION

SHORT, FAULT = 3, 2
"""The exit codes where the system is short of something, and after a fault of keysift."""
_PACKAGE = Path(__file__).parent.parent


def report(error: BaseException, *, debug: bool) -> int:
    """Print what is known of an error to standard error; return the exit code.

    Its message is left out, for it may quote what was scanned. With `debug`, every frame is printed.
    """
    if debug:
        for line in _frames(error):
            click.echo(line, err=True)
    if short := shortage.of(error):
        click.echo(f"keysift: {short.reason}", err=True)
        click.echo(f"help: {short.help}", err=True)
        return SHORT
    click.echo(f"keysift: {_kind(error)} in {_place(error)} of keysift {VERSION}, which nobody foresaw", err=True)
    advice = "please report this line where you have keysift from"
    more = "" if debug else "; `keysift --debug ...` shows the way there, without what was scanned"
    click.echo(f"help: {advice}{more}", err=True)
    return FAULT


def _kind(error: BaseException) -> str:
    """Return the name of an error; what the system says of its own errors quotes nothing."""
    name = type(error).__name__
    return f"{name} ({error.strerror})" if isinstance(error, OSError) and error.strerror else name


def _place(error: BaseException) -> str:
    """Return the innermost line of keysift that the error passed."""
    place = "an unknown place"
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if file.is_relative_to(_PACKAGE):
            place = f"{file.relative_to(_PACKAGE).as_posix()}:{frame.lineno}"
    return place


def _frames(error: BaseException) -> Iterator[str]:
    """Yield the frames of an error and of its causes, innermost last, as Python prints them."""
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _frames(cause)
    # A worker hands over its traceback as text, whose last lines are the message.
    if type(error).__name__ == "_RemoteTraceback":
        yield from (line for line in str(error).splitlines() if line.startswith('  File "'))
        return
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
        yield f"    {frame.line}"
    yield _kind(error)
