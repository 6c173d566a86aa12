"""Reads images of CDs and DVDs, with pycdlib."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from keysift.containers import extras
from keysift.containers.stream import PIECE, Container, Inside, Member, of_pieces

if TYPE_CHECKING:
    import pycdlib


def members(container: Container, _family: str) -> Inside:
    """Yield the files, by the longest names that the image has for them. Raises MissingError."""
    image: pycdlib.PyCdlib = extras.load("pycdlib").PyCdlib()
    image.open_fp(container.file())
    try:
        naming = "rr_path" if image.has_rock_ridge() else "joliet_path" if image.has_joliet() else "iso_path"
        for directory, _, names in image.walk(**{naming: "/"}):
            for name in names:
                path = f"{directory.rstrip('/')}/{name}"
                if not image.get_record(**{naming: path}).is_file():
                    continue
                yield Member(path.lstrip("/").partition(";")[0], of_pieces(_content(image, naming, path)))
    finally:
        image.close()


def _content(image: pycdlib.PyCdlib, naming: str, path: str) -> Iterator[bytes]:
    with image.open_file_from_iso(**{naming: path}) as file:
        while data := file.read(PIECE):
            yield data
