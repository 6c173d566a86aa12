"""Programs that talk to the server: its own page, and those that it must not serve."""

from __future__ import annotations

import http.client
import json
from typing import Any

from keysift.serve.server import HOST, Server


class Client:
    """What a program on this machine can ask for; each request is a connection of its own."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.here = f"{HOST}:{server.server_port}"
        self.origin = f"http://{self.here}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, *, token: str | None = None, **headers: str | None
    ) -> tuple[int, bytes, dict[str, str]]:
        """Ask for a path below the token, with headers such as `sec_fetch_site`; None leaves one out."""
        stated = {"Host": self.here, **{name.replace("_", "-").title(): value for name, value in headers.items()}}
        connection = http.client.HTTPConnection(HOST, self.server.server_port, timeout=60)
        try:
            address = f"/{self.server.token if token is None else token}/{path}"
            connection.putrequest(method, address, skip_host=True, skip_accept_encoding=True)
            if body is not None and "Content-Length" not in stated and "Transfer-Encoding" not in stated:
                stated["Content-Length"] = str(len(body))
            for name, value in stated.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()

    def post(self, path: str, asked: object, **headers: str | None) -> tuple[int, Any]:
        """Ask as the page does."""
        usual = {"origin": self.origin, "content_type": "application/json", "sec_fetch_site": "same-origin"}
        status, body, _ = self.ask("POST", path, json.dumps(asked).encode(), **(usual | headers))
        return status, json.loads(body) if body.startswith(b"{") else body.decode()

    def state(self) -> Any:  # noqa: ANN401 - JSON
        """Return the state of the decisions."""
        status, body, _ = self.ask("GET", "state")
        assert status == 200
        return json.loads(body)
