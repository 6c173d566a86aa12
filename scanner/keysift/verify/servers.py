"""The text around a key -> servers of its kind that it names, to which the key may belong instead of its vendor's.

Nothing is ever sent to them: a name from scanned text only tells that a refusal by the vendor proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from keysift.rules.verification import Verification

MOST = 3
"""Servers that are named."""
_LONG_WORD = 5
"""Characters of a word that tells even within another: `mygitlab`; a shorter one stands alone: `git-2`."""
_NEAR = 300
"""Bytes on either side of a key that belong to its line, however long that is."""
_HOST = rb"(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}[a-z][a-z0-9-]{1,23})(?![\w.-]*@)(?![a-z0-9.-])"
_ADDRESS = re.compile(rb"(?i)(?:(?:https?|ssh|git)://(?:[^\s/@'\"<>]{0,300}@)?|\bgit@)" + _HOST)
_FIELD = re.compile(
    rb"(?i)(?P<name>[a-z][\w.-]{0,60})[\"']?\s{0,4}(?:[:=]|=>)\s{0,4}[\"']?(?:https?://)?(?<![\w.-])" + _HOST
)
_PLACE = (
    r"(?:[_.-]?(?:api|base|server|enterprise|instance|root|v\d))*"
    r"[_.-]?(?:url|uri|host|hostname|server|domain|endpoint|address)"
)
_PRIVATE_ENDS = frozenset({"internal", "local", "lan", "corp", "home", "intranet", "private"})
_PLACEHOLDERS = frozenset({"example.com", "example.org", "example.net"})


def named(texts: Iterable[bytes], key: bytes, stated: Verification) -> tuple[str, ...]:
    """Return the servers of a key's kind that the texts name, each once: none of the vendor's, and at most three."""
    if not stated.servers:
        return ()
    found = (host for text in texts for host in _named(text, key, stated))
    return tuple(dict.fromkeys(found))[:MOST]


def _named(text: bytes, key: bytes, stated: Verification) -> Iterator[str]:
    text = text.replace(b"\0", b"")  # of two bytes a character
    own = {".".join(host.split(".")[-2:]) for host in stated.hosts}
    beside = [*_beside(text, key)]
    for match in _ADDRESS.finditer(text):
        host = match["host"].decode().lower()
        near = any(start <= match.start() < end for start, end in beside)
        if not _is_vendors(host, own) and (near or _tells(host, stated.servers)):
            yield host
    named = re.compile(rf"(?:.*[_.-])?(?:{'|'.join(map(re.escape, stated.servers))}){_PLACE}")
    for match in _FIELD.finditer(text):
        host = match["host"].decode().lower()
        if not _is_vendors(host, own) and named.fullmatch(match["name"].decode().lower()):
            yield host


def _beside(text: bytes, key: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the lines begin and end that hold the key."""
    place = text.find(key)
    while place >= 0 and key:
        start = max(text.rfind(b"\n", 0, place) + 1, place - _NEAR)
        end = text.find(b"\n", place)
        yield start, min(len(text) if end < 0 else end, place + len(key) + _NEAR)
        place = text.find(key, place + len(key))


def _is_vendors(host: str, own: Iterable[str]) -> bool:
    return any(host == each or host.endswith(f".{each}") for each in (*own, *_PLACEHOLDERS))


def _tells(host: str, words: Sequence[str]) -> bool:
    """Return True for `gitlab.acme.example`, and not for `acme.gitlab.io`: there the word is the vendor's."""
    parts = host.split(".")
    below = parts[:-1] if parts[-1] in _PRIVATE_ENDS else parts[:-2]
    for word in words:
        if "." in word and host.endswith(f".{word}"):
            return True
        for part in below:
            if (word in part) if len(word) >= _LONG_WORD else (word in re.split(r"[-\d]+", part)):
                return True
    return False
