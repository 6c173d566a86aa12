"""Blob -> every candidate in it with its verdict, or why it is refused; what is encoded in it included.

Whoever asks what stands in a blob asks here: a scan takes what has a verdict, an explanation all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from keysift.detect import decode, nested
from keysift.detect.candidates import Candidate
from keysift.detect.confirm import RuleTimeoutError
from keysift.detect.judge import Refusal, judge
from keysift.detect.matcher import Matcher, Windows
from keysift.model import Blob, Span, Verdict

Assessed = tuple[Candidate, Verdict | Refusal]


@dataclass(slots=True)
class Assessment:
    """The candidates of one blob: all of them, or those that were not refused."""

    candidates: list[Assessed] = field(default_factory=list)
    unfinished: str = ""
    """The reason why the blob was not fully scanned; what was found before that stays. Empty if it was."""

    def verdicts(self) -> Iterator[tuple[Candidate, Verdict]]:
        """Yield the candidates that may be findings: those that were not refused."""
        for candidate, said in self.candidates:
            if isinstance(said, Verdict):
                yield candidate, said


def assess(matcher: Matcher, blob: Blob, windows: Windows, *, everything: bool = False) -> Assessment:
    """Judge the candidates of a blob, by the windows that the matcher gives for it.

    Without `everything`, refusals are left out, and general rules are not asked about bytes that another rule has
    taken: they give way to it in the end.
    """
    assessment = Assessment()
    try:
        _add(assessment, matcher, blob.data, blob.path, windows, everything=everything)
        for view, near in nested.views(matcher, blob.data, windows.encoded):
            _add(assessment, matcher, view.data, blob.path, near, view, everything=everything)
    except (RuleTimeoutError, TimeoutError, decode.LimitError) as error:
        assessment.unfinished = str(error) or "a rule took too long"
    return assessment


def _add(  # noqa: PLR0913, PLR0917 - one text, with where it comes from
    assessment: Assessment,
    matcher: Matcher,
    text: bytes,
    path: str,
    windows: Windows,
    view: decode.View | None = None,
    *,
    everything: bool,
) -> None:
    """Add the candidates of one text: of a view only those that it has decoded.

    Raises:
        RuleTimeoutError, TimeoutError: a rule ran out of time; what was found before it is added all the same.
    """
    final: dict[Span, Refusal] = {}
    taken: dict[int, int] = {}
    added: list[Assessed] = []
    try:
        for candidate in matcher.candidates(text, windows, taken):
            span = candidate.span
            if view and not view.origin(span):
                continue
            said: Verdict | Refusal | None = _settled(span, final)
            if said is None:
                said = judge(candidate, path)
                if isinstance(said, Refusal):
                    if said.final:
                        final[span] = said
                elif not (candidate.rule.general or everything):
                    taken[span.start] = span.end
            if everything or isinstance(said, Verdict):
                added.append(_from_view(candidate, said, view) if view else (candidate, said))
    finally:
        # What is true of the bytes is so for every rule on some of them, also for those that were asked before.
        assessment.candidates += ((candidate, _settled(candidate.span, final) or said) for candidate, said in added)


def _settled(span: Span, final: dict[Span, Refusal]) -> Refusal | None:
    """Return the final refusal of bytes of which these are a part."""
    if not final:
        return None
    return next((refusal for settled, refusal in final.items() if span.within((settled,))), None)


def _from_view(candidate: Candidate, said: Verdict | Refusal, view: decode.View) -> Assessed:
    """Return a candidate of a view with its place in the blob."""
    steps = view.steps(candidate.span)
    if isinstance(said, Verdict):
        said = replace(said, reasons=(*said.reasons, f"decoded from {', '.join(steps)}"))
    return replace(candidate, origin=view.origin(candidate.span), steps=steps), said
