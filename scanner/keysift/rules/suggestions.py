"""Help for the id of a rule that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from keysift import lazy

if TYPE_CHECKING:
    import difflib
else:
    difflib = lazy.module("difflib")


def suggestion(rule_id: str, known: Iterable[str]) -> str:
    """Return help for an id that no rule has: the nearest ids, or the command that lists all."""
    near = difflib.get_close_matches(rule_id, known, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else "`keysift rules list` lists them"
