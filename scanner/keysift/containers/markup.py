"""Extracts from the XML and HTML of office documents the text that a reader sees: tags may split a key in two.

A pattern removes the tags, and only XML's own five entities are resolved, so that nothing expands without bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from keysift.containers.stream import Container, Inside, Member, of_bytes

_TAG = re.compile(rb"<[^<>]*>")
_LINES = re.compile(
    rb"</(?:\w+:)?(?:p|h|h[1-6]|si|div|li|tr|row|table-row|title|comment|item)\s*>|<(?:\w+:)?(?:br|cr|line-break)\b[^<>]*>"
)
_BLANKS = re.compile(rb"</(?:\w+:)?(?:tc|td|th|c|table-cell)\s*>|<(?:\w+:)?(?:tab|s)\b[^<>]*/>")
_PART = 1 << 20
"""Bytes that are read at a time, and as many more as there are up to the end of a tag."""
_ENTITIES = {b"&lt;": b"<", b"&gt;": b">", b"&quot;": b'"', b"&apos;": b"'", b"&#39;": b"'", b"&amp;": b"&"}


def members(container: Container, _family: str) -> Inside:
    """Yield the text: one line for each paragraph, with tabs between cells."""
    data = container.data()
    text = b"".join(_TAG.sub(b"", _BLANKS.sub(b"\t", _LINES.sub(b"\n", part))) for part in _parts(data))
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    if text.strip() and len(text) < len(data):
        yield Member("text", of_bytes(text))


def _parts(data: bytes) -> Iterator[bytes]:
    """Yield the data in parts that end with a tag, so that millions of tags are never in memory together."""
    start = 0
    while start < len(data):
        end = data.find(b">", start + _PART) + 1 or len(data)
        yield data[start:end]
        start = end
