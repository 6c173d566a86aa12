"""How far from a change the keywords and occurrences of a blob are looked at anew, in its deltas.

What farther bytes do not decide is handed down. A value with a name depends on more bytes before it than behind it.
"""

from __future__ import annotations

from keysift.detect.confirm import SLACK
from keysift.detect.decode.triggers import TRIGGERS, Kind, Trigger
from keysift.detect.matcher import LONGEST_SHAPE, Matcher

NAMED_REACH = 1200
"""Bytes from a name to the end of its value; and before a value, those that may show a column of such values."""
NAME_BEHIND = 320
"""Bytes from a value to the name behind it, where the two stand apart."""
_BEFORE, _BEHIND = NAMED_REACH + SLACK, NAME_BEHIND + SLACK
"""Bytes before a value with a name, and behind it, on which it depends."""
_ENCODED = 2 * LONGEST_SHAPE
"""Bytes from a trigger to the beginning of what is decoded for it, and to the end if that is not a run."""
_LONGEST_RUN = 1000
"""Bytes of a run on one line; those of longer ones are found by other means."""
_FAR = 2 * (NAMED_REACH + SLACK)
"""The margin of a trigger that announces something farther away."""
_FARTHER = (b" base64 -", b"\\.join\\(", b": >[+-]?\\r?\\n", b": [>|][+-]?\\r?\\n")
"""Parts of such triggers: before a command, in a list, on the next lines."""
_LEAST = NAMED_REACH + SLACK
"""The least margin of a trigger."""


class Margins:
    """The margins of all keywords and occurrences, in bytes."""

    def __init__(self, matcher: Matcher, lengths: list[int]) -> None:
        """Work them out; `lengths` are the most bytes of each keyword."""
        named = [bool(summary.named) for summary in matcher.summaries]
        reaches = [summary.reach + SLACK for summary in matcher.summaries]
        self.occurrences = [
            (_BEFORE, _BEHIND) if name else (reach, reach) for name, reach in zip(named, reaches, strict=True)
        ]
        """Before and behind an occurrence, by the number of its rule."""
        self.wide = wide = frozenset(rule for rule, reach in enumerate(reaches) if reach + LONGEST_SHAPE > _LEAST)
        """Rules whose matches may be so long that a change is farther from what is decoded in them than a margin."""
        self.before: list[int] = []
        """Before the end of a keyword, by its number."""
        self.behind: list[int] = []
        distant: set[int] = set()
        for word, length in enumerate(lengths):
            before, behind = _of_trigger(TRIGGERS[word]) if word < len(TRIGGERS) else (_BEFORE, _LEAST + _BEHIND)
            if rules := matcher.rules_of(word):
                # A key is within reach of its keyword, and a change that matters within reach of the key.
                before = behind = 2 * max(reaches[rule] for rule in rules)
                if not wide.isdisjoint(rules):
                    distant.add(word)
            self.before.append(before + length)
            self.behind.append(behind + length)
        self.distant = frozenset(distant)
        """The keywords of these rules."""


def _of_trigger(trigger: Trigger) -> tuple[int, int]:
    """Return the bytes before and behind a trigger that decide whether there is a candidate in what it announces."""
    text = trigger.shape or trigger.literal
    if trigger.kind in {Kind.KUBERNETES, Kind.WIDE} or any(part in text for part in _FARTHER):
        return _FAR, _FAR
    run = _LONGEST_RUN if trigger.kind in {Kind.BASE64, Kind.HEX} else 0
    return _BEFORE + _ENCODED, _LEAST + _ENCODED + run
