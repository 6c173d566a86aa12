"""The index of keywords: what the prefilter and the matcher need of every rule.

It is made when the rules are compiled, so that a run reads only the rules that it meets a keyword of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

from keysift.model import NameKind, Rule
from keysift.rules.patterns import DEFAULT_REACH, longest

LONGEST_KEYWORD = 128
"""Bytes of a keyword with what must follow it."""


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
    width: int = 0
    """Bytes of a character, for the shape of text in wide characters, which `detect.values` has a loop for."""

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
    elsewhere = {number for summary in summaries if not _is_near(summary) for number in summary.words}
    return KeywordIndex([_marked(word) if numbers[word] not in elsewhere else word for word in numbers], summaries)


def _is_near(summary: RuleSummary) -> bool:
    """Return True if all keys of a rule are values that may be generated, near its keywords."""
    return summary.generated and summary.reach <= DEFAULT_REACH


def _marked(word: Word) -> Word:
    """Return a keyword of such rules as it is looked for: everywhere if that is quick."""
    if not (word.caseless or word.behind or word.shape):
        return word
    length = len(word.literal) + max(word.more, longest(word.behind.decode()) if word.behind else 0)
    return word._replace(near=length <= LONGEST_KEYWORD)


def words(rule: Rule) -> Iterator[Word]:
    """Yield what the prefilter looks for. A keyword minds case if it is part of the pattern or has a capital in it.

    Behind one that starts a key, up to eight more characters of the key are asked for: `sk_` is everywhere, `sk_` and
    eight letters or digits is not.
    """
    if rule.usages:
        yield from {Word(word.encode(), use.caseless): 0 for use in rule.usages for word in use.keywords}
        return
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


def pack(known: KeywordIndex) -> dict[str, object]:
    """Return the index as JSON holds it: by columns, which are read faster, with alphabets and the like only once."""
    texts = dict.fromkeys(text for word in known.words for text in (word.alphabet, word.behind, word.shape))
    numbers = {text: number for number, text in enumerate(texts)}
    return {
        "texts": [text.decode() for text in texts],
        "literals": [word.literal.decode() for word in known.words],
        "caseless": [int(word.caseless) for word in known.words],
        "more": [word.more for word in known.words],
        "alphabet": [numbers[word.alphabet] for word in known.words],
        "behind": [numbers[word.behind] for word in known.words],
        "shape": [numbers[word.shape] for word in known.words],
        "near": [int(word.near) for word in known.words],
        "rules": known.rules,
    }


def unpack(entry: dict[str, Any]) -> KeywordIndex:
    """Return the index that `pack` made JSON of. Raises one of `compiled.DAMAGED` if it is none."""
    texts = [text.encode() for text in entry["texts"]]
    literals, caseless = [*map(str.encode, entry["literals"])], map(bool, entry["caseless"])
    alphabets, behinds, shapes = (map(texts.__getitem__, entry[name]) for name in ("alphabet", "behind", "shape"))
    near = map(bool, entry["near"])
    # What no word of a rule has.
    once, needs, tail, width = (repeat(value, len(literals)) for value in (False, b"", b"", 0))
    written = literals, caseless, alphabets, entry["more"], shapes
    columns = zip(*written, once, needs, tail, behinds, near, width, strict=True)
    rules = [*map(partial(tuple.__new__, RuleSummary), entry["rules"])]
    for number, summary in enumerate(rules):
        if summary.named:
            rules[number] = summary._replace(named=NameKind(summary.named))
    return KeywordIndex([*map(partial(tuple.__new__, Word), columns)], rules)
