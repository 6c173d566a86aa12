"""The compiled form is taken for the source that it was made of, and for no other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from keysift import native

MADE = "from keysift.git import delta; print(delta.FORM)"
SOURCE = """FORM = 'plain'

if __name__ == "keysift.git.delta":
    from keysift import native
    native.take_over(__name__, __file__)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with a source that can be taken over."""
    root = tmp_path / "keysift"
    place = root / "git"
    place.mkdir(parents=True)
    for folder in (root, place):
        (folder / "__init__.py").touch()
    (root / "native.py").write_bytes(Path(str(native.__file__)).read_bytes())
    (place / "delta.py").write_text(SOURCE)
    return place


def form(package: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(package.parents[1])}
    command = [sys.executable, "-c", MADE]
    return subprocess.run(
        command, cwd=package.parents[1], env=environment, capture_output=True, check=True, text=True
    ).stdout.strip()


def test_the_form_made_of_this_text_takes_over(package: Path) -> None:
    assert form(package) == "plain"
    (package / f"{native.name('delta', SOURCE.encode())}.py").write_text("FORM = 'compiled'")
    assert form(package) == "compiled"


def test_a_stale_form_does_not(package: Path) -> None:
    (package / f"{native.name('delta', SOURCE.encode())}.py").write_text("FORM = 'compiled'")
    (package / "delta.py").write_text(SOURCE + "# changed\n")
    assert form(package) == "plain"
