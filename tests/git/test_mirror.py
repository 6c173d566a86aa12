"""Mirrors: git reaches one host, runs nothing, and shows the token to nobody else."""

# The fixtures of another folder have the names of parameters.
# ruff: noqa: F811

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.fleet.conftest import forge, key, make_repository, repositories  # noqa: F401 - fixtures
from tests.fleet.stand_in import Forge, moved

from keysift.fleet.tokens import basic
from keysift.git import mirror
from keysift.git.mirror import MirrorError, Remote


@pytest.mark.parametrize(("url", "host"), [
    ("https://git.acme.example/a/b.git", "https://git.acme.example"),
    ("https://GIT.acme.example:8443/a/b", "https://git.acme.example:8443"),
    ("ssh://git@git.acme.example:2222/a/b.git", "ssh://git.acme.example:2222"),
    ("git@git.acme.example:a/b.git", "ssh://git.acme.example"),
    ("https://me:secret@git.acme.example/a/b.git", ""),
    ("https://me@git.acme.example/a/b.git", ""),
    ("http://git.acme.example/a/b.git", ""),
    ("ssh://-oProxyCommand=x/a/b", ""),
    ("-oProxyCommand=x:a/b", ""),
    ("ext::sh -c id", ""),
    ("file:///srv/a.git", ""),
    ("/srv/a.git", ""),
    ("https://git.acme.example/a\nb", ""),
])  # fmt: skip
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert mirror.host_of(url) == host


@pytest.fixture
def remote(forge: Forge) -> Remote:
    return Remote(f"{forge.url}/acme/r00.git", basic("git", forge.token), str(forge.authority))


def test_a_mirror_has_everything_and_no_token(forge: Forge, remote: Remote, tmp_path: Path) -> None:
    assert mirror.list_tips(remote).startswith(b"ref: refs/heads/main\tHEAD\n")
    mirror.clone(remote, tmp_path / "a.git")
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or forge.token.encode() not in file.read_bytes()
    assert not (tmp_path / "a.git" / "hooks").exists()
    config = (tmp_path / "a.git" / "config").read_text()
    assert "mirror = true" in config
    assert "header" not in config.lower()


def test_no_command_line_has_the_token(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = subprocess.Popen

    def noted(command: list[str], **more: object) -> object:
        seen.extend(command)
        return real(command, **more)  # type: ignore[call-overload] # handed on

    monkeypatch.setattr(subprocess, "Popen", noted)
    mirror.list_tips(remote)
    assert seen
    assert not [word for word in map(str, seen) if remote.token in word or remote.token.split()[1] in word]
    assert remote.token not in repr(remote)


def test_a_token_is_for_its_host(forge: Forge, remote: Remote) -> None:
    other = Remote(remote.url.replace("localhost", "127.0.0.1"), remote.token, remote.ca_file)
    with pytest.raises(MirrorError, match="no valid certificate"):
        mirror.list_tips(other)
    forge.answers["/acme/r00.git"] = moved(f"{forge.url}/acme/r01.git")
    with pytest.raises(MirrorError, match="it has moved"):
        mirror.list_tips(remote)
    assert not [path for path, _ in forge.seen if "r01" in path]


def test_what_the_user_has_configured_does_not_run(
    forge: Forge,
    remote: Remote,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran = tmp_path / "ran"
    (tmp_path / ".gitconfig").write_text(
        f'[credential]\nhelper = "!touch {ran};:"\n[core]\naskPass = "touch {ran}"\n'
        f'[url "https://evil.example/"]\ninsteadOf = {forge.url}/\n'
    )
    (tmp_path / ".netrc").write_text(f"machine localhost login git password {forge.token}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_ASKPASS", f"touch {ran}")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'http.followRedirects=true'")
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    mirror.list_tips(remote)
    with pytest.raises(MirrorError, match="refuses access"):
        mirror.list_tips(Remote(remote.url, "", remote.ca_file))
    assert not ran.exists()
    assert not (tmp_path / "keys").exists()


def test_a_server_that_repeats_the_token_is_not_quoted(forge: Forge, remote: Remote) -> None:
    def repeat(handler: object) -> bool:
        handler.say(500, handler.headers["Authorization"].encode())  # type: ignore[attr-defined] # a handler
        return True

    forge.answers["/acme/r00.git"] = repeat
    with pytest.raises(MirrorError) as caught:
        mirror.list_tips(remote)
    assert remote.token.split()[1] not in str(caught.value)


def test_a_mirror_is_fetched_with_what_is_gone(remote: Remote, forge: Forge, tmp_path: Path) -> None:
    make_repository(forge.root / "acme" / "moving.git", {"a": "b\n"})
    bare = ["git", "-C", str(forge.root / "acme" / "moving.git")]
    subprocess.run([*bare, "branch", "topic", "main"], check=True)
    here = Remote(f"{forge.url}/acme/moving.git", remote.token, remote.ca_file)
    mirror.clone(here, tmp_path / "a.git")
    subprocess.run([*bare, "branch", "-m", "topic", "other"], check=True)
    subprocess.run([*bare, "symbolic-ref", "HEAD", "refs/heads/other"], check=True)
    mirror.fetch(here, tmp_path / "a.git", "refs/heads/other")
    names = subprocess.run(
        ["git", "-C", str(tmp_path / "a.git"), "for-each-ref", "--format=%(refname)"], capture_output=True, check=True
    )
    assert names.stdout.split() == [b"refs/heads/main", b"refs/heads/other"]
    assert (tmp_path / "a.git" / "HEAD").read_text() == "ref: refs/heads/other\n"


def test_a_clone_that_grows_too_large_is_stopped(remote: Remote, forge: Forge, tmp_path: Path) -> None:
    make_repository(forge.root / "acme" / "large.git", {"a": os.urandom(300_000).hex(), "b": key("b")})
    large = Remote(f"{forge.url}/acme/large.git", remote.token, remote.ca_file)
    with pytest.raises(MirrorError, match="larger than the 100,000 bytes"):
        mirror.clone(large, tmp_path / "a.git", 100_000)
    assert not (tmp_path / "a.git").exists()
