"""Blob -> what became of every candidate in it, by the very steps of a scan: verdict, refusal, or who has its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from keysift import lazy
from keysift.detect import comments, locate, resolve, signals
from keysift.detect.assess import Assessed, assess
from keysift.detect.candidates import Candidate
from keysift.detect.findings import build_finding
from keysift.detect.judge import Refusal
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding, Location, Verdict


@dataclass(frozen=True, slots=True)
class Explanation:
    """One candidate, and what came of it."""

    candidate: Candidate
    location: Location
    field: str
    """The path of the field that holds it; empty if there is none."""
    verdict: Verdict | None
    """None if it was refused."""
    refusal: str = ""
    covered_by: str = ""
    """The id of the rule that has its bytes."""
    finding: Finding | None = None
    """Where it is one, marked if a comment accepts it."""

    @property
    def outcome(self) -> str:
        """What came of it, in words."""
        if self.finding:
            return "a finding"
        if self.covered_by:
            return f"covered by {self.covered_by}"
        return self.refusal or "its rule is turned off"


def explain(matcher: Matcher, blob: Blob) -> tuple[list[Explanation], str]:
    """Return every candidate, findings first, then in the order of the bytes; and why the blob was left, if it was."""
    assessment = assess(matcher, blob, matcher.windows(blob.data), everything=True)
    resolved = resolve.resolution(assessment.verdicts(), matcher.rules.off)
    places = locate.Places(blob)
    marked = comments.inline(blob, [build_finding(places, *judged) for judged in resolved.findings])
    won = {
        _key(candidate): (verdict, finding)
        for (candidate, verdict), finding in zip(resolved.findings, marked, strict=True)
    }
    lost = {_key(candidate): winner.rule.id for (candidate, _), winner in resolved.covered}
    explained = [_explained(blob, assessed, won, lost) for assessed in _unique(assessment.candidates)]
    explained.sort(key=_order)
    return explained, assessment.unfinished


_Key = tuple[object, ...]


def _key(candidate: Candidate) -> _Key:
    return candidate.rule.id, candidate.span, candidate.origin, candidate.secret


def _unique(assessed: Iterable[Assessed]) -> Iterable[Assessed]:
    """Drop what two views of the same bytes have both shown."""
    return {(_key(candidate), isinstance(said, Verdict)): (candidate, said) for candidate, said in assessed}.values()


def _explained(
    blob: Blob, assessed: Assessed, won: dict[_Key, tuple[Verdict, Finding]], lost: dict[_Key, str]
) -> Explanation:
    candidate, said = assessed
    location = locate.locate(blob, candidate.place)
    field = candidate.around.field.path
    if isinstance(said, Refusal):
        return Explanation(candidate, location, field, None, refusal=said.reason)
    if _key(candidate) in won:
        verdict, finding = won[_key(candidate)]
        return Explanation(candidate, location, field, verdict, finding=finding)
    return Explanation(candidate, location, field, said, covered_by=lost.get(_key(candidate), ""))


def _order(explained: Explanation) -> tuple[bool, bool, int, int, str]:
    """Order findings first; of what was refused in one place, what the most specific rule says."""
    rule, start = explained.candidate.rule, explained.candidate.place.start
    return explained.finding is None, explained.verdict is None, start, -resolve.specificity(rule), rule.id


@dataclass(frozen=True, slots=True)
class StandIn:
    """A value that no rule asks about, since it stands for a key that is elsewhere, or for none."""

    line: int
    """Counted from 1."""
    name: str
    reason: str


_ASSIGNMENT = lazy.compile(
    r"(?P<name>[A-Za-z_][\w.-]{0,80})[\"'\])]{0,3}\s{0,8}(?::=|=>|[:=])\s{0,8}"
    r"(?:\"(?P<value>[^\"\n]{1,400})\"|'(?P<value2>[^'\n]{1,400})'|(?P<bare>[^\n]{1,400}))"
)
LONGEST_LINE = 2_000
"""Characters: what stands behind is not looked at for stand-ins."""


def stand_ins(blob: Blob, line: int = 0) -> list[StandIn]:
    """Return the references and placeholders on one line (counted from 1), or on all of them."""
    found: list[StandIn] = []
    for number, text in enumerate(locate.decode(blob.data).split("\n"), 1):
        if line not in {0, number}:
            continue
        for assignment in _ASSIGNMENT.finditer(text[:LONGEST_LINE]):
            value = assignment["value"] or assignment["value2"] or assignment["bare"].partition(" #")[0].strip(" ,;")
            reason = signals.reference(value) or signals.placeholder(value)
            if reason and reason != "empty":
                found.append(StandIn(number, assignment["name"], reason))
    return found
