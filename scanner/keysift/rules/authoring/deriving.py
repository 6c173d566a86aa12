"""What an author wrote -> a rule, with what follows from it: boundaries, reach, runs, digests."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TypeVar

import regex

from keysift.model import Context, Matching, Pair, Rule, Usage
from keysift.rules import assigned, boundaries, generate, patterns, verification
from keysift.rules.authoring import verifying
from keysift.rules.authoring.documents import Path
from keysift.rules.authoring.entries import ContextEntry, RuleEntry, RuleFile
from keysift.rules.authoring.usages import READ_AS, UsageError, usages

LONGEST_SHAPE = 64
SHORTEST_VALUE = 12
"""Bytes of the shortest value that `detect.values` finds."""
REACH_OF_USAGES = 900
"""Bytes from the name of a program to the end of its secret."""
_FORBIDDEN = r"\(\?[^:]|\\[1-9bB]"
_Stated = TypeVar("_Stated", str, list[str])
_PARTS = ("field", "before", "after", "near", "file", "value")


class FieldError(Exception):
    """A field of a rule holds what cannot work; the message says why."""

    def __init__(self, path: Path, problem: str, advice: str = "", *, in_file: bool = False) -> None:
        super().__init__(problem)
        self.path = path
        """From the rule, or from the top of the file."""
        self.advice = advice
        self.in_file = in_file


def derived(file: RuleFile, entry: RuleEntry) -> Rule:
    """Return the rule that an entry of a file stands for.

    Raises:
        FieldError: a field holds what cannot work.
    """
    if bool(entry.usages) != (entry.pattern in READ_AS):
        advice = f"'usages' go with one of these patterns: {', '.join(READ_AS)}"
        raise FieldError(("pattern",), "'usages' are missing" if not entry.usages else "not for usages", advice)
    uses = _usages(entry)
    stated = (*entry.keywords, *(word for usage in uses for word in usage.keywords))
    if not stated and not entry.shape:
        advice = "where no literal of three bytes stands near every match, state a 'shape'"
        raise FieldError((), "'keywords' are missing", advice)
    words = "|".join(map(regex.escape, entry.keywords))
    return Rule(
        id=entry.id,
        name=entry.name,
        provider=file.provider,
        label=entry.label,
        why=entry.why,
        revoke=_in_either("revoke", entry.revoke, file.revoke),
        references=tuple(_references(file, entry)),
        pattern=entry.pattern,
        keywords=tuple(dict.fromkeys(stated)),
        shape=_shape(entry.shape) if entry.shape else "",
        when=_contexts(entry.when, words, "when"),
        unless=_contexts(file.unless, words, "unless", in_file=True) + _contexts(entry.unless, words, "unless"),
        confidence=entry.confidence,
        general=entry.general,
        last=entry.last,
        named=entry.named,
        password=entry.password,
        checksum=entry.checksum,
        facts=entry.facts,
        pair=Pair(entry.pair.rule, entry.pair.within, entry.pair.label) if entry.pair else None,
        # What the vendor shows under one key type is an example under every other.
        documented=tuple(sorted({digest(value) for rule in file.rules for value in rule.documented})),
        examples=(*entry.examples, *(text for usage in entry.usages for text in usage.examples)),
        counterexamples=(*entry.counterexamples, *(text for usage in entry.usages for text in usage.counterexamples)),
        usages=uses,
        verify=_verify(entry),
        respond=_respond(entry),
        matching=_matching_of_usages(entry, uses) if uses else _matching(entry),
    )


def _verify(entry: RuleEntry) -> str:
    if entry.verify is None:
        return ""
    if wrong := verifying.problem(entry.verify, entry.pattern):
        path, problem, advice = wrong
        raise FieldError(("verify", *path), problem, advice)
    return verification.encode(verifying.normal(entry.verify))


def _respond(entry: RuleEntry) -> str:
    """Return what `map` and `revocation` say together."""
    if wrong := verifying.problem_of_response(entry.map, entry.revocation, entry.verify, entry.pattern):
        path, problem, advice = wrong
        raise FieldError(path, problem, advice)
    if not (entry.map or entry.revocation):
        return ""
    revocation = entry.revocation and verifying.normal_revocation(entry.revocation)
    return verification.encode(verification.Response(entry.map, revocation))


def _usages(entry: RuleEntry) -> tuple[Usage, ...]:
    derived: list[Usage] = []
    for number, usage in enumerate(entry.usages):
        try:
            derived += usages(usage, entry.pattern)
        except UsageError as error:
            raise FieldError(("usages", number, "usage"), str(error)) from error
    return tuple(derived)


def _references(file: RuleFile, entry: RuleEntry) -> Sequence[str]:
    """Return the pages of the rule, or of its file, and those of its usages."""
    of_usages = [usage.reference for usage in entry.usages]
    own = entry.references or file.references
    return list(dict.fromkeys((*own, *of_usages))) or _in_either("references", entry.references, file.references)


def _matching_of_usages(entry: RuleEntry, uses: tuple[Usage, ...]) -> Matching:
    """Return how usages are matched; their pattern is a name alone, by which what is made of them is cached."""
    name = hashlib.sha256(repr(uses).encode()).hexdigest()[:16]
    return Matching(pattern=f"{entry.pattern} {name}", reach=entry.reach or REACH_OF_USAGES)


def _in_either(field: str, own: _Stated, of_file: _Stated) -> _Stated:
    """Return what the rule states, or else the file."""
    if not (own or of_file):
        raise FieldError((), f"'{field}' is missing", "state it in the rule, or at the top of the file for all rules")
    return own or of_file


def digest(example: str) -> str:
    """Return what is kept of a value from a vendor's documentation: enough to know it again, without the value."""
    return hashlib.sha256(generate.unbroken(example).encode()).hexdigest()[:16]


def _matching(entry: RuleEntry) -> Matching:
    pattern = _pattern(entry.pattern)
    shared = entry.pattern in assigned.SHARED
    solid, alphabet = (0, "") if shared else patterns.solid(entry.pattern)
    return Matching(
        pattern=pattern,
        reach=_reach(entry),
        behind=assigned.BEHIND if entry.pattern == "assigned" else _plain(entry.behind, "behind", _FORBIDDEN),
        leading=tuple(word for word in entry.keywords if solid and patterns.starts_with(entry.pattern, word)),
        solid=solid,
        alphabet=alphabet,
        quick=bool(solid) and patterns.ways(patterns.parsed(entry.pattern)) <= patterns.MOST_WAYS,
        opening=bool(solid) and boundaries.opens_runs(entry.pattern, alphabet),
        free="?P<secret>[^" in pattern,
        generated=_is_generated(entry),
    )


def _is_generated(entry: RuleEntry) -> bool:
    """Return True if a key that does not look random is refused, and each key is long enough for `detect.values`."""
    if entry.named or entry.password or not entry.when:
        return False
    return entry.pattern == "assigned" or patterns.least_key(entry.pattern) >= SHORTEST_VALUE


def _pattern(written: str) -> str:
    """Return the pattern between boundaries, which may end what the author left open: `[0-9`."""
    _check(written, ("pattern",), in_bytes=True)
    pattern = boundaries.bounded(written)
    _check(pattern, ("pattern",), in_bytes=True)
    if regex.search(pattern.encode(), b"") or not patterns.longest(written):
        advice = "a part of the pattern must be there in every match"
        raise FieldError(("pattern",), "matches no bytes, so it would match everywhere", advice)
    return pattern


def _check(text: str, path: Path, *, in_bytes: bool = False, in_file: bool = False) -> None:
    """Raises FieldError where the text is not a regex."""
    try:
        if in_bytes:
            regex.compile(text.encode())
        else:
            regex.compile(text)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise FieldError(path, f"not a regex: {error}", in_file=in_file) from error


def _plain(text: str, field: str, forbidden: str) -> str:
    """Return a regex that every engine of the prefilter can look for."""
    if re.search(forbidden, text):
        advice = "leave out look-around, back-references and flags"
        raise FieldError((field,), "only a plain regex is allowed", advice)
    _check(text, (field,), in_bytes=True)
    return text


def _reach(entry: RuleEntry) -> int:
    """Return how far a match may stand from a keyword: as stated, or the pattern's own greatest length."""
    if entry.reach is not None:
        return entry.reach
    if entry.when:
        return patterns.DEFAULT_REACH
    try:
        most = patterns.width(entry.pattern)[1]
    except re.error as error:
        raise FieldError(("pattern",), f"its greatest length is unknown ({error})", "state 'reach'") from error
    if most > patterns.MAX_PATTERN_REACH:
        raise FieldError(("pattern",), "it has no greatest length", "bound its quantifiers, or state 'reach'")
    return most


def _shape(text: str) -> str:
    try:
        least, most = patterns.width(_plain(text, "shape", rf"{_FORBIDDEN}|(?<=.)\^|\$"))
    except re.error as error:
        raise FieldError(("shape",), f"not a regex: {error}") from error
    if not 8 <= least == most <= LONGEST_SHAPE:
        advice = f"all matches of a shape have the same length, of 8 to {LONGEST_SHAPE} bytes"
        raise FieldError(("shape",), f"matches are {least} to {most} bytes long", advice)
    return text


def _contexts(entries: Sequence[ContextEntry], words: str, key: str, *, in_file: bool = False) -> tuple[Context, ...]:
    """Return alternatives; `{keywords}` in them stands for any of the rule's keywords."""
    contexts = []
    for number, entry in enumerate(entries):
        parts = {name: text.replace("{keywords}", words) for name in _PARTS if (text := getattr(entry, name))}
        for name, text in parts.items():
            _check(text, (key, number, name), in_file=in_file)
        if not parts:
            advice = f"state at least one of {', '.join(_PARTS)}"
            raise FieldError((key, number), "says nothing", advice, in_file=in_file)
        contexts.append(Context(**parts, confidence=entry.confidence))
    return tuple(contexts)
