"""The index of keywords: what the prefilter and the matcher need of every rule.

It is made when the rules are compiled, so that a run reads only the rules that it meets a keyword of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from keysift.model import NameKind, Rule
from keysift.rules.patterns import longest


class Word(NamedTuple):
    """A literal, and behind it `more` bytes of an alphabet, or what `behind` asks for, or a `tail`; or a shape."""

    literal: bytes
    caseless: bool
    alphabet: bytes = b""
    more: int = 0
    shape: bytes = b""
    """A regex instead of all this, in which every match from one place has the same end."""
    once: bool = False
    """One hit is enough, the first."""
    needs: bytes = b""
    """What stands in every match of the shape: looked for first, where expressions are slow."""
    tail: bytes = b""
    """A regex that hyperscan asks for behind the literal, so that fewer hits are looked at; its hits end with it."""
    behind: bytes = b""
    """A regex that must hold behind the literal, in every engine."""
    near: bool = False
    """True if it counts only near a value that may be generated: see `detect.values`."""

    def pattern(self) -> bytes:
        """Return the word as a regex that every engine reads alike."""
        if self.shape:
            return self.shape
        characters = b"".join(b"\\x%02x" % byte for byte in self.alphabet)
        more = b"[%b]{%d}" % (characters, self.more) if self.more else self.tail
        return re.escape(self.literal) + more + self.behind


class RuleSummary(NamedTuple):
    """What a run needs of a rule before it meets a keyword of it."""

    id: str
    words: list[int]
    """The numbers of its keywords in `KeywordIndex.words`."""
    reach: int
    general: bool
    named: NameKind | None
    documented: list[str]
    needs_context: bool
    """True if the surroundings must confirm a match."""
    generated: bool
    """As in `Matching`."""


class KeywordIndex(NamedTuple):
    """All rules, and all of their keywords, each once."""

    words: list[Word]
    rules: list[RuleSummary]


def index(rules: Iterable[Rule]) -> KeywordIndex:
    """Return the index of some rules."""
    numbers: dict[Word, int] = {}
    summaries = [
        RuleSummary(
            rule.id,
            [numbers.setdefault(word, len(numbers)) for word in (() if rule.named else words(rule))],
            rule.matching.reach,
            rule.general,
            rule.named,
            list(rule.documented),
            bool(rule.when),
            rule.matching.generated,
        )
        for rule in rules
    ]
    return KeywordIndex(list(numbers), summaries)


def words(rule: Rule) -> Iterator[Word]:
    """Yield what the prefilter looks for. A keyword minds case if it is part of the pattern or has a capital in it.

    Behind one that starts a key, up to eight more characters of the key are asked for: `sk_` is everywhere, `sk_` and
    eight letters or digits is not.
    """
    matching = rule.matching
    literal = matching.pattern.replace("\\", "")
    for word in rule.keywords:
        inside = word in literal and "(?i" not in literal and not rule.when
        count = min(8, matching.solid - len(word)) if word in matching.leading and not matching.behind else 0
        caseless = not inside and word not in matching.leading and word.islower()
        yield Word(
            word.encode(),
            caseless or bool(matching.behind),
            matching.alphabet.encode() if count > 0 else b"",
            max(0, count),
            behind=matching.behind.encode(),
        )
    if rule.shape:
        yield Word(b"", caseless=False, more=longest(rule.shape), shape=rule.shape.encode())


def pack(known: KeywordIndex) -> list[object]:
    """Return the index as JSON holds it: with what many words share, such as alphabets, only once."""
    shared = dict.fromkeys(text for word in known.words for text in (word.alphabet, word.behind, word.shape))
    numbers = {text: number for number, text in enumerate(shared)}
    rows = [
        [
            word.literal.decode(),
            int(word.caseless),
            word.more,
            *map(numbers.get, (word.alphabet, word.behind, word.shape)),
        ]
        for word in known.words
    ]
    return [[text.decode() for text in shared], rows, known.rules]


def unpack(entry: Any) -> KeywordIndex:  # noqa: ANN401 - JSON
    """Return the index that `pack` made JSON of. Raises one of `compiled.DAMAGED` if it is none."""
    shared = [text.encode() for text in entry[0]]
    known = [
        Word(literal.encode(), bool(caseless), shared[alphabet], more, shared[shape], behind=shared[behind])
        for literal, caseless, more, alphabet, behind, shape in entry[1]
    ]
    return KeywordIndex(known, [_summary(row) for row in entry[2]])


def _summary(row: list[Any]) -> RuleSummary:
    summary = RuleSummary(*row)
    return summary._replace(named=NameKind(summary.named)) if summary.named else summary
