"""Keep what this version writes, for the tests of later ones: python tests/upgrade/keep.py.

It writes the folder `tests/upgrade/VERSION`: a repository with made-up keys is scanned and audited, and one key is
accepted.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from keysift.version import VERSION

HERE = Path(__file__).parent
CONFIGURATION = """\
min-confidence = "low"
exclude = ["vendor/"]

[[ignore]]
rule = "generic-password"
path = "docs/**"
reason = "examples of the manual"
"""
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(HERE.parent.parent / "scanner"),
    "GIT_AUTHOR_EMAIL": "a@example.org",
}


def keys() -> tuple[str, str]:
    """Return two made-up integration keys, the same each time."""
    made = random.Random(31)
    return made.randbytes(16).hex(), made.randbytes(16).hex()


def write_files(folder: Path) -> None:
    """Write a file with two keys, and a configuration."""
    accepted, other = keys()
    (folder / "prod.env").write_text(f"PAGERDUTY_TOKEN={accepted}\n", encoding="utf-8")
    (folder / "stage.env").write_text(f"PAGERDUTY_TOKEN={other}\n", encoding="utf-8")
    (folder / ".keysift.toml").write_text(CONFIGURATION, encoding="utf-8")


def main() -> None:
    """Write the folder of this version."""
    kept = HERE / VERSION
    kept.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)
        git = ["git", "-C", name, "-c", "user.name=A", "-c", "user.email=a@example.org"]
        for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "keys"]):
            subprocess.run([*git, *words], check=True)
        for command in ("scan", "audit"):
            run(folder, command, "-f", "json", "-o", f"{command}.json")
            report = json.loads((folder / f"{command}.json").read_text(encoding="utf-8"))
            (kept / f"{command}.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        run(folder, "baseline", "create", "--why", "the sandbox", "prod.env")
        shutil.copy(folder / ".keysift-baseline", kept / "baseline")
    (kept / "keysift.toml").write_text(CONFIGURATION, encoding="utf-8")


def run(folder: Path, *words: str) -> None:
    """Run keysift in a folder, whatever its exit code."""
    subprocess.run([sys.executable, "-m", "keysift", *words], cwd=folder, env=ENVIRONMENT, check=False)


if __name__ == "__main__":
    main()
