"""What the hook does with a key, by its settings; and that nobody but the user can change those."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.agent.conftest import Ask, payload

from keysift.agent import keys, user_settings


def claude(event: str, **fields: object) -> dict[str, object]:
    return {"hook_event_name": event, "cwd": "/", **fields}


def test_result_keeps_its_shape(ask: Ask) -> None:
    _, asked, _ = payload("claude", "output with a key")
    updated = json.loads(ask("claude", asked).out)["hookSpecificOutput"]["updatedToolOutput"]
    assert {**updated, "stdout": ""} == {**asked["tool_response"], "stdout": ""}
    assert updated["stdout"].startswith("A=1\nPAGERDUTY_TOKEN=")
    assert len(updated["stdout"]) == len(asked["tool_response"]["stdout"])


@pytest.mark.parametrize("encode", [bytes.hex, base64.b64encode, lambda data: base64.b64encode(b"x:" + data)])
def test_a_key_is_masked_in_its_encoded_forms(encode: Callable[[bytes], str | bytes], ask: Ask, key: str) -> None:
    encoded = encode(key.encode())
    shown = encoded if isinstance(encoded, str) else encoded.decode()
    response = {"stdout": f"é PAGERDUTY_TOKEN={key}", "stderr": f"é {shown} é"}
    asked = claude("PostToolUse", tool_name="Bash", tool_input={}, tool_response=response)
    updated = json.loads(ask("claude", asked).out)["hookSpecificOutput"]["updatedToolOutput"]
    assert updated["stderr"].startswith("é ")
    assert updated["stderr"].endswith(" é")
    assert shown[6:-6] not in updated["stderr"]


def test_an_unmasked_copy_is_not_named(ask: Ask, key: str) -> None:
    response = {"stdout": f"PAGERDUTY_TOKEN={key}", "persistedOutputPath": "/w/x", "persistedOutputSize": 1}
    asked = claude("PostToolUse", tool_name="Bash", tool_input={}, tool_response=response)
    assert set(json.loads(ask("claude", asked).out)["hookSpecificOutput"]["updatedToolOutput"]) == {"stdout"}


def test_masked_text_needs_the_consent_of_the_user(ask: Ask) -> None:
    _, asked, _ = payload("claude", "file with a key")
    decision = json.loads(ask("claude", asked).out)["hookSpecificOutput"]
    assert decision["permissionDecision"] == "ask"
    assert decision["updatedInput"]["file_path"] == asked["tool_input"]["file_path"]


def test_a_key_in_a_name_is_not_repeated(ask: Ask, key: str) -> None:
    asked = claude("PreToolUse", tool_name="x", tool_input={f"PAGERDUTY_TOKEN_{key}": f"PAGERDUTY_TOKEN={key}"})
    assert key[4:-4] not in ask("claude", asked).out


def test_mode_block_stops_what_could_be_masked(ask: Ask) -> None:
    _, asked, _ = payload("claude", "file with a key")
    answer = ask("claude", asked, settings='mode = "block"')
    assert json.loads(answer.out)["hookSpecificOutput"]["permissionDecision"] == "deny"


def test_mode_block_withholds_a_result(ask: Ask) -> None:
    _, asked, _ = payload("claude", "output with a key")
    updated = json.loads(ask("claude", asked, settings='mode = "block"').out)["hookSpecificOutput"]["updatedToolOutput"]
    assert updated["stdout"] == "[withheld by keysift: a key stood here]"
    assert updated["stderr"] == ""


@pytest.mark.parametrize("name", ["prompt with a key", "command with a key", "output with a key"])
def test_mode_warn_stops_nothing(name: str, ask: Ask) -> None:
    _, asked, _ = payload("claude", name)
    answer = ask("claude", asked, settings='mode = "warn"')
    assert answer.code == 0
    assert set(json.loads(answer.out)) == {"systemMessage"}


def test_labels_choose_the_keys_that_count(ask: Ask) -> None:
    _, asked, _ = payload("claude", "prompt with a key")
    assert ask("claude", asked, settings='labels = ["secret"]') == ("", "", 0)


def test_a_comment_in_the_text_accepts_nothing(ask: Ask, key: str) -> None:
    asked = claude("UserPromptSubmit", prompt=f"PAGERDUTY_TOKEN={key} # keysift: ignore")
    assert json.loads(ask("claude", asked).out)["decision"] == "block"


def test_a_repository_cannot_weaken_it(ask: Ask, key: str, tmp_path: Path) -> None:
    (tmp_path / ".keysift.toml").write_text('disable = ["*"]\n', encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.keysift]\nexclude = ["**"]\n', encoding="utf-8")
    asked = {**claude("UserPromptSubmit", prompt=f"PAGERDUTY_TOKEN={key}"), "cwd": str(tmp_path)}
    assert json.loads(ask("claude", asked).out)["decision"] == "block"


def test_a_changed_configuration_does_not_hold(ask: Ask, tmp_path: Path) -> None:
    _, asked, _ = payload("claude", "prompt with a key")
    place = tmp_path / "config.toml"
    place.write_text('[agent]\nmode = "warn"\n', encoding="utf-8")
    before = user_settings.seal(place)
    assert "systemMessage" in json.loads(ask("claude", asked, seal=before).out)
    answer = json.loads(ask("claude", asked, settings='mode = "warn"\nlabels = []', seal=before).out)
    assert answer["decision"] == "block"
    assert "has changed since the hook was installed" in answer["reason"]


def test_a_changed_configuration_is_told_even_without_a_key(ask: Ask) -> None:
    _, asked, _ = payload("claude", "plain command")
    answer = ask("claude", asked, settings='mode = "warn"', seal=user_settings.NONE)
    assert "has changed since" in json.loads(answer.out)["systemMessage"]


@pytest.mark.parametrize("settings", ['mode = "off"', "mode = 1", 'labels = ["public"]', "unknown = true", "mode ="])
def test_an_invalid_configuration_stops(settings: str, ask: Ask) -> None:
    _, asked, _ = payload("claude", "plain command")
    answer = ask("claude", asked, settings=settings)
    assert answer.code == 2
    assert "config.toml" in answer.err


def break_(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"a message with {key}")

    monkeypatch.setattr(keys, "find", fail)


@pytest.mark.parametrize("name", ["prompt with a key", "command with a key", "output with a key"])
def test_a_fault_is_closed_and_repeats_nothing(name: str, ask: Ask, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    break_(monkeypatch, key)
    _, asked, _ = payload("claude", name)
    answer = ask("claude", asked)
    assert "ValueError in the hook" in answer.out
    assert key not in answer.out + answer.err
    said = json.loads(answer.out)
    inner = said.get("hookSpecificOutput", {})
    withheld = inner.get("updatedToolOutput", {}).get("stdout", "").startswith("[withheld")
    assert said.get("decision") == "block" or inner.get("permissionDecision") == "deny" or withheld


def test_a_fault_is_open_if_the_user_wants_it(ask: Ask, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    break_(monkeypatch, key)
    _, asked, _ = payload("claude", "prompt with a key")
    answer = ask("claude", asked, settings='on-error = "open"')
    assert answer.code == 0
    assert set(json.loads(answer.out)) == {"systemMessage"}


def test_windsurf_names_a_file_that_the_hook_reads(ask: Ask, key: str, tmp_path: Path) -> None:
    (tmp_path / "prod.env").write_text(f"PAGERDUTY_TOKEN={key}\n", encoding="utf-8")
    asked = {"agent_action_name": "pre_read_code", "tool_info": {"file_path": str(tmp_path / "prod.env")}}
    assert ask("windsurf", asked).code == 2
    (tmp_path / "prod.env").write_text("A=1\n", encoding="utf-8")
    assert ask("windsurf", asked).code == 0


def test_the_command_reads_and_writes_as_agents_do(environment: dict[str, str], tmp_path: Path) -> None:
    text, _, _ = payload("claude", "prompt with a key")
    words = [sys.executable, "-X", "importtime", "-m", "keysift", "agent", "hook", "claude", "UserPromptSubmit"]
    done = subprocess.run(words, input=text, capture_output=True, text=True, cwd=tmp_path, env=environment, check=True)
    assert json.loads(done.stdout)["decision"] == "block"
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert imported.isdisjoint({"mcp", "pydantic", "anyio", "uvicorn", "starlette"})


def test_an_agent_that_is_not_known_is_stopped(ask: Ask) -> None:
    assert ask("clod", {}).code == 2


def test_settings_are_those_of_the_user(environment: dict[str, str]) -> None:
    code = "from keysift.agent import user_settings; print(user_settings.default_path())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip().startswith(environment["HOME"] + os.sep)
