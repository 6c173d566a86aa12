"""Build hook: compiles `rules/` into `scanner/rules.json` of the wheel, for YAML is slow to read at every start."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileRules(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the compiled rules to a wheel; an editable install needs none, for there the loader compiles."""

    PLUGIN_NAME = "custom"
    temporary: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the compiled rules beside the checkout, not into it."""
        if version == "editable":
            return
        self.temporary = tempfile.TemporaryDirectory(prefix="keysift-build-")
        compiled = Path(self.temporary.name) / "rules.json"
        compiled.write_bytes(compile_rules(Path(self.root)))
        build_data["force_include"][str(compiled)] = "scanner/rules.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove what `initialize` wrote."""
        if self.temporary:
            self.temporary.cleanup()


def compile_rules(root: Path) -> bytes:
    """The compiled rules of the checkout at `root`, by its own `scanner.rules`.

    The package is entered without running its `__init__`, which may import libraries that a build does not have.
    """
    package = ModuleType("scanner")
    package.__path__ = [str(root / "scanner")]
    sys.modules["scanner"] = package
    try:
        rules = importlib.import_module("scanner.rules")
        compiled: bytes = rules.compile_directory(root / "rules")
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "scanner"]:
            del sys.modules[name]
    return compiled
