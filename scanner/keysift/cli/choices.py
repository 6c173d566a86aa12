"""Values of options that are one of a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from keysift import lazy

if TYPE_CHECKING:
    from keysift.cli import nearest

    _Base = click.Choice[str]
else:
    nearest = lazy.module("keysift.cli.nearest")
    _Base = click.Choice  # no generic type before click 8.2


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
