"""Reads PDF documents with pypdf: the text of their pages, as far as it can be told, and attached files."""

from __future__ import annotations

import functools
import logging
import re
from typing import TYPE_CHECKING, BinaryIO

from keysift.containers import extras
from keysift.containers.stream import Container, Inside, Member, Trouble, of_bytes

if TYPE_CHECKING:
    import pypdf

_HEADER = re.compile(rb"\s(\d{1,10})\s+(\d{1,5})\s+obj")
"""What an object begins with: its number and generation."""


def members(container: Container, _family: str) -> Inside:
    """Yield the document's properties, its pages by number, and its attachments. Raises MissingError."""
    library = extras.load("pypdf")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it would complain on standard error
    file = container.file()
    reader: pypdf.PdfReader = library.PdfReader(file, strict=False)
    _look_once(reader, file)
    if reader.is_encrypted and not _opens(reader):
        yield Trouble("", "encrypted")
        return
    properties = "\n".join(f"{str(key).lstrip('/')} = {value}" for key, value in (reader.metadata or {}).items())
    yield Member("properties", of_bytes(properties.encode("utf-8", "surrogatepass")))
    seen: set[int] = set()
    for number, page in enumerate(reader.pages, 1):
        place = page.indirect_reference.idnum if page.indirect_reference else -number
        if place not in seen:  # one page may stand in a document a million times
            seen.add(place)
            yield _page(page, number)
    yield from _attachments(reader)


def _look_once(reader: pypdf.PdfReader, file: BinaryIO) -> None:
    """Have a reader answer at once for objects that are nowhere: for each it would search the whole file again."""
    ask = reader.get_object

    @functools.cache
    def written() -> set[int]:
        file.seek(0)
        return {_place(int(header[1]), int(header[2])) for header in _HEADER.finditer(file.read())}

    def get_object(reference: int | pypdf.generic.IndirectObject) -> pypdf.generic.PdfObject | None:
        number, kept = (reference, 0) if isinstance(reference, int) else (reference.idnum, reference.generation)
        listed = number in reader.xref.get(kept, ()) or (not kept and number in reader.xref_objStm)
        known = listed or (kept, number) in reader.resolved_objects or _place(number, kept) in written()
        return ask(reference) if known else None

    vars(reader)["get_object"] = get_object


def _place(number: int, generation: int) -> int:
    return number << 20 | generation


def _attachments(reader: pypdf.PdfReader) -> Inside:
    """Yield the attached files, each text once, under however many names it stands."""
    seen: set[int] = set()
    for name, contents in reader.attachments.items():
        for content in contents:
            if hash(content) not in seen:
                seen.add(hash(content))
                yield Member(name, of_bytes(content))


def _opens(reader: pypdf.PdfReader) -> bool:
    """Return True if the empty password opens the document, as it does where only printing is forbidden."""
    try:
        return bool(reader.decrypt(""))
    except Exception:  # noqa: BLE001 - the library for the cipher is missing, or the document is damaged
        return False


def _page(page: pypdf.PageObject, number: int) -> Member | Trouble:
    """Return the text of a page, counted from 1."""
    name = f"page {number}"
    try:
        text = page.extract_text()
    except Exception as error:  # noqa: BLE001 - hostile bytes make the library raise anything
        return Trouble(name, f"not scanned: damaged ({type(error).__name__})")
    return Member(name, of_bytes(text.encode("utf-8", "replace")))
