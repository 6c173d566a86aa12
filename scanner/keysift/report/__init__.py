"""Reports: the only room that writes to standard output.

`write` writes a run in one of the `FORMATS`; `summary` writes the few lines for standard error.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO, TypeVar

from keysift import atomic
from keysift.errors import ReportError
from keysift.model import Finding, Gone, Location, Run, Skipped
from keysift.report.view import Options, in_order

__all__ = ["FORMATS", "Options", "Writer", "in_order", "summary", "write"]

_Place = TypeVar("_Place", Location, Skipped, Gone)
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


_FOR_CODE_HOSTS = frozenset({"sarif", "github", "gitlab", "codeclimate", "junit"})
"""Formats whose readers look for files below the top of the repository."""
_HELP = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "free some space, or choose another file with -o"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "choose with -o a place where you may write"),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR), "make its directory first, or choose another file with -o"),
}
"""What to do, by the cause."""


def write(run: Run, format: str, destination: Path | TextIO, options: Options) -> None:  # noqa: A002 - the user's word
    """Write the report to a stream, or to a file, whole or not at all.

    A regular file is replaced; anything else (`/dev/null`, a pipe) is written to. A report that shows secrets can be
    read by its owner only. Raises ReportError when the disk is full or the path cannot be written, and BrokenPipeError
    when the reader of a stream is gone.
    """
    try:
        with _opened(destination, private=options.show_secrets) as out:
            FORMATS[format](_from_repository(run) if format in _FOR_CODE_HOSTS else run, out, options)
            out.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        where = repr(str(destination)) if isinstance(destination, Path) else "standard output"
        raise ReportError(
            f"cannot write the report to {where}: {error.strerror or error}",
            help=_HELP.get(error.errno or 0, "choose another file with -o"),
        ) from error


def summary(run: Run, out: TextIO, options: Options) -> None:
    """Write the last lines for a person: what was found, what was scanned, what was not and why."""
    _replace_unencodable(out)
    _module("text").summary(run, out, options)


def _from_repository(run: Run) -> Run:
    """Return a run with the paths by which code hosts go."""
    if not any(place.repository_path for place in _places(run)):
        return run

    def moved(findings: list[Finding]) -> list[Finding]:
        return [replace(finding, locations=tuple(map(_moved, finding.locations))) for finding in findings]

    found, accepted, public = moved(run.findings), moved(run.suppressed), moved(run.public)
    skipped, gone = list(map(_moved, run.skipped)), list(map(_moved, run.gone))
    return replace(
        run, findings=found, below=moved(run.below), suppressed=accepted, public=public, skipped=skipped, gone=gone
    )


def _places(run: Run) -> Iterator[Location | Skipped | Gone]:
    for finding in run.everything():
        yield from finding.locations
    yield from run.skipped
    yield from run.gone


def _moved(place: _Place) -> _Place:
    return replace(place, path=place.repository_path or place.path, repository_path="")


@contextmanager
def _opened(destination: Path | TextIO, *, private: bool) -> Iterator[TextIO]:
    if not isinstance(destination, Path):
        _replace_unencodable(destination)
        yield destination
        return
    if destination.exists() and not destination.is_file():
        # By its own name: the pipe behind `/dev/stdout` has no other that can be opened.
        with destination.open("w", encoding="utf-8", newline="\n") as out:
            yield out
        return
    place = Path(os.path.realpath(destination))
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
