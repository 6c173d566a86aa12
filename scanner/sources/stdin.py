"""Standard input, as one blob."""

from __future__ import annotations

from typing import BinaryIO

from scanner.model import Blob, Skipped

_CHUNK = 1 << 20


def read(stream: BinaryIO, name: str, limit: int) -> Blob | Skipped:
    """All of `stream` under the path `name`; over `limit` bytes it is left unread, and at most one more is kept.

    Too much on standard input makes the run incomplete, unlike a large file met on a walk: it was asked for.
    """
    parts: list[bytes] = []
    missing = limit + 1
    try:
        while missing > 0 and (part := stream.read(min(missing, _CHUNK))):
            parts.append(part)
            missing -= len(part)
    except OSError as error:
        return Skipped(name, (error.strerror or str(error)).lower())
    if missing <= 0:
        return Skipped(name, f"over the limit of {limit:,} bytes")
    return Blob(name, b"".join(parts))
