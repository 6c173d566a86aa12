"""Reports: the only room that writes to standard output.

`write` writes a run in one of the `FORMATS`; `summary` writes the few lines for standard error.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from keysift import atomic
from keysift.errors import ReportError
from keysift.model import Run
from keysift.report.view import Options, in_order

__all__ = ["FORMATS", "Options", "Writer", "in_order", "summary", "write"]

Writer = Callable[[Run, TextIO, Options], None]
"""Writes a whole report to an open text stream; neither flushes nor closes it."""


def _module(name: str) -> Any:  # noqa: ANN401 - a module
    """Load the module of a format when it is used: most runs need one or two of them."""
    return import_module(f"keysift.report.{name}")


def _late(module: str) -> Writer:
    """Return a writer whose module is loaded when it is used."""

    def writer(run: Run, out: TextIO, options: Options) -> None:
        _module(module).write(run, out, options)

    return writer


FORMATS: dict[str, Writer] = {
    "text": _late("text"),
    "json": _late("json_report"),
    "sarif": _late("sarif"),
    "github": _late("github"),
    "gitlab": _late("gitlab"),
    "codeclimate": _late("codeclimate"),
    "junit": _late("junit"),
    "csv": _late("csv_report"),
    "markdown": _late("markdown"),
    "html": _late("html_report"),
}


def write(run: Run, format: str, destination: Path | TextIO, options: Options) -> None:  # noqa: A002 - the user's word
    """Write the report to a stream, or to a file, whole or not at all.

    A regular file is replaced; anything else (`/dev/null`, a pipe) is written to. A report that shows secrets can be
    read by its owner only. Raises ReportError when the disk is full or the path cannot be written, and BrokenPipeError
    when the reader of a stream is gone.
    """
    try:
        with _opened(destination, private=options.show_secrets) as out:
            FORMATS[format](run, out, options)
            out.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        where = repr(str(destination)) if isinstance(destination, Path) else "standard output"
        raise ReportError(
            f"cannot write the report to {where}: {error.strerror or error}",
            help="free some space, or choose another file with -o",
        ) from error


def summary(run: Run, out: TextIO, options: Options) -> None:
    """Write the last lines for a person: what was found, what was scanned, what was not and why."""
    _replace_unencodable(out)
    _module("text").summary(run, out, options)


@contextmanager
def _opened(destination: Path | TextIO, *, private: bool) -> Iterator[TextIO]:
    if not isinstance(destination, Path):
        _replace_unencodable(destination)
        yield destination
        return
    place = Path(os.path.realpath(destination))
    if place.exists() and not place.is_file():
        with place.open("w", encoding="utf-8", newline="\n") as out:
            yield out
        return
    with atomic.replacing(place, private=private) as file:
        out = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
        try:
            yield out
        finally:
            out.detach()


def _replace_unencodable(out: TextIO) -> None:
    """Make a stream write `?` for a character that its encoding lacks, so that the report goes on."""
    reconfigure = getattr(out, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="replace")
