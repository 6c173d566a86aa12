"""Images of CDs and DVDs, by pycdlib."""

from __future__ import annotations

from typing import Any

from keysift.containers.stream import PIECE, Container, Inside, Member, MissingError, of_pieces


def members(container: Container, _family: str) -> Inside:
    """The files in it, by the longest names that it has for them."""
    try:
        import pycdlib  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingError("pycdlib") from None
    image = pycdlib.PyCdlib()
    image.open_fp(container.file())
    try:
        way = "rr_path" if image.has_rock_ridge() else "joliet_path" if image.has_joliet() else "iso_path"
        for directory, _, names in image.walk(**{way: "/"}):
            for name in names:
                path = f"{directory.rstrip('/')}/{name}"
                if not image.get_record(**{way: path}).is_file():
                    continue
                yield Member(path.lstrip("/").partition(";")[0], of_pieces(_content(image, way, path)))
    finally:
        image.close()


def _content(image: Any, way: str, path: str) -> Any:  # noqa: ANN401 - types of an extra
    with image.open_file_from_iso(**{way: path}) as file:
        while data := file.read(PIECE):
            yield data
