"""The agents that keysift knows, as `agents.json` has them: where their hooks are stated, and what each hook allows."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Literal

import msgspec

from keysift.errors import UsageError

Kind = Literal["prompt", "call", "result", "read"]
_TABLE = Path(__file__).with_name("agents.json")


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event that an agent hands to a hook."""

    kind: Kind
    """A prompt; a call of a tool; the result of one; a file before it is read."""
    value: str
    """The field with what is looked at, parts separated by dots: text, an object, or JSON in a string."""
    answers: tuple[Literal["stop", "replace"], ...]
    """What the agent does if its hook asks for it."""
    entry: dict[str, Any]
    """What the configuration of the agent has for this event; `$command` stands for the command of the hook."""
    tool: str = ""
    """The field with the name of the tool; empty where the event has none."""


class Agent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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
    guarded: tuple[str, ...] = ()
    """Further files that turn hooks off, or add some."""
    own_file: bool = False
    """True if the configuration is a file of our own."""
    base: dict[str, Any] = {}
    """What a new configuration states beside the hooks."""
    events: dict[str, Event] = {}
    prompt: str = ""
    """What becomes of a key in a prompt, in words; likewise for the two that follow."""
    call: str = ""
    result: str = ""
    note: str = ""


@functools.cache
def table() -> dict[str, Agent]:
    """Return all agents by their names on the command line."""
    return msgspec.json.decode(_TABLE.read_bytes(), type=dict[str, Agent])


def find(name: str) -> Agent:
    """Return an agent by its name on the command line.

    Raises:
        UsageError: there is none of that name.
    """
    known = table()
    if name not in known:
        raise UsageError(f"keysift knows no agent called {name}", help=f"it knows {', '.join(known)}")
    return known[name]
