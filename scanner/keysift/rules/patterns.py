"""What a pattern can match: how many bytes, which ones, and in how many ways. Python's own parser of regexes tells."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from re import _parser as parser  # the only place that knows widths
from typing import Any

from keysift import lazy

UNBOUNDED = 1 << 30
DEFAULT_REACH = 400
"""Bytes between a keyword and a match, where surroundings confirm the match."""
MAX_PATTERN_REACH = 4096
TOKEN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/=.~:%-")
"""The bytes that keys without a structure are made of."""
MOST_WAYS = 300
"""Of matching the same bytes, for a pattern that is tried without a time limit; three of four of ours have so few."""
_BEFORE_START = lazy.compile(r"\(\?<!\[(?:[^\]\\]|\\.)+\]\)|\(\?P<secret>|\(\?:")


@functools.cache
def longest(pattern: str) -> int:
    """Return the most bytes that a pattern can match; `UNBOUNDED` where the parser cannot tell."""
    try:
        return width(pattern.replace("?P<secret>", "?:"))[1]  # `regex` lets a name stand twice
    except re.error:
        return UNBOUNDED


def width(pattern: str) -> tuple[int, int]:
    """Return the least and the most bytes that a pattern can match.

    Raises:
        re.error: Python's own engine cannot read it.
    """
    least, most = parsed(pattern).getwidth()
    return int(least), int(most)


def parsed(pattern: str) -> Any:  # noqa: ANN401 - Python's parser has no types
    """Return the parts of a pattern.

    Raises:
        re.error: Python's own engine cannot read it.
    """
    try:
        return parser.parse(pattern.encode())
    except (OverflowError, RecursionError) as error:
        raise re.error(f"too large or too deep: {error}") from error


def solid(pattern: str) -> tuple[int, str]:
    """Return the least bytes of a match and the characters it can hold; 0 and "" if some are not in `TOKEN`."""
    try:
        return _solid(parsed(pattern))
    except re.error:
        return 0, ""


def least_key(pattern: str) -> int:
    """Return the least bytes of a key if it can hold only those in `TOKEN`, whatever the match has beside it; else 0.

    The key is the group `secret`, or the whole match.
    """
    try:
        steps = parsed(pattern)
    except re.error:
        return 0
    number = steps.state.groupdict.get("secret")
    return max((_solid(key)[0] for key in _group(steps, number)), default=0) if number else _solid(steps)[0]


def _group(steps: Any, number: int) -> Iterator[Any]:  # noqa: ANN401 - as above
    """Yield the parts of the group with this number."""
    for operation, argument in steps:
        if str(operation) == "SUBPATTERN" and argument[0] == number:
            yield argument[-1]
        for inner in argument if isinstance(argument, tuple) else ():
            branches = inner if isinstance(inner, list) else [inner]
            for branch in branches:
                if isinstance(branch, parser.SubPattern):
                    yield from _group(branch, number)


def _solid(steps: Any) -> tuple[int, str]:  # noqa: ANN401 - as above
    alphabet: set[int] = set()
    for step in steps:
        _collect(step, alphabet)
    if not alphabet <= TOKEN:
        return 0, ""
    return int(steps.getwidth()[0]), "".join(map(chr, sorted(alphabet)))


def _collect(step: Any, alphabet: set[int]) -> None:  # noqa: ANN401 - as above
    """Add the bytes that a part of a pattern can match; -1 stands for those of a part that is not looked into."""
    operation, argument = step
    match str(operation):
        case "LITERAL":
            alphabet.add(argument)
        case "RANGE":
            alphabet.update(range(argument[0], argument[1] + 1))
        case "CATEGORY":
            alphabet |= _category(str(argument))
        case "BRANCH":
            for branch in argument[1]:
                for inner in branch:
                    _collect(inner, alphabet)
        case "IN" | "SUBPATTERN" | "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT" as name:
            for inner in argument if name == "IN" else argument[-1]:
                _collect(inner, alphabet)
        case "ASSERT" | "ASSERT_NOT" | "AT":
            pass
        case _:
            alphabet.add(-1)


def _category(name: str) -> set[int]:
    if name == "CATEGORY_DIGIT":
        return set(b"0123456789")
    return set(TOKEN - set(b"+/=.~:%-")) if name == "CATEGORY_WORD" else {-1}


def ways(steps: Any) -> int:  # noqa: ANN401 - as above
    """Return in how many ways, at the most, these parts match the same bytes: so often an attempt may go back.

    It is not counted beyond one more than `MOST_WAYS`.
    """
    product = 1
    for operation, argument in steps:
        name = str(operation)
        if name == "BRANCH":
            product *= sum(map(ways, argument[1]))
        elif name == "SUBPATTERN":
            product *= ways(argument[-1])
        elif name == "POSSESSIVE_REPEAT":
            continue  # it never gives back what it has taken
        elif name.endswith("_REPEAT"):
            least, most, inner = argument
            within = ways(inner)
            product *= int(most) - int(least) + 1 if within == 1 else within ** min(int(most), MOST_WAYS.bit_length())
        product = min(product, MOST_WAYS + 1)
    return product


def starts_with(pattern: str, word: str) -> bool:
    """Return whether the pattern says that a match starts with the word."""
    while opened := _BEFORE_START.match(pattern):
        pattern = pattern[opened.end() :]
    return "|" not in pattern and pattern.replace("\\", "").startswith(word)
