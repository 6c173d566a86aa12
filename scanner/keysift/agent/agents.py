"""The agents that keysift knows, as `agents.json` has them: where their hooks are stated, and what each hook allows."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from keysift.errors import UsageError
from keysift.records import dataclass

Kind = Literal["prompt", "call", "result", "read"]
_TABLE = Path(__file__).with_name("agents.json")


@dataclass(frozen=True, slots=True)
class Event:
    """An event that an agent hands to a hook."""

    kind: Kind
    """A prompt; a call of a tool; the result of one; a file before it is read."""
    value: str
    """The field with what is looked at, parts separated by dots: text, an object, or JSON in a string."""
    answers: Sequence[Literal["stop", "replace"]]
    """What the agent does if its hook asks for it."""
    entry: Mapping[str, Any]
    """What the configuration of the agent has for this event; `$command` stands for the command of the hook."""
    tool: str = ""
    """The field with the name of the tool; empty where the event has none."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent, and the places of its hooks. `none` says why it has none; then all but title and page are empty."""

    title: str
    page: str
    """The address of the vendor's documentation that says all of this."""
    none: str = ""
    since: str = ""
    """The first version in which a hook can do all of it."""
    user: str = ""
    """The configuration of the user; `~` stands for the home directory."""
    variable: str = ""
    """The variable that names another directory than the first one of `user`; empty if there is none."""
    project: str = ""
    """The configuration of a repository, from its top."""
    guarded: Sequence[str] = ()
    """Further files that turn hooks off, or add some."""
    own_file: bool = False
    """True if the configuration is a file of our own."""
    base: Mapping[str, Any] = field(default_factory=dict)
    """What a new configuration states beside the hooks."""
    events: Mapping[str, Event] = field(default_factory=dict)
    prompt: str = ""
    """What becomes of a key in a prompt, in words; likewise for the two that follow."""
    call: str = ""
    result: str = ""
    note: str = ""


@functools.cache
def table() -> dict[str, Agent]:
    """Return all agents by their names on the command line."""
    return {name: _agent(**stated) for name, stated in json.loads(_TABLE.read_bytes()).items()}


def _agent(events: Mapping[str, Any] | None = None, **stated: Any) -> Agent:  # noqa: ANN401 - what the file states
    """Return an agent as the file states it: a name that no field has is an error."""
    return Agent(**stated, events={name: Event(**event) for name, event in (events or {}).items()})


def find(name: str) -> Agent:
    """Return an agent by its name on the command line.

    Raises:
        UsageError: there is none of that name.
    """
    known = table()
    if name not in known:
        raise UsageError(f"keysift knows no agent called {name}", help=f"it knows {', '.join(known)}")
    return known[name]
