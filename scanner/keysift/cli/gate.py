"""`keysift gate`."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import click

from keysift import config
from keysift.accept import baseline
from keysift.accept.acceptances import Acceptances, AcceptanceSources, accepted, close
from keysift.cli import running, settings, targets
from keysift.cli.commits import list_tree, scan_commits, scan_texts
from keysift.cli.committed import read_baseline, read_configuration, read_content
from keysift.cli.options import parse_size, reading, reporting
from keysift.cli.ranges import Range, named_range, received_ranges
from keysift.cli.sections import Sectioned
from keysift.detect.matcher import Matcher
from keysift.errors import UsageError
from keysift.files import naming
from keysift.git import log, messages
from keysift.git.diff import Change
from keysift.git.hardening import QUARANTINE
from keysift.git.objects import Object, ObjectReader
from keysift.masking import keys, mask_name
from keysift.model import Finding, ScanResult
from keysift.records import dataclass
from keysift.report.plain import plain
from keysift.report.wording import count
from keysift.scan import names, parallel
from keysift.scan.added import BlobScan
from keysift.scan.names import REF_NAMES
from keysift.scan.tally import tally

_NOT_HEEDED = "a comment in the change asks to ignore it, but counts only once it is in the base"


@dataclass(slots=True)
class _Notes:
    """The notes for people, and the acceptances and rules of all ranges."""

    lines: list[str] = field(default_factory=list)
    comments: int = 0
    """Findings that a comment of the change itself would suppress."""
    rules: int = 0
    acceptances: list[Acceptances] = field(default_factory=list)
    matcher: Matcher | None = None
    """That of the last range."""

    def advice(self) -> Iterator[str]:
        """Yield the notes for standard error, a line each."""
        yield from self.lines
        if self.comments:
            yield f"note: {count(self.comments, 'finding')}: {_NOT_HEEDED}"


@click.command("gate", cls=Sectioned)
@click.option(
    "--base",
    metavar="REF",
    envvar="KEYSIFT_BASE",
    help="Compare with REF.  [default: the base that the CI service names]",
)
@click.option("--head", metavar="REF", help="Judge REF.  [default: HEAD]")
@click.option("--pre-receive", is_flag=True, help="Judge a push: read old, new and ref from standard input.")
@reading
@reporting
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Find leaked keys in what a branch or a push adds, including its commit messages.

    Every commit since the merge base is judged: a key that a later commit removes has leaked all the same. The
    configuration and the baseline are those of the base, and comments that the change itself adds are not heeded.

    \b
    keysift gate --base origin/main
    keysift gate -f sarif -o keysift.sarif
    keysift gate --pre-receive
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    top = targets.repository()
    received = options["pre_receive"]
    ranges = list(received_ranges(top, sys.stdin.buffer)) if received else [named_range(top, options)]
    run = running.begin("gate", [judged.name for judged in ranges])
    notes = _Notes()
    tally(run, (result for judged in ranges for result in _results(top, judged, options, notes)))
    if notes.matcher:
        names.hide(notes.matcher, run)
    with running.interrupts_noted(run):
        close(notes.acceptances, run)
    hidden = keys(finding.secret for finding in (*run.everything(), *run.hidden))
    running.finish(ctx, run, rules=notes.rules, advice=(plain(mask_name(line, hidden)) for line in notes.advice()))


def _results(top: Path, judged: Range, options: Mapping[str, Any], notes: _Notes) -> Iterator[ScanResult]:
    """Yield what a range adds, judged by the configuration and the baseline of its base.

    Raises:
        UsageError: the clone is too shallow.
    """
    paths = naming.of(str(top))
    oids = log.list_commits(top, judged.tip, judged.without) if judged.tip else []
    if judged.deepen and log.is_cut(top, judged.tip, judged.base, oids):
        raise UsageError(f"this clone is too shallow to compare {judged.name}", help=judged.deepen)
    changes = log.list_changes(top, oids)
    with ObjectReader(top, limit=parse_size(options["max_file_size"]), inherit=QUARANTINE) as objects:
        configuration = _configuration(objects, judged, options)
        sources = AcceptanceSources(configuration, _baseline(objects, judged, options))
        acceptances = Acceptances(sources, today=settings.today(), min_confidence=options["min_confidence"] or "")
        notes.acceptances.append(acceptances)
        read = None if options["config_file"] else partial(read_content, objects, judged.base)
        active = settings.active_rules(configuration, read, options)
        notes.rules = max(notes.rules, settings.count_active(active))
        notes.lines.append(f"{judged.name}: {count(len(oids), 'commit')}")
        notes.lines += _notes_on_policy(objects, changes, configuration, paths)
        notes.matcher = Matcher(active)
        scan = partial(parallel.scan_blobs, notes.matcher, jobs=options["jobs"])
        excluded = settings.exclusion(configuration, paths)
        blob_scan = BlobScan(scan, partial(parallel.scan_names, notes.matcher), lambda path: not excluded(path))
        texts = messages.read_tag(objects, judged.tag) if judged.tag else ()
        results = scan_commits(objects, blob_scan, oids, changes, partial(list_tree, top, judged.tip))
        unheeded = (
            replace(result, findings=tuple(_without_comments(finding, notes) for finding in result.findings))
            for result in chain(_scan_refs(notes.matcher, judged), scan_texts(scan, texts), results)
        )
        yield from naming.named(accepted(acceptances, unheeded, paths), paths)


def _scan_refs(matcher: Matcher, judged: Range) -> Iterator[ScanResult]:
    """Yield the result of the names of refs that are new, at the place at which an audit reports them."""
    result = parallel.scan_names(matcher, judged.refs)
    places = (replace(finding.locations[0], path=REF_NAMES, member="") for finding in result.findings)
    found = tuple(replace(one, locations=(place,)) for one, place in zip(result.findings, places, strict=True))
    yield replace(result, findings=found)


def _configuration(objects: ObjectReader, judged: Range, options: Mapping[str, Any]) -> config.Config:
    """Return the configuration at the top of the base, unless the user names a file or wants none of it."""
    if options["config_file"]:
        return config.read(Path(options["config_file"]))
    if options["no_repo_config"]:
        return config.Config()
    return read_configuration(objects, judged.base, judged.base[:12]).on_branch(judged.branch)


def _baseline(objects: ObjectReader, judged: Range, options: Mapping[str, Any]) -> baseline.Baseline | None:
    """Return the baseline of the base, unless the user names a file or wants none of it."""
    if options["baseline_file"]:
        return baseline.read(Path(options["baseline_file"]))
    return None if options["no_repo_config"] else read_baseline(objects, judged.base, judged.base[:12])


def _notes_on_policy(
    objects: ObjectReader, changes: Iterable[Change], configuration: config.Config, paths: naming.Naming
) -> list[str]:
    """Return a note for each file of the configuration, its rules or the baseline that the change touches."""
    rules = {posixpath.normpath(name) for name in configuration.rules}
    touched = {paths.shown(change.path) for change in changes if change.path in rules or _is_policy(objects, change)}
    return [f"note: the change touches {path}; the version in the base was used" for path in sorted(touched)]


def _is_policy(objects: ObjectReader, change: Change) -> bool:
    if change.path != "pyproject.toml":
        return change.path in {config.NAME, baseline.NAME}
    answers = [objects.read(oid) for oid in (*change.before, change.after) if oid]
    return any(isinstance(answer, Object) and config.MARK in answer.data for answer in answers)


def _without_comments(finding: Finding, notes: _Notes) -> Finding:
    """Return a finding that no comment suppresses: whoever adds a key could add the comment as well."""
    if not finding.suppressions:
        return finding
    notes.comments += 1
    verdict = replace(finding.verdict, reasons=(*finding.verdict.reasons, _NOT_HEEDED))
    return replace(finding, suppressions=(), verdict=verdict)
