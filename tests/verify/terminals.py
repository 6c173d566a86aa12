"""A terminal with a program in it, as a person has one."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 60
"""Seconds that a program may take for its next question; nothing is asserted of it."""


_TAKE = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
"""Makes the standard input of a new process its terminal, from which Ctrl-C comes, and becomes another program."""


class Terminal:
    """A program with a terminal of its own for input and output, and all that has been shown there."""

    def __init__(self, command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        self.shown = ""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _TAKE, *command],
            cwd=directory,
            env={**environment, "TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def wait_for(self, text: str, *, anywhere: bool = False) -> None:
        """Wait until the text stands at the end of what was shown, or anywhere in it."""
        until = time.monotonic() + PATIENCE
        while not (text in self.shown if anywhere else self.shown.endswith(text)):
            if not self._read(until):
                raise AssertionError(f"it did not ask {text!r}, but showed: {self.shown}")

    def type(self, line: str) -> None:
        os.write(self._ours, line.encode() + b"\n")

    def press(self, key: bytes) -> None:
        os.write(self._ours, key)

    def end(self) -> int:
        """Wait for the end of the program, and return its exit code."""
        until = time.monotonic() + PATIENCE
        while self._read(until):
            pass
        return self._process.wait(PATIENCE)

    def _read(self, until: float) -> bool:
        """Read what is there; return False at the end, or if nothing comes for too long."""
        ready, _, _ = select.select([self._ours], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # Linux says so at the end
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)
