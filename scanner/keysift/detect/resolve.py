"""Overlapping claims on the same bytes -> one of them; an identifier beside its other half -> a worse label."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from keysift.detect.candidates import Candidate
from keysift.model import Confidence, Label, Rule, Span, Verdict

Judged = tuple[Candidate, Verdict]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is left of some candidates, in the order of the bytes, and which of them has the bytes of each other."""

    findings: list[Judged]
    covered: list[tuple[Judged, Candidate]]
    """Candidates that lost, each with the one that has its bytes."""


def resolve(judged: Iterable[Judged], off: Container[str] = ()) -> list[Judged]:
    """Return what is left when overlaps are settled and pairs joined, in the order of the bytes.

    Rules that are turned `off`, by their ids, take their bytes like all others, but nothing is left of them.
    """
    return resolution(judged, off).findings


def resolution(judged: Iterable[Judged], off: Container[str] = ()) -> Resolution:
    """Resolve, and tell what became of the others."""
    kept: list[Judged] = []
    covered: list[tuple[Judged, Candidate]] = []
    places: list[Span] = []
    taken: dict[Span, list[Candidate]] = {}
    whole = _without_parts(list(judged), covered)
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
    """Leave out what was decoded from a part of a token that is known by its own shape: `ops_eyJ...` contains keys."""
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
        token = next((token for token in tokens if _is_part(judgement[0], token)), None)
        if token:
            covered.append((judgement, token))
        else:
            left.append(judgement)
    return left


def _is_part(candidate: Candidate, token: Candidate) -> bool:
    """Return whether a candidate was decoded from less than the token, or is the token with a part of it decoded."""
    place = candidate.origin
    if not place or place.end > token.span.end:
        return False
    return token.span.start < place.start or (token.span.start == place.start and candidate.rule.id == token.rule.id)


def _end(place: Span) -> int:
    return place.end


def _order(judged: Judged) -> tuple[Span, Span]:
    return judged[0].place, judged[0].span


def _claims(places: list[Span], taken: dict[Span, list[Candidate]], number: int, end: int) -> Iterator[Candidate]:
    """Yield the candidates in the places from `number` on that start before `end`; places are apart from each other."""
    while number < len(places) and places[number].start < end:
        yield from taken[places[number]]
        number += 1


def _rank(judged: Judged, off: Container[str]) -> tuple[int, bool, bool, bool, int, int, int, bool, int, str]:
    """Rank specific before general, turned on before off, decoded before encoded, public before all others.

    Then the surest, the longest, the nearest, the gravest.
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
    """Return how much a rule tells.

    In falling order: of a service, of a format, of what people name so, of what some service may have.
    """
    if not rule.general:
        return 3
    return 0 if rule.last else 1 if rule.named else 2


def _is_decoded(candidate: Candidate) -> bool:
    """Return whether the bytes in the blob are others than the key's, and more than pieces of it."""
    if not candidate.origin or candidate.steps[-1:] == ("joined pieces",):
        return False
    return candidate.origin.end - candidate.origin.start != len(candidate.secret)


def _overlap(candidate: Candidate, other: Candidate) -> bool:
    """Return whether two candidates share bytes; two decoded from one place, whether they do in what it decodes to."""
    if candidate.origin == other.origin:
        if candidate.origin and (candidate.rule.id, candidate.secret) == (other.rule.id, other.secret):
            return True
        return _share(candidate.span, other.span)
    return _share(candidate.place, other.place)


def _share(span: Span, other: Span) -> bool:
    return span.start < other.end and other.start < span.end


def _paired(judged: Judged, everything: Sequence[Judged], number: int) -> Judged:
    """Return the candidate with this number, made worse if its other half stands beside it."""
    candidate, verdict = judged
    pair = candidate.rule.pair
    if not pair:
        return judged
    place, within = candidate.place, 2 * pair.within  # what is decoded is shorter than it stands there
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
