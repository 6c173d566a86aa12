"""Bytes -> the same bytes with encoded values decoded in place, so that every rule sees a value with its field.

A view keeps where each decoded part came from; what is found outside of the decoded parts was seen before.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from scanner.model import Span

TRIGGERS = ("kind: Secret", "kind: List", 'kind": "Secret', 'kind":"Secret', ": Basic ", '"Basic ', "'Basic ")
"""Only where one of these stands is there anything to decode."""
_BASE64 = regex.compile(rb"(?<![\w+/=.-])[A-Za-z0-9+/]{8,8192}={0,2}(?![\w+/=])")
_PRINTABLE = frozenset(range(32, 127)) | {9, 10, 13}


@dataclass(frozen=True, slots=True)
class Segment:
    """`view` is where the decoded bytes stand in the view, `origin` where the encoded ones stand in the blob."""

    view: Span
    origin: Span


@dataclass(frozen=True, slots=True)
class View:
    """A blob's bytes, some of them decoded."""

    data: bytes
    segments: tuple[Segment, ...]
    step: str

    def origin(self, span: Span) -> Span | None:
        """Where a span of the view comes from; nothing where it touches no decoded part."""
        touched = [part for part in self.segments if part.view.start < span.end and span.start < part.view.end]
        return Span(touched[0].origin.start, touched[-1].origin.end) if touched else None


def views(data: bytes) -> Iterator[View]:
    """The views worth a look, for a blob in which one of `TRIGGERS` stands."""
    view = _base64_view(data)
    if view.segments:
        yield view


def _base64_view(data: bytes) -> View:
    parts: list[bytes] = []
    segments: list[Segment] = []
    taken = length = 0
    for found in _BASE64.finditer(data, timeout=10):
        decoded = _base64(found[0])
        if decoded is None:
            continue
        parts += [data[taken : found.start()], decoded]
        length += found.start() - taken
        segments.append(Segment(Span(length, length + len(decoded)), Span(*found.span())))
        length += len(decoded)
        taken = found.end()
    return View(b"".join([*parts, data[taken:]]), tuple(segments), "base64")


def _base64(token: bytes) -> bytes | None:
    """The decoded text; nothing where it decodes to no text."""
    try:
        decoded = base64.b64decode(token + b"=" * (-len(token) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded.rstrip(b"\n") if len(decoded) >= 4 and _PRINTABLE.issuperset(decoded) else None
