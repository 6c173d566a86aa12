"""`keysift agent`: hooks for coding agents, and what agents leave behind."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keysift import lazy

if TYPE_CHECKING:
    from keysift.agent import hook, question, user_settings
    from keysift.cli import agent_hooks, agent_traces
else:
    hook = lazy.module("keysift.agent.hook")
    question = lazy.module("keysift.agent.question")
    user_settings = lazy.module("keysift.agent.user_settings")
    agent_hooks = lazy.module("keysift.cli.agent_hooks")
    agent_traces = lazy.module("keysift.cli.agent_traces")

_PROJECT = click.option("--project", is_flag=True, help="The configuration of the repository around you, not yours.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show the change and make none.")
_YES = click.option("--yes", is_flag=True, help="Ask nothing.")


class _Late(click.Group):
    """A group whose larger commands are imported when they are called: the hook runs at every step of an agent."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        late: dict[str, Any] = {}
        if name in {"scan", "clean", "undo"}:
            late = {"scan": agent_traces.scan_, "clean": agent_traces.clean_, "undo": agent_traces.undo_}
        return late.get(name) or super().get_command(ctx, name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), "scan", "clean", "undo"]


@click.group("agent", cls=_Late)
def command() -> None:
    """Keep keys from coding agents: their prompts, their tools and what they leave behind.

    \b
    keysift agent install claude        write the hook into Claude Code's configuration
    keysift agent status                show which agents have it
    keysift agent scan                  find keys in transcripts and histories of agents
    keysift agent clean --dry-run       show which transcripts would be masked
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines


@command.command("install", short_help="Write the hook into the configuration of agents.")
@click.argument("agents", nargs=-1, required=True)
@_PROJECT
@_DRY_RUN
@_YES
def install_(**options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Write the hook into the configuration of AGENTS, after it has shown the change.

    What else stands there stays as it is, and a copy of the file is kept. Where an agent has no hooks, it says so.

    \b
    keysift agent install claude codex
    keysift agent install cursor --project --dry-run
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    agent_hooks.install(options)


@command.command("uninstall", short_help="Take the hook out again.")
@click.argument("agents", nargs=-1, required=True)
@_PROJECT
@_DRY_RUN
@_YES
def uninstall_(**options: Any) -> None:  # noqa: ANN401 - as above
    """Take the hook out of the configuration of AGENTS; nothing else changes.

    \b
    keysift agent uninstall claude
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    agent_hooks.uninstall(options)


@command.command("status", short_help="Show which agents have the hook.")
@click.argument("agents", nargs=-1)
@click.pass_context
def status_(ctx: click.Context, agents: tuple[str, ...]) -> None:
    """Show for AGENTS, or for all, whether the hook is there and in force; exit with 1 if one is not as it should be.

    \b
    keysift agent status
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    ctx.exit(agent_hooks.status(agents))


@command.command("hook", short_help="Answer an event of an agent.")
@click.argument("agent")
@click.argument("event", default="")
@click.option(
    "--settings", type=click.Path(dir_okay=False), help="The user's configuration.  [default: its usual place]"
)
@click.option("--seal", default="", help="The seal of that file when the hook was installed.")
@click.pass_context
def hook_(ctx: click.Context, agent: str, event: str, settings: str | None, seal: str) -> None:
    """Answer an EVENT of AGENT: JSON on standard input, and on standard output.

    Agents call this; `keysift agent install` writes the call.

    \b
    cat event.json | keysift agent hook claude
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    place = Path(settings) if settings else user_settings.default_path()
    data = sys.stdin.buffer.read(question.LARGEST + 1)
    answer = hook.respond(agent, event, data, place, seal)
    if answer.out:
        sys.stdout.write(answer.out)
    if answer.err:
        sys.stderr.write(answer.err)
    ctx.exit(answer.code)
