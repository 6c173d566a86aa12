"""The tools as a server of the Model Context Protocol, at standard input and output or at a port of this machine."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec

import anyio
import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from keysift.errors import KeysiftError
from keysift.mcp_server.door import HOST, Door
from keysift.mcp_server.tools import Answer, Tools
from keysift.version import VERSION

_P = ParamSpec("_P")
_TOOLS = (
    ("scan_text", "Find leaked keys in a text; keys in the answer are masked."),
    ("scan_path", "Find leaked keys in a file or below a directory; keys in the answer are masked."),
    ("explain", "Explain why each value in a text that looks like a key is a finding, or is none."),
    ("advice", "Say what a rule finds, why it matters, and how to revoke such a key."),
)


def make(tools: Tools) -> MCPServer[Any]:
    """Return the server."""
    server: MCPServer[Any] = MCPServer("keysift", version=VERSION, log_level="ERROR")
    for name, description in _TOOLS:
        annotations = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
        server.add_tool(_careful(getattr(tools, name)), name=name, description=description, annotations=annotations)
    return server


def serve_here(tools: Tools) -> None:
    """Serve at standard input and output until that ends."""
    make(tools).run("stdio")


def serve_at(tools: Tools, port: int, token: str, ready: Callable[[int], None]) -> None:
    """Serve at a port of the loopback address, to whoever has the token, until someone interrupts.

    Calls `ready` with the number of the port.
    """
    app = make(tools).streamable_http_app(host=HOST, stateless_http=True, json_response=True)
    door = Door(app, token)
    configuration = uvicorn.Config(
        door, host=HOST, port=port, log_level="critical", access_log=False, server_header=False
    )
    anyio.run(_run, uvicorn.Server(configuration), door, ready)


async def _run(server: uvicorn.Server, door: Door, ready: Callable[[int], None]) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(server.serve)
        while not server.started:
            if server.should_exit:
                return
            await anyio.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        door.port = port
        ready(port)


def _careful(tool: Callable[_P, Answer]) -> Callable[_P, Answer]:
    """Return a tool whose errors say nothing of what was scanned."""

    @functools.wraps(tool)
    def call(*arguments: _P.args, **named: _P.kwargs) -> Answer:
        try:
            return tool(*arguments, **named)
        except KeysiftError as error:
            raise ToolError(f"{error} ({error.help})" if error.help else str(error)) from None
        except Exception as error:  # noqa: BLE001 - its message may quote what was scanned
            raise ToolError(f"keysift failed ({type(error).__name__}); please report this") from None

    return call
