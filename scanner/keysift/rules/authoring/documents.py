"""A YAML file -> what it says, and the line of every part of it."""

from __future__ import annotations

from typing import Any

import yaml

from keysift.errors import RuleError
from keysift.records import dataclass

Path = tuple[str | int, ...]
"""Keys and numbers of items, from the top of a file: `("rules", 3, "label")`."""
_YAML_ADVICE = "indent with blanks, not tabs; put a pattern, or text with a colon, in single quotation marks"
_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError)
"""What PyYAML raises for a value that does not fit its tag: `2024-13-45`, `!!int ''`."""


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file, read."""

    name: str
    content: object
    _root: yaml.Node | None

    def value(self, path: Path) -> object:
        """Return what stands at a path; None where nothing does."""
        value: Any = self.content
        for step in path:
            try:
                value = value[step]
            except (LookupError, TypeError):
                return None
        return value

    def error(self, path: Path, problem: str, advice: str = "", *, key: str = "") -> RuleError:
        """Return an error that names file, line, rule and field; the line is that of the `key`, if one is wrong."""
        field = _words(path[2:] if _in_rule(path) else path)
        place = self.place((*path, key) if key else path)
        return RuleError(": ".join(filter(None, [place, field, problem])), help=advice)

    def place(self, path: Path) -> str:
        """Return file, line and rule in words: `pagerduty.yaml:12: rule x`; of a rule without an id its number."""
        place = f"{self.name}:{self.line(path)}"
        if not _in_rule(path):
            return place
        rule_id = self.value((*path[:2], "id"))
        return f"{place}: {f'rule {rule_id}' if rule_id and isinstance(rule_id, str) else _words(path[:2])}"

    def line(self, path: Path) -> int:
        """Return the line, from 1, of what stands at a path, or of the nearest that it stands in."""
        node, line = self._root, 1
        for step in path:
            start, node = _within(node, step)
            if node is None:
                break
            line = start.start_mark.line + 1
        return line


def _in_rule(path: Path) -> bool:
    return len(path) > 1 and path[0] == "rules"


def _within(node: yaml.Node | None, step: str | int) -> tuple[Any, yaml.Node | None]:
    """Return the node of a key, or of an item, where it starts; and the node of its value."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == step), (None, None))
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step], node.value[step]
    return None, None


def _words(path: Path) -> str:
    """Return a path as people write it: `when[0].field`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe; and a key that is stated twice in a mapping is an error, not a loss."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"'{key.value}' is stated twice", key.start_mark
                    )
                seen.add(key.value)
        return dict(super().construct_mapping(node, deep=deep))


def read(data: bytes, name: str) -> Document:
    """Return the document in these bytes.

    Raises:
        RuleError: they are not UTF-8, or not YAML; with the line, where there is one.
    """
    try:
        loader = _Loader(data.decode("utf-8"))
        try:
            root = loader.get_single_node()
            return Document(name, loader.construct_document(root) if root else None, root)
        finally:
            loader.dispose()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RuleError(f"{name}:{line}: not UTF-8", help="save the file in the encoding UTF-8") from error
    except yaml.YAMLError as error:
        raise _invalid(name, error) from error
    except RecursionError as error:
        raise RuleError(f"{name}: invalid YAML: nested too deeply") from error
    except _UNREADABLE as error:
        problem = f"{name}: invalid YAML: a value is not of its type"
        raise RuleError(problem, help="put it in quotation marks") from error


def read_without_aliases(data: bytes, name: str) -> Document:
    """Return the document in a stranger's bytes, whose size is that of what is read from them.

    Raises:
        RuleError: as `read`; or there is an alias.
    """
    try:
        for event in yaml.parse(data, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1  # type: ignore[union-attr] # its types say that it may be missing
                raise RuleError(f"{name}:{line}: aliases are not allowed here: *{event.anchor}", help="write it out")
    except yaml.YAMLError as error:
        raise _invalid(name, error) from error
    except RecursionError as error:
        raise RuleError(f"{name}: invalid YAML: nested too deeply") from error
    return read(data, name)


def _invalid(name: str, error: yaml.YAMLError) -> RuleError:
    mark: yaml.Mark | None = getattr(error, "problem_mark", None)
    advice = _YAML_ADVICE if isinstance(error, yaml.scanner.ScannerError | yaml.parser.ParserError) else ""
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    return RuleError(f"{name}{f':{mark.line + 1}' if mark else ''}: invalid YAML: {problem}", help=advice)
