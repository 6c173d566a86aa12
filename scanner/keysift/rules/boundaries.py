r"""Where a key may start and end: not inside a word, but behind an escape (`\n`, `%3D`) and in `${NAME:-key}`."""

from __future__ import annotations

from keysift.rules import assigned

ESCAPED = r"|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<=:-)"
LEFT = rf"(?:(?<![0-9A-Za-z]){ESCAPED})"
RIGHT = r"(?![0-9A-Za-z])"


def usual(pattern: str) -> str:
    """Return what most patterns stand for: the pattern between both boundaries, or the shared one that it names."""
    return assigned.SHARED.get(pattern) or f"{LEFT}(?:{pattern}){RIGHT}"
