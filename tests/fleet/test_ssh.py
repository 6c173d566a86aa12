"""Repositories behind ssh: a real server on this machine, with a key of its own."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.fleet.conftest import Fleet, add_commit, key, make_repository

SERVER = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
CLIENT = shutil.which("ssh")
pytestmark = pytest.mark.skipif(not (SERVER and CLIENT), reason="no ssh server is installed")


@dataclass
class Server:
    """An ssh server that lets in whoever has a key."""

    place: Path
    port: int

    def url(self, repository: Path) -> str:
        return f"ssh://{getpass.getuser()}@localhost:{self.port}{repository}"


@pytest.fixture
def server(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = tmp_path_factory.mktemp("ssh")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (place / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {place}/host\nAuthorizedKeysFile {place}/user.pub\n"
        f"PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
    )
    (place / "known").write_text(f"[localhost]:{port} {(place / 'host.pub').read_text()}")
    (place / "config").write_text(f"UserKnownHostsFile {place}/known\nIdentityFile {place}/user\nIdentitiesOnly yes\n")
    # OpenSSH reads the settings of the user's real home, whatever HOME is.
    program = place / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {CLIENT} -F {place}/config "$@"\n')
    program.chmod(0o755)
    fleet.environment["PATH"] = f"{program.parent}:{fleet.environment['PATH']}"
    with subprocess.Popen([str(SERVER), "-D", "-f", str(place / "sshd_config"), "-E", str(place / "log")]) as process:
        try:
            _wait_for(process, port)
            yield Server(place, port)
        finally:
            process.terminate()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.skip("the ssh server does not start here")


def test_what_ssh_reaches_is_audited_and_then_only_what_is_new(fleet: Fleet, server: Server) -> None:
    place = fleet.place / "app.git"
    make_repository(place, {"a.env": f"DB_PASSWORD={key('by ssh')}\n"})
    fleet.write(f'[[source]]\nkind = "list"\nurls = ["{server.url(place)}"]\n')
    fleet.run("run", expect=1)
    assert len(fleet.keys()) == 1
    [before] = fleet.blobs().values()
    add_commit(place, {"b.env": f"MAIL_PASSWORD={key('later by ssh')}\n"}, "second")
    _, err = fleet.run("run", expect=1)
    assert "1 scanned, 0 unchanged, 0 failed" in err
    assert len(fleet.keys()) == 2
    assert [*fleet.blobs().values()] == [before], "a commit and a file, both times"
    assert "0 scanned, 1 unchanged" in fleet.run("run", expect=1)[1]
    assert not fleet.clones()


def test_a_host_that_is_not_known_or_refuses_is_named(fleet: Fleet, server: Server) -> None:
    place = fleet.place / "app.git"
    make_repository(place, {"a.env": f"DB_PASSWORD={key('by ssh')}\n"})
    fleet.write(f'[[source]]\nkind = "list"\nurls = ["{server.url(place)}"]\n')
    (server.place / "user.pub").write_text((server.place / "host.pub").read_text())
    fleet.run("run", expect=3)
    [refused] = fleet.report()["skipped"]
    assert refused["reason"] == "cannot be cloned: the server refuses access"
    (server.place / "known").write_text("")
    fleet.run("run", expect=3)
    [unknown] = fleet.report()["skipped"]
    assert unknown["reason"] == "cannot be cloned: ssh does not know the key of the host"
