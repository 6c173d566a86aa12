"""The JSON Schema of reports -> a page for people: the fields of a report, and of each of its nouns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMA = Path("scanner", "keysift", "report", "schema", "keysift-report-1.json")
_Node = dict[str, Any]


def write(root: Path, folder: Path) -> None:
    """Write the page; `root` is the checkout."""
    schema: _Node = json.loads((root / SCHEMA).read_text(encoding="utf-8"))
    version = schema["properties"]["schema"]["const"]
    lines = [
        "# The JSON report",
        "",
        f"`keysift scan -f json` writes `{version}`, as do all commands that report.",
        f"Its [JSON Schema](../{SCHEMA.as_posix()}) is part of the package, and this page is made from it.",
        "Fields may be added; none changes its meaning.",
        "",
        *_list(schema),
    ]
    for name, noun in schema["$defs"].items():
        lines += ["", f"## {name.capitalize()}", "", noun.get("description", ""), "", *_list(noun)]
    (folder / "report.md").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _list(node: _Node) -> Iterator[str]:
    """Yield a line for each field: a table would be wider than a telephone."""
    for name, kind, text in _fields(node, ""):
        yield f"- **`{name}`** ({kind})" + (f": {text}" if text else "")


def _fields(node: _Node, above: str) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the type and the text of each field, those of inner objects behind it."""
    required = set(node.get("required", ()))
    for name, field in node.get("properties", {}).items():
        path = f"{above}{name}"
        text = field.get("description", "")
        yield path, _kind(field) + ("" if name in required else ", or absent"), text
        inner = field.get("items", {}) if field.get("type") == "array" else field
        if "allOf" not in inner:
            yield from _fields(inner, f"{path}[]." if inner is not field else f"{path}.")


def _kind(field: _Node) -> str:
    if "$ref" in field:
        noun = field["$ref"].rpartition("/")[2]
        return f"a [{noun}](#{noun})"
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"] if value is not None)
    if field.get("type") == "array":
        items = field.get("items", {})
        inner = items.get("allOf", [items])[0]
        return f"list: {_kind(inner)}"
    kinds = field.get("type", "object")
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
