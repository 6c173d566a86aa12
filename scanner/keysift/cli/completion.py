"""`keysift completion`: completion scripts for shells."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from keysift.cli.choices import Choice


@click.command("completion")
@click.argument("shell", metavar="SHELL", type=Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script that completes commands, options, their values, rules and paths in bash, zsh or fish.

    \b
    keysift completion bash > ~/.local/share/bash-completion/completions/keysift
    keysift completion zsh > "${fpath[1]}/_keysift"
    keysift completion fish > ~/.config/fish/completions/keysift.fish
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click has all three
    # Not the class's own `source`: that of bash starts a bash to ask for its version.
    click.echo(ShellComplete.source(kind(ctx.find_root().command, {}, "keysift", "_KEYSIFT_COMPLETE")))
