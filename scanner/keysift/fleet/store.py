"""Where a fleet keeps its reports: a directory, or any address that fsspec knows. No file is ever half-written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from keysift import atomic
from keysift.errors import ReportError, SourceError, UsageError

_AT_ONCE = 16
"""Files of a remote store that are read at once."""


class Store(Protocol):
    """Files by their names: `repositories/github.com_acme_app-0123456789.json`."""

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a file; None if there is none. Raises SourceError."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file: aside, then under its name. Raises ReportError."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def names(self, folder: str) -> list[str]:
        """Return the names of the files of a folder; none if it is not there."""


def open_store(address: str) -> Store:
    """Return the store at a path, or at an address such as `s3://bucket/fleet`.

    Raises:
        UsageError: fsspec, or what it needs for this kind of address, is not installed.
    """
    return _Remote(address) if "://" in address else _Directory(Path(address))


def read_all(store: Store, folder: str) -> Iterator[tuple[str, bytes]]:
    """Yield the names and the bytes of all files of a folder, several of them read at once."""
    names = [f"{folder}/{name}" for name in store.names(folder) if name.endswith(".json")]
    with ThreadPoolExecutor(_AT_ONCE) as readers:
        for name, data in zip(names, readers.map(store.read, names), strict=True):
            if data is not None:
                yield name, data


class _Directory:
    """A directory that its owner alone can read: reports name files and people."""

    def __init__(self, top: Path) -> None:
        self._top = top

    def read(self, name: str) -> bytes | None:
        try:
            return (self._top / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SourceError(f"cannot read {self._top / name}: {error.strerror}") from error

    def write(self, name: str, data: bytes) -> None:
        place = self._top / name
        try:
            self._top.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.parent.mkdir(mode=0o700, exist_ok=True)
            with atomic.replacing(place, private=True) as file:
                file.write(data)
        except OSError as error:
            advice = "free some space, and run it again: what is done stays done"
            raise ReportError(f"cannot write {place}: {error.strerror}", help=advice) from error

    def remove(self, name: str) -> None:
        (self._top / name).unlink(missing_ok=True)

    def names(self, folder: str) -> list[str]:
        place = self._top / folder
        return sorted(entry.name for entry in place.iterdir()) if place.is_dir() else []


class _Remote:
    """What fsspec reaches: https://filesystem-spec.readthedocs.io/en/latest/api.html."""

    def __init__(self, address: str) -> None:
        try:
            import fsspec  # noqa: PLC0415 - of an extra, and few need it

            self._files, self._top = fsspec.core.url_to_fs(address)
        except ImportError as error:
            advice = "pip install 'keysift[fleet]', and what fsspec needs for this address, such as s3fs"
            raise UsageError(f"a library for {address.partition('://')[0]}:// is not installed", help=advice) from error
        except ValueError as error:
            raise UsageError(f"fsspec does not know such an address: {address.partition('://')[0]}://") from error
        self._address = address

    def _place(self, name: str) -> str:
        return f"{self._top}/{name}"

    def read(self, name: str) -> bytes | None:
        try:
            data: bytes = self._files.cat_file(self._place(name))
        except FileNotFoundError:
            return None
        except Exception as error:  # any kind of error of any library
            raise SourceError(f"cannot read {self._address}/{name}: {type(error).__name__}") from error
        return data

    def write(self, name: str, data: bytes) -> None:
        place = self._place(name)
        aside = str(PurePosixPath(place).with_name(f".{os.urandom(8).hex()}.tmp"))
        files: Any = self._files
        try:
            files.makedirs(str(PurePosixPath(place).parent), exist_ok=True)
            files.pipe_file(aside, data)
            files.mv(aside, place)
        except Exception as error:
            advice = "see that it can be written, and run it again: what is done stays done"
            raise ReportError(f"cannot write {self._address}/{name}: {type(error).__name__}", help=advice) from error
        # Some keep the listing of a folder in memory.
        files.invalidate_cache()

    def remove(self, name: str) -> None:
        if self._files.exists(self._place(name)):
            self._files.rm_file(self._place(name))

    def names(self, folder: str) -> list[str]:
        try:
            return sorted(PurePosixPath(name).name for name in self._files.ls(self._place(folder), detail=False))
        except FileNotFoundError:
            return []
