"""The text around the places of a key, read again: it may name a server of one's own, to which the key belongs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from keysift.cli import recovering
from keysift.files import naming
from keysift.git import layout
from keysift.git.objects import Object, ObjectReader
from keysift.model import Finding, Location

MOST_PLACES = 5
"""Places of a key around which is looked."""
REACH = 4096
"""Bytes before a key."""
_LARGEST_TEXT = 3 * REACH
_LARGEST_CONFIG = 64 << 10
_LARGEST_VERSION = 256 << 20


def texts(finding: Finding) -> Iterator[bytes]:
    """Yield the text around each place of a key that can be read again, and the configurations of its repositories.

    Those have the addresses of remotes. What stands in an archive is not opened again.
    """
    configs: set[Path] = set()
    for place in finding.locations[:MOST_PLACES]:
        if not place.member:
            yield from _in_commit(place) if place.commit else _on_disk(place)
        repository = naming.of(place.path).repository
        if repository:
            configs.add(layout.git_directory(repository) / "config")
    for config in sorted(configs):
        yield from _read(config, 0, _LARGEST_CONFIG)


def _on_disk(place: Location) -> Iterator[bytes]:
    yield from _read(Path(place.path), max(0, place.start_byte - REACH), _LARGEST_TEXT)


def _read(path: Path, start: int, size: int) -> Iterator[bytes]:
    if not recovering.is_text(str(path)):
        return
    try:
        with path.open("rb") as file:
            file.seek(start)
            yield file.read(size)
    except (OSError, ValueError):
        return


def _in_commit(place: Location) -> Iterator[bytes]:
    paths = naming.of(place.path)
    top = layout.toplevel(paths.repository or ".")
    if top is None:
        return
    with ObjectReader(top, limit=_LARGEST_VERSION) as reader:
        answer = reader.read(f"{place.commit}:{place.repository_path or paths.target}")
    if isinstance(answer, Object):
        start = max(0, place.start_byte - REACH)
        yield answer.data[start : start + _LARGEST_TEXT]
