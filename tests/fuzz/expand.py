"""Fuzzes everything that looks into containers, by hand: `python tests/fuzz/expand.py [-max_total_time=120 FOLDER]`.

Needs atheris (`pip install atheris`), which is no dependency of ours. The options are libFuzzer's. It starts from one
container of each family. What crashes, hangs or takes too much memory is written to the current directory; keep it, cut
down, as a test. Promised is: no exception, the bytes themselves first, and no more unfolded than the limits allow.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]

with atheris.instrument_imports(include=["keysift", "tarfile", "zipfile", "plistlib", "pickletools", "email"]):
    import containers
    from keysift.containers import compressed, mail, markup, packages, plist, png, python, tars, walk, zips  # noqa: F401
    from keysift.containers.limits import Limits
    from keysift.containers.windows import Window
    from keysift.model import Blob

LIMITS = Limits(total=8 << 20, ratio=1 << 20, held=8 << 20, members=500, seconds=20)
LINE = b"name = value\n"


def one(data: bytes) -> None:
    """One input."""
    first, unfolded = None, 0
    for piece in walk.expand(Blob("f", data), LIMITS):
        first = first or piece
        if isinstance(piece, Window):
            unfolded += len(piece.blob.data)
    if not isinstance(first, Window) or first.blob.data != data:
        raise AssertionError("the bytes themselves were lost")
    if unfolded > 256 << 20:
        raise AssertionError(f"unfolded {unfolded:,} bytes")


def seeds(folder: Path) -> None:
    """One container of each family."""
    made = [wrap("a.env", LINE) for wrap in containers.ARCHIVES.values()]
    made += [compress(LINE) for compress in containers.COMPRESSED.values()]
    made += [
        containers.docx("a=b"), containers.odt("a=bcdefghijk"), containers.pdf("a=b"), containers.database("a", "b"),
        containers.mail("a.txt", LINE), containers.mailbox("a.txt", LINE), containers.plist("a", "b"),
        containers.pickled("a", "b"), containers.bytecode("a", "b"), containers.png(LINE),
        containers.image_of_layers("a", LINE), containers.deb("a", LINE),
    ]  # fmt: skip
    for number, data in enumerate(made):
        if len(data) < 1 << 16:
            (folder / f"seed-{number}").write_bytes(data)


def main() -> None:
    """Runs until stopped."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        seeds(Path(folder))
        atheris.Setup([*sys.argv, folder, "-max_len=65536", "-timeout=60", "-rss_limit_mb=3000"], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
