"""`keysift scan --machine`: the places on a workstation where keys lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import click

from keysift.agent import machine
from keysift.agent.machine import Store
from keysift.cli import agent_traces, running, scan, settings, verifying
from keysift.cli.counting import counted
from keysift.cli.options import parse_size
from keysift.cli.shares import Shares
from keysift.config import Config
from keysift.detect.matcher import Matcher
from keysift.errors import KeysiftError, UsageError
from keysift.files import naming
from keysift.model import Finding, Run, ScanResult, Skipped
from keysift.report.plain import plain
from keysift.report.wording import count
from keysift.rules import ruleset
from keysift.scan import parallel
from keysift.scan.tally import tally


def command(ctx: click.Context, options: dict[str, Any]) -> None:
    """Scan the home directory of the user where keys lie, and each clone in it as a repository of its own."""
    if options["paths"]:
        raise UsageError("--machine takes no paths", help="`keysift scan PATH` scans one")
    home = agent_traces.here()
    run = running.begin("scan --machine", ("~",))
    acceptances = settings.read_acceptances(str(home.path), {**options, "no_repo_config": True})
    matcher = Matcher(settings.active_rules(acceptances.sources.config, options=options))
    clones = [str(home.path / clone) for clone in home.clones()]
    files, stores = machine.look(home)
    paths = naming.of(str(home.path))
    shown = {paths.shown(path): store for path, store in stores.items()}
    limits = parallel.Limits(parse_size(options["max_file_size"] or "64M"))
    found = parallel.scan_files(matcher, map(home.file, files), limits=limits, jobs=options["jobs"])
    kept = machine.kept_in_stores(running.reported(found, acceptances, paths), shown)
    left_out = naming.named([ScanResult(skipped=tuple(home.left_out.values()))], paths)
    seen: set[tuple[str, int]] = set()
    everything = chain(_noted(_clones(clones, matcher, options), seen), _new(kept, seen), left_out)
    tally(run, counted(everything, wanted=not options["quiet"]))
    if options["verify"] and not run.interrupted:
        verifying.verify(run, ruleset.load(), {})
    rules = settings.count_active(matcher.rules)
    running.finish(ctx, run, rules=rules, advice=_stores(run, shown, len(clones)))


def _clones(clones: Iterable[str], matcher: Matcher, options: dict[str, Any]) -> Iterator[ScanResult]:
    """Yield the results of each clone, by what its own repository states; a broken one does not lose the others."""

    def make_matcher(stated: Config) -> Matcher:
        if stated.rules or stated.rule or stated.disable:
            return Matcher(settings.active_rules(stated, options=options))
        return matcher

    for clone in clones:
        try:
            yield from scan.results([clone], Shares([clone], options, make_matcher), options)
        except KeysiftError as error:
            yield ScanResult(skipped=(Skipped(clone, f"not scanned: {error}"),))


def _noted(results: Iterable[ScanResult], seen: set[tuple[str, int]]) -> Iterator[ScanResult]:
    """Yield results, and note the places of their findings."""
    for result in results:
        seen |= {_place(finding) for finding in result.findings}
        yield result


def _new(results: Iterable[ScanResult], seen: set[tuple[str, int]]) -> Iterator[ScanResult]:
    """Yield results without the findings that a clone has reported already."""
    for result in results:
        yield replace(result, findings=tuple(finding for finding in result.findings if _place(finding) not in seen))


def _place(finding: Finding) -> tuple[str, int]:
    [place] = finding.locations
    return place.path, place.start_byte


def _stores(run: Run, stores: dict[str, Store], clones: int) -> Iterator[str]:
    """Yield a line for each store of credentials, and what was looked at."""
    keys = dict.fromkeys(stores, 0)
    for finding in run.suppressed:
        for path in {place.path for place in finding.locations} & keys.keys():
            keys[path] += 1
    for path, store in stores.items():
        held = count(keys[path], "key") if keys[path] else "nothing that looks like a key"
        yield f"store: {plain(path)} ({store.what}): {held}, {store.state()}"
    yield f"{count(clones, 'clone')} scanned as repositories of their own; keyrings are never read"
