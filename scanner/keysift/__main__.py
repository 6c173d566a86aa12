"""The process of the command `keysift`, which is `python -m keysift` as well."""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found] # what `signal` is made of: that takes a while to import
import os
import sys


def _interrupt(_number: int, _frame: object) -> None:
    """End without the traceback of an import: nothing has begun yet."""
    os.write(2, b"keysift: interrupted\n")
    os._exit(130)


if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # who starts us in the background ignores it
    signal.signal(signal.SIGINT, _interrupt)

import gc  # noqa: E402 - the handler comes first, here and below
from typing import TYPE_CHECKING, NoReturn, TextIO  # noqa: E402

from keysift import lazy  # noqa: E402

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from keysift import cli
else:
    cli = lazy.module("keysift.cli")


_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line, and exit with its code."""
    # The rules are many small objects, none of them garbage, and so are modules: looking through all of them, as often
    # as usual and in the end, takes a tenth of a small run.
    gc.set_threshold(100_000)
    _open_streams()
    _leave_no_core()
    try:
        if signal.getsignal(signal.SIGINT) is _interrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        cli.main()
    except KeyboardInterrupt:  # while the modules were read
        os.write(2, b"keysift: interrupted\n")
        sys.exit(_INTERRUPTED)
    except SystemExit as ended:
        _end_at_once(int(ended.code or 0))
        if ended.code == _INTERRUPTED:
            # The threads of a pool that was stopped find their pipes closed at the very end, and say so.
            sys.unraisablehook = _say_nothing
        raise
    finally:
        gc.freeze()


def _end_at_once(status: int) -> None:
    """Let Ctrl-C, and what ends a program otherwise, end it with this status: all is said and written."""
    for number in signal.valid_signals():
        if signal.getsignal(number) is signal.default_int_handler:
            signal.signal(number, lambda _number, _frame: os._exit(status))


def _say_nothing(_problem: object) -> None:
    """Take what goes wrong while the interpreter ends."""


def _open_streams() -> None:
    """Open the standard streams that whoever started us has closed: what is opened next would take their places.

    Input is empty, what is said of a run is lost, and a report that is to be written fails, as on a full device.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - they stay open to the end
    if sys.stdout is None:
        sys.stdout = _closed(1, os.O_RDONLY)
    if sys.stderr is None:
        sys.stderr = _closed(2, os.O_WRONLY)


def _closed(number: int, flags: int) -> TextIO:
    """Return a stream of nothing in the place of a closed one."""
    opened = os.open(os.devnull, flags)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    return open(number, "w", encoding="utf-8", errors="backslashreplace")


def _leave_no_core() -> None:
    """Keep the system from writing the memory of this process, keys and all, to a file if it crashes."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


if __name__ == "__main__":
    main()
