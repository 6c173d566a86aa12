"""Bytes -> the same bytes with every key replaced. Everything else of this room asks this one."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from keysift.detect.matcher import Matcher
from keysift.errors import KeysiftError
from keysift.model import Blob
from keysift.records import dataclass
from keysift.streams import places
from keysift.streams.memory import Memory, Repeats
from keysift.streams.places import Place, Policy
from keysift.streams.styles import Style


class WithheldError(KeysiftError):
    """Something could not be searched in full, so it was not let through; the message never quotes it."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Masked:
    """The places to be masked in some bytes: apart, and in order."""

    places: Sequence[Place]
    unfinished: str = ""
    """The reason why the bytes were not fully searched; empty if they were."""


class Masker:
    """Finds and replaces keys, and remembers them, so that they are masked wherever they recur. For any thread."""

    def __init__(self, matcher: Matcher, policy: Policy, style: Style) -> None:
        self.matcher = matcher
        self._policy = policy
        self._style = style
        self._memory = Memory()
        self._lock = threading.Lock()

    def places(self, data: bytes, path: str = "", *, goes_on: bool = False) -> Masked:
        """Return what to mask in some bytes. If they go on, a key at their end may be a part of one: it is not kept."""
        found = places.find(self.matcher, Blob(path, data), self._policy)
        with self._lock:
            self._memory.add(place.key for place in found.places if not (goes_on and place.end == len(data)))
            repeats = self._memory.repeats()
            own = [Place(place.start, place.end, self._memory.first(place.key)) for place in found.places]
        if repeats:
            own += [Place(start, end, key) for start, end, key in repeats.find(data)]
            for view in found.views:
                own += places.in_views(repeats.find(view.data), view)
        return Masked(places.merged(own), found.unfinished)

    def known(self) -> Repeats:
        """Return the search for all keys that were found so far."""
        with self._lock:
            return self._memory.repeats()

    def replacement(self, place: Place, shown: bytes) -> bytes:
        """Return what to write in a place, where these bytes are."""
        with self._lock:
            return self._style(place.key, shown)

    def replaced(self, data: bytes, masked: Sequence[Place], start: int = 0, end: int | None = None) -> bytes:
        """Return a part of some bytes, with these places in it replaced."""
        end = len(data) if end is None else end
        pieces: list[bytes] = []
        for place in masked:
            if place.end <= start:
                continue
            if place.start >= end:
                break
            low, high = max(place.start, start), min(place.end, end)
            pieces += [data[start:low], self.replacement(place, data[low:high])]
            start = high
        return b"".join([*pieces, data[start:end]])

    def data(self, data: bytes, path: str = "") -> bytes:
        """Return bytes with every key in them replaced.

        Raises:
            WithheldError: they could not be searched in full.
        """
        masked = self.places(data, path)
        if masked.unfinished:
            raise WithheldError(f"a text was not fully searched: {masked.unfinished}")
        return self.replaced(data, masked.places) if masked.places else data

    def text(self, text: str, path: str = "") -> str:
        """Return text with every key in it replaced. Raises as `data` does."""
        data = text.encode("utf-8", "surrogatepass")
        masked = self.data(data, path)
        return text if masked is data else _as_text(masked)

    def field(self, name: str, value: bytes) -> bytes:
        """Return the value of a field with every key in it replaced; its name says what it is. Raises as `data`."""
        before = f'{name}="'.encode("utf-8", "surrogatepass")
        data = before + value + b'"'
        masked = self.places(data)
        if masked.unfinished:
            raise WithheldError(f"a value was not fully searched: {masked.unfinished}")
        return self.replaced(data, masked.places, len(before), len(data) - 1) if masked.places else value

    def value(self, name: str, value: str) -> str:
        """Return the same for text."""
        data = value.encode("utf-8", "surrogatepass")
        masked = self.field(name, data)
        return value if masked is data else _as_text(masked)


def _as_text(data: bytes) -> str:
    """Return bytes as text; a character of which a part was in a key is no character any more."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")
