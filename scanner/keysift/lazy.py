"""Patterns that are compiled when they are first used: compiling all of them takes longer than most runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, AnyStr, cast

if TYPE_CHECKING:
    import regex


def compile(text: AnyStr) -> re.Pattern[AnyStr]:  # noqa: A001 - what it stands in for is called so
    """A pattern of ours that needs no clock: of Python's own engine, which compiles three times as fast, if it can.

    What only the library `regex` reads, such as `(?r)`, is left to that.
    """
    return cast("re.Pattern[AnyStr]", _Pattern(_by_python, text))


def timed(text: AnyStr, flags: int = 0) -> regex.Pattern[AnyStr]:
    """A pattern of `regex`, whose methods take a `timeout`; the library is imported only when it is used."""
    return cast("regex.Pattern[AnyStr]", _Pattern(_by_regex, text, int(flags)))  # flags of `re` make it misread "(?r)"


class _Pattern:
    """Asked for anything, it compiles, and from then on has it as an attribute of its own, at no cost."""

    def __init__(self, compiler: Callable[..., Any], *stated: Any) -> None:  # noqa: ANN401 - str or bytes, and flags
        self._compiler, self._stated = compiler, stated

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a pattern has
        found: Any = getattr(self._compiler(*self._stated), name)
        setattr(self, name, found)
        return found


def _by_python(text: Any) -> Any:  # noqa: ANN401 - str or bytes
    try:
        return re.compile(text)
    except re.error:
        return _by_regex(text)


def _by_regex(text: Any, flags: int = 0) -> Any:  # noqa: ANN401 - as above
    import regex  # noqa: PLC0415 - 10 ms that a run without matches need not pay

    return regex.compile(text, flags)
