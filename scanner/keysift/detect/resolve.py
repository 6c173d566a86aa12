"""Overlapping claims on the same bytes -> one; an identifier beside its other half -> worse."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from keysift.model import Candidate, Confidence, Label, Rule, Span, Verdict

Judged = tuple[Candidate, Verdict]


def resolve(judged: Iterable[Judged], off: Container[str] = ()) -> list[Judged]:
    """What is left when overlaps are settled and pairs joined, in the order of the bytes.

    Rules that are turned `off`, by their ids, take their bytes like all others, but nothing is left of them.
    """
    kept: list[Judged] = []
    places: list[Span] = []
    taken: dict[Span, list[Candidate]] = {}
    for match, verdict in sorted(_whole(list(judged)), key=lambda one: _rank(one, off), reverse=True):
        place = _place(match)
        number = bisect_right(places, place.start, key=_end)
        if any(_overlap(match, other) for other in _claims(places, taken, number, place.end)):
            continue
        kept.append((match, verdict))
        if place not in taken:
            places.insert(number, place)
        taken.setdefault(place, []).append(match)
    kept.sort(key=lambda one: (_place(one[0]), one[0].span))
    return [_paired(one, kept, number) for number, one in enumerate(kept) if one[0].rule.id not in off]


def _whole(judged: list[Judged]) -> list[Judged]:
    """Without what was decoded from a part of a token that is known by its own shape: `ops_eyJ...` holds keys."""
    if not any(match.origin for match, _ in judged):
        return judged
    tokens = [
        match
        for match, verdict in judged
        if not (match.origin or match.rule.when or match.rule.general) and verdict.confidence is Confidence.HIGH
    ]
    return [one for one in judged if not any(_part(one[0], token) for token in tokens)]


def _part(match: Candidate, token: Candidate) -> bool:
    """Whether a match was decoded from less than the token, or is the token itself with a part of it decoded."""
    place = match.origin
    if not place or place.end > token.span.end:
        return False
    return token.span.start < place.start or (token.span.start == place.start and match.rule.id == token.rule.id)


def _place(match: Candidate) -> Span:
    """Where a match stands in the blob itself."""
    return match.origin or match.span


def _end(place: Span) -> int:
    return place.end


def _claims(places: list[Span], taken: dict[Span, list[Candidate]], number: int, end: int) -> Iterable[Candidate]:
    """The matches in the places from `number` on that start before `end`. Places are apart from each other."""
    while number < len(places) and places[number].start < end:
        yield from taken[places[number]]
        number += 1


def _rank(judged: Judged, off: Container[str]) -> tuple[int, bool, bool, bool, int, int, int, bool, int, str]:
    """Specific before general, turned on before off, decoded before encoded, public before all others.

    Then the surest, the longest, the nearest, the gravest.
    """
    match, verdict = judged
    public = verdict.label is Label.PUBLIC
    length = match.span.end - match.span.start
    return (
        _kind(match.rule),
        match.rule.id not in off,
        _encoded(match),
        public and verdict.confidence is not Confidence.LOW,
        verdict.confidence.rank,
        length,
        -verdict.distance,
        verdict.label is Label.SECRET,
        -match.span.start,
        match.rule.id,
    )


def _kind(rule: Rule) -> int:
    """How much a rule tells: of a service, of a format, of what people name so, of what some service may have."""
    if not rule.general:
        return 3
    return 0 if rule.last else 1 if rule.named else 2


def _encoded(match: Candidate) -> bool:
    """Whether the bytes in the blob are others than the key's, and more than pieces of it."""
    if not match.origin or match.steps[-1:] == ("joined pieces",):
        return False
    return match.origin.end - match.origin.start != len(match.secret)


def _overlap(one: Candidate, other: Candidate) -> bool:
    """Two keys decoded from one place are apart where they are apart in what it decodes to."""
    if one.origin == other.origin:
        if one.origin and (one.rule.id, one.secret) == (other.rule.id, other.secret):
            return True
        return _share(one.span, other.span)
    return _share(one.origin or one.span, other.origin or other.span)


def _share(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _paired(one: Judged, all_of_them: Sequence[Judged], number: int) -> Judged:
    """The match with this number, made worse where its other half stands beside it."""
    match, verdict = one
    pair = match.rule.pair
    if not pair:
        return one
    place, within = _place(match), 2 * pair.within  # what is decoded is shorter than it stands there
    for step in (-1, 1):
        other = number + step
        while 0 <= other < len(all_of_them):
            half = all_of_them[other][0]
            if _gap(_place(half), place) > within:
                break
            if half.rule.id == pair.rule and _gap(half.span, match.span) <= pair.within:
                reason = f"its other half ({half.rule.name}) stands beside it"
                return match, replace(verdict, label=pair.label, reasons=(*verdict.reasons, reason))
            other += step
    return one


def _gap(one: Span, other: Span) -> int:
    return max(one.start - other.end, other.start - one.end)
