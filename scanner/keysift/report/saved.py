"""A report that was saved with `-f json`, read back as the run that it describes.

A saved report lacks the lines around a key, and the key itself where it is masked; the mask then takes its place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from keysift import wide
from keysift.errors import UsageError
from keysift.model import (
    Confidence,
    Finding,
    Gone,
    History,
    Holder,
    Label,
    Liveness,
    LiveState,
    Location,
    Rule,
    Run,
    Skipped,
    Suppression,
    Verdict,
)
from keysift.report.json_report import SCHEMA
from keysift.report.plain import plain

_HELP = "create one with `keysift scan -f json -o FILE`"
_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
_Number = Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[\w.:/+-]{0,200}$")]
"""The name of a rule, a commit or a time: no reader of a report takes its characters for anything else."""


# --- The form of the file ---------------------------------------------------------------------------------------------


class _Location(msgspec.Struct):
    path: str
    start_line: _Number
    start_column: _Number
    end_line: _Number
    end_column: _Number
    start_byte: _Count
    end_byte: _Count
    member: str | None = None
    commit: _Name | None = None
    repository_path: str = ""


class _History(msgspec.Struct):
    first_commit: _Name | None = None
    first_seen: _Name | None = None
    last_commit: _Name | None = None
    last_seen: _Name | None = None
    in_head: bool | None = None
    refs: tuple[str, ...] = ()
    ref_count: _Count = 0
    authors: tuple[str, ...] = ()
    kept_by: _Name | None = None
    exposed_days: _Count = 0
    copies: _Number = 1
    left_head: _Name | None = None


class _Holder(msgspec.Struct):
    name: str
    teams: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    history: _History | None = None


class _Suppression(msgspec.Struct):
    kind: _Name
    status: _Name = "accepted"
    justification: str = ""
    who: str | None = None
    until: _Name | None = None


class _Liveness(msgspec.Struct):
    state: LiveState
    when: _Name = ""
    how: str = ""
    facts: dict[_Name, str] = {}


class _Finding(msgspec.Struct):
    rule_id: _Name
    label: Label
    confidence: Confidence
    fingerprint: _Name
    locations: tuple[_Location, ...]
    location_count: _Count = 0
    rule_name: str = ""
    provider: str = ""
    reasons: tuple[str, ...] = ()
    secret: str = msgspec.field(default="")
    why: str = ""
    revoke: str = ""
    references: tuple[str, ...] = ()
    history: _History | None = None
    baseline: _Name = ""
    suppressions: tuple[_Suppression, ...] = ()
    below_threshold: bool = False
    liveness: _Liveness | None = None
    repositories: tuple[_Holder, ...] = ()


class _Skipped(msgspec.Struct):
    path: str
    reason: str
    expected: bool | None = None
    repository_path: str = ""
    object: str = ""
    accepted: bool = False


class _Gone(msgspec.Struct):
    rule_id: _Name
    entry: _Name
    path: str
    repository_path: str = ""


class _Tool(msgspec.Struct):
    version: _Name = ""
    rules: str = ""


class _Run(msgspec.Struct):
    command: _Name
    targets: tuple[str, ...]
    started: _Name = ""
    duration_s: float = 0.0
    blobs: _Count = 0
    bytes: _Count = 0
    complete: bool = True
    interrupted: bool = False
    notes: tuple[str, ...] = ()


class _Report(msgspec.Struct):
    schema: str
    tool: _Tool
    run: _Run
    findings: tuple[_Finding, ...]
    suppressed: tuple[_Finding, ...] = ()
    public: tuple[_Finding, ...] = ()
    skipped: tuple[_Skipped, ...] = ()
    gone: tuple[_Gone, ...] = ()


class _Head(msgspec.Struct):
    schema: str = ""


# --- Reading ----------------------------------------------------------------------------------------------------------


def read(path: Path) -> Run:
    """Return the run that a file describes.

    Raises:
        UsageError: the file cannot be read, or is not a report, or is one of an unknown version.
    """
    try:
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(f"cannot read {plain(str(path))}: {error.strerror or error}", help=_HELP) from error


def parse(data: bytes, name: str) -> Run:
    """Return the run that the bytes of a report describe; errors call the bytes `name`.

    Raises:
        UsageError: as for `read`.
    """
    try:
        data = wide.to_utf8(data)
        schema = msgspec.json.decode(data, type=_Head).schema
        if schema.startswith("keysift-report/") and schema != SCHEMA:
            message = f"{plain(name)} is a report of an unsupported version: {plain(schema)[:40]}"
            raise UsageError(message, help="use the keysift that wrote it, or a newer one")
        if schema != SCHEMA:
            raise UsageError(f"{plain(name)} is not a JSON report of keysift", help=_HELP)
        return _run(msgspec.json.decode(data, type=_Report))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # The message names the fault and the place, `$.findings[0].label`, and no key.
        message = f"{plain(name)} is not a JSON report of keysift: {plain(str(error))[:200]}"
        raise UsageError(message, help=_HELP) from None


def _run(report: _Report) -> Run:
    run = report.run
    skipped = [_skipped(item, complete=run.complete) for item in report.skipped]
    return Run(
        run.command,
        run.targets,
        run.started,
        run.duration_s,
        run.blobs,
        run.bytes,
        [_finding(finding) for finding in report.findings if not finding.below_threshold],
        [_finding(finding) for finding in report.suppressed],
        [_finding(finding) for finding in report.public],
        skipped,
        run.interrupted or (not run.complete and all(item.expected for item in skipped)),
        {"version": report.tool.version, "rules": report.tool.rules},
        [Gone(gone.entry, gone.rule_id, gone.path, gone.repository_path) for gone in report.gone],
        list(run.notes),
        below=[_finding(finding) for finding in report.findings if finding.below_threshold],
    )


def _skipped(item: _Skipped, *, complete: bool) -> Skipped:
    # Reports from before `expected` was written say only whether the whole run was complete.
    expected = complete if item.expected is None else item.expected
    return Skipped(item.path, item.reason, expected, item.repository_path, object=item.object, accepted=item.accepted)


def _finding(saved: _Finding) -> Finding:
    """Return the finding as it was saved: its fingerprint is that of the key, which may be masked here."""
    return Finding(
        _rule(saved),
        saved.secret.encode("utf-8", "surrogatepass"),
        Verdict(saved.label, saved.confidence, saved.reasons),
        tuple(map(_location, saved.locations)),
        saved.fingerprint,
        tuple(map(_suppression, saved.suppressions)),
        _history(saved.history) if saved.history else None,
        saved.baseline,
        saved.below_threshold,
        max(saved.location_count - len(saved.locations), 0),
        _liveness(saved.liveness) if saved.liveness else None,
        tuple(map(_holder, saved.repositories)),
    )


def _holder(saved: _Holder) -> Holder:
    return Holder(saved.name, saved.teams, saved.topics, _history(saved.history) if saved.history else None)


def _liveness(saved: _Liveness) -> Liveness:
    return Liveness(saved.state, saved.when, saved.how, tuple(saved.facts.items()))


def _rule(saved: _Finding) -> Rule:
    texts = saved.why, saved.revoke, saved.references
    name = saved.rule_name or saved.rule_id
    return Rule(saved.rule_id, name, saved.provider, saved.label, *texts)


def _location(saved: _Location) -> Location:
    lines = saved.start_line, saved.start_column, saved.end_line, saved.end_column
    span, inside = (saved.start_byte, saved.end_byte), (saved.member or "", saved.commit or "")
    return Location(saved.path, *lines, *span, *inside, repository_path=saved.repository_path)


def _suppression(saved: _Suppression) -> Suppression:
    return Suppression(saved.kind, saved.justification, saved.status, saved.who or "", saved.until or "")


def _history(saved: _History) -> History:
    return History(
        saved.first_commit or "",
        saved.first_seen or "",
        saved.authors,
        saved.last_commit or "",
        saved.last_seen or "",
        bool(saved.in_head),
        saved.refs,
        saved.kept_by or "",
        saved.exposed_days,
        saved.copies,
        saved.left_head or "",
        max(saved.ref_count - len(saved.refs), 0),
    )
