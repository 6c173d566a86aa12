"""The audit of one repository of a fleet: on whatever machine, by what the repository states in its newest commit."""

from __future__ import annotations

import functools
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from keysift import config
from keysift.accept.acceptances import Acceptances, AcceptanceSources, accepted
from keysift.cli import settings
from keysift.cli.committed import read_baseline, read_configuration, read_content
from keysift.detect.matcher import Matcher
from keysift.errors import ConfigError, RuleError, StateError
from keysift.files import naming
from keysift.files.naming import Naming
from keysift.fleet import clones, lots
from keysift.fleet.model import Task, Wishes
from keysift.git import layout, refs
from keysift.git.objects import ObjectReader
from keysift.history.audit import Audit
from keysift.history.context import AuditOptions
from keysift.model import Run, ScanResult
from keysift.rules import ruleset
from keysift.scan.tally import tally


def audit_repository(place: Path, task: Task) -> Run:
    """Return the run of an audit, with paths from the top of the repository.

    Raises:
        SourceError: git cannot read it.
    """
    began = time.monotonic()
    run = Run("audit", (str(place),))
    base = os.path.realpath(place).replace(os.sep, "/")
    paths = Naming(base, "", base, base)
    acceptances, matcher = _stated(place, task.wishes, run)
    excluded = settings.exclusion(acceptances.sources.config, paths)
    helpers = lots.Lots(task.work, base, task.parted) if task.parted else None
    options = AuditOptions(
        task.wishes.limit, task.jobs, excluded=excluded, identity=task.repository.name, helpers=helpers
    )
    results = _results(matcher, Path(base), options, task, run)
    tally(run, naming.named(accepted(acceptances, results, paths), paths))
    run.duration_s = round(time.monotonic() - began, 3)
    run.settings = {"rules": str(settings.count_active(matcher.rules))}
    return run


def _results(matcher: Matcher, place: Path, options: AuditOptions, task: Task, run: Run) -> Iterator[ScanResult]:
    """Yield the results of an audit that reads only what is new; of a full one, with a note, if that is impossible."""
    state = clones.state_of(task)
    if task.anew:
        shutil.rmtree(state, ignore_errors=True)
    audit = Audit(matcher, place, replace(options, state=state))
    try:
        yield from (event for event in audit if isinstance(event, ScanResult))
    except StateError as error:  # it comes before any result
        run.notes.append(f"everything was read, and nothing is remembered: {error}")
        yield from (event for event in Audit(matcher, place, options) if isinstance(event, ScanResult))
    run.notes += audit.setbacks


@functools.cache
def own_matcher() -> Matcher:
    """Return the matcher of keysift's own rules, made once in a process; children that are forked have it."""
    matcher = Matcher(ruleset.load())
    matcher.prefilter.prepare()
    return matcher


def _stated(place: Path, wishes: Wishes, run: Run) -> tuple[Acceptances, Matcher]:
    """Return what the repository accepts, and the rules that it wants; nothing of it, with a note, if it is invalid."""
    if wishes.heed:
        try:
            return _from_disk(place, wishes) if not layout.is_bare(place) else _from_head(place, wishes)
        except (ConfigError, RuleError) as error:
            run.notes.append(f"not heeded, for it is invalid: {error}")
    sources = AcceptanceSources(comments=wishes.heed)
    return Acceptances(sources, today=settings.today(), min_confidence=wishes.min_confidence), own_matcher()


def _from_disk(place: Path, wishes: Wishes) -> tuple[Acceptances, Matcher]:
    options = {
        "config_file": None, "baseline_file": None, "no_repo_config": False, "min_confidence": wishes.min_confidence,
    }  # fmt: skip
    acceptances = settings.read_acceptances(str(place), options)
    return acceptances, _matcher(acceptances.sources.config, None)


def _from_head(place: Path, wishes: Wishes) -> tuple[Acceptances, Matcher]:
    """Return what the newest commit of a bare repository states: nobody has checked it out."""
    head = refs.resolve_commit(place, "HEAD")
    with ObjectReader(place, limit=config.LARGEST) as objects:
        stated = read_configuration(objects, head, "HEAD").on_branch(refs.current_branch(place))
        sources = AcceptanceSources(stated, read_baseline(objects, head, "HEAD"))
        matcher = _matcher(stated, objects, head)
    return Acceptances(sources, today=settings.today(), min_confidence=wishes.min_confidence), matcher


def _matcher(stated: config.Config, objects: ObjectReader | None, head: str = "") -> Matcher:
    if not (stated.rules or stated.rule or stated.disable):
        return own_matcher()
    read = partial(read_content, objects, head) if objects else None
    return Matcher(settings.active_rules(stated, read))
