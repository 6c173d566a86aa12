"""7-Zip, by py7zr, into memory."""

from __future__ import annotations

import io
from typing import Any

from scanner.sources.expand.stream import Container, DamagedError, Inside, Member, MissingError, Trouble, of_file


def members(container: Container, _family: str) -> Inside:
    """The files in it. It must be unpacked in one go, so all of them together are held in memory."""
    try:
        import py7zr  # noqa: PLC0415 - an extra
        from py7zr.io import Py7zIO, WriterFactory  # noqa: PLC0415 - likewise
    except ImportError:
        raise MissingError("py7zr") from None

    class Held(Py7zIO):  # type: ignore[misc]
        """A member in memory."""

        def __init__(self, factory: Factory) -> None:
            self.bytes = io.BytesIO()
            self._factory = factory

        def write(self, s: bytes | bytearray) -> int:
            self._factory.left -= len(s)
            if self._factory.left < 0:
                raise DamagedError(f"it unpacks to more than {container.limits.held:,} bytes")
            return self.bytes.write(s)

        def read(self, size: int | None = None) -> bytes:
            return self.bytes.read(size)

        def seek(self, offset: int, whence: int = 0) -> int:
            return self.bytes.seek(offset, whence)

        def flush(self) -> None:
            """Nothing waits."""

        def size(self) -> int:
            return self.bytes.getbuffer().nbytes

    class Factory(WriterFactory):  # type: ignore[misc]
        """Makes a place for every member, nowhere but in memory."""

        def __init__(self) -> None:
            self.left = container.limits.held
            self.made: dict[str, Held] = {}

        def create(self, filename: str) -> Held:
            held = self.made[filename] = Held(self)
            return held

    yield from _unpacked(py7zr, container, Factory())


def _unpacked(py7zr: Any, container: Container, factory: Any) -> Inside:  # noqa: ANN401 - types of an extra
    trouble: Exception | None = None
    try:
        with py7zr.SevenZipFile(container.file(), max_extract_size=container.limits.held) as archive:
            if archive.needs_password():
                yield Trouble("", "encrypted")
                return
            archive.extractall(factory=factory)
    except py7zr.exceptions.PasswordRequired:
        yield Trouble("", "encrypted")
        return
    except Exception as error:  # noqa: BLE001 - what was unpacked by then is still worth a look
        trouble = error
    for name, held in factory.made.items():
        held.bytes.seek(0)
        yield Member(name, of_file(held.bytes))
    if trouble is not None:
        raise trouble
