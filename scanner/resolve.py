"""Overlapping claims on the same bytes -> one; an identifier beside its other half -> worse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from scanner.model import Confidence, Label, Match, Span, Verdict

Judged = tuple[Match, Verdict]


def resolve(judged: Iterable[Judged]) -> list[Judged]:
    """What is left when overlaps are settled and pairs joined, in the order of the bytes."""
    kept: list[Judged] = []
    for match, verdict in sorted(judged, key=_rank, reverse=True):
        if not any(_overlap(match, other) for other, _ in kept):
            kept.append((match, verdict))
    kept.sort(key=lambda one: (one[0].origin or one[0].span, one[0].span))
    return [_paired(one, kept) for one in kept]


def _rank(judged: Judged) -> tuple[bool, bool, bool, bool, int, int, int, bool, int, str]:
    """Specific before general, decoded before encoded, public before all others; then the surest, the longest, the
    nearest, the gravest.
    """
    match, verdict = judged
    public = verdict.label is Label.PUBLIC
    length = match.span.end - match.span.start
    return (
        not match.rule.general,
        not (match.rule.general and match.rule.behind),
        match.origin is not None,
        public and verdict.confidence is not Confidence.LOW,
        verdict.confidence.rank,
        length,
        -verdict.distance,
        verdict.label is Label.SECRET,
        -match.span.start,
        match.rule.id,
    )


def _overlap(one: Match, other: Match) -> bool:
    """Two keys decoded from one place are apart where they are apart in what it decodes to."""
    if one.origin == other.origin:
        return _share(one.span, other.span)
    return _share(one.origin or one.span, other.origin or other.span)


def _share(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _paired(one: Judged, all_of_them: Sequence[Judged]) -> Judged:
    match, verdict = one
    pair = match.rule.pair
    if not pair:
        return one
    for other, _ in all_of_them:
        gap = max(other.span.start - match.span.end, match.span.start - other.span.end)
        if other.rule.id == pair.rule and gap <= pair.within:
            reason = f"its other half ({other.rule.name}) stands beside it"
            return match, replace(verdict, label=pair.label, reasons=(*verdict.reasons, reason))
    return one
