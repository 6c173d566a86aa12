"""The end of what is known of a stream -> where something begins in it that may become a key."""

from __future__ import annotations

import re
from collections.abc import Sequence

from keysift.streams.masker import Masker
from keysift.streams.places import Place

SHORTEST = 4
"""Characters of a word that is held back: what masking promises is that so many never come out."""
NEAR = 1200
"""Bytes from a name, or another word that announces a key, to the word at the end."""
_BLANK = re.compile(rb"[\s\0]")
_OPENED = re.compile(rb"-----BEGIN [A-Z0-9 ]{1,40}")
_CLOSED = re.compile(rb"-----END [A-Z0-9 ]{1,40}-----")


def begun(masker: Masker, data: bytes, places: Sequence[Place]) -> int:
    """Return the offset at which something begins that may become a key; the length of the data if nothing does."""
    end = len(data)
    candidates = [end, masker.known().begun(data)]
    if places and places[-1].end == end:
        candidates.append(places[-1].start)
    word = _word(data)
    if end - word >= SHORTEST and _is_announced(masker, data, word):
        candidates.append(word)
    opened = [*_OPENED.finditer(data)][-1:]
    if opened and not _CLOSED.search(data, opened[0].end()):
        candidates.append(opened[0].start())
    return min(candidates)


def _word(data: bytes) -> int:
    """Return where the word at the end begins, which may go on; the length of the data if there is none."""
    place = len(data)
    while place and not _BLANK.match(data, place - 1):
        place -= 1
    return place


def _is_announced(masker: Masker, data: bytes, word: int) -> bool:
    """Return True if something in the word at the end, or shortly before it, announces a key."""
    low = max(0, word - NEAR)
    windows = masker.matcher.windows(data[low:])
    end = len(data) - low
    return (
        any(zones[-1][1] >= end for zones in windows.rules.values())
        or bool(windows.names or windows.apart)
        or any(high > word - low for zones in windows.encoded.values() for _, high in zones)
    )
