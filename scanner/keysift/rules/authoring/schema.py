"""The JSON Schema of rule files, by which editors complete and check them; and what it says of a part that is wrong."""

from __future__ import annotations

import difflib
import functools
import json
import re
from typing import Any, NamedTuple

import msgspec

from keysift.rules.authoring.documents import Path
from keysift.rules.authoring.entries import RuleFile

ID = "urn:keysift:rules:1"
_TYPES = {"string": (str, "text"), "integer": (int, "a number"), "boolean": (bool, "true or false"),
          "array": (list, "a list"), "object": (dict, "a mapping")}  # fmt: skip
"""By their names in JSON Schema."""


class Complaint(NamedTuple):
    """What is wrong with a part of a rule file, and what to do about it."""

    problem: str
    advice: str
    key: str = ""
    """The key that is wrong, if it is not a value."""


def text() -> str:
    """Return the schema as it is published: JSON, a line for each part."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


@functools.cache
def document() -> dict[str, Any]:
    """Return the schema (draft 2020-12)."""
    made = msgspec.json.schema(RuleFile)
    for definition in made["$defs"].values():
        definition.pop("title")  # the name of a class of ours
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "keysift rules, version 1",
        **made,
    }


def complaint(path: Path, value: object) -> Complaint | None:
    """Return what is wrong with the value at a path, the parts of it aside; None if nothing is.

    Likewise None where rules have no such path: it was read from a message, which may quote a key of the file.
    """
    wanted = _resolved(document())
    advice = wanted["description"]
    for step in path:
        inner = wanted.get("items") if isinstance(step, int) else _part(wanted, step)
        if inner is None:
            return None
        wanted = _resolved(inner)
        advice = wanted.get("description", advice)
    kind, words = _TYPES[wanted.get("type", "string")]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return Complaint(f"{words} expected, {_instead(value)}", _quoted(value) if kind is str else advice)
    if isinstance(value, dict):
        return _of_keys(wanted, value)
    problem = _of_text(wanted, value) if isinstance(value, str) else _of_size(wanted, value)
    near = difflib.get_close_matches(str(value), wanted.get("enum", ()), n=1)
    return Complaint(problem, f"did you mean '{near[0]}'?" if near else advice) if problem else None


def _part(wanted: dict[str, Any], key: str) -> dict[str, Any] | None:
    """Return the schema of what a key of a mapping stands for: its own, or that of all; None if it has neither."""
    part: object = wanted.get("properties", {}).get(key) or wanted.get("additionalProperties")
    return part if isinstance(part, dict) else None


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Return the part of the schema that a reference stands for, described as the place that refers to it."""
    said = node.get("description")
    while "$ref" in node or "anyOf" in node:
        node = document()["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node["anyOf"][0]
    return {**node, "description": said} if said else node


def _instead(value: object) -> str:
    """Say what is there instead, without its text where that may be long."""
    if value is None:
        return "but there is no value"
    if isinstance(value, bool):
        return f"not {str(value).lower()}"
    return "not " + next((words for kind, words in _TYPES.values() if isinstance(value, kind)), f"{value}")


def _quoted(value: object) -> str:
    return "" if value is None or isinstance(value, list | dict) else "put it in quotation marks"


def _of_keys(wanted: dict[str, Any], value: dict[Any, Any]) -> Complaint | None:
    known = wanted.get("properties")
    if known is None:
        return None  # any keys; their values are told by their own places
    for key in value:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            advice = f"did you mean '{near[0]}'?" if near else f"keys that are allowed here: {', '.join(known)}"
            return Complaint(f"unknown key '{key}'", advice, key=str(key))
    missing = next((key for key in wanted.get("required", ()) if key not in value), "")
    return Complaint(f"'{missing}' is missing", known[missing].get("description", "")) if missing else None


def _of_text(wanted: dict[str, Any], value: str) -> str:
    """Say what is wrong with a text; nothing if all is well."""
    allowed, least = wanted.get("enum"), wanted.get("minLength", 0)
    if allowed and value not in allowed:
        return f"'{value}' is none of the allowed values: {', '.join(allowed)}"
    if len(value) < least:
        return f"'{value}' is shorter than {least} characters" if value else "empty"
    matches = re.search(wanted.get("pattern", ""), value)
    return "" if matches else f"'{value}' does not match the regex {wanted['pattern']}"


def _of_size(wanted: dict[str, Any], value: Any) -> str:  # noqa: ANN401 - a list or a number
    """Say what is wrong with the length of a list or with a number; nothing if all is well."""
    if isinstance(value, list):
        return "empty" if len(value) < wanted.get("minItems", 0) else ""
    if value < wanted.get("minimum", value):
        return f"{value} is less than {wanted['minimum']}"
    return f"{value} is more than {wanted['maximum']}" if value > wanted.get("maximum", value) else ""
