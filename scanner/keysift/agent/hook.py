"""The hook of an agent: an event as JSON -> an answer in the agent's own words.

Whatever fails here is answered as if a key had been found, unless the user's configuration says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keysift import lazy
from keysift.agent import answers, guard, keys, user_settings
from keysift.agent.agents import Agent, find
from keysift.agent.answers import Answer, Decision
from keysift.agent.keys import Keys
from keysift.agent.question import Question, commands, content, packed, read
from keysift.agent.user_settings import Settings
from keysift.agent.values import changed, strings
from keysift.errors import KeysiftError

if TYPE_CHECKING:
    from keysift.agent import commits
else:
    commits = lazy.module("keysift.agent.commits")

WITHHELD = "[withheld by keysift: a key stood here]"
_LONGEST_NAME = 24
_TEXTS = frozenset({
    "content", "contents", "new_string", "newString", "new_str", "new_source", "file_text", "text", "body", "message",
    "description", "comment", "markdown", "replacement", "value",
})  # fmt: skip
"""Names of arguments with text to be written or sent, which may be masked: in a command, stars mean other files."""


def respond(agent_name: str, event_name: str, data: bytes, settings_path: Path, seal: str = "") -> Answer:
    """Return the answer of the hook to an event of an agent.

    `event_name` is what the agent's configuration says; where it is empty, the event says it. Never raises.
    """
    settings = Settings()
    question = None
    try:
        settings, distrusted = user_settings.read(settings_path, seal)
        agent = find(agent_name)
        question = read(agent, event_name, data)
        if question is None:
            return answers.answer(agent_name, Decision("pass"))
        decision = _decide(agent, question, settings, settings_path)
        if distrusted:
            decision = _with_warning(decision, question, distrusted)
        return answers.answer(agent_name, decision)
    except Exception as error:  # noqa: BLE001 - a hook that ends in a traceback lets everything pass
        return _failed(agent_name, question, error, closed=settings.on_error == "closed")


def _failed(agent_name: str, question: Question | None, error: Exception, *, closed: bool) -> Answer:
    reason = str(error) if isinstance(error, KeysiftError) else f"{type(error).__name__} in the hook"
    said = f"keysift could not look at this{', so it is stopped' if closed else ''}: {reason}"
    if question is None or not question.event.answers:
        return answers.failed(said, closed=closed)
    decision = Decision("warn", question.event.kind, question.name, said)
    if closed and "stop" in question.event.answers:
        decision = decision._replace(action="stop")
    elif closed:
        value = packed(changed(question.value, lambda _text: WITHHELD, _plain_name), question)
        decision = decision._replace(action="replace", value=value)
    return answers.answer(agent_name, decision)


def _decide(agent: Agent, question: Question, settings: Settings, settings_path: Path) -> Decision:
    event = question.event
    if event.kind == "call":
        if hit := guard.is_tampering(agent, question.tool, question.value, settings_path, question.cwd):
            said = f"keysift stopped this: it may change {hit}, which keeps keys from agents; only its user may"
            return Decision("stop", event.kind, question.name, said)
        for command in commands(question.value):
            if guard.is_about_git(command) and (leaks := commits.verdict(command, question.cwd, settings)):
                said = f"keysift stopped this: the commit or push would contain keys\n{leaks}"
                return Decision("warn" if settings.mode == "warn" else "stop", event.kind, question.name, said)
    value = content(question) if event.kind == "read" else question.value
    where = event.value.rpartition(".")[2]
    whole = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else ""
    found = keys.find(strings(value, where), settings, question.path, whole)
    return _outcome(question, value, found, settings) if found else Decision("pass")


def _outcome(question: Question, value: Any, found: Keys, settings: Settings) -> Decision:  # noqa: ANN401 - any JSON
    """Return what becomes of an event with keys."""
    kind, allowed = question.event.kind, question.event.answers
    what = {"prompt": "prompt", "call": "call", "result": "result", "read": "file"}[kind]
    if settings.mode == "warn":
        return Decision("warn", kind, question.name, f"keysift: this {what} has a key: {found.named()}")
    advice = "take the key out, and name the place where it is kept" if kind in {"prompt", "call"} else ""
    stopped = f"keysift stopped this {what}: {found.named()}" + (f". Instead, {advice}" if advice else "")
    may_mask = kind in {"result", "prompt"} or (settings.mode == "redact" and _only_in_texts(value, found))
    if "replace" in allowed and may_mask and (settings.mode == "redact" or "stop" not in allowed):
        mask = found.masked if settings.mode == "redact" else _withholding(found)
        masked = changed(value, mask, found.masked)
        masked = _without_copies(masked) if kind == "result" else masked
        said = f"keysift masked this {what}: {found.named()}"
        return Decision("replace", kind, question.name, said, packed(masked, question))
    if "stop" in allowed:
        return Decision("stop", kind, question.name, stopped)
    return Decision("warn", kind, question.name, f"keysift: this {what} has a key: {found.named()}")


def _plain_name(name: str) -> str:
    """Return the name of a field of an agent's own; any other may hold a key."""
    return name if len(name) <= _LONGEST_NAME and name.isidentifier() else WITHHELD


def _withholding(found: Keys) -> Callable[[str], str]:
    return lambda text: WITHHELD if found.holds(text) else text


def _only_in_texts(value: object, found: Keys, name: str = "") -> bool:
    """Return True if keys stand only in arguments that hold text to be written or sent."""
    if isinstance(value, str):
        return name in _TEXTS or not found.holds(value)
    if isinstance(value, dict):
        return all(_only_in_texts(item, found, key) and not found.holds(key) for key, item in value.items())
    if isinstance(value, list):
        return all(_only_in_texts(item, found, name) for item in value)
    return True


def _without_copies(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a result without the path of an unmasked copy on the disk, which Claude Code would read instead."""
    if not isinstance(value, dict):
        return value
    return {name: item for name, item in value.items() if name not in {"persistedOutputPath", "persistedOutputSize"}}


def _with_warning(decision: Decision, question: Question, said: str) -> Decision:
    """Return a decision that also says that the user's configuration does not hold."""
    if decision.action == "pass":
        return Decision("warn", question.event.kind, question.name, f"keysift: {said}")
    return decision._replace(said=f"{decision.said} ({said})")
