"""A report that was saved with `-f json` -> the run that it tells of, as far as it tells.

What is not in it: the lines around a key, and the key itself where it is masked; the mask then stands for the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from keysift.errors import UsageError
from keysift.model import Confidence, Finding, Gone, History, Label, Location, Rule, Run, Skipped, Suppression, Verdict
from keysift.report.json_report import SCHEMA
from keysift.report.plain import plain
from keysift.report.view import worst

_HELP = "`keysift scan -f json -o FILE` writes one"
_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
_Number = Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[\w.:/+-]{0,200}$")]
"""Of a rule, a commit, a time: what no program that reads a report takes for anything else."""


class _Place(msgspec.Struct):
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


class _Life(msgspec.Struct):
    first_commit: _Name | None = None
    first_seen: _Name | None = None
    last_commit: _Name | None = None
    last_seen: _Name | None = None
    in_head: bool | None = None
    refs: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    kept_by: _Name | None = None
    exposed_days: _Count = 0
    copies: _Number = 1


class _Accepted(msgspec.Struct):
    kind: _Name
    status: _Name = "accepted"
    justification: str = ""
    who: str | None = None
    until: _Name | None = None


class _Key(msgspec.Struct):
    rule_id: _Name
    label: Label
    confidence: Confidence
    fingerprint: _Name
    locations: tuple[_Place, ...]
    rule_name: str = ""
    provider: str = ""
    reasons: tuple[str, ...] = ()
    secret: str = msgspec.field(default="")
    why: str = ""
    revoke: str = ""
    references: tuple[str, ...] = ()
    history: _Life | None = None
    baseline: _Name = ""
    suppressions: tuple[_Accepted, ...] = ()


class _Missed(msgspec.Struct):
    path: str
    reason: str
    expected: bool | None = None
    repository_path: str = ""


class _Lost(msgspec.Struct):
    rule_id: _Name
    entry: _Name
    path: str
    repository_path: str = ""


class _Tool(msgspec.Struct):
    version: _Name = ""
    rules: str = ""


class _Asked(msgspec.Struct):
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
    run: _Asked
    findings: tuple[_Key, ...]
    suppressed: tuple[_Key, ...] = ()
    public: tuple[_Key, ...] = ()
    skipped: tuple[_Missed, ...] = ()
    gone: tuple[_Lost, ...] = ()


class _Head(msgspec.Struct):
    schema: str = ""


def read(path: Path) -> Run:
    """The run that a file tells of.

    Raises:
        UsageError: the file cannot be read, or holds no report, or one of a version that is not known here.
    """
    try:
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(f"cannot read {plain(str(path))}: {error.strerror or error}", help=_HELP) from error


def parse(data: bytes, name: str) -> Run:
    """The run that the bytes of a report tell of; `name` says in errors what they are.

    Raises:
        UsageError: as for `read`.
    """
    try:
        schema = msgspec.json.decode(data, type=_Head).schema
        if schema.startswith("keysift-report/") and schema != SCHEMA:
            newer = f"{plain(name)} is a report of another version: {plain(schema)[:40]}"
            raise UsageError(newer, help="use the keysift that wrote it, or a newer one than this")
        if schema != SCHEMA:
            raise UsageError(f"{plain(name)} is no JSON report of keysift", help=_HELP)
        return _run(msgspec.json.decode(data, type=_Report))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # The message tells of the form and the place, `$.findings[0].label`, and of no key.
        raise UsageError(f"{plain(name)} is no JSON report of keysift: {plain(str(error))[:200]}", help=_HELP) from None


def merged(runs: Sequence[Run]) -> Run:
    """One run of several: the same key is one finding with the places of all."""
    if len(runs) == 1:
        return runs[0]
    commands, versions = ({run.command for run in runs}, {run.settings.get("version", "") for run in runs})
    return Run(
        commands.pop() if len(commands) == 1 else "report",
        _unique(target for run in runs for target in run.targets),
        min((run.started for run in runs if run.started), default=""),
        sum(run.duration_s for run in runs),
        sum(run.blobs for run in runs),
        sum(run.bytes for run in runs),
        _keys(finding for run in runs for finding in run.findings),
        _keys(finding for run in runs for finding in run.suppressed),
        _keys(finding for run in runs for finding in run.public),
        list(_unique(skipped for run in runs for skipped in run.skipped)),
        any(run.interrupted for run in runs),
        {"version": versions.pop() if len(versions) == 1 else "", "rules": runs[0].settings.get("rules", "")},
        list(_unique(gone for run in runs for gone in run.gone)),
        list(_unique(note for run in runs for note in run.notes)),
    )


def _run(report: _Report) -> Run:
    asked = report.run
    # Before `expected` was written, an incomplete run was all that was known.
    skipped = [
        Skipped(one.path, one.reason, _or(one.expected, asked.complete), one.repository_path) for one in report.skipped
    ]
    return Run(
        asked.command,
        asked.targets,
        asked.started,
        asked.duration_s,
        asked.blobs,
        asked.bytes,
        [_finding(key) for key in report.findings],
        [_finding(key) for key in report.suppressed],
        [_finding(key) for key in report.public],
        skipped,
        asked.interrupted or (not asked.complete and all(one.expected for one in skipped)),
        {"version": report.tool.version, "rules": report.tool.rules},
        [Gone(one.entry, one.rule_id, one.path, one.repository_path) for one in report.gone],
        list(asked.notes),
    )


def _finding(key: _Key) -> Finding:
    rule = Rule(
        key.rule_id,
        key.rule_name or key.rule_id,
        key.provider,
        key.label,
        key.why,
        key.revoke,
        key.references,
        pattern="",
        keywords=(),
        reach=0,
    )
    return Finding(
        rule,
        key.secret.encode("utf-8", "surrogatepass"),
        Verdict(key.label, key.confidence, key.reasons),
        tuple(_location(place) for place in key.locations),
        key.fingerprint,
        tuple(
            Suppression(one.kind, one.justification, one.status, one.who or "", one.until or "")
            for one in key.suppressions
        ),
        _history(key.history) if key.history else None,
        key.baseline,
    )


def _location(place: _Place) -> Location:
    lines = place.start_line, place.start_column, place.end_line, place.end_column
    span, inside = (place.start_byte, place.end_byte), (place.member or "", place.commit or "")
    return Location(place.path, *lines, *span, *inside, repository_path=place.repository_path)


def _history(life: _Life) -> History:
    return History(
        life.first_commit or "",
        life.first_seen or "",
        life.authors,
        life.last_commit or "",
        life.last_seen or "",
        bool(life.in_head),
        life.refs,
        life.kept_by or "",
        life.exposed_days,
        life.copies,
    )


_T = TypeVar("_T")


def _or(value: bool | None, otherwise: bool) -> bool:  # noqa: FBT001 - private
    return otherwise if value is None else value


def _unique(items: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(items))


def _keys(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of several runs, one a key."""
    known: dict[str, Finding] = {}
    for finding in findings:
        other = known.get(finding.fingerprint)
        known[finding.fingerprint] = _united(other, finding) if other else finding
    return list(known.values())


def _united(one: Finding, other: Finding) -> Finding:
    """One key that two runs tell of: its graver and surer verdict, all its places, its whole life."""
    label = worst([one.verdict.label, other.verdict.label])
    confidence = max(one.verdict.confidence, other.verdict.confidence, key=lambda found: found.rank)
    return Finding(
        one.rule,
        # A mask is never longer than its key, and stars are in no key of the same length.
        min(one.secret, other.secret, key=lambda secret: secret.count(b"*")),
        Verdict(label, confidence, _unique([*one.verdict.reasons, *other.verdict.reasons])),
        _unique([*one.locations, *other.locations]),
        one.fingerprint,
        _unique([*one.suppressions, *other.suppressions]),
        _lives(one.history, other.history),
        one.baseline if one.baseline == other.baseline else one.baseline or other.baseline,
    )


def _lives(one: History | None, other: History | None) -> History | None:
    """Both lives as one: in as the earlier came in, out when the later went out."""
    if one is None or other is None:
        return one or other
    first, then = sorted((one, other), key=lambda life: life.first_seen or "9")
    over = one.last_seen and other.last_seen
    last = max((one, other), key=lambda life: life.last_seen)
    return History(
        first.first_commit,
        first.first_seen,
        _unique([*first.authors, *then.authors]),
        last.last_commit if over else "",
        last.last_seen if over else "",
        one.in_head or other.in_head,
        _unique([*one.refs, *other.refs]),
        one.kept_by if one.kept_by == other.kept_by else "refs",
        max(one.exposed_days, other.exposed_days),
        max(one.copies, other.copies),
    )
