"""The server, tried with the client of the official library: at standard input and output, and over HTTP."""

import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2 as httpx
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from tests.cli.conftest import environment

from keysift.errors import UsageError
from keysift.mcp_server import door
from keysift.rules.generate import instance

__all__ = ["environment"]
NAMES = ["scan_text", "scan_path", "explain", "advice"]


@pytest.fixture
def key() -> str:
    return instance("{{hex:32}}", "mcp server")[0]


@pytest.fixture
def root(tmp_path: Path, key: str) -> Path:
    (tmp_path / "root").mkdir()
    (tmp_path / "root/prod.env").write_text(f"PAGERDUTY_TOKEN={key}\n")
    return tmp_path / "root"


async def use(session: ClientSession, key: str) -> None:
    """Call every tool as an agent does."""
    await session.initialize()
    listed = await session.list_tools()
    assert [tool.name for tool in listed.tools] == NAMES
    calls: list[tuple[str, dict[str, Any], bool]] = [
        ("scan_text", {"text": f"PAGERDUTY_TOKEN={key}"}, False),
        ("scan_path", {"path": "."}, False),
        ("scan_path", {"path": "/etc"}, True),
        ("explain", {"text": f"PAGERDUTY_TOKEN={key}"}, False),
        ("advice", {"rule": "pagerduty-integration-key"}, False),
        ("advice", {"rule": "unknown"}, True),
        ("scan_text", {"text": None}, True),
        ("scan_text", {}, True),
    ]
    for name, arguments, wrong in calls:
        answer = await session.call_tool(name, arguments)
        said = answer.model_dump_json()
        assert bool(answer.is_error) == wrong, said
        assert key[4:-4] not in said
        assert wrong or "pagerduty-integration-key" in said


def test_standard_input_and_output(root: Path, key: str, environment: dict[str, str]) -> None:
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "keysift", "mcp", "--root", str(root)], env=environment
    )

    async def talk() -> None:
        async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
            await use(session, key)

    anyio.run(talk)


@pytest.fixture
def served(root: Path, environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address and the token of a server."""
    file = tmp_path / "token"
    command = [sys.executable, "-m", "keysift", "mcp", "--root", str(root), "--http", "0", "--token-file", str(file)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        address = server.stderr.readline().strip()
        yield address, file.read_text()
        server.terminate()
        assert server.wait(20) in {0, 130, -15}


def test_loopback_http_with_a_token(served: tuple[str, str], key: str) -> None:
    address, token = served

    async def talk() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx.AsyncClient(headers=headers) as client,
            streamable_http_client(address, http_client=client) as (read, write, *_),
            ClientSession(read, write) as session,
        ):
            await use(session, key)

    anyio.run(talk)


REFUSED = [
    ({}, 401),
    ({"Authorization": "Bearer x"}, 401),
    ({"Authorization": "TOKEN"}, 401),
    ({"Authorization": "Bearer TOKEN", "Host": "evil.example"}, 421),
    ({"Authorization": "Bearer TOKEN", "Origin": "https://evil.example"}, 403),
    ({"Authorization": "Bearer TOKEN", "Origin": "null"}, 403),
]


def test_who_may_not_talk_to_it(served: tuple[str, str]) -> None:
    address, token = served
    assert address.startswith("http://127.0.0.1:"), "it listens at the loopback address alone"
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for headers, status in REFUSED:
        stated = {name: value.replace("TOKEN", token) for name, value in headers.items()}
        answer = httpx.post(address, json=body, headers={"Accept": "application/json, text/event-stream", **stated})
        assert (headers, answer.status_code) == (headers, status)
        assert token not in answer.text


def test_a_token_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "token"
    token = door.token_of(file)
    assert len(token) >= door.SHORTEST
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert door.token_of(file) == token
    file.chmod(0o644)
    with pytest.raises(UsageError, match="others may read"):
        door.token_of(file)
    file.chmod(0o600)
    file.write_text("short")
    with pytest.raises(UsageError, match="holds no token"):
        door.token_of(file)
    with pytest.raises(UsageError):
        door.token_of(tmp_path / "nowhere/token")


def test_without_the_library_it_says_how_to_get_it(tmp_path: Path, environment: dict[str, str]) -> None:
    code = "import sys; sys.modules['mcp'] = None; sys.argv[0] = 'keysift'; from keysift.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "mcp"], env=environment, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 2
    assert "help: pip install 'keysift[mcp]'" in done.stderr
    assert list(tmp_path.iterdir()) == []
