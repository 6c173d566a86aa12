"""Reads 7-Zip archives with py7zr, into memory."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from keysift.containers import extras
from keysift.containers.stream import Container, DamagedError, Inside, Member, Trouble, of_file

if TYPE_CHECKING:
    import py7zr


def members(container: Container, _family: str) -> Inside:
    """Yield the files. py7zr unpacks them in one go, so all of them are held in memory. Raises MissingError."""
    library = extras.load("py7zr")
    memory = _Memory(container.limits.held)
    failure: Exception | None = None
    try:
        with library.SevenZipFile(container.file()) as archive:
            if archive.needs_password():
                yield Trouble("", "encrypted")
                return
            fitting, others = _fitting(archive, memory.limit)
            yield from (Trouble(name, f"not scanned: over the limit of {memory.limit:,} bytes") for name in others)
            if fitting:
                archive.extract(targets=fitting, factory=memory)
    except library.exceptions.PasswordRequired:
        yield Trouble("", "encrypted")
        return
    except Exception as error:  # noqa: BLE001 - what was unpacked before the error is scanned first
        failure = error
    for name, file in memory.files.items():
        file.seek(0)
        yield Member(name, of_file(file))
    if failure is not None:
        raise failure


def _fitting(archive: py7zr.SevenZipFile, limit: int) -> tuple[list[str], list[str]]:
    """Return the names of the first members that together fit into `limit` bytes, and the names of the others."""
    fitting: list[str] = []
    others: list[str] = []
    for info in archive.list():
        if info.is_directory:
            continue
        limit -= info.uncompressed
        (fitting if limit >= 0 else others).append(info.filename)
    return fitting, others


class _Memory:
    """A place in memory for every member; py7zr calls this a `WriterFactory`."""

    def __init__(self, limit: int) -> None:
        self.limit = self.left = limit
        self.files: dict[str, _File] = {}

    def create(self, filename: str) -> _File:
        file = self.files[filename] = _File(self)
        return file


class _File(io.BytesIO):
    """A member in memory; py7zr calls this a `Py7zIO`."""

    def __init__(self, memory: _Memory) -> None:
        super().__init__()
        self._memory = memory

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - bytes of any kind
        """Add bytes. Raises DamagedError if the archive holds more than it claims, and more than fits."""
        self._memory.left -= len(data)
        if self._memory.left < 0:
            raise DamagedError(f"it unpacks to more than {self._memory.limit:,} bytes")
        return super().write(data)

    def size(self) -> int:
        """Return the length in bytes."""
        return self.getbuffer().nbytes

    def close(self) -> None:
        """Stay open: what was written is read later."""
