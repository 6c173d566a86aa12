"""Shared by the commands that add to a baseline: the scan, new entries, their last day, and git's merge attribute."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from keysift import masking
from keysift.accept import baseline
from keysift.accept.acceptances import Acceptances
from keysift.accept.baseline import HISTORY, REAL, Baseline, Entry
from keysift.cli import running, scan, settings, targets
from keysift.cli.shares import Shares
from keysift.detect.matcher import Matcher
from keysift.errors import ConfigError, UsageError
from keysift.git import layout, process
from keysift.model import Confidence, Finding, Run
from keysift.records import dataclass
from keysift.report import saved
from keysift.report.merge import merge
from keysift.report.plain import plain
from keysift.report.threshold import with_min_confidence
from keysift.scan import names as file_names
from keysift.scan.tally import tally


@dataclass(frozen=True, slots=True)
class Work:
    """A scan, and the baseline that it is compared with."""

    run: Run
    acceptances: Acceptances
    matcher: Matcher
    targets: tuple[str, ...]
    file: Path
    known: Baseline
    """The baseline in the file; an empty one with a new salt where there is no file."""
    hidden: masking.Keys = field(repr=False)
    """The keys that nothing shows."""
    is_saved: bool = False
    """True if the run is that of a report, which may be older than what the baseline says."""

    def waiting(self) -> list[Finding]:
        """Return the open findings that nobody has decided on, or whose acceptance no longer holds."""
        return [finding for finding in self.run.findings if not self._is_decided(finding)]

    def _is_decided(self, finding: Finding) -> bool:
        entry = self.known.entry(finding)
        if entry is None or entry.status == REAL:
            return entry is not None
        return self.is_saved and not entry.path and (not entry.until or entry.until >= settings.today())

    def add(self, entries: Iterable[Entry], remove: Collection[str] = ()) -> None:
        """Write entries to the file, which begins with the headers of the baseline; take others out."""
        data = self.file.read_bytes() if self.file.exists() else b""
        there = baseline.parse(data, str(self.file)).salts if data else ()
        new = (baseline.header(salt) for salt in self.known.salts if salt not in there)
        baseline.write(self.file, baseline.changed(b"".join((*new, data)), entries, remove))


def begin(options: dict[str, Any], file: Path) -> Work:
    """Scan what the options name, with the baseline of that file if it exists."""
    names = options["paths"] or (targets.default_target(),)
    stated = scan.defaults(
        jobs=options["jobs"], max_expanded="4G", config_file=options["config_file"], no_repo_config=False,
        baseline_file=str(file) if file.exists() else None, min_confidence=options["min_confidence"],
    )  # fmt: skip
    run = _saved(options) if options.get("reports") else running.begin("baseline", names)
    shares = Shares(names, stated)
    if len(list(shares)) > 1:
        raise UsageError(
            "the targets do not have one configuration and baseline in common", help="name those of one repository"
        )
    [share] = shares
    if options.get("reports"):
        check_targets(run, file)
    else:
        tally(run, scan.results(names, shares, stated))
        if run.interrupted:
            raise click.Abort
        file_names.hide(share.matcher, run)
    hidden = masking.keys(finding.secret for finding in (*run.everything(), *run.hidden))
    return Work(run, share.acceptances, share.matcher, names, file, _known(file), hidden, bool(options.get("reports")))


def _known(file: Path) -> Baseline:
    """Return the baseline in a file, with a salt for new entries: those of the first form need keys in the clear."""
    data = file.read_bytes() if file.exists() else b""
    known = baseline.parse(data, str(file)) if data else None
    headed = known and set(known.salts) - known.of_keys
    return known if known and headed else baseline.parse(baseline.header() + data, str(file))


def _saved(options: dict[str, Any]) -> Run:
    """Return the run that saved reports describe, with the threshold of the command line if it has one."""
    run = merge([saved.read(Path(name)) for name in options["reports"]])
    least = options["min_confidence"]
    return with_min_confidence(run, Confidence(least)) if least else run


def check_targets(run: Run, file: Path) -> None:
    """Raise UsageError if a report is of something else than what the baseline here is for."""
    top = file.absolute().parent.resolve()
    for target in run.targets:
        place = Path(target).absolute().resolve()
        if os.path.lexists(target) and not place.is_relative_to(top) and not top.is_relative_to(place):
            raise UsageError(
                f"the report is of {plain(target)}, and the baseline here is {plain(str(file))}",
                help="change to that directory, or name the baseline with --baseline FILE",
            )


def locate(options: dict[str, Any]) -> Path:
    """Return the path of the baseline: as named, as found, or at the top of the repository."""
    if options["baseline_file"]:
        return Path(options["baseline_file"])
    start = targets.directory(options["paths"][0] if options["paths"] else ".")
    return baseline.find(start) or (layout.toplevel(start) or start) / baseline.NAME


def locate_existing(options: dict[str, Any]) -> Path:
    """Return the path of a baseline that is there.

    Raises:
        ConfigError: there is none.
    """
    file = locate(options)
    if not file.exists():
        raise ConfigError(f"there is no baseline: {file}", help=baseline.CREATE)
    return file


def make_entries(
    findings: Sequence[Finding],
    known: Baseline,
    options: dict[str, Any],
    lifetime: int = 0,
    hidden: masking.Keys | None = None,
) -> list[Entry]:
    """Return entries of a baseline for findings, from today; for `lifetime` days unless the options say how long.

    No name shows a key: `hidden` are those that are known, by default those of the findings.
    """
    hidden = hidden or masking.keys(finding.secret for finding in findings)
    since = settings.today()
    until = options["until"]
    if lifetime and not until:
        until = (date.fromisoformat(since) + timedelta(lifetime)).isoformat()
    who = options["who"] or process.user_email()
    why, path, status = options["why"], options["path"], options.get("status", "")

    def entry(finding: Finding) -> Entry:
        scope = HISTORY if finding.history else ""
        identity, seen = known.identify(finding), _seen(finding, hidden)
        return Entry(identity, finding.rule.id, seen, who, why, since, until, path, status, scope)

    return list(map(entry, findings))


def _seen(finding: Finding, hidden: masking.Keys) -> str:
    """Return the place of a key in a form that any reader of JSON accepts."""
    line = finding.locations[0].start_line if finding.locations else 1
    path = masking.mask_name(baseline.path_in_repository(finding), hidden)
    return f"{path}:{line}".encode("utf-8", "backslashreplace").decode()


def parse_end(text: str) -> str:
    """Return a date from a date, or from a number of days from today: `90d`.

    Raises:
        UsageError: it is neither, or in the past.
    """
    if not text:
        return ""
    today = date.fromisoformat(settings.today())
    try:
        days = text.removesuffix("d")
        end = today + timedelta(int(days)) if days != text else date.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"invalid date: {text}", help="write 2026-12-31, or a number of days: 90d") from error
    if end < today:
        raise UsageError(f"{text} is in the past", help="name today or a later day")
    return end.isoformat()


def request_union_merge(file: Path) -> None:
    """Ask git, in .gitattributes, to keep the lines of both sides when branches that add entries merge."""
    attributes = file.with_name(".gitattributes")
    if file.name != baseline.NAME or not layout.toplevel(file.parent):
        return
    try:
        text = attributes.read_bytes() if attributes.is_file() else b""
        if any(line.split()[:1] == [baseline.NAME.encode()] for line in text.splitlines()):
            return
        with attributes.open("ab") as out:
            out.write((b"" if text.endswith(b"\n") or not text else b"\n") + f"{baseline.ATTRIBUTE}\n".encode())
    except OSError as error:
        click.echo(f"keysift: cannot write {attributes}: {error.strerror}; add: {baseline.ATTRIBUTE}", err=True)
        return
    click.echo(f"added to {attributes}, so that branches merge: {baseline.ATTRIBUTE}", err=True)
