"""Fuzzes what reads bytes of strangers, by hand: `python tests/fuzz/parsers.py TARGET [-max_total_time=600 FOLDER]`.

Needs atheris (`pip install atheris`), which is no dependency of ours. The options are libFuzzer's. Promised is of all:
no exception but the ones that they state, in bounded time and memory. What breaks a promise is written to the current
directory; keep it, cut down, in `tests/fuzz/finds/TARGET`, from where `tests/test_fuzz_finds.py` tries it again.
Compiled loops are not seen into: run from a checkout without them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scanner"), str(ROOT)]

from tests.fuzz.made import Made  # noqa: E402 - found by the path above
from tests.fuzz.targets import containers, files, of_git, text  # noqa: E402 - likewise

TARGETS: dict[str, Callable[[], Made]] = {
    made.__name__: made for module in (files, of_git, text, containers) for made in module.TARGETS
}
LIBRARIES = [
    "keysift",
    "tomllib",
    "json",
    "yaml",
    "tarfile",
    "zipfile",
    "plistlib",
    "email",
    "pypdf",
    "py7zr",
    "pycdlib",
]


def main() -> None:
    """Runs until stopped."""
    import atheris  # noqa: PLC0415 - whoever runs the tests needs none

    target = TARGETS[sys.argv.pop(1)]
    with atheris.instrument_imports(include=LIBRARIES), tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        one, seeds = target()
        for number, data in enumerate(seeds):
            (Path(folder) / f"seed-{number}").write_bytes(data)
        atheris.Setup([*sys.argv, folder, "-max_len=40000", "-timeout=30", "-rss_limit_mb=3000"], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
