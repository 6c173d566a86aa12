"""Splits a file or blob into windows: its own bytes, then those of the archives, documents and databases in it.

Nothing is written to disk, no name inside a container is used as a path, and links and devices are skipped. A member
is named `b/c.txt`, and a member of a container within the container `inner.zip!/b/c.txt`. What is merely compressed is
named like the file without its suffix (`a.log` in `a.log.gz`) and adds nothing to the names of its own members
(`b/c.txt` in `a.tar.gz`).
"""

from __future__ import annotations

from keysift.containers import kinds


def has_inside(data: bytes) -> bool:
    """Return True if a blob is a container. For a text file this costs next to nothing."""
    return kinds.kind(data, data) is not None
