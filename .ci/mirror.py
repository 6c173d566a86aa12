"""Write the repository from which pre-commit installs a published keysift in seconds: python .ci/mirror.py FOLDER.

pre-commit installs what it clones, which here would compile rules and loops. The mirror holds our hooks and one
dependency, the wheel of the same version, and gets the same tags: https://pre-commit.com/#creating-new-hooks.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from version import ROOT, stated_version

PROJECT = """\
# Made by .ci/mirror.py of keysift: pre-commit installs this, and with it the wheel of keysift.
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "keysift-pre-commit"
version = "{version}"
requires-python = ">=3.11"
dependencies = ["keysift=={version}"]

[tool.setuptools]
py-modules = []
"""


def main(folder: str) -> None:
    """Write all files of the mirror."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    for name in (".pre-commit-hooks.yaml", "LICENSE"):
        shutil.copy(ROOT / name, place)
    (place / "pyproject.toml").write_text(PROJECT.format(version=stated_version()), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
