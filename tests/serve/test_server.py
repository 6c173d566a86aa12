"""The server answers its own page, and nobody else."""

import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from tests.serve.clients import Client

from keysift.errors import UsageError
from keysift.model import Run
from keysift.serve import server
from keysift.serve.decisions import Decisions
from keysift.serve.server import HOST, MOST_BYTES, Server

ASKED = {"fingerprints": ["f" * 32], "answer": "real"}


def test_the_page_is_served_below_its_token(client: Client) -> None:
    status, body, headers = client.ask("GET", "")
    assert (status, body) == (200, b"<!doctype html>the page")
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["content-security-policy"] == "frame-ancestors 'none'"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert not any(name.startswith("access-control") for name in headers)
    assert "python" not in headers["server"].lower()
    assert client.server.server_address[0] == "127.0.0.1"
    assert client.server.address == f"{client.origin}/{client.server.token}/"
    assert len(client.server.token) >= 32
    assert client.ask("GET", "", host=f"localhost:{client.server.server_port}")[0] == 200


def test_each_server_has_a_token_of_its_own(client: Client, decisions: Decisions) -> None:
    with Server(b"", decisions) as other:
        assert other.token != client.server.token


@pytest.mark.parametrize("token", ["", "x", "..", "%2e%2e"])
def test_without_the_token_there_is_nothing(token: str, client: Client) -> None:
    for method, path in (("GET", ""), ("GET", "state"), ("POST", "decide")):
        status, body, _ = client.ask(method, path, b"{}" if method == "POST" else None, token=token)
        assert status == 404
        assert client.server.token.encode() not in body


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost",
        "127.0.0.1.evil.example:{port}",
        "[::1]:{port}",
        "",
        None,
    ],
)
def test_another_name_that_leads_here_is_refused(host: str | None, client: Client, file: Path) -> None:
    name = host and host.format(port=client.server.server_port)
    for method, path in (("GET", ""), ("GET", "state"), ("POST", "decide")):
        assert client.ask(method, path, b"{}" if method == "POST" else None, host=name)[0] == 403
    # Even where the other name is the origin as well, as after DNS rebinding.
    assert client.post("decide", ASKED, host=name, origin=f"http://{name}")[0] == 403
    assert not file.exists()


def test_two_names_are_refused(client: Client) -> None:
    with socket.create_connection((HOST, client.server.server_port), timeout=10) as connection:
        path = f"/{client.server.token}/"
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {client.here}\r\nHost: evil.example\r\n\r\n".encode())
        assert connection.recv(100).split()[1] == b"403"


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "",
        None,
        "https://127.0.0.1:{port}",
        "http://127.0.0.1",
        "http://localhost:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "file://",
    ],
)
def test_only_its_own_origin_writes(origin: str | None, client: Client, run: Run, file: Path) -> None:
    asked = {"fingerprints": [run.findings[0].fingerprint], "answer": "real"}
    stated = origin and origin.format(port=client.server.server_port)
    assert client.post("decide", asked, origin=stated)[0] == 403
    assert client.post("undo", {"undo": "1"}, origin=stated)[0] == 403
    assert not file.exists()


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_what_another_site_asks_for_is_refused(site: str, client: Client, run: Run, file: Path) -> None:
    asked = {"fingerprints": [run.findings[0].fingerprint], "answer": "real"}
    assert client.post("decide", asked, sec_fetch_site=site)[0] == 403
    assert client.ask("GET", "state", sec_fetch_site=site)[0] == 403
    assert client.ask("GET", "", sec_fetch_site=site)[0] == 200  # a person follows the address
    assert not file.exists()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None]
)
def test_what_a_form_can_send_is_no_decision(kind: str | None, client: Client, file: Path) -> None:
    assert client.post("decide", ASKED, content_type=kind)[0] == 415
    assert not file.exists()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_no_other_method_writes(method: str, client: Client, run: Run, file: Path) -> None:
    for path in ("decide", "undo", f"decide?fingerprints={run.findings[0].fingerprint}&answer=real"):
        assert client.ask(method, path, origin=client.origin)[0] in {404, 405, 501}
    assert not file.exists()


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "..%2f..%2fetc/passwd", "/etc/passwd", ".keysift-baseline", "state/", "?x", "\\..\\x", "%00"],
)
def test_there_are_no_files(path: str, client: Client) -> None:
    status, body, _ = client.ask("GET", path)
    assert status == 404
    assert b"root" not in body


def test_an_absolute_address_is_none_of_ours(client: Client) -> None:
    with socket.create_connection((HOST, client.server.server_port), timeout=10) as connection:
        connection.sendall(f"GET {client.server.address} HTTP/1.1\r\nHost: {client.here}\r\n\r\n".encode())
        assert connection.recv(100).split()[1] == b"404"


@pytest.mark.parametrize(
    ("length", "status"),
    [
        (str(MOST_BYTES + 1), 413),
        ("9" * 12, 413),
        ("9" * 5000, 411),
        ("-1", 411),
        ("1e3", 411),
        ("\u0661", 411),
        ("", 411),
    ],
)
def test_a_body_has_its_length_and_an_end(length: str, status: int, client: Client, file: Path) -> None:
    usual = {"origin": client.origin, "content_type": "application/json"}
    found, _, _ = client.ask("POST", "decide", b"", content_length=length.encode().decode("latin-1"), **usual)
    assert found == status
    assert not file.exists()


def test_a_body_in_pieces_is_refused(client: Client) -> None:
    usual = {"origin": client.origin, "content_type": "application/json"}
    assert client.ask("POST", "decide", b"2\r\n{}\r\n0\r\n\r\n", transfer_encoding="chunked", **usual)[0] == 411
    assert client.ask("POST", "decide", b"", content_length="0", transfer_encoding="chunked", **usual)[0] == 411


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"fingerprints": [], "answer": "maybe"}',
        b'{"fingerprints": "x", "answer": "real"}',
        b'{"fingerprints": [], "answer": "real", "more": 1}',
        b'{"fingerprints": [], "answer": "real", "why": 7}',
    ],
)
def test_what_is_no_decision_is_refused(body: bytes, client: Client, file: Path) -> None:
    usual = {"origin": client.origin, "content_type": "application/json"}
    assert client.ask("POST", "decide", body, **usual)[0] == 400
    assert not file.exists()


def test_a_client_that_goes_away_stops_nothing(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    for sent in (b"", b"GET", f"POST /{client.server.token}/decide HTTP/1.1\r\nHost: {client.here}\r\n".encode()):
        with socket.create_connection((HOST, client.server.server_port), timeout=10) as connection:
            connection.sendall(sent)
    assert client.ask("GET", "")[0] == 200
    assert client.server.token not in "".join(capfd.readouterr())


def test_a_port_that_is_taken(client: Client, decisions: Decisions) -> None:
    with pytest.raises(UsageError, match="cannot listen at port"):
        Server(b"", decisions, client.server.server_port)


@pytest.mark.parametrize("sent", [b"", b"GET /half", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"])
def test_a_server_that_ends_waits_for_nobody(
    sent: bytes, decisions: Decisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server._Handler, "timeout", None)  # whoever waited would wait for ever
    with Server(b"", decisions) as ending:
        thread = threading.Thread(target=ending.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with socket.create_connection((HOST, ending.server_port), timeout=60) as connection:
            connection.sendall(sent)
            assert Client(ending).ask("GET", "")[0] == 200  # the connection before this one is accepted as well
            ending.shutdown()
            ending.server_close()
            thread.join()
            with suppress(ConnectionResetError):  # that is an end, too
                while connection.recv(1 << 10):
                    pass
        with pytest.raises(ConnectionRefusedError):
            Client(ending).ask("GET", "")
