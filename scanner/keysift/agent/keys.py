"""Text that an agent sends or is sent -> the keys in it, and the same text with each of them masked.

What accepts a key in a repository (a comment, the configuration, the baseline) accepts it there: nobody has said that
it may be sent on. So nothing of it counts here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from keysift import lazy, masking
from keysift.agent.user_settings import Settings
from keysift.agent.values import MOST_STRINGS, Text
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.errors import SourceError
from keysift.model import Blob, Confidence, Finding
from keysift.rules import ruleset

if TYPE_CHECKING:
    from keysift.streams import forms, memory, places
else:
    forms = lazy.module("keysift.streams.forms")
    memory = lazy.module("keysift.streams.memory")
    places = lazy.module("keysift.streams.places")

SHORTEST = 6
"""Characters of a string that is looked at by itself: no key is shorter."""


class Found(NamedTuple):
    """A key, and its first place."""

    finding: Finding
    where: str

    def __str__(self) -> str:
        """Return rule and place, and nothing of the key."""
        place, rule = self.finding.locations[0], self.finding.rule
        return f"{rule.name} ({rule.id}, {self.finding.verdict.label}) in {self.where}, line {place.start_line}"


class Keys:
    """The keys in some text."""

    def __init__(self, found: Sequence[Found], spans: dict[str, list[tuple[int, int]]]) -> None:
        self.found = found
        self.spans = spans
        """By the text, the characters where a key was found in it, maybe in an encoded form."""
        self._hidden = masking.keys(each.finding.secret for each in found)
        self._repeats: memory.Repeats | None = None
        self._secret_lines = {line for each in found for line in _lines(each.finding.secret)}

    def __bool__(self) -> bool:
        return bool(self.found)

    def masked(self, text: str) -> str:
        """Return a text with all of these keys covered."""
        spans = [*self.spans.get(text, ()), *self._encoded(text)] if self.found else []
        return masking.mask(text, self._hidden, spans)

    def _encoded(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the characters of a text at which one of the keys recurs in an encoded form."""
        data = text.encode("utf-8", "surrogatepass")
        if self._repeats is None:
            known = (places.Key(each.secret, each.rule, each.verdict) for each, _ in self.found)
            self._repeats = memory.Repeats([(form, key) for key in known for form in forms.forms(key.secret)])
        for start, end, _ in self._repeats.find(data):
            yield _characters(data, start, end)

    def starts_in(self, text: str) -> Iterator[bool]:
        """Yield for each key whether one of its lines stands in a text."""
        return (secret in text for secret in self._secret_lines)

    def holds(self, text: str) -> bool:
        """Return True if one of the keys stands in a text."""
        return self.masked(text) != text

    def named(self, most: int = 5) -> str:
        """Return the rules and places of the keys, without the keys."""
        lines = list(dict.fromkeys(map(str, self.found)))
        more = [f"and {len(lines) - most} more"] if len(lines) > most else []
        return masking.mask("; ".join([*lines[:most], *more]), self._hidden)


@functools.cache
def matcher() -> Matcher:
    """Return the matcher of all rules that come with keysift."""
    return Matcher(ruleset.load())


def find(texts: Iterable[Text], settings: Settings, path: str = "", whole: str = "") -> Keys:
    """Return the keys in some strings, as those of a file with this path, and in the text that they are part of.

    Raises:
        SourceError: a text could not be looked at as a whole.
    """
    found: dict[tuple[str, str], Found] = {}
    spans: dict[str, list[tuple[int, int]]] = {}
    wanted = dict.fromkeys(text for text in texts if len(text.text) >= SHORTEST)
    for where, text in [*wanted][:MOST_STRINGS]:
        for finding in _findings(text, path, settings):
            found.setdefault((finding.fingerprint, where), Found(finding, where))
            spans.setdefault(text, []).append(_span(text, finding))
    secrets = {each.finding.secret for each in found.values()}
    if whole:
        # Here a value stands beside its name: `{"password": "..."}`.
        for finding in _findings(whole, path, settings):
            if finding.secret not in secrets:
                found.setdefault((finding.fingerprint, ""), Found(finding, _holder(wanted, finding)))
    return Keys([*found.values()], spans)


def _findings(text: str, path: str, settings: Settings) -> list[Finding]:
    result = scan_blob(matcher(), Blob(path, text.encode("utf-8", "surrogatepass")))
    if result.skipped:
        raise SourceError(result.skipped[0].reason)
    least = Confidence(settings.min_confidence).rank
    return [
        finding
        for finding in result.findings
        if finding.verdict.label in settings.labels and finding.verdict.confidence.rank >= least
    ]


def _span(text: str, finding: Finding) -> tuple[int, int]:
    """Return the characters at which a key was found."""
    [place] = finding.locations
    return _characters(text.encode("utf-8", "surrogatepass"), place.start_byte, place.end_byte)


def _characters(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return a range of bytes as one of characters."""
    if data.isascii():
        return start, end
    first = len(data[:start].decode("utf-8", "surrogatepass"))
    return first, first + len(data[start:end].decode("utf-8", "surrogatepass"))


def _lines(secret: bytes) -> list[str]:
    """Return the lines of a key that are long enough to be looked for."""
    lines = secret.decode("utf-8", "surrogateescape").split("\n")
    return [line.strip() for line in lines if len(line.strip()) >= masking.SHORTEST_IN_LINES]


def _holder(texts: Iterable[Text], finding: Finding) -> str:
    """Return the place of the string that has the key."""
    secret = finding.secret.decode("utf-8", "surrogatepass")
    return next((text.where for text in texts if secret in text.text), "it")
