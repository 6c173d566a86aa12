"""What stands in the place of a key: its mask, a tag that tells keys apart, or a hash that is equal across runs."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from pathlib import Path

from keysift import masking
from keysift.errors import UsageError
from keysift.streams.places import Key

Style = Callable[[Key, bytes], bytes]
"""Returns what to write for a key, of which the bytes that stand there are given: the key itself, or encoded."""
NAMES = ("mask", "tag", "hash")
"""The styles, by the value of `--style`."""
SHORTEST_KEY = 16
"""Bytes of a file for hashes; whoever can guess it can try keys."""
LARGEST_KEY = 1 << 20
"""Bytes of such a file that are read."""
_MOST_TAGS = 100_000
"""Keys whose tags are remembered."""


def mask(_key: Key, shown: bytes) -> bytes:
    """Return the bytes as reports redact them: at most a known prefix and five characters of them stay."""
    codec, width = _codec(shown)
    text = masking.redact(shown.decode(codec, "replace").encode("utf-8", "replace") if width > 1 else shown)
    return _encoded(text, shown, codec, width)


class Tags:
    """Writes `[secret:pagerduty-rest-api-key:3f9a]`: the same for the same key, as long as this object lives."""

    def __init__(self, salt: bytes = b"") -> None:
        """Take a salt for the last part; by default one that nobody knows, so that nobody can try keys."""
        self._salt = salt[:64] or os.urandom(32)
        self._tags: dict[bytes, str] = {}
        self._ends: dict[str, bytes] = {}

    def __call__(self, key: Key, shown: bytes) -> bytes:
        """Return the tag in the encoding of the bytes that stand there."""
        codec, width = _codec(shown)
        return _encoded(self._tag(key), shown, codec, width)

    def _tag(self, key: Key) -> str:
        digest = hashlib.blake2b(key.secret, key=self._salt, digest_size=16).digest()
        known = self._tags.get(digest)
        if known is None:
            if len(self._tags) >= _MOST_TAGS:
                self._tags.clear()
                self._ends.clear()
            text = digest.hex()
            # Two keys may begin alike: the second gets more digits.
            length = next(size for size in (4, 8, 32) if self._ends.setdefault(text[:size], digest) == digest)
            known = self._tags[digest] = _bracketed(key, text[:length])
        return known


class Hashes:
    """Writes `[secret:pagerduty-rest-api-key:9c1e…]` with 16 digits of HMAC-SHA-256: equal for equal keys and files."""

    def __init__(self, key: bytes) -> None:
        """Take the key of the hashes.

        Raises:
            UsageError: it is shorter than `SHORTEST_KEY` bytes.
        """
        if len(key) < SHORTEST_KEY:
            raise UsageError(
                f"the key for hashes has {len(key)} bytes, and needs {SHORTEST_KEY}",
                help="make one: `head -c 32 /dev/urandom > hash.key; chmod 600 hash.key`",
            )
        self._key = key

    def __call__(self, key: Key, shown: bytes) -> bytes:
        """Return the hash in the encoding of the bytes that stand there."""
        codec, width = _codec(shown)
        digest = hmac.new(self._key, key.secret, hashlib.sha256).hexdigest()
        return _encoded(_bracketed(key, digest[:16]), shown, codec, width)


def make(name: str, key: bytes | None) -> Style:
    """Return the style of a name; `key` is that of the hashes.

    Raises:
        UsageError: there is no such style, or it has no use for a key, or needs one.
    """
    if name not in NAMES:
        raise UsageError(f"there is no style {name!r}", help=f"there are {', '.join(NAMES)}")
    if (name == "hash") != (key is not None):
        raise UsageError(
            "the style `hash` needs a key" if name == "hash" else f"the style `{name}` has no use for a key",
            help="--style hash --key-file FILE",
        )
    return Hashes(key) if key is not None else Tags() if name == "tag" else mask


def read_key(path: Path) -> bytes:
    """Return the bytes of a file for hashes.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_KEY)
    except OSError as error:
        raise UsageError(f"cannot read the key file: {error.strerror}", help="--key-file FILE") from error


def _bracketed(key: Key, end: str) -> str:
    return f"[{key.verdict.label}:{key.rule.id}:{end}]"


def _codec(shown: bytes) -> tuple[str, int]:
    """Return the encoding of the bytes that stand there, and its bytes a character."""
    zeros = shown.count(0)
    width = 4 if zeros * 4 >= len(shown) * 3 - 4 else 2 if zeros * 2 >= len(shown) - 2 else 1
    if not zeros or width == 1:
        return "utf-8", 1
    return f"utf-{8 * width}-{'le' if shown[0] else 'be'}", width


def _encoded(text: str, shown: bytes, codec: str, width: int) -> bytes:
    """Return text as bytes that leave what follows them in step."""
    encoded = text.encode(codec, "replace")
    over = len(shown) % width
    return encoded[: over - width] if over else encoded
