"""Vendors, played by one server with an authority of its own: it knows keys, forgets them, and notes who connects.

It answers by the name of the host. A proxy beside it takes `CONNECT api.acme.example:443` to it, whatever the name.
"""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import trustme


@dataclass
class Seen:
    """A request as it arrived."""

    host: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Vendors:
    """The state of all vendors, and what they have seen."""

    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By host and key, what a valid request with it is answered: `api.acme.example KEY`."""
    special: dict[str, Callable[[Handler], None]] = field(default_factory=dict)
    """Hosts that misbehave."""
    requests: list[Seen] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)
    """The hosts of all connections, those included that sent nothing."""
    port: int = 0
    proxy_port: int = 0
    authority: Path = Path()

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.proxy_port}"

    def allow(self, host: str, key: str, **answer: object) -> None:
        self.keys[f"{host} {key}"] = answer

    def revoke(self, key: str) -> None:
        self.keys = {name: answer for name, answer in self.keys.items() if not name.endswith(f" {key}")}

    def asked(self, host: str) -> int:
        return sum(seen.host == host for seen in self.requests)


class Handler(BaseHTTPRequestHandler):
    """Answers for all vendors: 200 with what the key is known for, else as the vendor refuses keys."""

    protocol_version = "HTTP/1.1"
    vendors: ClassVar[Vendors]

    def do_GET(self) -> None:
        vendors, host = self.vendors, self.headers["Host"].partition(":")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        vendors.requests.append(Seen(host, self.command, self.path, headers, body))
        if host in vendors.special:
            vendors.special[host](self)
            return
        shown = [*headers.values(), *_basic(headers.get("authorization", "")), self.path, body.decode()]
        known = (answer for name, answer in vendors.keys.items() if _fits(name, host, shown))
        answer = next(known, {"status": 401, "body": {"error": "refused"}})
        self.say(answer.get("status", 200), answer.get("body", {}), **answer.get("headers", {}))

    do_HEAD = do_POST = do_DELETE = do_GET  # noqa: N815 - as the library calls them

    def say(self, status: int, body: object, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def _basic(authorization: str) -> list[str]:
    if not authorization.startswith("Basic "):
        return []
    return base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")


def _fits(name: str, host: str, shown: list[str]) -> bool:
    named, _, key = name.partition(" ")
    return named == host and any(key in text.split("=")[-1] or key in text for text in shown)


# --- Vendors that misbehave ------------------------------------------------------------------------------------------


def redirect(to: str) -> Callable[[Handler], None]:
    return lambda handler: handler.say(302, {}, Location=to)


def busy(times: int, wait: str) -> Callable[[Handler], None]:
    left = [times]

    def answer(handler: Handler) -> None:
        left[0] -= 1
        handler.say(429 if left[0] >= 0 else 200, {"username": "octocat"}, Retry_After=wait)

    return answer


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    with suppress(OSError):
        while True:
            handler.wfile.write(b"x" * 65536)


def slow(handler: Handler) -> None:
    """Say a byte of the answer from time to time, so that no single read takes long."""
    handler.close_connection = True
    with suppress(OSError):
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 600:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.05)


# --- Servers ---------------------------------------------------------------------------------------------------------


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, vendors: Vendors, authority: trustme.CA, wrong: frozenset[str]) -> None:
        self._vendors, self._authority, self._wrong = vendors, authority, wrong
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), type("Bound", (Handler,), {"vendors": vendors}))

    def get_request(self) -> tuple[Any, Any]:
        plain, address = self.socket.accept()
        plain.settimeout(30)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert("localhost").configure_cert(context)
        context.sni_callback = self._choose  # type: ignore[assignment] # its types are narrower than the library
        return context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def _choose(self, connection: ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        host = name or "localhost"
        with self._lock:
            self._vendors.connections.append(host)
            if host not in self._contexts:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                shown = "somebody.else.example" if host in self._wrong else host
                self._authority.issue_cert(shown).configure_cert(context)
                self._contexts[host] = context
        connection.context = self._contexts[host]

    def handle_error(self, *_: object) -> None:
        pass


class _Tunnel(BaseHTTPRequestHandler):
    """A proxy that takes every name to the vendors."""

    target = 0

    def do_CONNECT(self) -> None:
        with socket.create_connection(("127.0.0.1", self.target)) as other:
            self.send_response(200)
            self.end_headers()
            threading.Thread(target=_copy, args=(other, self.connection), daemon=True).start()
            _copy(self.connection, other)

    def log_message(self, *_: object) -> None:
        pass


def _copy(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def running(directory: Path, wrong: frozenset[str] = frozenset()) -> Iterator[Vendors]:
    """Play the vendors; those of `wrong` show a certificate for another name."""
    authority, vendors = trustme.CA(), Vendors()
    vendors.authority = directory / "authority.pem"
    authority.cert_pem.write_to_path(str(vendors.authority))
    server = _Server(vendors, authority, wrong)
    vendors.port = server.server_address[1]
    proxy = _Proxy(("127.0.0.1", 0), type("Bound", (_Tunnel,), {"target": vendors.port}))
    vendors.proxy_port = proxy.server_address[1]
    threads = [threading.Thread(target=each.serve_forever, args=(0.02,), daemon=True) for each in (server, proxy)]
    for thread in threads:
        thread.start()
    try:
        yield vendors
    finally:
        for each in (server, proxy):
            each.shutdown()
            each.server_close()


TRAP = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    listener.accept()[0].close()
    print("somebody connected", flush=True)
"""
"""A program that listens where nothing may connect, and says so if something does."""
