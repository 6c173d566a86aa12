"""Blob -> the candidates in it, encoded ones included, each with its verdict or refusal.

A scan takes the candidates with a verdict, an explanation all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace

from keysift.detect import decode, nested
from keysift.detect.candidates import Candidate
from keysift.detect.confirm import RuleTimeoutError
from keysift.detect.judge import Refusal, judge
from keysift.detect.matcher import Matcher, Windows
from keysift.model import Blob, Span, Verdict
from keysift.records import dataclass

Assessed = tuple[Candidate, Verdict | Refusal]
"""A candidate and the judgement of it."""
MOST_FOUND = 20_000
"""Candidates of one text that may be keys; whoever has more needs no list."""
_MOST_KEPT = 1_000
"""Candidates of one text that keep what was worked out of their surroundings, which takes some 10 kB each."""

TOO_LONG = "a pattern took too long on the surroundings of a value"
"""The limits of patterns count CPU time of this process, so they do not depend on how busy the machine is."""


@dataclass(slots=True)
class Assessment:
    """The candidates of one blob: all of them, or those that were not refused."""

    candidates: list[Assessed] = field(default_factory=list)
    unfinished: str = ""
    """The reason why the blob was not fully scanned, the first if there are several. Empty if it was."""

    def verdicts(self) -> Iterator[tuple[Candidate, Verdict]]:
        """Yield the candidates that may be findings: those that were not refused."""
        for candidate, judgement in self.candidates:
            if isinstance(judgement, Verdict):
                yield candidate, judgement


def assess(
    matcher: Matcher,
    blob: Blob,
    windows: Windows,
    *,
    everything: bool = False,
    views: list[decode.View] | None = None,
) -> Assessment:
    """Judge the candidates of a blob in the windows that the matcher returns for it.

    Without `everything`, refusals are left out, and general rules are not asked about bytes that another rule has
    taken, because they give way to it in the end. To `views` are added those that were looked at.
    """
    assessment = Assessment()
    _add(assessment, matcher, blob.data, blob.path, windows, everything=everything)
    try:
        for view, near in nested.views(matcher, blob.data, windows.encoded) if windows.encoded else ():
            if views is not None:
                views.append(view)
            _add(assessment, matcher, view.data, blob.path, near, view, everything=everything)
    except decode.LimitError as error:
        assessment.unfinished = assessment.unfinished or str(error)
    return assessment


def _add(  # noqa: PLR0913, PLR0917 - one text and its origin
    assessment: Assessment,
    matcher: Matcher,
    text: bytes,
    path: str,
    windows: Windows,
    view: decode.View | None = None,
    *,
    everything: bool,
) -> None:
    """Add the candidates of one text: of a view only those that it has decoded."""
    final: dict[Span, Refusal] = {}
    taken: dict[int, int] = {}
    added: list[Assessed] = []
    try:
        for candidate in matcher.candidates(text, windows, taken, everything=everything):
            span = candidate.span
            if view and not view.origin(span):
                continue
            judgement = (_settled(span, final) if final else None) or _judge(assessment, candidate, path)
            if isinstance(judgement, Refusal) and judgement.final:
                final[span] = judgement
            elif isinstance(judgement, Verdict) and not (candidate.rule.general or everything):
                taken[span.start] = span.end
            if judgement and (everything or isinstance(judgement, Verdict)):
                added.append(_from_view(candidate, judgement, view) if view else (candidate, judgement))
                if len(added) > _MOST_KEPT:
                    candidate.around.forget()
                if len(added) > MOST_FOUND and not everything:
                    assessment.unfinished = assessment.unfinished or f"it contains more than {MOST_FOUND:,} keys"
                    break
    except RuleTimeoutError as error:
        assessment.unfinished = assessment.unfinished or str(error)
    if final:  # true of the bytes, so it holds for every rule on some of them, also for those that were asked before
        added = [(candidate, _settled(candidate.span, final) or judgement) for candidate, judgement in added]
    assessment.candidates += added


def _judge(assessment: Assessment, candidate: Candidate, path: str) -> Verdict | Refusal | None:
    """Return the judgement on one candidate; None if a pattern takes too long on its surroundings."""
    try:
        return judge(candidate, path)
    except TimeoutError:
        assessment.unfinished = assessment.unfinished or TOO_LONG
        return None


def _settled(span: Span, final: dict[Span, Refusal]) -> Refusal | None:
    """Return the final refusal of bytes that contain these."""
    return next((refusal for settled, refusal in final.items() if span.within((settled,))), None)


def _from_view(candidate: Candidate, judgement: Verdict | Refusal, view: decode.View) -> Assessed:
    """Return a candidate of a view with its place in the blob."""
    steps = view.steps(candidate.span)
    if isinstance(judgement, Verdict):
        judgement = replace(judgement, reasons=(*judgement.reasons, f"decoded from {', '.join(steps)}"))
    return replace(candidate, origin=view.origin(candidate.span), steps=steps), judgement
