"""An event of an agent, read: what is asked of the hook, and where the text to look at is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from keysift.agent.agents import Agent, Event
from keysift.agent.values import MISSING, at, unpacked
from keysift.errors import SourceError
from keysift.files.reading import File
from keysift.files.reading import read as read_file
from keysift.model import Blob

LARGEST = 32 << 20
"""Bytes of an event that are read."""
_PATHS = ("file_path", "filePath", "path", "filename", "absolute_path", "notebook_path", "target_file")
"""Names of the argument with the path of a file."""


class Question(NamedTuple):
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

    def __repr__(self) -> str:
        """Leave out what may have a key."""
        return f"Question({self.name!r})"


def read(agent: Agent, event_name: str, data: bytes) -> Question | None:
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
        value, event = payload, replace(event, answers=["stop"] if "stop" in event.answers else [])
    tool = at(payload, event.tool) if event.tool else ""
    roots = payload.get("workspace_roots")
    places = (payload.get("cwd"), at(payload, "tool_info.cwd"), *(roots if isinstance(roots, list) else ()))
    cwd = next((place for place in places if isinstance(place, str) and place), "")
    return Question(name, event, tool if isinstance(tool, str) else "", value, is_json, cwd, _path(value, payload))


def _path(value: object, payload: dict[str, Any]) -> str:
    """Return the file that an event is about, from its end: the directories above say little."""
    holders = (value, *map(payload.get, ("tool_input", "toolArgs", "tool_info")), payload)
    for holder in (unpacked(holder)[0] for holder in holders):
        for name in _PATHS:
            if isinstance(holder, dict) and isinstance(stated := holder.get(name), str):
                return "/".join(Path(stated.replace("\\", "/")).parts[-3:]).lstrip("/")
    return ""


def commands(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield the commands among the arguments of a tool."""
    if isinstance(value, str):
        yield value
    for name in ("command", "command_line", "script", "cmd") if isinstance(value, dict) else ():
        if isinstance(stated := value.get(name), str | list):
            yield stated if isinstance(stated, str) else " ".join(map(str, stated))


def content(question: Question) -> Any:  # noqa: ANN401 - any JSON
    """Return the content of the file that is about to be read: the agent hands it over, or only its path."""
    if not question.event.value.endswith("file_path"):
        return question.value
    place = Path(question.cwd or ".", str(question.value))
    blob = read_file(File(str(place.parent), place.name), LARGEST)
    return blob.data.decode("utf-8", "replace") if isinstance(blob, Blob) else ""


def packed(value: Any, question: Question) -> Any:  # noqa: ANN401 - any JSON
    """Return a value as the agent sent it: JSON in a string, if it was. Only results are sent back so."""
    if question.is_json and question.event.kind == "result" and question.event.value != "tool_output":
        return json.dumps(value)
    return value
