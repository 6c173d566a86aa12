"""A code host on this machine: REST in pages, and `git http-backend`, both over HTTPS with an authority of their own.

Everything that a code host does to its users can be told to it: it limits, forgets, renames, loses and refuses.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import trustme

BACKEND = (
    Path(subprocess.run(["git", "--exec-path"], capture_output=True, check=True, text=True).stdout.strip())
    / "git-http-backend"
)


@dataclass
class Forge:
    """The state of the host, and what it has seen."""

    root: Path
    """Where its bare repositories lie: `acme/r00.git`."""
    token: str
    authority: Path
    port: int = 0
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """The items of each list, by its path below `/api`."""
    page: int = 100
    answers: dict[str, Callable[[Handler], bool]] = field(default_factory=dict)
    """What is done before anything else, by the start of a path; True if that is all."""
    valid: Callable[[], bool] = lambda: True
    """Whether the token holds, asked at each request."""
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"https://{self.host}"

    def clones(self, name: str) -> int:
        """How often a repository was cloned or fetched."""
        return sum(path == f"/{name}.git/git-upload-pack" for path, _ in self.seen)

    def github(self, name: str, **more: object) -> dict[str, Any]:
        """A repository as GitHub's API tells of it."""
        return {"full_name": name, "clone_url": f"{self.url}/{name}.git", "topics": [], "size": 1} | more


class Handler(BaseHTTPRequestHandler):
    """Answers requests of both kinds."""

    protocol_version = "HTTP/1.1"
    forge: ClassVar[Forge]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.forge.seen.append((path, headers))
        for start, answer in self.forge.answers.items():
            if path.startswith(start) and answer(self):
                return
        if not self._may(headers.get("authorization", "")):
            self.say(401, {"message": f"Bad credentials: {headers.get('authorization', '')}"}, WWW_Authenticate="Basic")
        elif path.startswith("/api"):
            self._list(path.removeprefix("/api"))
        else:
            self._git(path, headers)

    do_POST = do_GET  # noqa: N815 - as the library calls it

    def _may(self, shown: str) -> bool:
        basic = base64.b64decode(shown.removeprefix("Basic ")).decode() if shown.startswith("Basic ") else ""
        right = self.forge.token in {shown.rpartition(" ")[2], basic.rpartition(":")[2]}
        return right and self.forge.valid()

    def _list(self, path: str) -> None:
        items = self.forge.lists.get(path)
        if items is None:
            self.say(404, {"message": "Not Found"})
            return
        asked = parse_qs(urlsplit(self.path).query)
        number = int(asked.get("page", ["1"])[0])
        start, size = (number - 1) * self.forge.page, self.forge.page
        more: dict[str, str] = {}
        if start + size < len(items):
            more["Link"] = (
                f'<{self.forge.url}/api{path}?per_page={size}&page={number + 1}>; rel="next", <x>; rel="last"'
            )
        self.say(200, items[start : start + size], **more)

    def _git(self, path: str, headers: dict[str, str]) -> None:
        body = self.rfile.read(int(headers.get("content-length", 0)))
        variables = {
            "GIT_PROJECT_ROOT": str(self.forge.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": urlsplit(self.path).query, "REQUEST_METHOD": self.command, "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": headers.get("content-type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            "GIT_PROTOCOL": headers.get("git-protocol", ""), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1",
        }  # fmt: skip
        done = subprocess.run([BACKEND], input=body, capture_output=True, env=variables, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        status = int(lines.pop("Status", "200").split()[0])
        self.say(status, content, **lines)

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


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: type[Handler], context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(("127.0.0.1", 0), handler)

    def get_request(self) -> tuple[Any, Any]:
        plain, address = self.socket.accept()
        plain.settimeout(30)
        return self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, *_: object) -> None:
        pass


def busy(times: int) -> Callable[[Handler], bool]:
    """Limit: 429 so many times, with a second to wait."""
    left = [times]

    def answer(handler: Handler) -> bool:
        left[0] -= 1
        if left[0] >= 0:
            handler.say(429, {"message": "slow down"}, Retry_After="1")
        return left[0] >= 0

    return answer


def lost(handler: Handler) -> bool:
    """Know nothing of it."""
    handler.say(404, {"message": "Not Found"})
    return True


def moved(to: str) -> Callable[[Handler], bool]:
    """Lead elsewhere, as after a renaming."""

    def answer(handler: Handler) -> bool:
        path, _, query = handler.path.partition("?")
        handler.say(301, b"", Location=f"{to}/{path.partition('.git/')[2]}?{query}")
        return True

    return answer


@contextmanager
def running(root: Path, authority_file: Path, token: str) -> Iterator[Forge]:
    """Play the host, as `localhost`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(authority_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    forge = Forge(root, token, authority_file)
    server = _Server(type("Bound", (Handler,), {"forge": forge}), context)
    forge.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield forge
    finally:
        server.shutdown()
        server.server_close()
