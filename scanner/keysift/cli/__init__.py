"""The command line: one file per command, loaded when it is called. Errors become exit codes here and nowhere else.

Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 invalid arguments, rules or configuration; 3 the scan is
incomplete; 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from keysift import lazy
from keysift.errors import KeysiftError
from keysift.version import VERSION

if TYPE_CHECKING:
    from keysift.cli import nearest, running, terminal, unexpected
else:
    nearest = lazy.module("keysift.cli.nearest")
    running = lazy.module("keysift.cli.running")
    terminal = lazy.module("keysift.cli.terminal")
    unexpected = lazy.module("keysift.cli.unexpected")

COMMANDS = {
    "scan": "Find leaked keys in a working tree, in files or in standard input.",
    "hook": "Find leaked keys in what the next commit adds.",
    "gate": "Find leaked keys in what a branch or a push adds.",
    "audit": "Find leaked keys in everything that a repository contains, with the life of each.",
    "fleet": "Find leaked keys in all repositories of an organisation, and what is new since the last run.",
    "redact": "Copy files or standard input with every key masked.",
    "report": "Convert saved JSON reports to other formats, or merge them.",
    "verify": "Ask vendors whether leaked keys are live.",
    "respond": "Lead from leaked keys to the proof that they are dead.",
    "view": "Show saved JSON reports as a page on which you decide on keys.",
    "explain": "Explain each finding and each refused candidate in a file or text.",
    "baseline": "Accept findings, with a reason and an end date.",
    "config": "Show the effective configuration, with the origin of each value.",
    "import": "Import the files of gitleaks, detect-secrets, trufflehog or kingfisher.",
    "rules": "List, show and check the rules.",
    "agent": "Keep keys from coding agents, and find those that they have left behind.",
    "mcp": "Offer scans to agents, as a server of the Model Context Protocol.",
    "lsp": "Show findings in an editor, as a server of the Language Server Protocol.",
    "cache": "Show or remove what runs keep for the runs after them.",
    "completion": "Print a script that completes commands in bash, zsh or fish.",
}
HABITS = ("help", "version")
"""Commands that people know from other programs; they stand for options, and are not listed."""


class _Lazy(click.Group):
    """A group that imports a command when it is called: start-up is part of every commit that the hook judges."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if name not in COMMANDS and name not in HABITS:
            return None
        module = "import_" if name == "import" else name
        command: click.Command = importlib.import_module(f"keysift.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name[:1].isalpha() and self.get_command(ctx, name) is None:
            near = nearest.suggest(name, (*COMMANDS, *HABITS))
            ctx.fail(f"No such command '{name}'." + (f" {near[:1].upper()}{near[1:]}" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted:
        click.echo(f"keysift {VERSION}")
        ctx.exit()


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Print the version."
)
@click.option("--debug", is_flag=True, help="On an error that nobody foresaw, print the way to its place.")
def keysift(debug: bool) -> None:  # noqa: FBT001 - click's signature; `main` looks for it
    """Find leaked integration and API keys, and tell secret from merely sensitive.

    \b
    keysift scan                 scan the repository around you, or the directory
    keysift scan a.env src/      scan files and directories
    keysift explain a.env        explain why something is or is not a finding
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines


def main() -> NoReturn:
    """Run the command line, and exit with its code."""
    _end_as_after_ctrl_c()
    try:
        status = keysift.main(prog_name="keysift", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = _say_interrupted()
    except KeysiftError as error:
        terminal.say(f"keysift: {error}")
        for advice in filter(None, (error.help, error.see)):
            terminal.say(f"help: {advice}")
        status = error.exit_code
    except BrokenPipeError:
        running.forget_output()
        status = 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: a traceback would quote what was scanned
        status = _say_interrupted() if _is_interrupt(error) else _fail(error)
    sys.exit(status)


def _end_as_after_ctrl_c() -> None:
    """Make every signal that ends a program end this one as Ctrl-C does: what was found by then is reported."""
    for name in ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` has it ignored
            signal.signal(number, signal.default_int_handler)


def _say_interrupted() -> int:
    click.echo("keysift: interrupted", err=True)
    return 130


def _is_interrupt(error: BaseException | None) -> bool:
    """Return True if an interrupt caused an error: Python 3.11 makes a RuntimeError of one that comes within
    `__set_name__`, hence while an enumeration is made, hence while modules are read.
    """  # https://docs.python.org/3/whatsnew/3.12.html#other-language-changes
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__
    return error is not None


def _fail(error: Exception) -> int:
    """Report an error that is none of ours; return the exit code."""
    if isinstance(error, OSError) and not _has_current_directory():
        click.echo("keysift: the current directory is gone, or cannot be read", err=True)
        click.echo("help: change to another directory, and name what to scan", err=True)
        return 2
    return unexpected.report(error, debug="--debug" in sys.argv[1:2])


def _has_current_directory() -> bool:
    """Return False if the current directory was deleted, or if its path cannot be read."""
    try:
        os.getcwd()  # noqa: PTH109 - the question itself
    except OSError:
        return False
    return True
