"""The rules of a run: those that come with keysift, read from their compiled form, or any others.

People write YAML, one file a provider (rules/README.md says how). Reading it takes long, so a compiled form is built
into the package; in a checkout it is kept in the cache, for exactly these rule files and this code that reads them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from keysift import cache
from keysift.errors import RuleError
from keysift.model import Rule
from keysift.rules import authoring, compiled, keywords

COMPILED = Path(__file__).with_name("rules.json")
SOURCES = Path(__file__).parents[3] / "rules"


class Rules(Sequence[Rule]):
    """The rules of a run, and which of them are off. Each is decoded when it is first asked for.

    A run meets a keyword of some ten of them, so nearly all are never decoded. A rule that is off still takes its
    bytes, lest they come back under the name of a more general rule.
    """

    def __init__(
        self,
        known: keywords.KeywordIndex,
        lines: Sequence[bytes],
        decoded: dict[int, Rule],
        off: frozenset[str] = frozenset(),
    ) -> None:
        self.keywords = known
        self.off = off
        """By their ids."""
        self._lines = lines
        self._decoded = decoded

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> Rules:
        """Return the rules of a sequence, none of them off; `Rules` as they are."""
        if isinstance(rules, cls):
            return rules
        return cls(keywords.index(rules), (), dict(enumerate(rules)))

    def __len__(self) -> int:
        return len(self.keywords.rules)

    def __getitem__(self, number: int) -> Rule:  # type: ignore[override] # nobody needs a part of the rules
        """Return one rule.

        Raises:
            RuleError: it is damaged.
        """
        rule = self._decoded.get(number)
        return rule or self._decode(range(len(self))[number])

    def _decode(self, number: int) -> Rule:
        if number not in self._decoded:
            try:
                self._decoded[number] = compiled.rule(self._lines[number])
            except compiled.DAMAGED as error:
                raise _damaged() from error
        return self._decoded[number]

    @property
    def ids(self) -> list[str]:
        """The ids of all rules, without decoding any."""
        return [summary.id for summary in self.keywords.rules]

    def active(self) -> list[Rule]:
        """Return the rules that are not off."""
        return [rule for rule in self if rule.id not in self.off]

    def digest(self) -> bytes:
        """Return 32 bytes that are the same for the same rules, with the same ones off."""
        lines = self._lines
        written = lines.data if isinstance(lines, compiled.Lines) else compiled.encode(tuple(self))
        return hashlib.blake2b(written + "\n".join(sorted(self.off)).encode(), digest_size=32).digest()

    def digests(self) -> dict[str, bytes]:
        """Return for each rule, by its id, 16 bytes that are the same for the same rule, be it off or not."""
        lines = self._lines or [compiled.encode_rule(rule) for rule in self]
        return {
            identity: hashlib.blake2b(line, digest_size=16).digest()
            for identity, line in zip(self.ids, lines, strict=True)
        }

    def without(self, unwanted: Callable[[str], bool]) -> Rules:
        """Return the same rules, those off whose ids are unwanted."""
        return Rules(self.keywords, self._lines, self._decoded, self.off.union(filter(unwanted, self.ids)))


def load() -> Rules:
    """Return all rules that come with keysift.

    Raises:
        RuleError: a rule file does not hold what it must, or the compiled form is damaged.
    """
    if not is_checkout():
        return decode(COMPILED.read_bytes())
    key = state_of_checkout()
    made = cache.read(COMPILED.name, key)
    if made is None:
        made = compile_directory(SOURCES)
        cache.write(COMPILED.name, key, made)
    return decode(made)


def is_checkout() -> bool:
    """Return True if keysift runs beside the rule files that it is made from."""
    return (SOURCES / "pagerduty.yaml").is_file()


def state_of_checkout() -> bytes:
    """Return a digest of which rule files there are, of the code that reads them, and of when they were written."""
    here = Path(__file__).parent
    places = [(SOURCES, ".yaml"), (here, ".py"), (here / "authoring", ".py"), (here.parent, "model.py")]
    state = sorted(file for place in places for file in _files(*place))
    return hashlib.blake2b(repr(state).encode(), digest_size=32).digest()


def _files(directory: Path, suffix: str) -> list[tuple[str, int, int]]:
    with os.scandir(directory) as entries:
        found = [(entry.path, entry.stat()) for entry in entries if entry.name.endswith(suffix)]
    return [(path, status.st_mtime_ns, status.st_size) for path, status in found]


def compile_directory(directory: Path) -> bytes:
    """Return the compiled form of all `*.yaml` files of a directory.

    Raises:
        RuleError: a file does not hold what it must.
    """
    return compiled.encode(authoring.read_directory(directory))


def decode(data: bytes) -> Rules:
    """Return the rules of a compiled form.

    Raises:
        RuleError: it is damaged.
    """
    try:
        known, lines = compiled.read(data)
    except compiled.DAMAGED as error:
        raise _damaged() from error
    if len(lines) != len(known.rules):
        raise _damaged()
    return Rules(known, lines, {})


def _damaged() -> RuleError:
    return RuleError(f"{COMPILED} is damaged", help="install keysift again")
