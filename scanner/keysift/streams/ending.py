"""The end of what is known of a stream -> where something begins in it that may become a key."""

from __future__ import annotations

import re
from collections.abc import Sequence

from keysift.streams.memory import Repeats
from keysift.streams.places import Place

SHORTEST = 4
"""Letters and digits of a word that is held back whatever its last character is."""
_BLANKS = (b" ", b"\n", b"\t", b"\r")
_OPENED = re.compile(rb"-----BEGIN [A-Z0-9 ]{1,40}")
_CLOSED = re.compile(rb"-----END [A-Z0-9 ]{1,40}-----")
_CHARACTERS = re.compile(rb"[0-9A-Za-z\x80-\xff]")


def begun(data: bytes, places: Sequence[Place], known: Repeats) -> int:
    """Return the offset at which something begins that may become a key; the length of the data if nothing does.

    That is the word at the end, which may go on (a short one that ends in a mark, such as `[y/N]`, is a prompt), a key
    that ends with the data, the beginning of a known key, and an armoured block without its end.
    """
    end = len(data)
    word = max(data.rfind(blank) for blank in _BLANKS) + 1
    starts = [end, known.begun(data)]
    if len(_CHARACTERS.findall(data, word)) >= SHORTEST or _CHARACTERS.fullmatch(data, end - 1):
        starts.append(word)
    if places and places[-1].end == end:
        starts.append(places[-1].start)
    opened = [*_OPENED.finditer(data)][-1:]
    if opened and not _CLOSED.search(data, opened[0].end()):
        starts.append(opened[0].start())
    return min(starts)
