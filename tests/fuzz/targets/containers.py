"""Files that hold other files: all families together, and by themselves those that a library reads."""

# atheris instruments what is imported after it.
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.made import Made, Target

sys.path.append(str(Path(__file__).parents[2] / "bench"))
LINE = b"name = value\n"


def _made() -> Target:
    """Promised is: no exception, the bytes themselves first, and no more unfolded than the limits allow."""
    from keysift.containers import (  # noqa: F401 - imported before the fuzzing begins
        compressed,
        mail,
        markup,
        packages,
        plist,
        png,
        python,
        sqlite,
        tars,
        walk,
        zips,
    )
    from keysift.containers.limits import Limits
    from keysift.containers.windows import Window
    from keysift.model import Blob

    limits = Limits(total=8 << 20, ratio=1 << 20, held=8 << 20, members=500)

    def one(data: bytes) -> None:
        first, unfolded = None, 0
        for piece in walk.expand(Blob("f", data), limits):
            first = first or piece
            if isinstance(piece, Window):
                unfolded += len(piece.blob.data)
        assert isinstance(first, Window)
        assert first.blob.data == data, "the bytes themselves were lost"
        assert unfolded <= 256 << 20, f"unfolded {unfolded:,} bytes"

    return one


def expand() -> Made:
    """One container of each family that we read ourselves, or with Python's own library."""
    import containers

    made = [wrap("a.env", LINE) for wrap in containers.ARCHIVES.values()]
    made += [compress(LINE) for compress in containers.COMPRESSED.values()]
    made += [
        containers.docx("a=b"), containers.odt("a=bcdefghijk"), containers.mail("a.txt", LINE),
        containers.mailbox("a.txt", LINE), containers.plist("a", "b"), containers.pickled("a", "b"),
        containers.bytecode("a", "b"), containers.png(LINE), containers.image_of_layers("a", LINE),
        containers.deb("a", LINE),
    ]  # fmt: skip
    return _made(), [data for data in made if len(data) < 1 << 16]


def _alone(start: bytes, make: Callable[[], bytes]) -> Made:
    """Inputs of one family: whatever they are, they begin as it does."""
    one = _made()
    return lambda data: one(start + data), [make().removeprefix(start)]


def pdf() -> Made:
    """Documents, read by pypdf."""
    import containers

    return _alone(b"%PDF-", lambda: containers.pdf("a=b"))


def sqlite() -> Made:
    """Databases, read by SQLite, which has fuzzed itself; our part is what may be asked of it."""
    import containers

    return _alone(b"SQLite format 3\0", lambda: containers.database("a", "b"))


def sevenzip() -> Made:
    """Archives, read by py7zr; its sums are not checked before its headers are read, so inputs get far."""
    import containers

    return _alone(b"7z\xbc\xaf\x27\x1c", lambda: containers.sevenzip("a", LINE))


def iso() -> Made:
    """Images of CDs, behind the 32 kB that are the system's own; read by pycdlib."""
    import containers

    return _alone(b"\0" * 32768, lambda: containers.iso("a.txt", LINE).rstrip(b"\0"))


def zipped() -> Made:
    """Archives with a directory, and without."""
    import containers

    return _alone(b"PK\3\4", lambda: containers.zipped("a", LINE))


def mail() -> Made:
    """Messages with parts."""
    import containers

    return _alone(b"MIME-Version: 1.0\n", lambda: containers.mail("a.txt", LINE))


TARGETS = (expand, pdf, sqlite, sevenzip, iso, zipped, mail)
