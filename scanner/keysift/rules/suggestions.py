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
    """Return help for an id that no rule has: the nearest ids or their family, and the command that lists all."""
    ids = list(known)
    if short := [each for each in ids if _shortened(each) == rule_id.lower()]:
        return f"did you mean {' or '.join(short[:3])}?"
    if near := difflib.get_close_matches(rule_id, ids, n=3, cutoff=0.6):
        return f"did you mean {' or '.join(near)}?"
    families = {each.partition("-")[0] for each in ids}
    family = difflib.get_close_matches(rule_id.partition("-")[0], families, n=1, cutoff=0.8)
    return f"{f'did you mean one of {family[0]}-*? ' if family else ''}`keysift rules list` lists them"


def _shortened(rule_id: str) -> str:
    """Return an id with the initials of its words behind the family: `github-pat` of `github-personal-access-token`."""
    family, _, rest = rule_id.partition("-")
    return f"{family}-{''.join(word[:1] for word in rest.split('-'))}"
