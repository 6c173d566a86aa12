"""`keysift help`, as git and others have it."""

from __future__ import annotations

import click

from keysift.cli.completing import complete_command


@click.command("help")
@click.argument("words", nargs=-1, metavar="[COMMAND]...", shell_complete=complete_command)
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Show the help page of COMMAND; without one, that of keysift.

    \b
    keysift help scan
    keysift help baseline create
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    context = ctx.find_root()
    for word in words:
        group = context.command
        if not isinstance(group, click.Group):
            context.fail(f"{context.command_path} has no commands")
        name, found, _ = group.resolve_command(context, [word])
        assert found is not None  # noqa: S101 - else `resolve_command` has failed
        context = click.Context(found, info_name=name, parent=context)
    click.echo(context.get_help())
