"""The progress of a scan, as a number on standard error: nobody knows how many files there will be."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator

import click

from keysift.model import ScanResult

CLEAR = "\r\033[K"
PATIENCE, INTERVAL = 0.5, 0.1
"""Seconds before the first number appears, and between one and the next."""


def counted(results: Iterable[ScanResult], *, wanted: bool) -> Iterator[ScanResult]:
    """Yield results, and tell on a terminal how many files are scanned."""
    if not (wanted and sys.stderr.isatty()):
        yield from results
        return
    files, due = 0, time.monotonic() + PATIENCE
    try:
        for result in results:
            files += result.blobs
            if time.monotonic() >= due:
                due = time.monotonic() + INTERVAL
                click.echo(f"{CLEAR}scanning ... {files:,} files", nl=False, err=True)
            yield result
    finally:
        click.echo(CLEAR, nl=False, err=True)
