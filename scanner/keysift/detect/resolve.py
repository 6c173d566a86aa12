"""Judged candidates -> one of those that overlap; and a worse label for an identifier with its other half."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from keysift.detect.candidates import Candidate
from keysift.model import Confidence, Label, Rule, Span, Verdict

Judged = tuple[Candidate, Verdict]
_OF_A_FORMAT = 2
_SEPARATORS = b";&,"
"""What separates the fields of a connection string or a query."""


class Resolution(NamedTuple):
    """The candidates that are left when overlaps are settled, and those that lost."""

    findings: list[Judged]
    """In the order of the bytes."""
    covered: list[tuple[Judged, Candidate]]
    """Those that lost, each with the candidate that has its bytes."""


def resolve(judged: Iterable[Judged], off: Container[str] = ()) -> list[Judged]:
    """Return the candidates that are left when overlaps are settled and pairs joined, in the order of the bytes.

    Rules that are `off`, by their ids, take their bytes like all others, but their candidates are left out.
    """
    return resolution(judged, off).findings


def resolution(judged: Iterable[Judged], off: Container[str] = ()) -> Resolution:
    """Return the candidates that are left, and those that lost."""
    kept: list[Judged] = []
    covered: list[tuple[Judged, Candidate]] = []
    places: list[Span] = []
    taken: dict[Span, list[Candidate]] = {}
    whole = _without_cut(_without_parts(list(judged), covered), covered)
    for candidate, verdict in sorted(whole, key=lambda judgement: _rank(judgement, off), reverse=True):
        place = candidate.place
        number = bisect_right(places, place.start, key=_end)
        claims = _claims(places, taken, number, place.end)
        winner = next((other for other in claims if _overlap(candidate, other)), None)
        if winner:
            covered.append(((candidate, verdict), winner))
            continue
        kept.append((candidate, verdict))
        if place not in taken:
            places.insert(number, place)
        taken.setdefault(place, []).append(candidate)
    kept.sort(key=_order)
    findings = [
        _paired(judgement, kept, number) for number, judgement in enumerate(kept) if judgement[0].rule.id not in off
    ]
    return Resolution(findings, covered)


def _without_parts(judged: list[Judged], covered: list[tuple[Judged, Candidate]]) -> list[Judged]:
    """Leave out what was decoded from a part of a token that has a shape of its own: `ops_eyJ...` contains keys."""
    if not any(candidate.origin for candidate, _ in judged):
        return judged
    tokens = [
        candidate
        for candidate, verdict in judged
        if not (candidate.origin or candidate.rule.when or candidate.rule.general)
        and verdict.confidence is Confidence.HIGH
    ]
    left: list[Judged] = []
    for judgement in judged:
        whole = next((token for token in tokens if _is_part(judgement[0], token)), None)
        if whole:
            covered.append((judgement, whole))
        else:
            left.append(judgement)
    return left


def _without_cut(judged: list[Judged], covered: list[tuple[Judged, Candidate]]) -> list[Judged]:
    """Leave out a password that its rule cut at a mark, where the whole one is found behind its name."""
    named = {candidate.span.start: candidate for candidate, _ in judged if candidate.rule.named}
    left: list[Judged] = []
    for judgement in judged:
        rule, span = judgement[0].rule, judgement[0].span
        whole = named.get(span.start) if rule.password and specificity(rule) == _OF_A_FORMAT else None
        rest = whole.secret[span.end - span.start :][:1] if whole and not whole.origin else b""
        if whole and rest and rest not in _SEPARATORS:
            covered.append((judgement, whole))
        else:
            left.append(judgement)
    return left


def _is_part(candidate: Candidate, token: Candidate) -> bool:
    """Return True if a candidate was decoded from less than the token, or is the token with a part of it decoded."""
    place = candidate.origin
    if not place or place.end > token.span.end:
        return False
    return token.span.start < place.start or (token.span.start == place.start and candidate.rule.id == token.rule.id)


def _end(place: Span) -> int:
    return place.end


def _order(judged: Judged) -> tuple[Span, Span]:
    return judged[0].place, judged[0].span


def _claims(places: list[Span], taken: dict[Span, list[Candidate]], number: int, end: int) -> Iterator[Candidate]:
    """Yield the candidates in the places from `number` on that start before `end`; places do not overlap."""
    while number < len(places) and places[number].start < end:
        yield from taken[places[number]]
        number += 1


def _rank(judged: Judged, off: Container[str]) -> tuple[int, bool, bool, bool, int, int, int, bool, int, str]:
    """Rank a candidate: specific above general, on above off, decoded above encoded, public above all others.

    Then the surest, the longest, the nearest to its name, the gravest.
    """
    candidate, verdict = judged
    public = verdict.label is Label.PUBLIC
    length = candidate.span.end - candidate.span.start
    return (
        specificity(candidate.rule),
        candidate.rule.id not in off,
        _is_decoded(candidate),
        public and verdict.confidence is not Confidence.LOW,
        verdict.confidence.rank,
        length,
        -verdict.distance,
        verdict.label is Label.SECRET,
        -candidate.span.start,
        candidate.rule.id,
    )


def specificity(rule: Rule) -> int:
    """Return how specific a rule is: 3 for a rule of one service, 2 of a format, 1 of a name, 0 of any service."""
    if not rule.general:
        return 3
    return 0 if rule.last else 1 if rule.named else 2


def _is_decoded(candidate: Candidate) -> bool:
    """Return True if the bytes in the blob differ from the key, and are more than its pieces."""
    if not candidate.origin or candidate.steps[-1:] == ("joined pieces",):
        return False
    return candidate.origin.end - candidate.origin.start != len(candidate.secret)


def _overlap(candidate: Candidate, other: Candidate) -> bool:
    """Return True if two candidates share bytes: of the blob, or of what one place in it decodes to."""
    if candidate.origin == other.origin:
        if candidate.origin and (candidate.rule.id, candidate.secret) == (other.rule.id, other.secret):
            return True
        return _share(candidate.span, other.span)
    return _share(candidate.place, other.place)


def _share(span: Span, other: Span) -> bool:
    return span.start < other.end and other.start < span.end


def _paired(judged: Judged, everything: Sequence[Judged], number: int) -> Judged:
    """Return the candidate with this number, with a worse label if its other half is near it."""
    candidate, verdict = judged
    pair = candidate.rule.pair
    if not pair:
        return judged
    place, within = candidate.place, 2 * pair.within  # a decoded key is shorter than its place
    for step in (-1, 1):
        other = number + step
        while 0 <= other < len(everything):
            half = everything[other][0]
            if _gap(half.place, place) > within:
                break
            if half.rule.id == pair.rule and _gap(half.span, candidate.span) <= pair.within:
                reason = f"its other half ({half.rule.name}) is next to it"
                return candidate, replace(verdict, label=pair.label, reasons=(*verdict.reasons, reason))
            other += step
    return judged


def _gap(span: Span, other: Span) -> int:
    return max(span.start - other.end, other.start - span.end)
