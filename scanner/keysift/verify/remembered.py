"""What hosts said within the last hour, in the user's cache directory, so that the next run need not ask again.

Keys are not in it: an entry is found by a hash of rule, host and key, keyed with random bytes of this user's.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence

from keysift import cache
from keysift.model import LiveState
from keysift.verify.answers import Reading

SECONDS = 3600
_NAME, _KEY_NAME = "verified", "verified-key"
_STATES = {state.value: state for state in LiveState}
_Entry = tuple[float, str, str, list[list[str]]]


class Memory:
    """The answers of the last hour."""

    def __init__(self, *, fresh: bool = False) -> None:
        """Read them; what is `fresh` finds none, and only keeps new ones."""
        self._fresh = fresh
        self._key = cache.read(_KEY_NAME, _version("key")) or os.urandom(32)
        self._entries: dict[str, _Entry] = {}
        try:
            kept = json.loads(cache.read(_NAME, _version("1")) or b"{}")
            now = time.time()
            self._entries = {name: entry for name, entry in kept.items() if 0 <= now - entry[0] < SECONDS}
        except (ValueError, TypeError, LookupError, AttributeError):
            self._entries = {}

    def find(self, rule_id: str, host: str, values: Sequence[str]) -> tuple[float, Reading] | None:
        """Return what a host said of a key, and when (seconds since 1970); None if it was not asked."""
        entry = None if self._fresh else self._entries.get(self._name(rule_id, host, values))
        if not entry or entry[1] not in _STATES:
            return None
        when, state, how, facts = entry
        return when, Reading(_STATES[state], how, tuple((name, text) for name, text in facts))

    def keep(self, rule_id: str, host: str, values: Sequence[str], reading: Reading) -> None:
        """Remember what a host said; an answer that says nothing is not remembered."""
        name = self._name(rule_id, host, values)
        self._entries.pop(name, None)
        if reading.state is not LiveState.UNKNOWN:
            facts = [list(fact) for fact in reading.facts]
            self._entries[name] = (time.time(), reading.state.value, reading.how, facts)

    def save(self) -> None:
        """Write it for the next run, for the user's eyes alone; do nothing if that is impossible."""
        cache.write(_KEY_NAME, _version("key"), self._key)
        cache.write(_NAME, _version("1"), json.dumps(self._entries).encode())

    def _name(self, rule_id: str, host: str, values: Sequence[str]) -> str:
        text = json.dumps([rule_id, host, *values]).encode()
        return hashlib.blake2b(text, key=self._key, digest_size=24).hexdigest()


def _version(name: str) -> bytes:
    return f"keysift verify {name}".encode()
