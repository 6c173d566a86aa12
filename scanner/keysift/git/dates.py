"""A date as people write it for `git log --since` -> seconds since 1970.

git takes any text for a date, and what it does not know for now: a word that it does not know is an error here.
Its words: https://github.com/git/git/blob/v2.47.0/date.c (`special`, `number_name`, `typelen`, `month_names`,
`weekday_names`), which it knows by their first three letters too.
"""

from __future__ import annotations

import re
from pathlib import Path

from keysift.git import process

_MONTHS = "january february march april may june july august september october november december"
_WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday"
_UNITS = "second minute hour day week month year"
_NUMBERS = "zero one two three four five six seven eight nine ten"
_OTHERS = "now yesterday noon midnight tea am pm last ago today at on and of th st nd rd t z utc gmt"
WORDS = frozenset(
    (
        *f"{_UNITS} {_NUMBERS} {_OTHERS} {_MONTHS} {_WEEKDAYS}".split(),
        *(f"{unit}s" for unit in _UNITS.split()),
        *(name[:3] for name in f"{_MONTHS} {_WEEKDAYS}".split()),
    )
)


def unknown_word(text: str) -> str:
    """Return the first word of a date that git does not know; empty if it knows all of them."""
    words: list[str] = re.findall(r"[^\W\d_]+", text.lower())
    return next((word for word in words if word not in WORDS), "")


def to_seconds(repo: Path, text: str) -> int | None:
    """Return the time that git takes a text for; None if it is no date."""
    if unknown_word(text) or not re.search(r"\w", text):
        return None
    stated = re.sub(r"\btoday\b", "midnight", text, flags=re.IGNORECASE)
    answer = process.run(repo, "rev-parse", f"--since={stated}").stdout.decode("ascii", "replace").strip()
    number = answer.partition("=")[2]
    return int(number) if number.isdecimal() else None
