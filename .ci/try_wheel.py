"""Try an installation, without pytest and away from the checkout: python .ci/try_wheel.py.

It finds a key in plain text and in an archive as one finding, masks it, and shows a rule.
"""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

SEED = random.Random(19)  # noqa: S311 - made-up keys, the same each time


def main() -> None:
    """Exit with an error unless the installed command does what it should."""
    key = SEED.randbytes(16).hex()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("prod.env", f"PAGERDUTY_ROUTING_KEY={key}\n")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "prod.env").write_text(f"PAGERDUTY_TOKEN={key}\n", encoding="utf-8")
        Path(folder, "backup.zip").write_bytes(archive.getvalue())
        done = run("scan", "-f", "json", folder)
        found = [
            (each["rule_id"], len(each["locations"])) for each in json.loads(done.stdout or "{}").get("findings", ())
        ]
        if done.returncode != 1 or found != [("pagerduty-integration-key", 2)] or key in done.stdout:
            raise SystemExit(f"the scan ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    for words, wanted in ((("--version",), "keysift "), (("rules", "show", "pagerduty-rest-api-key"), "secret")):
        done = run(*words)
        if done.returncode or wanted not in done.stdout:
            raise SystemExit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed keysift."""
    return subprocess.run([sys.executable, "-m", "keysift", *words], capture_output=True, text=True, check=False)


if __name__ == "__main__":
    main()
