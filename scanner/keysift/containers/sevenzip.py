"""7-Zip, by py7zr, into memory."""

from __future__ import annotations

import io
from typing import Any

from keysift.containers.stream import Container, DamagedError, Inside, Member, MissingError, Trouble, of_file


def members(container: Container, _family: str) -> Inside:
    """The files in it. It must be unpacked in one go, so all of them together are held in memory."""
    try:
        import py7zr  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingError("py7zr") from None
    yield from _unpacked(py7zr, container, _Places(container.limits.held))


class _Places:
    """Makes a place for every member, nowhere but in memory; py7zr's `WriterFactory`."""

    def __init__(self, limit: int) -> None:
        self.limit = self.left = limit
        self.made: dict[str, _Held] = {}

    def create(self, filename: str) -> _Held:
        held = self.made[filename] = _Held(self)
        return held


class _Held(io.BytesIO):
    """A member in memory; py7zr's `Py7zIO`."""

    def __init__(self, places: _Places) -> None:
        super().__init__()
        self._places = places

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - bytes of any kind
        self._places.left -= len(data)
        if self._places.left < 0:
            raise DamagedError(f"it unpacks to more than {self._places.limit:,} bytes")
        return super().write(data)

    def size(self) -> int:
        """How many bytes there are."""
        return self.getbuffer().nbytes

    def close(self) -> None:
        """What was written is read later."""


def _unpacked(py7zr: Any, container: Container, places: _Places) -> Inside:  # noqa: ANN401 - types of an extra
    trouble: Exception | None = None
    try:
        with py7zr.SevenZipFile(container.file()) as archive:
            if archive.needs_password():
                yield Trouble("", "encrypted")
                return
            fitting, others = _fitting(archive, places.limit)
            yield from (Trouble(name, f"not scanned: over the limit of {places.limit:,} bytes") for name in others)
            if fitting:
                archive.extract(targets=fitting, factory=places)
    except py7zr.exceptions.PasswordRequired:
        yield Trouble("", "encrypted")
        return
    except Exception as error:  # noqa: BLE001 - what was unpacked by then is still worth a look
        trouble = error
    for name, held in places.made.items():
        held.seek(0)
        yield Member(name, of_file(held))
    if trouble is not None:
        raise trouble


def _fitting(archive: Any, limit: int) -> tuple[list[str], list[str]]:  # noqa: ANN401 - a type of an extra
    """The names of the first members that fit into the limit together, and of those that do not."""
    fitting: list[str] = []
    others: list[str] = []
    for info in archive.list():
        if info.is_directory:
            continue
        limit -= info.uncompressed
        (fitting if limit >= 0 else others).append(info.filename)
    return fitting, others
