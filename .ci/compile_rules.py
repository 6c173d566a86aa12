"""The build hook: it compiles `rules/` into one file of the wheel, and the loops over bytes into machine code, and adds
the manual pages.

YAML is slow to read at every start. The loops are several times as fast compiled; where there is no C
compiler, or `KEYSIFT_PURE=1` is set, they stay as they are, and the wheel fits every platform.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("scanner", "keysift")
LOOPS = (
    "containers/strings.py",
    "detect/carry.py",
    "detect/named/measures.py",
    "detect/named/spans.py",
    "detect/outline.py",
    "detect/randomness.py",
    "detect/reaches.py",
    "detect/seams.py",
    "detect/sieve.py",
    "detect/values.py",
    "git/delta.py",
)
"""The modules that are compiled."""
TAIL = b'\n\nif __name__ == "keysift.'
"""The end of the plain source of the loops, which asks for its compiled form."""
COMPILED = {".so", ".pyd"}
COMPILE = """
import sys
from mypyc.build import mypycify
from setuptools import setup

modules = mypycify(["--ignore-missing-imports", sys.argv[1]], opt_level="3")
setup(name="loops", packages=[], ext_modules=modules, script_args=["-q", "build_ext", "--inplace"])
"""


class CompileRules(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the compiled rules to a wheel; an editable install needs none, because there the loader compiles them."""

    PLUGIN_NAME = "custom"
    temporary: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile rules and loops outside of the checkout; for an editable install the loops beside their source."""
        root = Path(self.root)
        self.temporary = tempfile.TemporaryDirectory(prefix="keysift-build-")
        work = Path(self.temporary.name)
        loops = {} if os.environ.get("KEYSIFT_PURE") == "1" else self.compiled_loops(root, work)
        if version == "editable":
            for source in LOOPS:
                place = root / SOURCES / source
                for stale in place.parent.glob(f"{place.stem}_*.*"):
                    if stale.suffix in COMPILED:
                        stale.unlink()
            for target, loop in loops.items():
                (root / SOURCES / target).write_bytes(loop.read_bytes())
            return
        compiled = work / "rules.json"
        compiled.write_bytes(compile_rules(root))
        build_data["force_include"][str(compiled)] = "keysift/rules/rules.json"
        build_data["shared_data"] |= {
            str(place): f"share/man/man1/{place.name}" for place in self.man_pages(root, work)
        }
        for target, loop in loops.items():
            build_data["force_include"][str(loop)] = f"keysift/{target}"
        if loops:
            build_data["pure_python"] = False
            build_data["infer_tag"] = True

    def compiled_loops(self, root: Path, work: Path) -> dict[str, Path]:
        """Return the extension modules by their place in the package; on failure none, with a warning."""
        try:
            with ThreadPoolExecutor(os.cpu_count()) as compilers:
                every = list(compilers.map(lambda source: compile_loops(root / SOURCES / source, work), LOOPS))
            return {f"{Path(source).parent}/{made.name}": made for source, made in zip(LOOPS, every, strict=True)}
        except (OSError, subprocess.SubprocessError) as error:
            self.warn("the loops stay plain Python", error)
            return {}

    def man_pages(self, root: Path, work: Path) -> list[Path]:
        """Return the manual pages; on failure none, with a warning."""
        command = [sys.executable, str(root / ".ci" / "man_pages.py"), str(work / "man")]
        # An isolated build has its libraries on the path as well.
        path = os.pathsep.join(filter(None, [str(root / SOURCES.parent), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path}
        try:
            subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        except (OSError, subprocess.SubprocessError) as error:
            self.warn("there are no manual pages", error)
            return []
        return sorted((work / "man").iterdir())

    def warn(self, outcome: str, error: Exception) -> None:
        """Warn, with the last line of what a program said."""
        message = getattr(error, "stderr", "") or str(error)
        self.app.display_warning(f"keysift: {outcome}: {message.strip().splitlines()[-1:]}")

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove what `initialize` wrote."""
        if self.temporary:
            self.temporary.cleanup()


def compile_loops(place: Path, work: Path) -> Path:
    """Compile one module with mypyc and a C compiler, under the name by which `keysift.native` looks for it.

    Raises:
        OSError: the compiler did not leave one.
        subprocess.SubprocessError: one of them failed.
    """
    source = place.read_bytes()
    # Each has a directory of its own, for many are compiled at once.
    work = Path(tempfile.mkdtemp(dir=work))
    # Outside of its package: mypyc makes two libraries of a module within one.
    module = work / f"{place.stem}_{hashlib.sha256(source).hexdigest()[:12]}.py"
    module.write_bytes(source.partition(TAIL)[0] + b"\n")
    command = [sys.executable, "-c", COMPILE, module.name]
    environment = {**os.environ, "MYPYPATH": ""}
    subprocess.run(command, cwd=work, env=environment, check=True, capture_output=True, text=True)
    compiled = [file for file in work.glob(f"{module.stem}.*") if file.suffix in COMPILED]
    if not compiled:
        raise OSError("the compiler left no module")
    return compiled[0]


def compile_rules(root: Path) -> bytes:
    """Compile the rules of the checkout at `root`, by its own `keysift.rules`.

    The package is entered without running its `__init__`, which may import libraries that a build does not have.
    """
    package = ModuleType("keysift")
    package.__path__ = [str(root / SOURCES)]
    sys.modules["keysift"] = package
    try:
        ruleset = importlib.import_module("keysift.rules.ruleset")
        compiled: bytes = ruleset.compile_directory(root / "rules")
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "keysift"]:
            del sys.modules[name]
    return compiled
