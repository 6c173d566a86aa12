"""Findings -> what an editor shows of them: a diagnostic each, and a text for whoever points at it."""

from __future__ import annotations

from lsprotocol.types import CodeDescription, Diagnostic, DiagnosticSeverity, Range

from keysift import masking
from keysift.lsp_server.judging import Judged
from keysift.lsp_server.places import Places
from keysift.model import Finding, Label
from keysift.report.plain import plain

SOURCE = "keysift"
_LONGEST = 400
"""Characters of a sentence that comes from a rule, which may be a repository's own."""


def diagnostics(judged: Judged, places: Places) -> list[Diagnostic]:
    """Return what is to be shown beside the lines of a document."""
    first = places.range(0, places.line_end(0))
    shown = [Diagnostic(first, remark, DiagnosticSeverity.Information, source=SOURCE) for remark in judged.remarks]
    return [
        *shown,
        *(_diagnostic(finding, places.range(*places.span(finding.locations[0]))) for finding in judged.findings),
    ]


def _diagnostic(finding: Finding, place: Range) -> Diagnostic:
    rule, verdict = finding.rule, finding.verdict
    severity = DiagnosticSeverity.Error if verdict.label is Label.SECRET else DiagnosticSeverity.Warning
    address = next((each for each in rule.references if each.startswith("https://")), "")
    return Diagnostic(
        place,
        plain(f"{rule.name[:_LONGEST]}: {verdict.label}, {verdict.confidence} confidence"),
        severity,
        code=rule.id,
        code_description=CodeDescription(address) if address else None,
        source=SOURCE,
    )


def explanation(finding: Finding, judged: Judged) -> str:
    """Return why a finding is one, what its label means, and what to do: plain text, the key masked."""
    rule, verdict = finding.rule, finding.verdict
    where = finding.locations[0].member
    lines = [
        f"{rule.name}  ({rule.id})",
        f"{verdict.label}, {verdict.confidence} confidence: {masking.redact(finding.secret)}",
        *([f"Inside of the document: {where}"] if where else []),
        "",
        *(f"because {reason}" for reason in verdict.reasons),
        "",
        f"Why {verdict.label}: {rule.why}",
        f"How to revoke it: {rule.revoke}",
        *rule.references,
    ]
    return "\n".join(plain(masking.mask_name(line, judged.hidden)) for line in lines)
