"""Findings -> what to ask of each key, or why nothing can be asked; nothing is sent here."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

import regex

from keysift.fingerprint import fingerprint
from keysift.model import Finding, Location, Rule
from keysift.records import dataclass
from keysift.rules import verification
from keysift.rules.verification import Verification
from keysift.verify import requests, servers
from keysift.verify.requests import Request, UnfitError, Values

FARTHEST_HALF = 4000
"""Bytes between a key and its other half, at the most."""


@dataclass(frozen=True, slots=True)
class Question:
    """A key, and the requests that tell whether it is live; without any, the reason."""

    finding: Finding
    stated: Verification
    values: Values
    requests: tuple[Request, ...] = ()
    why_not: str = ""
    elsewhere: bool = False
    """True if it may belong to a host that nobody named, so that none of these can say that it is dead."""
    servers: tuple[str, ...] | None = None
    """Servers of its kind that the text near it names, which are not asked; None if it can belong to none."""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is besides the keys to ask about."""

    everything: Sequence[Finding] = ()
    """Findings among which the other halves of keys are looked for, in the same file."""
    allowed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The hosts that the user adds, by the ids of rules, in which `*` stands for anything."""
    halves: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Other halves that the user gives, by their names in the rule."""
    read_texts: Callable[[Finding], Iterable[bytes]] = field(default=lambda _: (), repr=False)
    """Returns the texts around a key, which may name servers of its kind."""


def questions(findings: Sequence[Finding], rules: Mapping[str, Rule], known: Known) -> Iterator[Question]:
    """Yield a question for each key."""
    by_rule = _by_rule(known.everything)
    for finding in findings:
        rule = rules.get(finding.rule.id)
        stated = verification.decode(rule.verify) if rule else None
        if rule is None or stated is None or stated.none:
            why = stated.none if stated else "no harmless request is declared for this kind of key"
            yield Question(finding, Verification(none=why), Values("", {}, {}), why_not=why)
            continue
        if not is_whole(finding):
            why = "the key is masked in the report, and is not at its place any more"
            yield Question(finding, stated, Values("", {}, {}), why_not=why)
            continue
        fitting = (hosts for pattern, hosts in known.allowed.items() if fnmatch.fnmatchcase(rule.id, pattern))
        added = [host for hosts in fitting for host in hosts]
        question = _question(finding, rule, stated, _pairs(stated, finding, by_rule, known.halves), added)
        if stated.servers and not added:
            question = replace(question, servers=servers.named(known.read_texts(finding), finding.secret, stated))
        yield question


def is_whole(finding: Finding) -> bool:
    """Return False if a mask stands where the key was: then its fingerprint is another."""
    return fingerprint(finding.rule.id, finding.secret) == finding.fingerprint


def _question(
    finding: Finding,
    rule: Rule,
    stated: Verification,
    pairs: dict[str, str],
    added: Sequence[str],
) -> Question:
    values = fill_in(rule, finding.secret, pairs)
    missing = [stated.pair[name] for name in stated.pair if name not in pairs]
    if missing:
        return Question(finding, stated, values, why_not=f"its other half ({missing[0]}) is not near it")
    try:
        made = tuple(requests.requests(stated, values, added))
    except UnfitError as error:
        return Question(finding, stated, values, why_not=str(error))
    why = "" if made else "the key names none of the hosts that its rule lists; --allow-host adds one"
    if stated.yours:
        why = f"it belongs to {stated.yours}: --allow-host {rule.id}=HOST names it"
    return Question(finding, stated, values, made, why, elsewhere=stated.elsewhere and not added)


def fill_in(rule: Rule, secret: bytes, pairs: Mapping[str, str]) -> Values:
    """Return what of a key is filled into its requests."""
    return Values(secret.decode("utf-8", "surrogateescape"), pairs, _groups(rule, secret))


def _groups(rule: Rule, secret: bytes) -> dict[str, str]:
    """Return the named groups of the rule's pattern that lie in the key."""
    try:
        match = regex.search(rule.matching.pattern.encode(), secret, timeout=1)
    except (regex.error, TimeoutError):
        return {}
    groups = match.groupdict() if match else {}
    return {name: text.decode("ascii", "replace") for name, text in groups.items() if text and name != "secret"}


_Place = tuple[Location, bytes]


def _by_rule(everything: Iterable[Finding]) -> dict[str, list[_Place]]:
    known: dict[str, list[_Place]] = {}
    for finding in everything:
        places = known.setdefault(finding.rule.id, [])
        places += [(location, finding.secret) for location in finding.locations]
    return known


def _pairs(
    stated: Verification, finding: Finding, known: Mapping[str, list[_Place]], halves: Mapping[str, str]
) -> dict[str, str]:
    """Return the other halves of a key by their names: those that the user gives, or else the nearest ones."""
    pairs = {name: halves[name] for name in stated.pair if name in halves}
    for name, rule_id in stated.pair.items():
        near = [
            (abs(other.start_byte - place.start_byte), secret)
            for place in finding.locations
            for other, secret in known.get(rule_id, ())
            if (other.path, other.member, other.commit) == (place.path, place.member, place.commit)
        ]
        distance, secret = min(near, default=(FARTHEST_HALF + 1, b""))
        if name not in pairs and distance <= FARTHEST_HALF:
            pairs[name] = secret.decode("utf-8", "surrogateescape")
    return pairs
