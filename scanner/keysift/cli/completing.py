"""What a shell offers for arguments and options whose values only keysift knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from keysift import lazy

if TYPE_CHECKING:
    from click import shell_completion

    from keysift.report import kinds
    from keysift.rules import ruleset
else:
    kinds = lazy.module("keysift.report.kinds")
    shell_completion = lazy.module("click.shell_completion")
    ruleset = lazy.module("keysift.rules.ruleset")


def complete_rule(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[shell_completion.CompletionItem]:
    """Return the ids of rules that begin so, each with its name; those of the configuration are not read."""
    return [
        shell_completion.CompletionItem(rule.id, help=rule.name)
        for rule in ruleset.load()
        if rule.id.startswith(incomplete)
    ]


def complete_provider(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[shell_completion.CompletionItem]:
    """Return the providers of our rules, and the kinds of keys without one, whose names begin so in any case."""
    names = sorted({kinds.issuer(rule) for rule in ruleset.load()})
    wanted = incomplete.casefold()
    return [shell_completion.CompletionItem(name) for name in names if name.casefold().startswith(wanted)]


def complete_command(
    ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[shell_completion.CompletionItem]:
    """Return the commands that begin so, behind those that are typed already."""
    command: click.Command | None = ctx.find_root().command
    for word in ctx.params.get("words") or ():
        command = command.get_command(ctx, word) if isinstance(command, click.Group) else None
    names = command.list_commands(ctx) if isinstance(command, click.Group) else []
    return [shell_completion.CompletionItem(name) for name in names if name.startswith(incomplete)]
