"""The hook of an agent: an event as JSON -> an answer in the agent's own words.

Whatever fails here is answered as if a key had been found, unless the user's configuration says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from keysift import lazy
from keysift.agent import answers, guard, keys, user_settings
from keysift.agent.agents import Agent, Event, find
from keysift.agent.answers import Answer, Decision
from keysift.agent.keys import Keys
from keysift.agent.user_settings import Settings
from keysift.agent.values import MISSING, at, changed, strings, unpacked
from keysift.errors import KeysiftError, SourceError

if TYPE_CHECKING:
    from keysift.agent import commits
    from keysift.files import reading
else:
    commits = lazy.module("keysift.agent.commits")
    reading = lazy.module("keysift.files.reading")

LARGEST = 32 << 20
"""Bytes of an event that are read."""
WITHHELD = "[withheld by keysift: a key stood here]"
_PATHS = ("file_path", "filePath", "path", "filename", "absolute_path", "notebook_path", "target_file")
"""Names of the argument with the path of a file."""
_TEXTS = frozenset({
    "content", "contents", "new_string", "newString", "new_str", "new_source", "file_text", "text", "body", "message",
    "description", "comment", "markdown", "replacement", "value",
})  # fmt: skip
"""Names of arguments that hold text to be written or sent, which may be masked: in a command, stars mean other files."""


class _Question(NamedTuple):
    """An event, read."""

    name: str
    event: Event
    tool: str
    value: Any
    is_json: bool
    """True if the agent sent the value as JSON in a string."""
    cwd: str
    path: str
    """The file that the event is about; empty if none is named."""


def respond(agent_name: str, event_name: str, data: bytes, settings_path: Path, seal: str = "") -> Answer:
    """Return the answer of the hook to an event of an agent.

    `event_name` is what the agent's configuration says; where it is empty, the event says it. Never raises.
    """
    settings = Settings()
    question = None
    try:
        settings, distrusted = user_settings.read(settings_path, seal)
        agent = find(agent_name)
        question = _question(agent, event_name, data)
        if question is None:
            return answers.answer(agent_name, Decision("pass"))
        decision = _decide(agent, question, settings, settings_path)
        if distrusted:
            decision = _with_warning(decision, question, distrusted)
        return answers.answer(agent_name, decision)
    except Exception as error:  # noqa: BLE001 - a hook that ends in a traceback lets everything pass
        return _failed(agent_name, question, error, closed=settings.on_error == "closed")


def _failed(agent_name: str, question: _Question | None, error: Exception, *, closed: bool) -> Answer:
    reason = str(error) if isinstance(error, KeysiftError) else f"{type(error).__name__} in the hook"
    said = f"keysift could not look at this{', so it is stopped' if closed else ''}: {reason}"
    if question is None or (question.event.kind == "result" and "stop" not in question.event.answers and not closed):
        return answers.failed(said, closed=closed)
    if not closed:
        return answers.answer(agent_name, Decision("warn", question.event.kind, question.name, said))
    if "stop" in question.event.answers:
        return answers.answer(agent_name, Decision("stop", question.event.kind, question.name, said))
    value = _packed(changed(question.value, lambda _text: WITHHELD), question)
    return answers.answer(agent_name, Decision("replace", question.event.kind, question.name, said, value))


def _question(agent: Agent, event_name: str, data: bytes) -> _Question | None:
    """Return what is asked, None for an event that no key can pass through.

    Raises:
        SourceError: it is not what the agent's documentation says.
    """
    if len(data) > LARGEST:
        raise SourceError(f"the event has more than {LARGEST:,} bytes")
    try:
        payload = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SourceError("the event is not JSON") from error
    if not isinstance(payload, dict):
        raise SourceError("the event is not an object")
    stated = payload.get("hook_event_name") or payload.get("hookEventName") or payload.get("agent_action_name")
    name = event_name or (stated if isinstance(stated, str) else "")
    if not name:
        raise SourceError("the event has no name")
    event = agent.events.get(name)
    if event is None:
        return None
    value, is_json = unpacked(at(payload, event.value))
    if value is MISSING:
        # A field has another name than the documentation says: look at all there is, and change none of it.
        value, event = payload, msgspec.structs.replace(event, answers=tuple({"stop"}.intersection(event.answers)))
    tool = at(payload, event.tool) if event.tool else ""
    roots = payload.get("workspace_roots")
    places = (payload.get("cwd"), at(payload, "tool_info.cwd"), *(roots if isinstance(roots, list) else ()))
    cwd = next((place for place in places if isinstance(place, str) and place), "")
    return _Question(name, event, tool if isinstance(tool, str) else "", value, is_json, cwd, _path(value, payload))


def _path(value: object, payload: dict[str, Any]) -> str:
    """Return the file that an event is about, from its end: the directories above say little."""
    for holder in (value, payload.get("tool_input"), payload.get("toolArgs"), payload.get("tool_info"), payload):
        for name in _PATHS if isinstance(holder, dict) else ():
            if isinstance(stated := holder.get(name), str):
                return "/".join(Path(stated.replace("\\", "/")).parts[-3:]).lstrip("/")
    return ""


def _decide(agent: Agent, question: _Question, settings: Settings, settings_path: Path) -> Decision:
    event = question.event
    if event.kind == "call":
        if hit := guard.is_tampering(agent, question.tool, question.value, settings_path, question.cwd):
            said = f"keysift stopped this: it may change {hit}, which keeps keys from agents; only its user may"
            return Decision("stop", event.kind, question.name, said)
        for command in _commands(question.value):
            if commits.is_about_git(command) and (leaks := commits.verdict(command, question.cwd, settings)):
                said = f"keysift stopped this: the commit or push would contain keys\n{leaks}"
                return Decision("warn" if settings.mode == "warn" else "stop", event.kind, question.name, said)
    value = _content(question) if event.kind == "read" else question.value
    where = event.value.rpartition(".")[2]
    whole = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else ""
    found = keys.find(strings(value, where), settings, question.path, whole)
    return _outcome(question, value, found, settings) if found else Decision("pass")


def _commands(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield the commands among the arguments of a tool."""
    if isinstance(value, str):
        yield value
    for name in ("command", "command_line", "script", "cmd") if isinstance(value, dict) else ():
        if isinstance(stated := value.get(name), str | list):
            yield stated if isinstance(stated, str) else " ".join(map(str, stated))


def _content(question: _Question) -> Any:  # noqa: ANN401 - any JSON
    """Return the content of the file that is about to be read: the agent hands it over, or only its path."""
    if not question.event.value.endswith("file_path"):
        return question.value
    place = Path(question.cwd or ".", str(question.value))
    blob = reading.read(reading.File(str(place.parent), place.name), LARGEST)
    return blob.data.decode("utf-8", "replace") if hasattr(blob, "data") else ""


def _outcome(question: _Question, value: Any, found: Keys, settings: Settings) -> Decision:  # noqa: ANN401 - any JSON
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
        masked = _without_copies(changed(value, mask)) if kind == "result" else changed(value, mask)
        said = f"keysift masked this {what}: {found.named()}"
        return Decision("replace", kind, question.name, said, _packed(masked, question))
    if "stop" in allowed:
        return Decision("stop", kind, question.name, stopped)
    return Decision("warn", kind, question.name, f"keysift: this {what} has a key: {found.named()}")


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


def _packed(value: Any, question: _Question) -> Any:  # noqa: ANN401 - any JSON
    """Return a value as the agent sent it: JSON in a string, if it was. Only results are sent back so."""
    if question.is_json and question.event.kind == "result" and question.event.value != "tool_output":
        return json.dumps(value)
    return value


def _with_warning(decision: Decision, question: _Question, said: str) -> Decision:
    """Return a decision that also says that the user's configuration does not hold."""
    if decision.action == "pass":
        return Decision("warn", question.event.kind, question.name, f"keysift: {said}")
    return decision._replace(said=f"{decision.said} ({said})")
