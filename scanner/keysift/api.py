"""The functions and types that `import keysift` offers; see there."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from keysift.cli import running, scan, settings, targets, tracked_files
from keysift.cli.shares import Shares
from keysift.config import Config
from keysift.detect.matcher import Matcher
from keysift.errors import SourceError, UsageError
from keysift.files import naming
from keysift.git import layout
from keysift.history.audit import Audit
from keysift.history.context import AuditOptions
from keysift.model import Blob, Confidence, Finding, Run, ScanResult, Skipped
from keysift.records import dataclass
from keysift.rules import ruleset
from keysift.rules.suggestions import suggestion
from keysift.scan.contents import scan_contents
from keysift.scan.tally import tally
from keysift.version import VERSION

StrPath = str | os.PathLike[str]
Level = Literal["low", "medium", "high"]
_LONGEST_OBJECT = 256 << 20
"""Bytes of the longest git object that an audit reads."""


class Rules:
    """Rules, made ready to be searched for: make them once, and use them for any number of scans, in any thread."""

    def __init__(self, *, only: str | Iterable[str] = "*", disable: str | Iterable[str] = ()) -> None:
        """Take the rules that come with keysift whose ids match one of `only` and none of `disable`.

        Both are one pattern of rule ids, or several: `"pagerduty-*"`.

        Raises:
            keysift.errors.UsageError: a pattern matches no rule.
        """
        every = ruleset.load()
        wanted, unwanted = _patterns(only), _patterns(disable)
        for pattern in (*wanted, *unwanted):
            if not any(fnmatchcase(known, pattern) for known in every.ids):
                raise UsageError(f"keysift has no such rule: {pattern}", help=suggestion(pattern, every.ids))

        def is_off(identity: str) -> bool:
            return not _matches(identity, wanted) or _matches(identity, unwanted)

        self._matcher = Matcher(every.without(is_off))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the rules that can have findings."""
        rules = self._matcher.rules
        return tuple(identity for identity in rules.ids if identity not in rules.off)


def _patterns(stated: str | Iterable[str]) -> tuple[str, ...]:
    return (stated,) if isinstance(stated, str) else tuple(stated)


def _matches(identity: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(identity, pattern) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a scan or an audit."""

    run: Run
    """The tally, as the commands have it; its fields may change between versions."""

    @property
    def findings(self) -> Sequence[Finding]:
        """The leaked keys, secret and sensitive ones: one finding for each key, with all of its places.

        Those that are less sure than asked for are in `below`.
        """
        return self.run.findings

    @property
    def below(self) -> Sequence[Finding]:
        """The findings that are less sure than `min_confidence` asks for."""
        return self.run.below

    @property
    def suppressed(self) -> Sequence[Finding]:
        """The keys that someone has accepted, in a comment, the configuration or the baseline."""
        return self.run.suppressed

    @property
    def public(self) -> Sequence[Finding]:
        """The keys that are public by design."""
        return self.run.public

    @property
    def skipped(self) -> Sequence[Skipped]:
        """What was not scanned, or not fully, and why."""
        return self.run.skipped

    @property
    def complete(self) -> bool:
        """False if something that was asked for could not be scanned."""
        return self.run.complete

    def render(self, form: str = "json", *, show_secrets: bool = False) -> str:
        """Return the report in one of the formats of `keysift scan --format`; keys are masked unless asked for.

        Raises:
            keysift.errors.UsageError: there is no such format.
        """
        from keysift import report  # noqa: PLC0415 - many programs look at the findings alone

        if form not in report.FORMATS:
            raise UsageError(f"no such format: {form}", help=f"there are {', '.join(sorted(report.FORMATS))}")
        out = io.StringIO()
        report.write(self.run, form, out, report.Options(show_secrets=show_secrets))
        return out.getvalue()


_ready = threading.Lock()
_all_rules: Rules | None = None


def ready_matcher(rules: Rules | None) -> Matcher:
    """Return the matcher of the rules; of all of them, made once in a process, if none are named."""
    global _all_rules  # noqa: PLW0603 - made once, when first asked for
    if rules is None:
        with _ready:
            rules = _all_rules = _all_rules or Rules()
    return rules._matcher  # noqa: SLF001 - one module


def _matcher_for(rules: Rules | None, configuration: Config) -> Matcher:
    """Return the matcher of the rules, or of those that the configuration states, made once if it states none."""
    if rules or not (configuration.rules or configuration.rule or configuration.disable):
        return ready_matcher(rules)
    return Matcher(settings.active_rules(configuration))


def scan_bytes(
    data: bytes | bytearray | memoryview | str,
    path: str = "",
    *,
    rules: Rules | None = None,
    min_confidence: Level = "medium",
) -> Report:
    """Scan bytes, and what is inside of them if they are an archive or a document.

    `path` is the name by which they are judged (`deploy/prod.env`): some rules ask for a kind of file, and keys in
    tests are less likely real. A string is scanned as UTF-8. Comments such as `keysift: ignore` are heeded. Findings
    that are less sure than `min_confidence` are in `below`.

    Lines and columns of the findings count from 1, columns in characters; bytes count from 0.
    """
    raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else bytes(data)
    run = running.begin("scan", (path,))
    result, least = scan_contents(ready_matcher(rules), Blob(path, raw)), Confidence(min_confidence).rank
    findings = (
        replace(finding, below_threshold=finding.verdict.confidence.rank < least) for finding in result.findings
    )
    tally(run, [replace(result, findings=tuple(findings))])
    return _finished(run, rules)


def scan_paths(
    *paths: StrPath,
    rules: Rules | None = None,
    heed_repository: bool = True,
    min_confidence: Level | None = None,
    jobs: int = 1,
) -> Report:
    """Scan files and directories as `keysift scan` does; without paths, the repository around the current directory.

    `heed_repository` says whether configuration, comments and baseline of what is scanned are heeded; rules that are
    given here are searched for whatever the configuration says of rules. Findings that are less sure than
    `min_confidence` are in `below`; without it, that of the configuration holds, or else `medium`. `jobs` is the number
    of processes, 0 one per core: started processes are forked, so leave it at 1 in a program with threads.

    Raises:
        keysift.errors.UsageError: a path does not exist.
        keysift.errors.ConfigError: the configuration or the baseline is invalid.
    """
    names = tuple(os.fspath(path) for path in paths) or (targets.default_target(),)
    for target in names:
        if not os.path.lexists(target):
            raise UsageError(f"no such file or directory: {target}")
    options = scan.defaults(
        jobs=jobs, max_file_size=None, max_expanded="4G", config_file=None, baseline_file=None,
        no_repo_config=not heed_repository, min_confidence=min_confidence,
    )  # fmt: skip
    run = running.begin("scan", names)
    shares = Shares(names, options, partial(_matcher_for, rules))
    tally(run, scan.results(names, shares, options))
    return _finished(run, rules)


def audit(  # noqa: PLR0913 - all but the first by name
    repository: StrPath = ".",
    *,
    rules: Rules | None = None,
    heed_repository: bool = True,
    min_confidence: Level | None = None,
    jobs: int = 1,
    state: StrPath | None = None,
) -> Report:
    """Scan everything that a git repository still holds, as `keysift audit` does: each finding has its `history`.

    The arguments are those of `scan_paths`. With `state`, a directory for this repository alone, only objects are read
    that the last audit with it has not read; whoever can write to it can hide keys.

    Raises:
        keysift.errors.UsageError: `state` cannot be used, or is of another repository.
        keysift.errors.SourceError: there is no repository, or git cannot read it.
        keysift.errors.ConfigError: the configuration or the baseline is invalid.
    """
    target = os.fspath(repository)
    top = layout.toplevel(target) if Path(target).is_dir() else None
    if top is None:
        raise SourceError(f"no git repository: {target}", help="`scan_paths` is for files and directories without git")
    options: dict[str, Any] = {
        "config_file": None, "baseline_file": None, "no_repo_config": not heed_repository,
        "min_confidence": min_confidence,
    }  # fmt: skip
    run = running.begin("audit", (target,))
    [share] = Shares([str(top)], options, partial(_matcher_for, rules))
    accepted, matcher = share.acceptances, share.matcher
    where = naming.of(str(top))
    excluded = settings.exclusion(accepted.sources.config, where)
    kept = Path(state) if state is not None else None
    events = Audit(matcher, top, AuditOptions(_LONGEST_OBJECT, jobs, excluded=excluded, state=kept))
    results = (event for event in events if isinstance(event, ScanResult))
    tracked = tracked_files.find_in_repository(top, accepted.sources.config, wants=lambda path: not excluded(path))
    tally(run, running.reported(chain(results, tracked), accepted, where))
    run.notes += events.notes
    return _finished(run, rules)


def _finished(run: Run, rules: Rules | None) -> Report:
    run.duration_s = round(run.duration_s + time.monotonic(), 3)
    run.settings = {"version": VERSION, "rules": str(len(ready_matcher(rules).rules))}
    return Report(run)
