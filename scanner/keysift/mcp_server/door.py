"""Who may talk to the server: whoever is on this machine, has the token, and is no web page.

Any web page can send requests to a port of its reader's machine, and another name can lead to it (DNS rebinding). So
`Host` must be our own, `Origin`, which a browser always states, too, and the token must be there:
https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, Final

from keysift import atomic
from keysift.errors import UsageError

HOST: Final = "127.0.0.1"
LARGEST: Final = 8 << 20
"""Bytes of a request."""
SHORTEST: Final = 24
"""Characters of a token."""

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_App = Callable[[_Scope, _Receive, _Send], Awaitable[None]]


class Door:
    """An application of ASGI that lets requests pass to another one."""

    def __init__(self, app: _App, token: str) -> None:
        self._app, self._token = app, token.encode()
        self.port = 0
        """Nothing passes until it is known."""

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Answer, or have the application answer."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif status := self._refusal(scope["headers"]):
            await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"refused\n"})
        else:
            await self._app(scope, receive, send)

    def _refusal(self, headers: list[tuple[bytes, bytes]]) -> int:
        """Return the status with which a request is refused; 0 if it may pass."""
        stated: dict[bytes, list[bytes]] = {}
        for name, value in headers:
            stated.setdefault(name.lower(), []).append(value)
        own = {f"{name}:{self.port}".encode() for name in (HOST, "localhost")}
        if not self.port or stated.get(b"host") not in [[name] for name in own]:
            return 421
        if any(origin not in {b"http://" + name for name in own} for origin in stated.get(b"origin", ())):
            return 403
        given = stated.get(b"authorization", [b""])
        if len(given) != 1 or not hmac.compare_digest(given[0], b"Bearer " + self._token):
            return 401
        length = stated.get(b"content-length", [b"0"])[0]
        return 413 if not length.isdigit() or int(length) > LARGEST else 0


def token_of(file: Path | None) -> str:
    """Return the token in a file, which is made if it is not there; without a file, a new one.

    Raises:
        UsageError: the file is not for its owner alone, or holds no token.
    """
    if file is None:
        return secrets.token_urlsafe(32)
    try:
        if not file.exists():
            with atomic.replacing(file, private=True) as new:
                new.write(secrets.token_urlsafe(32).encode())
        status = file.stat()
        if os.name == "posix" and status.st_mode & 0o077:
            raise UsageError(f"others may read {file}", help=f"chmod 600 {file}")
        token = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot use {file} as a file with a token", help="name one that can be made") from error
    if len(token) < SHORTEST or not token.isprintable() or " " in token:
        raise UsageError(f"{file} holds no token of {SHORTEST} characters or more", help="remove it: a new one is made")
    return token
