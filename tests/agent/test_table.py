"""The table of the guide says what the data says."""

import re
from pathlib import Path

import pytest

from keysift.agent import agents, answers

GUIDE = (Path(__file__).parents[2] / "docs/guide/agents.md").read_text(encoding="utf-8")
TABLE = agents.table()


@pytest.mark.parametrize("name", TABLE)
def test_guide_has_each_agent(name: str) -> None:
    agent = TABLE[name]
    [row] = re.findall(rf"^\| \[{re.escape(agent.title)}\]\({re.escape(agent.page)}\).*$", GUIDE, re.MULTILINE)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    if agent.none:
        assert cells[1:3] == ["—", f"nothing: {agent.none}"]
    else:
        assert cells[0].endswith(f", `{name}`")
        assert cells[1:] == [agent.since, agent.prompt, agent.call, agent.result]
        assert not agent.note or f"- {agent.title}: {agent.note}." in GUIDE


@pytest.mark.parametrize("name", [name for name, agent in TABLE.items() if not agent.none])
def test_words_are_those_of_the_data(name: str) -> None:
    agent = TABLE[name]
    by_kind = {kind: {answer for event in agent.events.values() if event.kind == kind for answer in event.answers}
               for kind in ("prompt", "call", "result")}  # fmt: skip
    assert ("stopped" in agent.prompt) == ("stop" in by_kind["prompt"])
    assert ("masked" in agent.prompt) == ("replace" in by_kind["prompt"])
    assert ("masked" in agent.call) == ("replace" in by_kind["call"])
    assert ("masked" in agent.result) == ("replace" in by_kind["result"])
    assert answers.answer(name, answers.Decision("stop", said="why")) != answers.answer(name, answers.Decision("pass"))
