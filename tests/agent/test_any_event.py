"""Whatever an agent sends, the hook answers with JSON or a reason, and never with a traceback or a key."""

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tries import tries

from keysift.agent import agents, hook
from keysift.agent.question import read
from keysift.agent.values import Text
from keysift.rules.generate import instance

KEY = instance("{{hex:32}}", "any event")[0]
NAMES = [(name, event) for name, agent in agents.table().items() for event in agent.events]
SAID = (f"PAGERDUTY_TOKEN={KEY}", f"\ud800 PAGERDUTY_TOKEN='{KEY}'\n", "git commit")
TEXT = st.text(max_size=12) | st.sampled_from(SAID)
INNER = ("command", "content", "file_path", "cwd", "llmContent")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.sampled_from(INNER), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ("prompt", "tool_name", "tool_input", "tool_response", "tool_output", "toolArgs", "toolResult", "toolName",
     "command", "content", "file_path", "tool_info", "transformedPrompt", "cwd", "workspace_roots")
)  # fmt: skip


@settings(max_examples=tries(60))
@given(st.sampled_from(NAMES), st.dictionaries(FIELDS, JSON, max_size=6))
def test_any_event_is_answered(named: tuple[str, str], fields: dict[str, object]) -> None:
    agent, event = named
    with tempfile.TemporaryDirectory() as place:
        answer = hook.respond(agent, event, json.dumps(fields).encode(), Path(place, "config.toml"))
    assert answer.code in {0, 2}
    assert isinstance(json.loads(answer.out or "{}"), dict)
    assert KEY[4:-4] not in answer.out + answer.err


def test_no_repr_shows_a_key() -> None:
    question = read(agents.find("claude"), "UserPromptSubmit", json.dumps({"prompt": KEY}).encode())
    assert KEY not in repr((Text("a", KEY), question))
