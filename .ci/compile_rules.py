"""Build hook: compiles `rules/` into `scanner/rules.json` of the wheel, and `scanner/delta.py` into machine code.

YAML is slow to read at every start. The loops over deltas are several times as fast compiled; where there is no C
compiler, or `KEYSIFT_PURE=1` is set, they stay as they are, and the wheel fits every platform.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TAIL = b'\n\nif __name__ == "scanner.delta":'
"""Where the plain source of the loops asks for its compiled form."""
COMPILE = """
import sys
from mypyc.build import mypycify
from setuptools import setup

modules = mypycify(["--ignore-missing-imports", sys.argv[1]], opt_level="3")
setup(name="loops", packages=[], ext_modules=modules, script_args=["-q", "build_ext", "--inplace"])
"""


class CompileRules(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the compiled rules to a wheel; an editable install needs none, for there the loader compiles."""

    PLUGIN_NAME = "custom"
    temporary: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write what is compiled beside the checkout; for an editable install the loops beside their source."""
        root = Path(self.root)
        self.temporary = tempfile.TemporaryDirectory(prefix="keysift-build-")
        loops = None if os.environ.get("KEYSIFT_PURE") == "1" else self.compiled_loops(root, Path(self.temporary.name))
        if version == "editable":
            for stale in (root / "scanner").glob("delta_*.*"):
                stale.unlink()
            if loops:
                (root / "scanner" / loops.name).write_bytes(loops.read_bytes())
            return
        compiled = Path(self.temporary.name) / "rules.json"
        compiled.write_bytes(compile_rules(root))
        build_data["force_include"][str(compiled)] = "scanner/rules.json"
        if loops:
            build_data["force_include"][str(loops)] = f"scanner/{loops.name}"
            build_data["pure_python"] = False
            build_data["infer_tag"] = True

    def compiled_loops(self, root: Path, work: Path) -> Path | None:
        """The extension module; None, and a line that says why, where it cannot be made."""
        try:
            return compile_loops(root, work)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", "") or str(error)
            self.app.display_warning(f"keysift: the loops stay plain Python: {said.strip().splitlines()[-1:]}")
            return None

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove what `initialize` wrote."""
        if self.temporary:
            self.temporary.cleanup()


def compile_loops(root: Path, work: Path) -> Path:
    """The extension module of the loops, made by mypyc and a C compiler; `scanner/native.py` finds it by its name.

    Raises:
        OSError: the compiler did not leave one.
        subprocess.SubprocessError: one of them failed.
    """
    source = (root / "scanner" / "delta.py").read_bytes()
    # Outside of its package: mypyc makes two libraries of a module within one.
    module = work / f"delta_{hashlib.sha256(source).hexdigest()[:12]}.py"
    module.write_bytes(source.partition(TAIL)[0] + b"\n")
    command = [sys.executable, "-c", COMPILE, module.name]
    environment = {**os.environ, "MYPYPATH": ""}
    subprocess.run(command, cwd=work, env=environment, check=True, capture_output=True, text=True)
    found = [file for file in work.glob(f"{module.stem}.*") if file.suffix in {".so", ".pyd"}]
    if not found:
        raise OSError("the compiler left no module")
    return found[0]


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
