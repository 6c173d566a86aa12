"""What a hook decided -> what each agent wants to read: JSON on standard output, or an exit code with a reason.

The addresses of the pages that describe these answers are in `agents.json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from keysift.agent.agents import Kind

BLOCK = 2
"""The exit code by which a hook stops what is about to happen, with its reason on standard error."""


class Decision(NamedTuple):
    """What a hook has decided about an event."""

    action: Literal["pass", "stop", "replace", "warn"]
    kind: Kind = "call"
    event: str = ""
    """The agent's name of the event."""
    said: str = ""
    """To people and the model: rule and place, never a key."""
    value: Any = None
    """What takes the place of the value that was looked at."""


class Answer(NamedTuple):
    """What a hook writes, and the code with which it ends."""

    out: str = ""
    err: str = ""
    code: int = 0


PASS = Answer()


def answer(agent: str, decision: Decision) -> Answer:
    """Return a decision in the words of an agent."""
    if decision.action == "pass":
        return Answer("{}\n") if agent == "cursor" else PASS  # Cursor takes silence for a failure
    return _DIALECTS[agent](decision)


def failed(said: str, *, closed: bool) -> Answer:
    """Return the answer of a hook that failed before it understood what it was asked."""
    return Answer(err=f"{said}\n", code=BLOCK if closed else 0)


def _say(**fields: object) -> Answer:
    return Answer(json.dumps(fields) + "\n")


def _claude(decision: Decision) -> Answer:
    action, kind, event, said, value = decision
    if action == "warn":
        return _say(systemMessage=said)
    if kind == "prompt":
        # Otherwise Claude Code repeats the prompt, key and all, beside the reason.
        hidden = {"hookEventName": event, "suppressOriginalPrompt": True}
        return _say(decision="block", reason=said, hookSpecificOutput=hidden)
    if kind == "result":
        return _say(systemMessage=said, hookSpecificOutput={
            "hookEventName": event, "updatedToolOutput": value, "additionalContext": said,
        })  # fmt: skip
    if action == "replace":
        # `allow` would let a call pass that its user has not seen.
        return _say(hookSpecificOutput={
            "hookEventName": event, "permissionDecision": "ask", "permissionDecisionReason": said,
            "updatedInput": value,
        })  # fmt: skip
    return _deny(event, said)


def _deny(event: str, said: str) -> Answer:
    return _say(
        hookSpecificOutput={
            "hookEventName": event,
            "permissionDecision": "deny",
            "permissionDecisionReason": said,
        }
    )


def _codex(decision: Decision) -> Answer:
    action, kind, event, said, value = decision
    if action == "warn":
        return _say(systemMessage=said)
    if kind == "call":
        return _deny(event, said)
    # The reason takes the place of the result.
    return _say(decision="block", reason=f"{said}\n\n{_text(value)}" if action == "replace" else said)


def _gemini(decision: Decision) -> Answer:
    action, kind, event, said, value = decision
    if action == "warn":
        return _say(systemMessage=said)
    if action == "replace" and kind == "call":
        return _say(systemMessage=said, hookSpecificOutput={"hookEventName": event, "tool_input": value})
    # Of a result, the reason takes its place.
    return _say(
        decision="deny", reason=f"{said}\n\n{_text(value)}" if action == "replace" else said, systemMessage=said
    )


def _cursor(decision: Decision) -> Answer:
    action, kind, _event, said, value = decision
    if action == "warn":
        return _say(user_message=said) if kind == "prompt" else Answer("{}\n", f"{said}\n")
    if kind == "prompt":
        return _say(**{"continue": False, "user_message": said})
    if kind == "result":
        return _say(updated_mcp_tool_output=value, additional_context=said)
    if action == "replace":
        return _say(updated_input=value, user_message=said, agent_message=said)
    return _say(permission="deny", user_message=said, agent_message=said)


def _copilot(decision: Decision) -> Answer:
    action, kind, _event, said, value = decision
    if action == "warn":
        return Answer(err=f"{said}\n")
    if kind == "prompt":
        return _say(modifiedTransformedPrompt=f"{value}\n\n[{said}]")
    if kind == "result":
        return _say(modifiedResult=value, additionalContext=said)
    if action == "replace":
        return _say(modifiedArgs=value)
    return _say(permissionDecision="deny", permissionDecisionReason=said)


def _windsurf(decision: Decision) -> Answer:
    return Answer(err=f"{decision.said}\n", code=0 if decision.action == "warn" else BLOCK)


def _text(value: object) -> str:
    """Return a result as the model may read it: the text in it, if it is an object that a tool returned."""
    if isinstance(value, str):
        return value
    for name in ("llmContent", "output", "stdout", "content"):
        if isinstance(value, dict) and isinstance(value.get(name), str):
            return str(value[name])
    return json.dumps(value, ensure_ascii=False)


_DIALECTS: Mapping[str, Callable[[Decision], Answer]] = {
    "claude": _claude, "codex": _codex, "gemini": _gemini,
    "cursor": _cursor, "copilot": _copilot, "windsurf": _windsurf,
}  # fmt: skip
