"""`keysift cache`: what runs keep for the runs after them."""

from __future__ import annotations

import click

from keysift import cache
from keysift.errors import UsageError
from keysift.report.wording import count


@click.group("cache")
def command() -> None:
    """Show where compiled keywords are kept for the next run, or remove them.

    They are in your cache directory, or in the one that the environment variable KEYSIFT_CACHE_DIR names.

    \b
    keysift cache path
    keysift cache clear
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines


@command.command("path")
def path() -> None:
    """Print the directory. If nothing can be kept there, say why and exit with code 2.

    \b
    keysift cache path
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    click.echo(cache.directory())
    try:
        cache.check()
    except OSError as error:
        raise _unusable(error) from error


@command.command("clear", short_help="Remove everything that is kept.")
def clear() -> None:
    """Remove everything that is kept; the next run that reads more than a few kilobytes compiles it again.

    \b
    keysift cache clear
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    try:
        files, size = cache.clear()
    except OSError as error:
        raise _unusable(error) from error
    click.echo(f"removed {count(files, 'file')}, {size / 1e6:.1f} MB, from {cache.directory()}")


def _unusable(error: OSError) -> UsageError:
    reason = f"{error.strerror}: {error.filename}" if error.strerror else str(error)
    return UsageError(f"nothing is kept: {reason}", help=f"see `keysift cache path`, and {cache.VARIABLE}")
