"""Blob -> every candidate in it with its outcome, by the steps of a scan: verdict, refusal, or the rule that won."""

from __future__ import annotations

from collections.abc import Iterable

from keysift.detect import comments, locate, resolve
from keysift.detect.assess import Assessed, assess
from keysift.detect.candidates import Candidate
from keysift.detect.evidence import shown_field
from keysift.detect.findings import build_finding
from keysift.detect.judge import Refusal
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding, Location, Verdict
from keysift.records import dataclass

_Key = tuple[object, ...]
"""The rule, the span, the origin and the secret of a candidate."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A candidate and its outcome."""

    candidate: Candidate
    location: Location
    field: str
    """The path of the field that contains it; empty if there is none."""
    verdict: Verdict | None
    """None if it was refused."""
    refusal: str = ""
    """The reason why it was refused; empty if it was not."""
    covered_by: str = ""
    """The id of the rule that has its bytes; empty if none has."""
    finding: Finding | None = None
    """The finding that it became, if it did, marked if a comment accepts it."""

    @property
    def outcome(self) -> str:
        """The outcome in words."""
        if self.finding:
            return "a finding"
        if self.covered_by:
            return f"covered by {self.covered_by}"
        return self.refusal or "its rule is turned off"


def explain(matcher: Matcher, blob: Blob) -> tuple[list[Explanation], str]:
    """Return every candidate, findings first, then in the order of the bytes.

    Also return the reason why the blob was not fully scanned; empty if it was.
    """
    assessment = assess(matcher, blob, matcher.windows(blob.data), everything=True)
    resolved = resolve.resolution(assessment.verdicts(), matcher.rules.off)
    places = locate.Places(blob)
    marked = comments.inline(blob, [build_finding(places, *judged) for judged in resolved.findings])
    won = {
        _key(candidate): (verdict, finding)
        for (candidate, verdict), finding in zip(resolved.findings, marked, strict=True)
    }
    lost = {_key(candidate): winner.rule.id for (candidate, _), winner in resolved.covered}
    explained = [_explanation(blob, assessed, won, lost) for assessed in _unique(assessment.candidates)]
    explained.sort(key=_order)
    return explained, assessment.unfinished


def _key(candidate: Candidate) -> _Key:
    return candidate.rule.id, candidate.span, candidate.origin, candidate.secret


def _unique(candidates: Iterable[Assessed]) -> Iterable[Assessed]:
    """Drop the candidates that two views of the same bytes both have."""
    return {
        (_key(candidate), isinstance(judgement, Verdict)): (candidate, judgement) for candidate, judgement in candidates
    }.values()


def _explanation(
    blob: Blob, assessed: Assessed, won: dict[_Key, tuple[Verdict, Finding]], lost: dict[_Key, str]
) -> Explanation:
    candidate, judgement = assessed
    location = locate.locate(blob, candidate.place)
    field = shown_field(candidate.around.field.path)
    if isinstance(judgement, Refusal):
        return Explanation(candidate, location, field, None, refusal=judgement.reason)
    if _key(candidate) in won:
        verdict, finding = won[_key(candidate)]
        return Explanation(candidate, location, field, verdict, finding=finding)
    return Explanation(candidate, location, field, judgement, covered_by=lost.get(_key(candidate), ""))


def _order(explanation: Explanation) -> tuple[bool, bool, int, int, str]:
    """Order findings first; of the refusals in one place, first that of the most specific rule."""
    rule, start = explanation.candidate.rule, explanation.candidate.place.start
    return explanation.finding is None, explanation.verdict is None, start, -resolve.specificity(rule), rule.id
