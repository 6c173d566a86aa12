"""Reads the encoded parts of mail messages and mailboxes; the rest is scanned with the message's own bytes."""

from __future__ import annotations

import email
import re
from email.header import decode_header, make_header
from email.message import Message

from keysift.containers import kinds
from keysift.containers.stream import Container, Inside, Member, of_bytes

_FROM = re.compile(rb"^From [^\n]*\n", re.MULTILINE)
_ENCODED = frozenset({"base64", "quoted-printable", "x-uuencode", "uuencode", "x-uue", "uue"})
_MOST_PARTS = 10_000
"""Parts of a message that are read."""


def members(container: Container, family: str) -> Inside:
    """Yield the encoded parts of each message, decoded, named by number and file name."""
    data = container.data()
    if family != kinds.MBOX:
        yield from _parts(data, "")
        return
    starts = [line.end() for line in _FROM.finditer(data)]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(data)], strict=True), 1):
        yield from _parts(data[start:end], f"message {number}/")


def _parts(data: bytes, lead: str) -> Inside:
    """Yield the encoded headers and parts of one message; `lead` starts their names."""
    message = email.message_from_bytes(data)
    if b"=?" in data and (headers := _headers(message)):
        yield Member(f"{lead}headers", of_bytes(headers))
    for number, part in enumerate(message.walk(), 1):
        if number > _MOST_PARTS:
            return
        if part.is_multipart() or str(part.get("Content-Transfer-Encoding", "")).strip().lower() not in _ENCODED:
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and payload:
            name = part.get_filename() or part.get_content_type()
            yield Member(f"{lead}part {number}: {name}", of_bytes(payload))


def _headers(message: Message) -> bytes:
    """Return the headers with encoded words, decoded: https://www.rfc-editor.org/rfc/rfc2047."""
    lines = []
    for name, value in message.items():
        if "=?" in str(value):
            try:
                lines.append(f"{name}: {make_header(decode_header(str(value)))}")
            except (ValueError, LookupError, UnicodeError):
                continue
    return "\n".join(lines).encode("utf-8", "surrogateescape")
