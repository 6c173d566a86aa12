"""Read rule files as people write them: YAML, checked strictly. Loaded late: `ruleset` keeps a compiled form."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import regex
import yaml

from keysift.errors import RuleError
from keysift.model import Checksum, Confidence, Context, FactsKind, Label, Matching, NameKind, Pair, Rule
from keysift.rules import assigned, boundaries, generate, keywords

Text = Annotated[str, msgspec.Meta(min_length=1)]
TOKEN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/=.~:%-")
"""The bytes that keys without a structure are made of."""
LONGEST_SHAPE = 64
MOST_WAYS = 300
"""Of matching the same bytes, for a pattern that is tried without a clock; three of four of ours have so few."""
DEFAULT_REACH = 400
MAX_PATTERN_REACH = 4096
MAX_REACH = 16_384
"""Where a rule states it: a private key of 8,192 bits, or a PGP block."""


class ContextEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One alternative of `when` or `unless`; see `model.Context`."""

    field: str = ""
    before: str = ""
    after: str = ""
    near: str = ""
    file: str = ""
    value: str = ""
    confidence: Confidence = Confidence.HIGH


class PairEntry(msgspec.Struct, forbid_unknown_fields=True):
    """See `model.Pair`."""

    rule: Text
    within: int = 400
    label: Label = Label.SECRET


class RuleEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One rule as it is written."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]*[a-z0-9]$")]
    name: Text
    label: Label
    why: Text
    pattern: Text
    examples: Annotated[list[Text], msgspec.Meta(min_length=2)]
    counterexamples: Annotated[list[Text], msgspec.Meta(min_length=1)]
    revoke: str = ""
    references: list[Text] = []
    keywords: list[Annotated[str, msgspec.Meta(min_length=3)]] = []
    shape: str = ""
    reach: Annotated[int, msgspec.Meta(ge=0, le=MAX_REACH)] | None = None
    behind: str = ""
    facts: FactsKind | None = None
    when: list[ContextEntry] = []
    unless: list[ContextEntry] = []
    confidence: Confidence = Confidence.HIGH
    general: bool = False
    last: bool = False
    named: NameKind | None = None
    password: bool = False
    checksum: Checksum | None = None
    pair: PairEntry | None = None
    documented: list[Text] = []


class RuleFile(msgspec.Struct, forbid_unknown_fields=True):
    """One file: a provider, and what its rules have in common."""

    provider: Text
    rules: Annotated[list[RuleEntry], msgspec.Meta(min_length=1)]
    revoke: str = ""
    references: list[Text] = []
    unless: list[ContextEntry] = []


class OwnEntry(RuleEntry, forbid_unknown_fields=True):
    """A rule of a repository's own: `keysift rules check` asks for examples, a scan does without."""

    examples: list[Text] = []
    counterexamples: list[Text] = []


class OwnFile(RuleFile, forbid_unknown_fields=True):
    """A file of such rules."""

    rules: Annotated[list[OwnEntry], msgspec.Meta(min_length=1)]  # type: ignore[assignment] # read, and never added to


def read_own(data: bytes, name: str) -> Iterator[tuple[str, Rule]]:
    """The rules of a repository's own file, which may be a stranger's: no aliases, for few bytes can expand to many.

    Raises:
        RuleError: with file, line and rule.
    """
    try:
        events = yaml.parse(data.decode("utf-8"), Loader=_Loader)
        alias = next((event for event in events if isinstance(event, yaml.AliasEvent)), None)
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise RuleError(f"{name} is no YAML that rules are made of: {error}") from error
    if alias:
        raise RuleError(f"{name}: aliases are not read here: *{alias.anchor}")
    yield from _read(data, name, OwnFile)


def read_directory(directory: Path) -> list[Rule]:
    """The rules of all `*.yaml` files, by file name, then as written.

    Raises:
        RuleError: with file, line and rule.
    """
    rules: dict[str, Rule] = {}
    places: dict[str, str] = {}
    for path in sorted(directory.glob("*.yaml")):
        for place, rule in read_file(path):
            if rule.id in rules:
                raise RuleError(f"{place}: this id is taken by {places[rule.id]}", help="ids are unique over all files")
            rules[rule.id], places[rule.id] = rule, place
    for rule in rules.values():
        if rule.pair and rule.pair.rule not in rules:
            raise RuleError(f"{places[rule.id]}: pair.rule names no rule: {rule.pair.rule}")
    return list(rules.values())


def read_file(path: Path) -> Iterator[tuple[str, Rule]]:
    """The rules of one file, each with its place in words: `pagerduty.yaml:12: rule x`.

    Raises:
        RuleError: with file, line and rule.
    """
    yield from _read(path.read_bytes(), path.name, RuleFile)


def _read(data: bytes, name: str, kind: type[RuleFile]) -> Iterator[tuple[str, Rule]]:
    try:
        text = data.decode("utf-8")
        content = msgspec.convert(yaml.load(text, Loader=_Loader), kind)  # noqa: S506 - a CSafeLoader
    except UnicodeDecodeError as error:
        raise RuleError(f"{name} is no text: {error}", help="rule files are UTF-8") from error
    except (yaml.YAMLError, TypeError, RecursionError) as error:
        raise RuleError(f"{name} is no YAML that rules are made of: {error}") from error
    except msgspec.ValidationError as error:
        raise RuleError(_locate(name, text, str(error)), help=_nearest(str(error))) from error
    for entry in content.rules:
        stated = re.search(rf"\bid: *[\"']?{re.escape(entry.id)}(?![\w-])", text)
        line = text[: stated.start()].count("\n") + 1 if stated else 1
        place = f"{name}:{line}: rule {entry.id}"
        try:
            yield place, _rule(content, entry)
        except (regex.error, ValueError) as error:
            raise RuleError(f"{place}: {error}") from error


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe; and a key that stands twice in a mapping is an error, not a loss."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"'{key.value}' stands twice", key.start_mark)
            seen.add(key.value)
        return dict(super().construct_mapping(node, deep=deep))


def _locate(name: str, text: str, message: str) -> str:
    """`pagerduty.yaml:12: rule x: message`, from msgspec's `$.rules[3].label`."""
    node, line, rule = yaml.compose(text, Loader=_Loader), 1, ""
    for step in re.findall(r"\.(\w+)|\[(\d+)\]", message.rpartition("`$")[2]):
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step[0]), node)
        elif isinstance(node, yaml.SequenceNode) and step[1]:
            node = node.value[int(step[1])]
        if isinstance(node, yaml.MappingNode):
            named = (value.value for key, value in node.value if key.value == "id")
            rule = next((one for one in named if isinstance(one, str)), rule)
        line = node.start_mark.line + 1 if node else line
    return f"{name}:{line}: {'rule ' + rule + ': ' if rule else ''}{message}"


def _nearest(message: str) -> str:
    """`did you mean 'label'?` for a key that nobody knows."""
    unknown = re.search(r"unknown field `(.*?)`", message)
    if not unknown:
        return "rules/README.md describes every key"
    known = {name for kind in (RuleFile, RuleEntry, ContextEntry, PairEntry) for name in kind.__struct_fields__}
    near = difflib.get_close_matches(unknown[1], sorted(known), n=1)
    return f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(sorted(known))}"


def _rule(file: RuleFile, entry: RuleEntry) -> Rule:
    pattern = bounded(entry.pattern)
    compiled = regex.compile(pattern.encode())
    if compiled.search(b""):
        raise ValueError("the pattern matches nothing at all, so it matches everywhere")
    revoke, references = entry.revoke or file.revoke, entry.references or file.references
    if not revoke or not references:
        raise ValueError("needs 'revoke' and 'references', in the rule or at the top of the file")
    if not entry.keywords and not entry.shape:
        raise ValueError("needs 'keywords', or a 'shape' where no literal of three bytes stands in every match")
    solid, alphabet = _solid(entry.pattern)
    if not solid and _looks_only(entry.pattern):
        raise ValueError("the pattern looks around and matches no bytes")
    return Rule(
        id=entry.id,
        name=entry.name,
        provider=file.provider,
        label=entry.label,
        why=entry.why,
        revoke=revoke,
        references=tuple(references),
        pattern=entry.pattern,
        keywords=tuple(dict.fromkeys(entry.keywords)),
        shape=_shape(entry.shape) if entry.shape else "",
        facts=entry.facts,
        when=tuple(_context(one, entry.keywords) for one in entry.when),
        unless=tuple(_context(one, entry.keywords) for one in (*file.unless, *entry.unless)),
        confidence=entry.confidence,
        general=entry.general,
        last=entry.last,
        named=entry.named,
        password=entry.password,
        checksum=entry.checksum,
        pair=Pair(entry.pair.rule, entry.pair.within, entry.pair.label) if entry.pair else None,
        # What the vendor shows under one key type is an example under every other.
        documented=tuple(sorted({digest(value) for rule in file.rules for value in rule.documented})),
        examples=tuple(entry.examples),
        counterexamples=tuple(entry.counterexamples),
        matching=Matching(
            pattern=pattern,
            reach=_reach(entry),
            behind=assigned.BEHIND if entry.pattern == "assigned" else entry.behind,
            leading=tuple(word for word in entry.keywords if solid and _leads(word, entry.pattern)),
            solid=solid,
            alphabet=alphabet,
            quick=bool(solid) and _ways(keywords.parsed(entry.pattern)) <= MOST_WAYS,
            free="?P<secret>[^" in pattern,
        ),
    )


def bounded(pattern: str) -> str:
    """The pattern between word boundaries; a pattern that states its own look-around on a side keeps it there."""
    if pattern in assigned.SHARED:
        return assigned.SHARED[pattern]
    stated = regex.match(r"(\(\?<!\[(?:[^\]\\]|\\.)+\]\))(?!\{)", pattern)
    if stated:
        pattern = f"(?:{stated[0]}{boundaries.ESCAPED}){pattern[stated.end() :]}"
    own_left = pattern.startswith(("(?<!", "(?<=", r"\b", "(?:(?<")) or not regex.match(r"[\w\[(\\]", pattern)
    left = "" if own_left else boundaries.LEFT
    right = "" if regex.search(r"\(\?[!=](?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)$|\\b$", pattern) else boundaries.RIGHT
    return f"{left}(?:{pattern}){right}"


def _reach(entry: RuleEntry) -> int:
    """How far a match may stand from a keyword: as stated, or the pattern's own greatest length."""
    if entry.reach is not None:
        return entry.reach
    if entry.when:
        return DEFAULT_REACH
    width = greatest_width(entry.pattern)
    if width > MAX_PATTERN_REACH:
        raise ValueError("the pattern has no greatest length: bound its quantifiers, or state 'reach'")
    return width


def _shape(text: str) -> str:
    """The shape, if every engine of the prefilter can look for it."""
    if re.search(r"\(\?[^:]|\\[1-9]|[\^$]|\\[bB]", text):
        raise ValueError("a 'shape' is a plain regex: no look-around, anchors, flags or references back")
    try:
        least, most = keywords.parsed(text).getwidth()
    except re.error as error:
        raise ValueError(f"'shape' is no regex: {error}") from error
    if not 8 <= least == most <= LONGEST_SHAPE:
        raise ValueError(f"all matches of a 'shape' are equally long, 8 to {LONGEST_SHAPE} bytes")
    return text


def greatest_width(pattern: str) -> int:
    """How many bytes the pattern can match at the most, as Python's own parser reckons."""
    try:
        return int(keywords.parsed(pattern).getwidth()[1])
    except re.error as error:
        raise ValueError(f"cannot tell the pattern's length ({error}): state 'reach'") from error


def _solid(pattern: str) -> tuple[int, str]:
    """The least length of a match and the characters it can hold; nothing where that is more than tokens hold."""
    alphabet: set[int] = set()
    try:
        parsed = keywords.parsed(pattern)
    except re.error:
        return 0, ""
    for step in parsed:
        _collect(step, alphabet)
    if pattern in {"literal", "assigned"} or not alphabet <= TOKEN:
        return 0, ""
    return int(parsed.getwidth()[0]), "".join(map(chr, sorted(alphabet)))


def _ways(steps: Any) -> int:  # noqa: ANN401 - Python's parser has no types
    """How many ways there are, at the most, to match the same bytes: as often an attempt may go back and try again."""
    ways = 1
    for operation, argument in steps:
        name = str(operation)
        if name == "BRANCH":
            ways *= sum(map(_ways, argument[1]))
        elif name == "SUBPATTERN":
            ways *= _ways(argument[-1])
        elif name.endswith("_REPEAT"):
            least, most, inner = argument
            within = _ways(inner)
            ways *= int(most) - int(least) + 1 if within == 1 else within ** min(int(most), MOST_WAYS.bit_length())
        ways = min(ways, MOST_WAYS + 1)
    return ways


def _looks_only(pattern: str) -> bool:
    try:
        return int(keywords.parsed(pattern).getwidth()[1]) == 0
    except re.error:
        return False


_BEFORE_START = regex.compile(r"\(\?<!\[(?:[^\]\\]|\\.)+\]\)|\(\?P<secret>|\(\?:")


def _leads(word: str, pattern: str) -> bool:
    """Whether the pattern says that a match starts with the word."""
    while opened := _BEFORE_START.match(pattern):
        pattern = pattern[opened.end() :]
    return "|" not in pattern and pattern.replace("\\", "").startswith(word)


def _collect(step: Any, alphabet: set[int]) -> None:  # noqa: ANN401 - Python's parser has no types
    """Adds the bytes that a part of a pattern can match; -1 stands for those of a part that is not looked into."""
    operation, argument = step
    name = str(operation)
    if name == "LITERAL":
        alphabet.add(argument)
    elif name == "RANGE":
        alphabet.update(range(argument[0], argument[1] + 1))
    elif name == "CATEGORY" and str(argument) in {"CATEGORY_DIGIT", "CATEGORY_WORD"}:
        alphabet.update(b"0123456789" if str(argument) == "CATEGORY_DIGIT" else TOKEN - set(b"+/=.~:%-"))
    elif name == "BRANCH":
        for branch in argument[1]:
            for inner in branch:
                _collect(inner, alphabet)
    elif name in {"IN", "SUBPATTERN", "MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        for inner in argument if name == "IN" else argument[-1]:
            _collect(inner, alphabet)
    elif name not in {"ASSERT", "ASSERT_NOT", "AT"}:
        alphabet.add(-1)


def _context(entry: ContextEntry, keywords: Sequence[str]) -> Context:
    """One alternative; `{keywords}` in it stands for any of the rule's keywords."""
    words = "|".join(map(regex.escape, keywords))
    names = ("field", "before", "after", "near", "file", "value")
    parts = {name: getattr(entry, name).replace("{keywords}", words) for name in names}
    if not any(parts.values()):
        raise ValueError("a context needs at least one of: field, before, after, near, file, value")
    for part in parts.values():
        regex.compile(part)
    return Context(**parts, confidence=entry.confidence)


def digest(example: str) -> str:
    """What is kept of a value from a vendor's documentation: enough to know it again, nothing for push protection."""
    return hashlib.sha256(generate.unbroken(example).encode()).hexdigest()[:16]
