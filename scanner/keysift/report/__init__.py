"""Reports: nothing else writes to standard output.

`write` makes a report of a run in one of the `FORMATS`; `summary` is the few lines for standard error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TextIO, TypeVar

from keysift.errors import ReportError
from keysift.model import Finding, Gone, Location, Run, Skipped
from keysift.report.view import Options, in_order

__all__ = ["FORMATS", "Options", "Writer", "in_order", "summary", "write"]

_Place = TypeVar("_Place", Location, Skipped, Gone)
Writer = Callable[[Run, TextIO, Options], None]
"""Writes a whole report to an open text stream, and neither flushes nor closes it."""


def _late(module: str) -> Writer:
    """A writer whose module is loaded when it is used."""

    def writer(run: Run, out: TextIO, options: Options) -> None:
        import_module(f"keysift.report.{module}").write(run, out, options)

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


def write(run: Run, format: str, destination: Path | TextIO, options: Options) -> None:  # noqa: A002 - the user's word
    """Writes the report to a stream, or whole or not at all to a file.

    A file is written beside its place and renamed; one that is no regular file (`/dev/null`, a pipe) is written to.
    With secrets shown it can be read by its owner alone. Raises ReportError when the disk is full or the path is no
    good, and BrokenPipeError when the reader of a stream went away.
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
            f"the report was not written to {where}: {error.strerror or error}",
            help="free some space there, or name another file with -o",
        ) from error


def summary(run: Run, out: TextIO, options: Options) -> None:
    """The last lines for a person: what was found, what was scanned, what was not and why."""
    from keysift.report import text  # noqa: PLC0415 - a run that is quiet has none

    _forgive(out)
    text.summary(run, out, options)


def _from_repository(run: Run) -> Run:
    """Return a run with the paths by which code hosts go."""
    if not any(place.repository_path for place in _places(run)):
        return run

    def moved(findings: list[Finding]) -> list[Finding]:
        return [replace(finding, locations=tuple(map(_moved, finding.locations))) for finding in findings]

    found, accepted, public = moved(run.findings), moved(run.suppressed), moved(run.public)
    skipped, gone = list(map(_moved, run.skipped)), list(map(_moved, run.gone))
    return replace(run, findings=found, suppressed=accepted, public=public, skipped=skipped, gone=gone)


def _places(run: Run) -> Iterator[Location | Skipped | Gone]:
    for finding in chain(run.findings, run.suppressed, run.public):
        yield from finding.locations
    yield from run.skipped
    yield from run.gone


def _moved(place: _Place) -> _Place:
    return replace(place, path=place.repository_path or place.path, repository_path="")


@contextmanager
def _opened(destination: Path | TextIO, *, private: bool) -> Iterator[TextIO]:
    if not isinstance(destination, Path):
        _forgive(destination)
        yield destination
        return
    place = Path(os.path.realpath(destination))
    if place.exists() and not place.is_file():
        with place.open("w", encoding="utf-8", newline="\n") as out:
            yield out
        return
    with _aside(place, private=private) as out:
        yield out


@contextmanager
def _aside(place: Path, *, private: bool) -> Iterator[TextIO]:
    """A new file that takes its place only when all of it is on the disk; whatever goes wrong, it is gone."""
    mode = 0o600 if private else 0o666
    beside = place.with_name(f".keysift-{os.urandom(8).hex()}.tmp")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as out:  # noqa: PTH123 - a descriptor has no path
            yield out
            out.flush()
            os.fsync(descriptor)
        if place.exists() and not private:
            beside.chmod(stat.S_IMODE(place.stat().st_mode))
        beside.replace(place)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def _forgive(out: TextIO) -> None:
    """A terminal whose encoding lacks a character shows `?` for it, and the report goes on."""
    reconfigure = getattr(out, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="replace")
