"""The hook in a home of its own, and events of each agent as its documentation describes them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import environment, git, keysift

from keysift.agent import hook
from keysift.agent.answers import Answer
from keysift.rules.generate import instance

__all__ = ["environment", "git", "keysift"]
PAYLOADS = Path(__file__).parent / "payloads"
Ask = Callable[..., Answer]


def cases() -> list[tuple[str, str, str]]:
    """Every event that is described: the agent, the event, and what it is about."""
    return [
        (path.stem, event, name)
        for path in sorted(PAYLOADS.glob("*.json"))
        for name in json.loads(path.read_text(encoding="utf-8"))
        for event in [name.partition(": ")[0] if ": " in name else ""]
    ]


def payload(agent: str, name: str) -> tuple[str, dict[str, Any], str]:
    """An event as text with made-up keys, the same as an object, and the answer that is wanted."""
    case = json.loads((PAYLOADS / f"{agent}.json").read_text(encoding="utf-8"))[name]
    text, _ = instance(json.dumps(case["payload"]), f"{agent} {name}")
    return text, json.loads(text), case["answer"]


@pytest.fixture
def key() -> str:
    """A PagerDuty integration key."""
    return instance("{{hex:32}}", "agent")[0]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Ask the hook of an agent about an event, with these settings."""

    def ask(agent: str, event: object, name: str = "", settings: str = "", **more: str) -> Answer:
        place = tmp_path / "config.toml"
        if settings:
            place.write_text(f"[agent]\n{settings}\n", encoding="utf-8")
        data = event if isinstance(event, bytes) else json.dumps(event).encode()
        return hook.respond(agent, name, data, place, **more)

    return ask
