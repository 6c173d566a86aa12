"""Where files lie, on each system; and what is left out of a home directory."""

import os
from pathlib import Path

import pytest

from keysift.agent import places
from keysift.agent.places import Home, Place, System

TABLE = places.table()
EXPECTED: list[tuple[str, System, str]] = [
    ("claude", "linux", ".claude/projects/**"),
    ("claude", "macos", ".claude/projects/**"),
    ("claude", "windows", ".claude/projects/**"),
    ("codex", "windows", ".codex/sessions/**"),
    ("gemini", "macos", ".gemini/tmp/**"),
    ("copilot", "windows", ".copilot/session-state/**"),
    ("cursor", "linux", ".config/Cursor/User/globalStorage/state.vscdb"),
    ("cursor", "macos", "Library/Application Support/Cursor/User/globalStorage/state.vscdb"),
    ("cursor", "windows", "AppData/Roaming/Cursor/User/globalStorage/state.vscdb"),
    ("opencode", "windows", ".local/share/opencode/opencode.db"),
    ("aider", "linux", "**/.aider.chat.history.md"),
    ("continue", "macos", ".continue/sessions/*.json"),
    ("settings of editors", "macos", "Library/Application Support/Code/User/settings.json"),
    ("settings of editors", "windows", "AppData/Roaming/Code/User/settings.json"),
    ("histories of PowerShell", "windows", "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/*_history.txt"),
    ("histories of PowerShell", "linux", ".local/share/powershell/PSReadLine/*_history.txt"),
    ("Google Cloud", "windows", "AppData/Roaming/gcloud/application_default_credentials.json"),
    ("Google Cloud", "macos", ".config/gcloud/application_default_credentials.json"),
    ("netrc", "windows", "_netrc"),
]


@pytest.mark.parametrize(("what", "system", "path"), EXPECTED)
def test_places_are_those_of_the_system(what: str, system: System, path: str) -> None:
    every = [*TABLE.transcripts, *TABLE.machine]
    found = [known for place in every if place.what == what for known in places.patterns(place, system, {})]
    assert path in found


@pytest.mark.parametrize("place", TABLE.transcripts, ids=lambda place: place.what)
def test_transcripts_have_a_page(place: Place) -> None:
    assert place.page.startswith("https://")


@pytest.mark.parametrize("place", [place for place in TABLE.machine if place.store], ids=lambda place: place.what)
def test_stores_have_a_page(place: Place) -> None:
    assert place.page.startswith("https://")


def test_a_variable_moves_the_files_of_an_agent() -> None:
    [claude] = [place for place in TABLE.transcripts if place.what == "claude"]
    assert "/elsewhere/projects/**" in places.patterns(claude, "linux", {"CLAUDE_CONFIG_DIR": "/elsewhere/"})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    for name in (
        ".claude/projects/-w/a.jsonl",
        ".claude/projects/-w/sub/b.jsonl",
        "work/deep/.env",
        "work/node_modules/x/.env",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return Home.of(tmp_path)


def test_patterns_find_files(home: Home) -> None:
    assert list(home.files([".claude/projects/**"])) == [
        ".claude/projects/-w/a.jsonl",
        ".claude/projects/-w/sub/b.jsonl",
    ]
    assert list(home.files([".claude/projects/*/*.jsonl"])) == [".claude/projects/-w/a.jsonl"]
    assert list(home.files(["**/.env", "**/.env*"])) == ["work/deep/.env"]
    assert list(home.files(["nowhere/*"])) == []


def test_a_place_outside_of_home_is_named(home: Home) -> None:
    assert list(home.files(["/etc/*"])) == []
    assert home.left_out["/etc/*"].reason == "outside of the home directory"


def test_links_are_named_and_not_followed(home: Home) -> None:
    (home.path / ".claude/projects/-w/l").symlink_to("/etc")
    (home.path / ".claude/projects/-w/m.jsonl").symlink_to(home.path / "work/deep/.env")
    assert len(list(home.files([".claude/projects/**"]))) == 2
    assert {skipped.reason for skipped in home.left_out.values()} == {"symbolic link, not followed"}
    assert len(home.left_out) == 2


def test_other_file_systems_and_users_are_named(home: Home) -> None:
    home.device += 1
    assert list(home.files([".claude/projects/**"])) == []
    assert "on another file system" in home.left_out[".claude"].reason
    home.device -= 1
    home.user += 1
    assert list(home.files([".claude/projects/**"])) == []
    assert home.left_out[".claude"].reason == "belongs to another user"


def test_a_keyring_is_never_opened(home: Home) -> None:
    (home.path / ".gnupg").mkdir()
    (home.path / ".gnupg/.env").write_text("x")
    home.name_keyrings()
    assert ".gnupg/.env" not in list(home.files(["**/.env", ".gnupg/*"]))
    assert home.left_out[".gnupg"].reason == "a keyring, never read"


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root reads everything")
def test_a_directory_that_cannot_be_read_is_named(home: Home) -> None:
    (home.path / "work/deep").chmod(0)
    assert list(home.files(["**/.env"])) == []
    assert "not readable" in home.left_out["work/deep"].reason
    (home.path / "work/deep").chmod(0o700)
