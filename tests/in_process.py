"""Run the command line in the process of the tests, at a tenth of the cost of a process of its own.

Each run gets descriptors 0 to 2, `sys.argv`, an environment and a working directory of its own. They are put back
afterwards, and so are signal handlers and the thresholds of the garbage collector.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import IO
from unittest import mock

from keysift.cli import main
from keysift.rules import ruleset

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGVTALRM") if hasattr(signal, name)]
_rules = functools.cache(ruleset.load)
"""The rules are read once: that is half of the time of a small scan."""


def run(
    *arguments: str | bytes, stdin: bytes = b"", cwd: Path, environment: Mapping[str, str]
) -> CompletedProcess[bytes]:
    """Run `keysift` with these arguments; return its exit code and the bytes that it wrote.

    An exception that the command line does not handle is raised, where a process would end in a traceback.
    """
    words = ["keysift", *map(os.fsdecode, arguments)]
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        files[0].write(stdin)
        files[0].seek(0)
        stack.enter_context(mock.patch.object(ruleset, "load", _rules))
        # Starting processes costs more than it saves: tests of the pool ask for `--jobs 2`.
        stack.enter_context(mock.patch.object(os, "cpu_count", return_value=1))
        with _descriptors(files), _state(words, cwd, environment):
            status = _status()
        out, err = (_content(file) for file in files[1:])
    return CompletedProcess(words, status, out, err)


def _status() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else bool(end.code)


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


@contextlib.contextmanager
def _descriptors(files: list[IO[bytes]]) -> Iterator[None]:
    """Make these files standard input, output and error, for Python and for the processes that it starts."""
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(number) for number in range(3)]
    try:
        for number, file in enumerate(files):
            os.dup2(file.fileno(), number)
        # As Python opens them in UTF-8 mode.
        with (
            open(0, encoding="utf-8", errors="surrogateescape", closefd=False) as sys.stdin,
            open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False) as sys.stdout,
            open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False) as sys.stderr,
        ):
            yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
        for number, copy in enumerate(kept):
            os.dup2(copy, number)
            os.close(copy)


@contextlib.contextmanager
def _state(words: list[str], cwd: Path, environment: Mapping[str, str]) -> Iterator[None]:
    before = sys.argv, dict(os.environ), gc.get_threshold()
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        with contextlib.chdir(cwd):
            sys.argv = words
            os.environ.clear()
            os.environ.update(environment)
            yield
    finally:
        sys.argv = before[0]
        os.environ.clear()
        os.environ.update(before[1])
        gc.set_threshold(*before[2])
        for number, handler in handlers.items():
            signal.signal(number, handler)
