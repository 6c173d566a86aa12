"""What a shell offers for arguments and options whose values only keysift knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from keysift import lazy

if TYPE_CHECKING:
    from keysift.rules import ruleset
else:
    ruleset = lazy.module("keysift.rules.ruleset")


def complete_rule(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the ids of rules that begin so, each with its name; those of the configuration are not read."""
    return [CompletionItem(rule.id, help=rule.name) for rule in ruleset.load() if rule.id.startswith(incomplete)]


def complete_command(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the commands that begin so."""
    root = ctx.find_root().command
    names = root.list_commands(ctx) if isinstance(root, click.Group) else []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
