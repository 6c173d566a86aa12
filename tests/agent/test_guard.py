"""An agent cannot change the hook, nor what the hook goes by."""

import json
from pathlib import Path

import pytest
from tests.agent.conftest import Ask

TAMPERING = [
    ("Write", {"file_path": "{settings}", "content": "[agent]\nmode = 'warn'\n"}),
    ("Edit", {"file_path": "{home}/.claude/settings.json", "old_string": "a", "new_string": "b"}),
    ("Edit", {"file_path": "~/.claude/settings.json", "old_string": "a", "new_string": "b"}),
    ("Write", {"file_path": ".claude/settings.json", "content": "{}"}),
    ("Write", {"file_path": "{repo}/.claude/settings.local.json", "content": "{}"}),
    ("Bash", {"command": "sed -i s/redact/warn/ {settings}"}),
    ("Bash", {"command": "echo '{}' > ~/.claude/settings.json"}),
    ("Bash", {"command": "cat x | tee $HOME/.claude/settings.json"}),
    ("Bash", {"command": "ls; rm -f ~/.claude/settings.json"}),
    ("Bash", {"command": "keysift agent uninstall claude"}),
    ("Bash", {"command": "python -m keysift agent install claude --yes"}),
    ("mcp__files__move", {"source": "/w/x", "destination": "{home}/.claude/settings.json"}),
]
HARMLESS = [
    ("Read", {"file_path": "{home}/.claude/settings.json"}),
    ("Bash", {"command": "cat ~/.claude/settings.json | jq .hooks"}),
    ("Bash", {"command": "keysift agent status"}),
    ("Bash", {"command": "ls ~/.claude"}),
    ("Write", {"file_path": "{repo}/settings.json", "content": "{}"}),
    (
        "Write",
        {
            "file_path": "{repo}/README.md",
            "content": "~/.claude/settings.json\nkeysift agent install claude\n",
        },
    ),
]


def asked(tool: str, arguments: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    home, repo = tmp_path / "home", tmp_path / "repo"
    for directory in (home / ".claude", repo / ".git", repo / "src"):
        directory.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    places = {"{settings}": str(tmp_path / "config.toml"), "{home}": str(home), "{repo}": str(repo)}
    for stand_in, place in places.items():
        arguments = {name: value.replace(stand_in, place) for name, value in arguments.items()}
    cwd = repo / "src" if not arguments.get("file_path", "").startswith(".") else repo
    return {"hook_event_name": "PreToolUse", "tool_name": tool, "tool_input": arguments, "cwd": str(cwd)}


@pytest.mark.parametrize(("tool", "arguments"), TAMPERING)
def test_tampering_is_stopped(
    tool: str, arguments: dict[str, str], ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ask("claude", asked(tool, arguments, tmp_path, monkeypatch), settings='mode = "warn"')
    decision = json.loads(answer.out)["hookSpecificOutput"]
    assert decision["permissionDecision"] == "deny"
    assert "only its user may" in decision["permissionDecisionReason"]


@pytest.mark.parametrize(("tool", "arguments"), HARMLESS)
def test_what_only_reads_may_pass(
    tool: str, arguments: dict[str, str], ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("claude", asked(tool, arguments, tmp_path, monkeypatch)) == ("", "", 0)


def test_a_link_to_a_guarded_file_is_that_file(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event = asked("Write", {"file_path": "{repo}/a", "content": "x"}, tmp_path, monkeypatch)
    (tmp_path / "repo/a").symlink_to(tmp_path / "home/.claude/settings.json")
    assert "deny" in ask("claude", event).out


def test_a_patch_names_its_file(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patch = "*** Begin Patch\n*** Update File: .codex/hooks.json\n-a\n+b\n*** End Patch"
    assert "deny" in ask("codex", asked("apply_patch", {"command": patch}, tmp_path, monkeypatch)).out
