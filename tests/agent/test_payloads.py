"""Every event of every agent gets the answer that the agent's documentation describes, and no key is in it."""

import json
import re
from typing import Any

import pytest
from tests.agent.conftest import Ask, cases, payload

from keysift.agent import agents
from keysift.agent.answers import Answer

MASKED = re.compile(r"\*{5,}")


def keys_in(text: str) -> set[str]:
    """The made-up keys of an event."""
    return set(re.findall(r"(?<=TOKEN=)[0-9a-f]{32}|(?<=\"password\": \")[\w-]{20}", text))


def outcome(agent: str, answer: Answer) -> str:
    """What an agent makes of an answer."""
    if answer.code == 2:
        return "stop"
    said: dict[str, Any] = json.loads(answer.out or "{}")
    inner = said.get("hookSpecificOutput", {})
    if set(said) == {"systemMessage"}:
        return "warn"
    if MASKED.search(answer.out):
        return "replace"
    stops = (
        said.get("decision") in {"block", "deny"},
        said.get("continue") is False,
        said.get("permission") == "deny",
        said.get("permissionDecision") == "deny",
        inner.get("permissionDecision") == "deny",
    )
    return "stop" if any(stops) else "pass" if said == {} else f"unknown answer of {agent}"


@pytest.mark.parametrize(("agent", "event", "name"), cases())
def test_event_is_answered_as_documented(agent: str, event: str, name: str, ask: Ask) -> None:
    text, asked, wanted = payload(agent, name)
    answer = ask(agent, asked, event)
    assert outcome(agent, answer) == wanted
    everything = answer.out + answer.err
    assert not [key for key in keys_in(text) if key[4:-4] in everything]


@pytest.mark.parametrize(("agent", "event", "name"), cases())
def test_message_names_rule_and_place(agent: str, event: str, name: str, ask: Ask) -> None:
    _, asked, wanted = payload(agent, name)
    answer = ask(agent, asked, event)
    if wanted != "pass" and not (agent == "copilot" and wanted == "replace" and event == "preToolUse"):
        assert re.search(
            r"\((?:pagerduty-integration-key|generic-\S+), s\w+\) in \S+, line \d", answer.out + answer.err
        )


@pytest.mark.parametrize("agent", [name for name, agent in agents.table().items() if not agent.none])
@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b'"x"', b"\xff{}", b"[" * 100_000, b'{"prompt": "x"}'])
def test_what_is_no_event_is_stopped_and_said(agent: str, data: bytes, ask: Ask) -> None:
    answer = ask(agent, data)
    assert answer.code == 2
    assert "keysift could not look at this, so it is stopped: the event" in answer.err


def test_too_long_an_event_is_stopped(ask: Ask) -> None:
    assert ask("claude", b'{"prompt": "' + b"x" * (33 << 20)).code == 2


@pytest.mark.parametrize("agent", [name for name, agent in agents.table().items() if not agent.none])
def test_every_event_of_an_agent_has_a_payload(agent: str) -> None:
    named = {payload(agent, name)[1].get("hook_event_name") or payload(agent, name)[1].get("agent_action_name") or event
             for known, event, name in cases() if known == agent}  # fmt: skip
    assert set(agents.find(agent).events) - named <= {"pre_read_code"}
