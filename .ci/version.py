"""Compare a tag with the version of the package: python .ci/version.py v1.0.0.

With `--notes`, print the section of the changelog as well.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main(tag: str, *options: str) -> None:
    """Exit with a message unless the tag, the package and the changelog name the same version."""
    version = stated_version()
    if tag != f"v{version}":
        raise SystemExit(f"the tag is {tag}, and the version in scanner/keysift/version.py is {version}")
    section = notes(version)
    if "--notes" in options:
        sys.stdout.write(f"{section}\n")


def stated_version() -> str:
    """Return the version of the package, without importing it."""
    module = (ROOT / "scanner/keysift/version.py").read_text(encoding="utf-8")
    stated = re.search(r'^VERSION = "(.+)"$', module, re.MULTILINE)
    if not stated:
        raise SystemExit("scanner/keysift/version.py states no version")
    return stated[1]


def notes(version: str) -> str:
    """Return what the changelog says of a version, without its heading."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    section = re.search(rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if not section or not section[1].strip():
        raise SystemExit(f"CHANGELOG.md has no section for {version}")
    return section[1].strip()


if __name__ == "__main__":
    main(*sys.argv[1:])
