"""Patterns that are compiled when they are first used: compiling all of them takes longer than most runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, AnyStr, cast

if TYPE_CHECKING:
    import regex


def compile(text: AnyStr, flags: int = 0) -> regex.Pattern[AnyStr]:  # noqa: A001 - what it stands in for is called so
    """The pattern, of the library `regex`, which is imported only then."""
    return cast("regex.Pattern[AnyStr]", _Pattern(text, flags))


class _Pattern:
    """Asked for anything, it compiles, and from then on has it as an attribute of its own, at no cost."""

    def __init__(self, text: Any, flags: int) -> None:  # noqa: ANN401 - str or bytes
        self._stated = text, int(flags)  # `re` has flags of its own kind, with which `regex` reads "(?r)" amiss

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a pattern has
        import regex  # noqa: PLC0415 - 10 ms that a run without matches need not pay

        found: Any = getattr(regex.compile(*self._stated), name)
        setattr(self, name, found)
        return found
