"""The text of PDF pages, as far as pypdf can tell it from their drawing instructions; and attached files."""

from __future__ import annotations

import logging
from typing import Any

from keysift.containers.stream import Container, Inside, Member, MissingError, Trouble, of_bytes


def members(container: Container, _family: str) -> Inside:
    """The pages by number, what the document says of itself, and the attachments."""
    try:
        import pypdf  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingError("pypdf") from None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its complaints are no news to our reader
    reader = pypdf.PdfReader(container.file(), strict=False)
    if reader.is_encrypted and not _opens(reader):
        yield Trouble("", "encrypted")
        return
    about = "\n".join(f"{str(key).lstrip('/')} = {value}" for key, value in (reader.metadata or {}).items())
    yield Member("properties", of_bytes(about.encode("utf-8", "surrogatepass")))
    for number in range(1, len(reader.pages) + 1):
        yield _page(reader, number)
    for name, contents in reader.attachments.items():
        for content in contents:
            yield Member(name, of_bytes(content))


def _opens(reader: Any) -> bool:  # noqa: ANN401 - a type of an extra
    """Whether the empty password opens it, as it does where only printing is forbidden."""
    try:
        return bool(reader.decrypt(""))
    except Exception:  # noqa: BLE001 - a cipher whose library is missing, or nonsense
        return False


def _page(reader: Any, number: int) -> Member | Trouble:  # noqa: ANN401 - a type of an extra
    name = f"page {number}"
    try:
        text = reader.pages[number - 1].extract_text()
    except Exception as error:  # noqa: BLE001 - hostile bytes make the library raise whatever there is
        return Trouble(name, f"not scanned: damaged ({type(error).__name__})")
    return Member(name, of_bytes(text.encode("utf-8", "replace")))
