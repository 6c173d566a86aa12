"""Changes to a JSON file of somebody else that leave everything else in it as it is: order, comments, indentation.

Comments and trailing commas, which many agents read, are read here as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any

from keysift.errors import ConfigError
from keysift.records import dataclass

_BLANK = re.compile(r"(?:[ \t\r\n\ufeff]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_SCALAR = re.compile(r"-?[0-9][0-9.eE+-]*|true|false|null")
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Node:
    """A value in the text of a file."""

    start: int
    end: int
    value: Any
    """As Python has it."""
    members: dict[str, Node] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """Where each member or item starts, with its name."""


class _Reader:
    def __init__(self, text: str, origin: str) -> None:
        self.text, self.origin, self.place = text, origin, 0

    def read(self) -> Node:
        node = self._value(0)
        self._skip()
        if self.place < len(self.text):
            raise self._error("something follows the end")
        return node

    def _skip(self) -> str:
        found = _BLANK.match(self.text, self.place)
        self.place = found.end() if found else self.place
        return self.text[self.place : self.place + 1]

    def _error(self, what: str) -> ConfigError:
        line = self.text.count("\n", 0, self.place) + 1
        return ConfigError(f"{self.origin}:{line}: invalid JSON: {what}", help="repair the file; nothing was changed")

    def _value(self, depth: int) -> Node:
        first, start = self._skip(), self.place
        if depth > _DEEPEST:
            raise self._error("nested too deeply")
        if first in {"{", "["} and first:
            return self._container(first, depth)
        found = (_STRING if first == '"' else _SCALAR).match(self.text, start)
        if found is None:
            raise self._error("a value is missing")
        self.place = found.end()
        try:
            return Node(start, self.place, json.loads(found[0]))
        except ValueError as error:
            self.place = start
            raise self._error("this is no value") from error

    def _container(self, first: str, depth: int) -> Node:
        start, is_object = self.place, first == "{"
        members: dict[str, Node] = {}
        items: list[Node] = []
        starts: list[int] = []
        self.place += 1
        while self._skip() != ("}" if is_object else "]"):
            starts.append(self.place)
            if is_object:
                name = self._name()
                if name in members:
                    raise self._error("a name stands twice")
                members[name] = self._value(depth + 1)
            else:
                items.append(self._value(depth + 1))
            if self._skip() == ",":
                self.place += 1
            elif self.text[self.place : self.place + 1] not in {"}", "]"}:
                raise self._error("a comma or an end is missing")
        self.place += 1
        value = {name: node.value for name, node in members.items()} if is_object else [node.value for node in items]
        return Node(start, self.place, value, members, items, starts)

    def _name(self) -> str:
        found = _STRING.match(self.text, self.place)
        if found is None:
            raise self._error("a name is missing")
        self.place = found.end()
        if self._skip() != ":":
            raise self._error("a colon is missing")
        self.place += 1
        return str(json.loads(found[0]))


def parse(text: str, origin: str) -> Node:
    """Return the value in the text of a file.

    Raises:
        ConfigError: it is not JSON; the message has the line.
    """
    return _Reader(text, origin).read()


def append(text: str, path: Sequence[str], item: Any, origin: str) -> str:  # noqa: ANN401 - any JSON
    """Return the text with an item more in the list at a path of names, which is made where it is not there.

    Raises:
        ConfigError: something on the way is of another kind.
    """
    node, reached = parse(text, origin), 0
    while reached < len(path) and path[reached] in node.members:
        node, reached = node.members[path[reached]], reached + 1
    rest = path[reached:]
    if not isinstance(node.value, dict if rest else list):
        where = ".".join(path[:reached]) or "the whole"
        raise ConfigError(f"{origin}: {where} is not {'an object' if rest else 'a list'}", help="nothing was changed")
    unit = _unit(text)
    if not rest:
        return _inserted(text, node, _shown(item, unit, reached + 1), reached, unit)
    value: Any = [item]
    for name in reversed(rest[1:]):
        value = {name: value}
    return _inserted(text, node, f"{json.dumps(rest[0])}: {_shown(value, unit, reached + 1)}", reached, unit)


def insert(text: str, name: str, value: Any, origin: str) -> str:  # noqa: ANN401 - any JSON
    """Return the text of an object with a member more."""
    unit = _unit(text)
    return _inserted(text, parse(text, origin), f"{json.dumps(name)}: {_shown(value, unit, 1)}", 0, unit)


def remove(text: str, path: Sequence[str], is_ours: Callable[[Any], bool], origin: str) -> str:
    """Return the text without the items of the list at a path that are ours, nor what is empty for want of them."""
    for depth in range(len(path), -1, -1):
        node: Node | None = parse(text, origin)
        for name in path[:depth]:
            node = node.members.get(name) if node else None
        if node is None or not isinstance(node.value, list if depth == len(path) else dict):
            return text
        if depth == len(path):
            ours = [number for number, item in enumerate(node.items) if is_ours(item.value)]
            if not ours:
                return text
            for number in reversed(ours):
                text = _without(text, node, number)
                node = _again(text, path, origin)
            if node.items:
                return text
        else:
            text = _without(text, node, [*node.members].index(path[depth]))
            if len(node.members) > 1:
                return text
    return text


def _again(text: str, path: Sequence[str], origin: str) -> Node:
    node = parse(text, origin)
    for name in path:
        node = node.members[name]
    return node


def _unit(text: str) -> str:
    """Return the indentation of a file: that of its first indented line."""
    found = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    return found[1] if found else "  "


def _shown(value: Any, unit: str, depth: int) -> str:  # noqa: ANN401 - any JSON
    lines = json.dumps(value, indent=unit, ensure_ascii=False)
    return lines.replace("\n", "\n" + unit * depth)


def _inserted(text: str, node: Node, shown: str, depth: int, unit: str) -> str:
    """Return the text with something more at the end of a container that lies `depth` deep."""
    line = "\r\n" if "\r\n" in text else "\n"
    shown = f"{line}{unit * (depth + 1)}{shown.replace(chr(10), line)}"
    inside = [*node.members.values(), *node.items]
    if not inside:
        kept = text[node.start + 1 : node.end - 1].rstrip()
        return f"{text[: node.start + 1]}{kept}{shown}{line}{unit * depth}{text[node.end - 1 :]}"
    end = max(member.end for member in inside)
    tail = text[end : node.end - 1]
    comma = _BLANK.match(tail)
    trailing = comma is not None and tail[comma.end() : comma.end() + 1] == ","
    after = end + (comma.end() + 1 if trailing and comma else 0)
    rest = text[after : node.end - 1]
    # A comment after the last item stays before what is inserted.
    comments = rest.rstrip()
    closing = rest[len(comments) :] + ("" if "\n" in rest else line + unit * depth)
    head = text[:end] + ("" if trailing else ",") + text[end:after]
    return head + comments + shown + closing + text[node.end - 1 :]


def _without(text: str, node: Node, number: int) -> str:
    """Return the text without one member or item of a container, and without a comma that nobody needs."""
    inside = [*node.members.values(), *node.items]
    start, end = node.starts[number], inside[number].end
    blank = _BLANK.match(text, end)
    after = blank.end() if blank else end
    if text[after : after + 1] == ",":
        rest = re.compile(r"[ \t]*\r?\n?[ \t]*").match(text, after + 1)
        return text[:start] + text[rest.end() if rest else after + 1 :]
    if not number:
        kept = text[node.start + 1 : start].rstrip() + text[end : node.end - 1].strip()
        return text[: node.start + 1] + kept + text[node.end - 1 :]
    blank = _BLANK.match(text, inside[number - 1].end)
    before = blank.end() if blank else start
    return text[:before] + text[before + 1 : start].rstrip() + text[end:]
