"""`keysift agent install`, `uninstall` and `status`, in a home of their own."""

import json
import shlex
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import Keysift

from keysift.agent import agents

WITH_HOOKS = [name for name, agent in agents.table().items() if not agent.none]
WITHOUT = [name for name, agent in agents.table().items() if agent.none]


@pytest.fixture
def home(environment: dict[str, str]) -> Path:
    return Path(environment["HOME"])


def configuration(home: Path, name: str) -> Path:
    return home / agents.find(name).user.removeprefix("~/")


def files(home: Path) -> set[Path]:
    return {path for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", WITH_HOOKS)
def test_install_states_every_event_once(name: str, keysift: Keysift, home: Path) -> None:
    assert keysift("agent", "install", name).returncode == 0
    stated = json.loads(configuration(home, name).read_text())
    assert set(stated["hooks"]) == set(agents.find(name).events)
    assert all(len(entries) == 1 for entries in stated["hooks"].values())
    before = configuration(home, name).read_bytes()
    again = keysift("agent", "install", name)
    assert b"is as it should be already" in again.stdout
    assert configuration(home, name).read_bytes() == before
    assert keysift("agent", "status", name).returncode == 0


@pytest.mark.parametrize("name", WITH_HOOKS)
def test_what_others_state_stays(name: str, keysift: Keysift, home: Path) -> None:
    event = next(iter(agents.find(name).events))
    theirs = f'"{event}": [\n            {{"command": "mine"}}\n        ]'
    before = f'{{\n    "b": [1],\n    "version": 1,\n    "hooks": {{\n        {theirs}\n    }}\n}}\n'
    place = configuration(home, name)
    place.parent.mkdir(parents=True)
    place.write_text(before)
    keysift("agent", "install", name)
    stated = json.loads(place.read_text())
    assert stated["b"] == [1]
    assert stated["hooks"][event][0] == {"command": "mine"}
    assert keysift("agent", "uninstall", name).returncode == 0
    assert place.read_text() == before


def test_the_command_is_one_that_answers(keysift: Keysift, home: Path, environment: dict[str, str]) -> None:
    keysift("agent", "install", "claude")
    stated = json.loads(configuration(home, "claude").read_text())
    command = stated["hooks"]["UserPromptSubmit"][0]["hooks"][0]["command"]
    done = subprocess.run(
        shlex.split(command),
        input=b"{",
        capture_output=True,
        env={**environment, "XDG_CONFIG_HOME": "/nowhere"},
        check=False,
    )
    assert done.returncode == 2
    assert b"could not look at this" in done.stderr
    assert str(home / ".config/keysift/config.toml") in command


def test_dry_run_shows_and_writes_nothing(keysift: Keysift, home: Path) -> None:
    before = files(home)
    shown = keysift("agent", "install", "claude", "--dry-run").stdout
    assert b'+    "UserPromptSubmit": [' in shown
    assert files(home) == before


def test_the_change_is_shown_without_the_keys_beside_it(keysift: Keysift, home: Path, key: str) -> None:
    place = configuration(home, "claude")
    place.parent.mkdir()
    place.write_text(json.dumps({"env": {"PAGERDUTY_TOKEN": key}}))
    done = keysift("agent", "install", "claude")
    assert b"PAGERDUTY_TOKEN" in done.stdout
    assert key.encode() not in done.stdout + done.stderr
    assert json.loads(place.read_text())["env"] == {"PAGERDUTY_TOKEN": key}


def test_a_copy_is_kept_for_its_owner_alone(keysift: Keysift, home: Path) -> None:
    place = configuration(home, "claude")
    place.parent.mkdir()
    place.write_text('{"a": 1}')
    keysift("agent", "install", "claude")
    [copy] = (home / ".local/share/keysift/agents").iterdir()
    assert copy.read_text() == '{"a": 1}'
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("broken", ['{"a": 1', '{"hooks": []}', "[]", '{"hooks": {"PreToolUse": {}}}'])
def test_a_broken_configuration_is_an_error_and_stays(broken: str, keysift: Keysift, home: Path) -> None:
    place = configuration(home, "claude")
    place.parent.mkdir()
    place.write_text(broken)
    done = keysift("agent", "install", "claude")
    assert done.returncode == 2
    assert b"settings.json" in done.stderr
    assert b"help: " in done.stderr
    assert place.read_text() == broken


def test_a_link_inside_of_home_is_followed_and_one_out_of_it_is_not(
    keysift: Keysift, home: Path, tmp_path: Path
) -> None:
    place = configuration(home, "claude")
    place.parent.mkdir()
    (home / "dotfiles").mkdir()
    (home / "dotfiles/settings.json").write_text("{}")
    place.symlink_to(home / "dotfiles/settings.json")
    assert keysift("agent", "install", "claude").returncode == 0
    assert place.is_symlink()
    assert "hooks" in json.loads((home / "dotfiles/settings.json").read_text())
    place.unlink()
    (tmp_path / "other.json").write_text("{}")
    place.symlink_to(tmp_path / "other.json")
    done = keysift("agent", "install", "claude")
    assert done.returncode == 2
    assert b"leads out of" in done.stderr
    assert (tmp_path / "other.json").read_text() == "{}"


def test_the_configuration_of_a_repository_calls_what_everybody_has(
    keysift: Keysift, home: Path, tmp_path: Path
) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert keysift("agent", "install", "claude", "--project").returncode == 0
    stated = json.loads((tmp_path / ".claude/settings.json").read_text())
    command = stated["hooks"]["PreToolUse"][0]["hooks"][0]["command"]
    assert command == "keysift agent hook claude PreToolUse"
    assert not configuration(home, "claude").exists()
    assert keysift("agent", "uninstall", "claude", "--project").returncode == 0
    assert json.loads((tmp_path / ".claude/settings.json").read_text()) == {}


@pytest.mark.parametrize("name", WITHOUT)
def test_where_nothing_is_possible_nothing_is_written(name: str, keysift: Keysift, home: Path) -> None:
    before = files(home)
    done = keysift("agent", "install", name)
    assert done.returncode == 0
    assert b"nothing to install: " in done.stdout
    assert agents.find(name).page.encode() in done.stdout
    assert files(home) == before


def test_a_file_of_our_own_goes_as_a_whole(keysift: Keysift, home: Path) -> None:
    keysift("agent", "install", "copilot")
    keysift("agent", "uninstall", "copilot")
    assert not configuration(home, "copilot").exists()


def test_an_agent_that_is_not_known_is_an_error(keysift: Keysift) -> None:
    done = keysift("agent", "install", "clod")
    assert done.returncode == 2
    assert b"help: it knows claude" in done.stderr


def test_a_directory_of_the_agent_may_be_elsewhere(keysift: Keysift, home: Path, environment: dict[str, str]) -> None:
    environment["CLAUDE_CONFIG_DIR"] = str(home / "elsewhere")
    keysift("agent", "install", "claude")
    assert (home / "elsewhere/settings.json").exists()
    assert not configuration(home, "claude").exists()


def test_status_tells_what_is_wrong(keysift: Keysift, home: Path) -> None:
    assert keysift("agent", "status", "claude").stdout.startswith(b"claude    not installed\n")
    keysift("agent", "install", "claude")
    settings = home / ".config/keysift/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[agent]\nmode = "warn"\n')
    changed = keysift("agent", "status", "claude")
    assert changed.returncode == 1
    assert b"has changed since, and does not hold until you install again" in changed.stdout
    assert b"mode warn" in changed.stdout
    keysift("agent", "install", "claude")
    assert keysift("agent", "status", "claude").returncode == 0
    place = configuration(home, "claude")
    stated = json.loads(place.read_text())
    del stated["hooks"]["PostToolUse"]
    place.write_text(json.dumps(stated))
    assert b"but no hook for PostToolUse" in keysift("agent", "status", "claude").stdout


def test_a_mistake_in_the_settings_is_told_at_once(keysift: Keysift, home: Path) -> None:
    settings = home / ".config/keysift/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[agent]\nmode = "of"\n')
    assert keysift("agent", "install", "claude").returncode == 2
    assert not configuration(home, "claude").exists()
