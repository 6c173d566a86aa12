r"""Where a key may start and end: not inside a word, but behind an escape (`\n`, `%3D`) and in `${NAME:-key}`."""

from __future__ import annotations

import re

from keysift.rules import assigned

ESCAPED = r"|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<=:-)"
LEFT = rf"(?:(?<![0-9A-Za-z]){ESCAPED})"
RIGHT = r"(?![0-9A-Za-z])"
_NOT_BEHIND = r"(\(\?<!\[(?:[^\]\\]|\\.)+\]\))(?!\{)"
_LOOKS_LEFT = ("(?<!", "(?<=", r"\b", "(?:(?<")
_LOOKS_RIGHT = r"\(\?[!=](?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)$|\\b$"


def bounded(pattern: str) -> str:
    """Return the regex that is searched for: the pattern between boundaries, or the shared one that it names.

    A pattern that states its own look-around on a side keeps it there.
    """
    if pattern in assigned.SHARED:
        return assigned.SHARED[pattern]
    if stated := re.match(_NOT_BEHIND, pattern):
        pattern = f"(?:{stated[0]}{ESCAPED}){pattern[stated.end() :]}"
    own_left = pattern.startswith(_LOOKS_LEFT) or not re.match(r"[\w\[(\\]", pattern)
    own_right = re.search(_LOOKS_RIGHT, pattern)
    return f"{'' if own_left else LEFT}(?:{pattern}){'' if own_right else RIGHT}"


def opens_runs(pattern: str, alphabet: str) -> bool:
    """Return True if a match of what `bounded` makes of a pattern starts where a run of the alphabet does.

    Or one or two bytes later, behind an escape whose last bytes are in the alphabet as well: see `ESCAPED`.
    """
    if stated := re.match(_NOT_BEHIND, pattern):
        shut_out = stated[0]
    elif pattern.startswith(_LOOKS_LEFT) or not re.match(r"[\w\[(\\]", pattern):
        return False
    else:
        shut_out = "(?<![0-9A-Za-z])"
    behind = re.compile(shut_out)
    return all(not behind.match(f"{character}x", 1) for character in alphabet)


def usual(pattern: str) -> str:
    """Return what `bounded` makes of nearly all patterns, without a look at them: the compiled form leaves it out."""
    return assigned.SHARED.get(pattern) or f"{LEFT}(?:{pattern}){RIGHT}"
