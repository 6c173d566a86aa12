"""Values of options that are one of a few words, or a number within bounds, as help pages say it in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from keysift import lazy

if TYPE_CHECKING:
    from keysift.cli import nearest

    _Base = click.Choice[str]
else:
    nearest = lazy.module("keysift.cli.nearest")
    _Base = click.Choice  # no generic type before click 8.2
LAST_PORT = 65_535
Number = TypeVar("Number", bound=float | None)


class Choice(_Base):
    """One of a few words; of another, the error names the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's signature
        """Return the word, as it is listed."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            near = nearest.suggest(str(value), self.choices)
            if not near:
                raise
            raise click.BadParameter(f"{error.message} {near[:1].upper()}{near[1:]}", ctx, param) from None


def within(least: float, most: float) -> Callable[[click.Context, click.Parameter, Number], Number]:
    """Return a callback of an option that lets numbers pass which are neither below `least` nor above `most`."""

    def check(_ctx: click.Context, option: click.Parameter, value: Number) -> Number:
        if value is not None and not least <= value <= most:
            raise click.BadParameter(f"{value:g} is not between {least:g} and {most:g}.", param=option)
        return value

    return check
