"""Ends a process soon after its parent has gone: a parent that is killed tells nobody."""

from __future__ import annotations

import os
import signal
import threading
import time

_LOOK_S = 0.5
"""Seconds between two looks at the parent."""


def end_with(parent: int) -> None:
    """End this process within a second after `parent`, the id of its parent, has gone."""

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(1)

    def watch() -> None:
        while True:
            look()
            time.sleep(_LOOK_S)

    try:
        threading.Thread(target=watch, daemon=True).start()
    except RuntimeError:  # the system has no more threads
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, look)
            signal.setitimer(signal.ITIMER_REAL, _LOOK_S, _LOOK_S)
