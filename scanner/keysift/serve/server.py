"""A server for one page, on this machine alone, whose address nobody can guess.

Other programs and web sites may try to talk to it: through the browser of its user, from any page; under another name
that leads to this machine (DNS rebinding); or directly. So it answers only at the loopback address, under its own
names, below a random token; and it writes only what its own page asks for: https://fetch.spec.whatwg.org/#http-origin.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import msgspec

from keysift.accept.decision import Answer, Kind
from keysift.errors import KeysiftError, UsageError
from keysift.report.plain import plain
from keysift.serve.decisions import Decisions

HOST: Final = "127.0.0.1"
MOST_BYTES: Final = 8 << 20
"""A decision on a hundred thousand keys is shorter."""
_PATIENCE: Final = 20
"""Seconds in which a request must be read."""
_LONGEST_REASON: Final = 500
_NUMBER = re.compile("[0-9]{1,12}")
_JSON, _HTML, _TEXT = "application/json", "text/html; charset=utf-8", "text/plain; charset=utf-8"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class _Decision(msgspec.Struct, forbid_unknown_fields=True):
    fingerprints: list[str]
    answer: Kind
    why: str = ""
    until: str = ""


class _Undo(msgspec.Struct, forbid_unknown_fields=True):
    undo: str


class Server(ThreadingHTTPServer):
    """The server of one page; `address` is where it is."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, page: bytes, decisions: Decisions, port: int = 0) -> None:
        self.page, self.decisions = page, decisions
        self.token = secrets.token_urlsafe(24)
        self._connections: set[socket.socket] = set()
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise UsageError(f"cannot listen at port {port}: {error.strerror}", help="choose another --port") from error
        self.names = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://{HOST}:{self.server_port}/{self.token}/"

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its base has it
        """Answer in a thread, and note the connection."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as its base has it
        """Close a connection."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close the server, and every connection: browsers open some ahead, and the server is gone for these, too."""
        super().server_close()
        for connection in tuple(self._connections):
            with suppress(OSError):  # its thread has just closed it
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its base has it
        """Say nothing of a connection that broke."""


class _Refused(Exception):  # noqa: N818 - an answer, not an error of ours
    """An answer other than the wanted one."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = _PATIENCE
    server_version, sys_version = "keysift", ""

    def do_GET(self) -> None:
        """Answer with the page or with the state of the decisions."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """Write or undo a decision."""
        self._answer(self._post)

    def log_message(self, *_arguments: object) -> None:
        """Log nothing: the address of a request is its key."""

    def _answer(self, find: Callable[[str], tuple[str, bytes]]) -> None:
        try:
            kind, body = find(self._name())
            self._send(200, kind, body)
        except _Refused as refused:
            self.close_connection = True
            self._send(refused.status, _TEXT, f"{refused}\n".encode())
        except KeysiftError as error:
            said = {"error": plain(str(error)), "help": plain(error.help)}
            self._send(409, _JSON, json.dumps(said).encode())

    def _name(self) -> str:
        """Return what is asked for below the token.

        Raises:
            _Refused: the request is not for us, or without the token.
        """
        if self.headers.get_all("Host", []) not in [[name] for name in self.server.names]:
            raise _Refused(403, "This server has another name.")
        empty, token, *rest = self.path.split("/", 2)
        if empty or not rest or not hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode()):
            raise _Refused(404, "The address lacks its token: open the one that keysift printed.")
        return rest[0]

    def _get(self, name: str) -> tuple[str, bytes]:
        if name == "":
            return _HTML, self.server.page
        if name == "state":
            self._check_site()
            return _JSON, json.dumps(self.server.decisions.state()).encode()
        raise _Refused(405 if name in {"decide", "undo"} else 404, "There is no such page.")

    def _post(self, name: str) -> tuple[str, bytes]:
        self._check_site()
        if self.headers.get_all("Origin", []) != [f"http://{self.headers['Host']}"]:
            raise _Refused(403, "Only the page of this server decides.")
        if self.headers.get_content_type() != _JSON:
            raise _Refused(415, "A decision is JSON.")
        body = self._body()
        try:
            return _JSON, json.dumps(self._decided(name, body)).encode()
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise _Refused(400, "This is not a decision.") from None

    def _decided(self, name: str, body: bytes) -> dict[str, Any]:
        if name == "decide":
            asked = msgspec.json.decode(body, type=_Decision)
            answer = Answer(asked.answer, plain(asked.why.strip()[:_LONGEST_REASON]), asked.until)
            return self.server.decisions.decide(asked.fingerprints, answer)
        if name == "undo":
            return self.server.decisions.undo(msgspec.json.decode(body, type=_Undo).undo)
        raise _Refused(404, "There is no such page.")

    def _check_site(self) -> None:
        """Refuse what another site has its visitors' browsers ask for: https://www.w3.org/TR/fetch-metadata/."""
        if self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise _Refused(403, "Only the page of this server asks for this.")

    def _body(self) -> bytes:
        stated = self.headers.get_all("Content-Length", [])
        if len(stated) != 1 or "Transfer-Encoding" in self.headers or not _NUMBER.fullmatch(stated[0]):
            raise _Refused(411, "A decision states its length.")
        length = int(stated[0])
        if length > MOST_BYTES:
            raise _Refused(413, "No decision is that long.")
        body = self.rfile.read(length)
        if len(body) != length:
            raise _Refused(400, "This is not a whole decision.")
        return body

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
