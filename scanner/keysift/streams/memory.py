"""The keys that were found so far: wherever one of them recurs, it is masked, whatever is around it."""

from __future__ import annotations

import importlib.util
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from keysift import lazy
from keysift.streams.forms import Form, forms
from keysift.streams.places import Key

if TYPE_CHECKING:
    import hyperscan
else:
    hyperscan = lazy.module("hyperscan")

MOST = 1_000
"""Keys that are remembered: the last that were found."""
_SHORT = 64 << 10
"""Bytes up to which looking for one form after the other is faster than compiling a database."""
_FEW = 4
"""Forms of which the same is true."""
_START = 8
"""Bytes by which forms are told apart where there are many: none is shorter."""

Repeat = tuple[int, int, Key]
"""The start and the end of a known key, and which one it is."""


class Memory:
    """The last keys, and the forms in which they may recur. Nothing of it is ever written anywhere."""

    def __init__(self) -> None:
        self._keys: OrderedDict[bytes, Key] = OrderedDict()
        self._forms: dict[bytes, list[tuple[Form, Key]]] = {}
        self._searched: Repeats | None = None

    def add(self, keys: Iterable[Key]) -> None:
        """Remember keys; the first finding of a key stays what is said of it."""
        for key in keys:
            if key.secret in self._keys:
                self._keys.move_to_end(key.secret)
                continue
            self._keys[key.secret] = key
            self._forms[key.secret] = [(form, key) for form in forms(key.secret)]
            self._searched = None
            if len(self._keys) > MOST:
                del self._forms[self._keys.popitem(last=False)[0]]

    def first(self, key: Key) -> Key:
        """Return the first finding of the same secret."""
        return self._keys.get(key.secret, key)

    def repeats(self) -> Repeats:
        """Return the search for all keys that are known now."""
        if self._searched is None:
            self._searched = Repeats([*chain.from_iterable(self._forms.values())])
        return self._searched


class Repeats:
    """The forms of some keys, ready to be looked for, in any thread."""

    def __init__(self, known: Sequence[tuple[Form, Key]]) -> None:
        self._known = known
        self._database: hyperscan.Database | None = None
        self._starting: defaultdict[bytes, list[int]] | None = None

    def __bool__(self) -> bool:
        return bool(self._known)

    def find(self, data: bytes) -> list[Repeat]:
        """Return every place of every form; they may overlap."""
        return [self._widened(data, number, end) for number, end in self._hits(data)] if self._known else []

    def begun(self, data: bytes) -> int:
        """Return where, at the end of the data, a form begins that may go on; the length of the data if none does."""
        first = len(data)
        for form, _ in self._known:
            for length in range(min(len(form.text) - 1, len(data)), 3, -1):
                if data.endswith(form.text[:length]):
                    first = min(first, len(data) - length)
                    break
        return first

    def _widened(self, data: bytes, number: int, end: int) -> Repeat:
        form, key = self._known[number]
        return max(0, end - len(form.text) - form.before), min(len(data), end + form.after), key

    def _hits(self, data: bytes) -> list[tuple[int, int]]:
        """Return the number of each form that occurs, with its end."""
        if len(data) < len(self._known):
            return self._hits_by_start(data)
        if len(data) <= _SHORT or len(self._known) <= _FEW or importlib.util.find_spec("hyperscan") is None:
            return [(number, end) for number, (form, _) in enumerate(self._known) for end in _ends(data, form.text)]
        if self._database is None:
            self._database = _compiled([form for form, _ in self._known])
        hits: list[tuple[int, int]] = []

        def note(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            hits.append((number, end))

        self._database.scan(data, match_event_handler=note, scratch=hyperscan.Scratch(self._database))
        return hits

    def _hits_by_start(self, data: bytes) -> list[tuple[int, int]]:
        """Return the same; it takes time for each byte, and hardly any for a form."""
        if self._starting is None:
            self._starting = defaultdict(list)
            for number, (form, _) in enumerate(self._known):
                self._starting[form.text[:_START]].append(number)
        starts = ((place, self._starting.get(data[place : place + _START], ())) for place in range(len(data)))
        return [
            (number, place + len(self._known[number][0].text))
            for place, numbers in starts
            for number in numbers
            if data.startswith(self._known[number][0].text, place)
        ]


def _ends(data: bytes, text: bytes) -> Iterable[int]:
    place = data.find(text)
    while place >= 0:
        yield place + len(text)
        place = data.find(text, place + 1)


def _compiled(known: Sequence[Form]) -> hyperscan.Database:
    """Return the database of some forms. It stays in memory: a cache would hold the keys."""
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    expressions = [b"".join(b"\\x%02x" % byte for byte in form.text) for form in known]
    database.compile(expressions=expressions, ids=[*range(len(known))], elements=len(known), flags=[0] * len(known))
    return database
