"""A file or blob -> its windows, and those of everything inside: archives, compressed files, documents, databases.

Nothing is ever written to disk, no name inside is used as a path, and links and devices are passed over. A name inside
is given as `b/c.txt`, inside of a container in the container as `inner.zip!/b/c.txt`. What compression wraps is named
like the file without its suffix (`a.log` in `a.log.gz`), and adds nothing to the names of what an archive in it holds
(`b/c.txt` in `a.tar.gz`).
"""

from __future__ import annotations

from keysift.containers import kinds


def has_inside(data: bytes) -> bool:
    """Whether a blob is more than its bytes. Costs next to nothing for a file of text."""
    return kinds.kind(data, data) is not None
