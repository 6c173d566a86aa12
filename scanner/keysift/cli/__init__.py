"""The command line: one file a command, loaded when it is called; errors and exit codes are dealt with here, once.

Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 wrong usage, rules or configuration; 3 the scan is
incomplete; 130 interrupted.
"""

from __future__ import annotations

import gc
import importlib
import signal
import sys
from typing import NoReturn

import click

from keysift.errors import KeysiftError

COMMANDS = {
    "scan": "Find leaked keys in a working tree, in files or in standard input.",
    "hook": "Find leaked keys in what the next commit adds.",
    "gate": "Find leaked keys in what a branch or a push adds.",
    "audit": "Find leaked keys in everything that a repository holds, with the life of each.",
    "report": "Convert saved JSON reports to another format, or merge several.",
    "explain": "Show what was made of every candidate in a file or text, and why.",
    "baseline": "Accept findings with a reason and a last day.",
    "config": "Show the effective configuration, with the origin of each value.",
    "import": "Carry over files of gitleaks, detect-secrets, trufflehog or kingfisher.",
    "rules": "List, show and check the rules.",
    "completion": "Print a script that completes commands in bash, zsh or fish.",
}


class _Lazy(click.Group):
    """Imports a command when it is called: start-up is part of every commit that the hook judges."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if name not in COMMANDS:
            return None
        module = "import_" if name == "import" else name
        command: click.Command = importlib.import_module(f"keysift.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted:
        from keysift.cli.common import version  # noqa: PLC0415 - importlib.metadata takes 20 ms

        click.echo(f"keysift {version()}")
        ctx.exit()


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Print the version."
)
def keysift() -> None:
    """Find leaked integration and API keys, and tell secret from merely sensitive.

    \b
    keysift scan                 the repository around you, or the directory
    keysift scan a.env src/      files and directories
    keysift explain a.env        why something is a finding, or is none
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines


def main() -> NoReturn:
    """Runs the command line of this process, and leaves with its exit code."""
    # The rules are many small objects, none of them garbage: collecting as often as usual is a sixth of a small run.
    gc.set_threshold(100_000)
    # The report of what was found by then is worth as much as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = keysift.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = 130
    except KeysiftError as error:
        click.echo(f"keysift: {error}", err=True)
        if error.help:
            click.echo(f"help: {error.help}", err=True)
        status = error.exit_code
    except BrokenPipeError:
        from keysift.cli.common import forget_output  # noqa: PLC0415 - hardly ever needed

        forget_output()
        status = 0
    sys.exit(status)
