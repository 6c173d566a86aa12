"""`keysift mcp`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keysift import lazy
from keysift.cli.choices import LAST_PORT, within
from keysift.errors import UsageError
from keysift.mcp_server import door, tools
from keysift.report.plain import plain

if TYPE_CHECKING:
    from keysift.mcp_server import server
else:
    server = lazy.module("keysift.mcp_server.server")


@click.command("mcp")
@click.option(
    "--root", "roots", multiple=True, type=click.Path(), help="Directory that may be scanned.  [default: .] Repeatable."
)
@click.option(
    "--http",
    "port",
    type=int,
    metavar="PORT",
    callback=within(0, LAST_PORT),
    help="Serve at this port; 0: one that is free.",
)
@click.option(
    "--token-file", type=click.Path(dir_okay=False), help="File with the token; it is made if it is not there."
)
def command(roots: tuple[str, ...], port: int | None, token_file: str | None) -> None:
    """Offer scans to agents, as a server of the Model Context Protocol (MCP).

    The tools are scan_text, scan_path, explain and advice. Keys in their answers are masked, and paths outside of the
    roots are refused. The server talks at standard input and output, or with --http at the loopback address of this
    machine, to whoever has the token.

    \b
    keysift mcp --root ~/work
    keysift mcp --root ~/work --http 0 --token-file ~/.keysift-token
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    if find_spec("mcp") is None:
        raise UsageError("the library for MCP is not installed", help="pip install 'keysift[mcp]'")
    if token_file and port is None:
        raise UsageError("--token-file goes with --http", help="standard input and output need no token")
    offered = tools.Tools([Path(root) for root in roots or (".",)])
    if port is None:
        server.serve_here(offered)
        return
    token = door.token_of(Path(token_file) if token_file else None)

    def tell(number: int) -> None:
        click.echo(f"http://{door.HOST}:{number}/mcp", err=True)
        click.echo(f"the token is in {plain(token_file)}" if token_file else f"Authorization: Bearer {token}", err=True)

    server.serve_at(offered, port, token, tell)
