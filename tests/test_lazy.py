import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import regex

from keysift import lazy

PACKAGE = Path(lazy.__file__).parent


def late_imports(source: str) -> Iterator[tuple[str, str]]:
    """The name and the module of each `lazy.module`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("lazy.module("):
            assert isinstance(node.value, ast.Call)
            yield ast.unparse(node.targets[0]), ast.literal_eval(node.value.args[0])


def typed_imports(source: str) -> dict[str, str]:
    """The modules under `if TYPE_CHECKING`, by the names that they have there."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for block in ast.walk(ast.parse(source))
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def test_what_is_imported_late_is_what_the_type_checker_sees() -> None:
    seen = 0
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text()
        for name, module in late_imports(source):
            assert typed_imports(source)[name] == module, f"{path} takes {name} for something else"
            assert importlib.import_module(module)
            seen += 1
    assert seen


def test_a_module_is_imported_when_it_is_first_used() -> None:
    code = (
        "import sys\nfrom keysift import lazy\nlate = lazy.module('xml.dom.minidom')\n"
        "print('xml.dom.minidom' in sys.modules, late.parseString, 'xml.dom.minidom' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, *_, after = answer.stdout.split()
    assert (before, after) == ("False", "True")


def test_what_a_test_replaces_in_a_module_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    late = lazy.module("keysift.lazy")
    assert late.compile is lazy.compile
    monkeypatch.setattr(lazy, "compile", 7)
    assert late.compile == 7


def test_a_module_that_is_missing_is_an_error_when_it_is_used() -> None:
    late = lazy.module("keysift.no_such_module")
    with pytest.raises(ModuleNotFoundError, match=r"keysift\.no_such_module"):
        late.anything  # noqa: B018 - it raises


def test_it_is_the_pattern_that_was_stated_flags_and_all() -> None:
    ends = lazy.timed("(?r)abc[0-9]*x$", re.IGNORECASE)
    assert ends.match("ABC1X")
    assert ends.match("1x", partial=True)
    assert not ends.match("abc", partial=True)
    assert ends.flags & re.IGNORECASE


def test_bytes_stay_bytes() -> None:
    found = lazy.compile(rb"(?P<name>\d+)").search(b"a12")
    assert found
    assert found["name"] == b"12"


def test_what_only_one_library_reads_is_left_to_it() -> None:
    assert isinstance(lazy.compile(r"(a|b)+").search("ab"), re.Match)
    assert isinstance(lazy.compile(r"(?r)b$").match("ab"), regex.Match)


def test_a_clock_can_be_set() -> None:
    with pytest.raises(TimeoutError):
        lazy.timed(r"(?:a|a)+b").search("a" * 10_000 + "c", timeout=0.01)
