"""What became of every candidate in a text, step by step: which rules, what the context said, why this label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

from keysift.detect import classify, locate, nested, resolve
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Candidate, Location, Span, Verdict


@dataclass(frozen=True, slots=True)
class Explanation:
    """One candidate: where it stands, what field holds it, and what came of it."""

    match: Candidate
    location: Location
    path: str
    verdict: Verdict | None
    outcome: str
    secret: bytes = field(repr=False)


def explain(matcher: Matcher, blob: Blob) -> Iterator[Explanation]:
    """Every candidate, in the order of the bytes."""
    candidates = list(_candidates(matcher, blob))
    judged = ((match, verdict) for match, _, verdict, _ in candidates if verdict)
    kept = resolve.resolve(judged, matcher.rules.off)
    winners = {(match.rule.id, match.span, match.origin): verdict for match, verdict in kept}
    for match, path, verdict, refusal in sorted(candidates, key=lambda one: (_place(one[0]), one[0].rule.id)):
        final = winners.get((match.rule.id, match.span, match.origin))
        off = match.rule.id in matcher.rules.off
        lost = "the configuration turns this rule off" if off else "a better rule has these bytes"
        outcome = refusal or ("a finding" if final else lost)
        yield Explanation(match, locate.locate(blob, _place(match)), path, final or verdict, outcome, match.secret)


def _place(match: Candidate) -> Span:
    return match.origin or match.span


_Explained = tuple[Candidate, str, Verdict | None, str]


def _candidates(matcher: Matcher, blob: Blob) -> Iterator[_Explained]:
    windows = matcher.windows(blob.data)
    for view, near in chain([(None, windows)], nested.views(matcher, blob.data, windows)):
        data = view.data if view else blob.data
        matches = (one for one in matcher.matches(data, near) if not view or view.origin(one.span))
        for match, path, verdict, refusal in _judged(blob, data, matches):
            origin, steps = (view.origin(match.span), view.steps(match.span)) if view else (None, ())
            yield replace(match, origin=origin, steps=steps), path, verdict, refusal


def _judged(blob: Blob, data: bytes, matches: Iterable[Candidate]) -> Iterator[_Explained]:
    """Each with the field, and what came of it; what is final for one rule is so for all on some of its bytes."""
    surroundings = [(one, classify.Surroundings(data, one.span.start, one.span.end, blob.path)) for one in matches]
    judged = [(match, around.field.path, classify.judge(match, around)) for match, around in surroundings]
    final = {one.span: said.reason for one, _, said in judged if isinstance(said, classify.Refusal) and said.final}
    for match, path, said in judged:
        settled = (why for span, why in final.items() if match.span.within((span,)))
        reason = said.reason if isinstance(said, classify.Refusal) else next(settled, "")
        yield match, path, None if isinstance(said, classify.Refusal) or reason else said, reason
