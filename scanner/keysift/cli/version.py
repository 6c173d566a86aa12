"""`keysift version`, which prints what `--version` does."""

from __future__ import annotations

import click

from keysift.version import VERSION


@click.command("version")
def command() -> None:
    """Print the version."""
    click.echo(f"keysift {VERSION}")
