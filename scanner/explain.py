"""What became of every candidate in a text, step by step: which rules, what the context said, why this label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from scanner import classify, locate, nested, resolve
from scanner.match import Matcher
from scanner.model import Blob, Location, Match, Span, Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """One candidate: where it stands, what field holds it, and what came of it."""

    match: Match
    location: Location
    path: str
    verdict: Verdict | None
    outcome: str
    secret: bytes = field(repr=False)


def explain(matcher: Matcher, blob: Blob) -> Iterator[Step]:
    """Every candidate, in the order of the bytes."""
    candidates = list(_candidates(matcher, blob))
    kept = resolve.resolve((match, verdict) for match, _, verdict, _ in candidates if verdict)
    winners = {(match.rule.id, match.span, match.origin): verdict for match, verdict in kept}
    for match, path, verdict, refusal in sorted(candidates, key=lambda one: (_place(one[0]), one[0].rule.id)):
        final = winners.get((match.rule.id, match.span, match.origin))
        lost = "the configuration turns this rule off" if match.rule.off else "a better rule has these bytes"
        outcome = refusal or ("a finding" if final else lost)
        yield Step(match, locate.locate(blob, _place(match)), path, final or verdict, outcome, match.secret)


def _place(match: Match) -> Span:
    return match.origin or match.span


def _candidates(matcher: Matcher, blob: Blob) -> Iterator[tuple[Match, str, Verdict | None, str]]:
    from dataclasses import replace  # noqa: PLC0415 - only here

    windows = matcher.windows(blob.data)
    for view, near in chain([(None, windows)], nested.views(matcher, blob.data, windows)):
        data = view.data if view else blob.data
        for match in matcher.matches(data, near):
            origin = view.origin(match.span) if view else None
            if view and not origin:
                continue
            around = classify.Surroundings(data, match.span.start, match.span.end, blob.path)
            result = classify.judge(match, around)
            verdict = result if isinstance(result, Verdict) else None
            refusal = "" if isinstance(result, Verdict) else result.reason
            found = replace(match, origin=origin, steps=view.steps(match.span) if view else ())
            yield found, around.field.path, verdict, refusal
