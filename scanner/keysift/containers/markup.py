"""Extracts from the XML and HTML of office documents the text that a reader sees: tags may split a key in two.

A pattern removes the tags, and only XML's own five entities are resolved, so that nothing expands without bound.
"""

from __future__ import annotations

import re

from keysift.containers.stream import Container, Inside, Member, of_bytes

_TAG = re.compile(rb"<[^<>]*>")
_LINES = re.compile(
    rb"</(?:\w+:)?(?:p|h|h[1-6]|si|div|li|tr|row|table-row|title|comment|item)\s*>|<(?:\w+:)?(?:br|cr|line-break)\b[^<>]*>"
)
_BLANKS = re.compile(rb"</(?:\w+:)?(?:tc|td|th|c|table-cell)\s*>|<(?:\w+:)?(?:tab|s)\b[^<>]*/>")
_ENTITIES = {b"&lt;": b"<", b"&gt;": b">", b"&quot;": b'"', b"&apos;": b"'", b"&#39;": b"'", b"&amp;": b"&"}


def members(container: Container, _family: str) -> Inside:
    """Yield the text: one line for each paragraph, with tabs between cells."""
    data = container.data()
    text = _TAG.sub(b"", _BLANKS.sub(b"\t", _LINES.sub(b"\n", data)))
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    if text.strip() and len(text) < len(data):
        yield Member("text", of_bytes(text))
