"""Work that is put off until it is needed: importing modules and compiling patterns.

Doing all of it at the start would take longer than most runs.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, AnyStr, cast

if TYPE_CHECKING:
    import regex


def module(name: str) -> Any:  # noqa: ANN401 - a type checker sees the import beside the call instead
    """Return a stand-in for a module that is imported when one of its attributes is first used.

    `name` is absolute. The import beside it tells type checkers and the import linter what the name stands for:

        if TYPE_CHECKING:
            from keysift.containers import walk
        else:
            walk = lazy.module("keysift.containers.walk")
    """
    return _Module(name)


def compile(text: AnyStr) -> re.Pattern[AnyStr]:  # noqa: A001 - named after what it replaces
    """Return a pattern that is compiled when it is first used.

    Python's own engine compiles it, three times as fast as `regex` does. What only `regex` can read, such as `(?r)`,
    is left to `regex`.
    """
    return cast("re.Pattern[AnyStr]", _Pattern(_by_python, text))


def timed(text: AnyStr, flags: int = 0) -> regex.Pattern[AnyStr]:
    """Return a pattern of `regex`, whose methods take a `timeout`, that is compiled when it is first used."""
    # `regex` misreads "(?r)" beside the flag objects of `re`, so they become plain integers.
    return cast("regex.Pattern[AnyStr]", _Pattern(_by_regex, text, int(flags)))


class _Module:
    """A stand-in that keeps nothing of the module: what a test replaces there is seen here."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module has
        try:
            return getattr(sys.modules[self._name], name)  # a fifth of the cost of asking importlib
        except (KeyError, AttributeError):
            return getattr(importlib.import_module(self._name), name)


class _Pattern:
    """A pattern that compiles itself when first used, and keeps each attribute from then on, at no further cost."""

    def __init__(self, compiler: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401 - str or bytes, and flags
        self._compiler, self._arguments = compiler, arguments

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a pattern has
        attribute: Any = getattr(self._compiler(*self._arguments), name)
        setattr(self, name, attribute)
        return attribute


def _by_python(text: Any) -> Any:  # noqa: ANN401 - str or bytes
    try:
        return re.compile(text)
    except re.error:
        return _by_regex(text)


def _by_regex(text: Any, flags: int = 0) -> Any:  # noqa: ANN401 - as above
    return importlib.import_module("regex").compile(text, flags)
