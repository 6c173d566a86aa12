"""Rule files as people write them: YAML, checked strictly, made into rules.

This module is the door: the libraries behind it take longer to import than most runs last, and are imported when a
function is first called. A run that needs no rule file reads the compiled form alone (`rules.ruleset`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from keysift.model import Rule

SCHEMA = Path(__file__).parents[1] / "schema" / "keysift-rules-1.json"
"""The JSON Schema of rule files, made by `schema.text`."""


def read_directory(directory: Path) -> list[Rule]:
    """Return the rules of all `*.yaml` files, by file name, then as written.

    Raises:
        RuleError: a file does not hold what it must; with file, line, rule and field.
    """
    from keysift.rules.authoring import files  # noqa: PLC0415 - behind the door

    return files.read_directory(directory)


def read_files(named: Iterable[tuple[str, bytes]]) -> list[Rule]:
    """Return the rules of files, each with its name, in their order, then as written.

    Raises:
        RuleError: as `read_directory`.
    """
    from keysift.rules.authoring import files  # noqa: PLC0415 - behind the door

    return files.read_files(named)


def read_own(data: bytes, name: str) -> Iterator[tuple[str, Rule]]:
    """Yield the rules of a repository's own file, each with its place in words: `own.yaml:12: rule x`.

    Examples may be missing. The file may be a stranger's, so aliases are refused: few bytes of them can expand to many.

    Raises:
        RuleError: as `read_directory`.
    """
    from keysift.rules.authoring import files  # noqa: PLC0415 - behind the door

    yield from files.read_own(data, name)
