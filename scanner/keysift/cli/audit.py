"""`keysift audit`."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from keysift import patterns
from keysift.cli import running, settings, tracked_files
from keysift.cli.bar import Bar
from keysift.cli.nearest import suggest, suggest_path
from keysift.cli.options import check_pattern, parse_size, reporting
from keysift.cli.sections import Sectioned
from keysift.cli.shares import Shares
from keysift.errors import UsageError
from keysift.files import naming
from keysift.git import dates, layout
from keysift.history.audit import Audit
from keysift.history.context import AuditOptions, Scope
from keysift.history.progress import Progress
from keysift.history.remembered import directory
from keysift.model import Run, ScanResult
from keysift.report.plain import plain
from keysift.scan.tally import Tally


@click.command("audit", cls=Sectioned)
@click.argument("repositories", nargs=-1, metavar="[REPO]...", type=click.Path())
@click.option("--since", metavar="DATE", help="Only keys that were brought in since then: 2026-01-31, '2 weeks ago'.")
@click.option("--branch", metavar="REF", default="", help="Only what the history of this branch or tag has.")
@click.option(
    "--path",
    "patterns",
    multiple=True,
    metavar="PATTERN",
    callback=check_pattern,
    help="Only these paths, as in .gitignore. Repeatable.",
)
@click.option(
    "--max-file-size", default="256M", show_default=True, metavar="SIZE", help="Skip longer objects (and say so)."
)
@click.option(
    "--write-replacements",
    "replacements",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Write the keys, in the clear, as `git filter-repo --replace-text` reads them.",
)
@click.option(
    "--state",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Remember in this directory what was read; the next audit with it reads only what is new.",
)
@click.option("--plain", is_flag=True, help="Read everything through git: slower, for comparison.")
@reporting
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Find leaked keys in everything that a repository still holds: all of its history, and what no branch leads to.

    Without REPO: the repository around the current directory. Each key is one finding, with its life: which commit
    brought it in, which took it out, what still has it.

    \b
    keysift audit
    keysift audit --since 2026-01-01 -f json -o audit.json
    keysift audit ../service-a ../service-b
    keysift audit --write-replacements ../keys.txt && git filter-repo --replace-text ../keys.txt
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    targets = options["repositories"] or (".",)
    state = Path(options["state"]) if options["state"] else None
    run = running.begin("audit", targets)
    with Bar(wanted=not options["quiet"]) as bar:
        tops = [_repository(target) for target in targets]
        shares = Shares([str(top) for top in tops], options)
        scope = Scope(_since(options["since"], tops[0]), options["branch"], _paths(options["patterns"]))
        limit = parse_size(options["max_file_size"])
        count = Tally(run)
        for top in tops:
            share, paths = shares.of(str(top)), naming.of(str(top))
            excluded = settings.exclusion(share.config, paths)
            own = directory.of_one_of_several(state, top) if state and len(tops) > 1 else state
            audit_options = AuditOptions(limit, options["jobs"], scope, options["plain"], excluded, own)
            audit = Audit(share.matcher, top, audit_options)
            count.add(running.reported(_results(audit, bar), share.acceptances, paths))
            if run.interrupted or run.stopped:
                count.add(running.reported(audit.so_far(), share.acceptances, paths))
                break
            run.notes += audit.notes
            if not (scope.since or scope.branch):
                found = tracked_files.find_in_repository(top, share.config, options, audit_options.wants)
                count.add(running.reported(found, share.acceptances, paths))
    count.close()
    shares.close(run, audited=not (options["branch"] or options["patterns"]))
    advice = [*_replacements(run, Path(options["replacements"]))] if options["replacements"] else []
    deciding = "to accept findings, save them (-f json -o audit.json) for `keysift view audit.json`"
    advice += running.first_steps(run, options, deciding)
    running.finish(ctx, run, rules=shares.rules, advice=advice)


def _results(audit: Audit, bar: Bar) -> Iterator[ScanResult]:
    """Yield the results of an audit; its progress goes to the bar."""
    for event in audit:
        if isinstance(event, Progress):
            bar.draw(event)
        else:
            yield event


def _replacements(run: Run, place: Path) -> Iterator[str]:
    """Write the keys for `git filter-repo`; yield advice on how to use the file, and on what it does not cover."""
    from keysift.git.messages import MESSAGE, TAG  # noqa: PLC0415 - likewise
    from keysift.report import replacements  # noqa: PLC0415 - few histories are written anew

    short = replacements.write_replacements(run, place)
    name = plain(str(place))
    places = [place for finding in run.findings for place in finding.locations]
    in_messages = any(place.path.endswith((MESSAGE, TAG)) for place in places)
    messages = f" --replace-message {name}" if in_messages else ""
    yield f"keysift: {name} has the keys in the clear: git filter-repo --replace-text {name}{messages}, then delete it"
    if short:
        yield f"keysift: not in it, for they are too short: {len(short)}"
    inside = sorted({place.repository_path or place.path for place in places if place.member})
    if inside:
        shown = ", ".join(plain(path) for path in inside[:3]) + (", ..." if inside[3:] else "")
        yield f"keysift: inside of files it replaces nothing; git filter-repo --invert-paths --path drops them: {shown}"


def _repository(target: str) -> Path:
    top = layout.toplevel(target) if os.path.isdir(target) else None  # noqa: PTH112 - a name, as typed
    if top is None:
        there = os.path.lexists(target)
        advice = "`keysift scan` is for files and directories without git"
        raise UsageError(
            f"{'not in a git repository' if there else 'no such directory'}: {plain(target)}",
            help=advice if there else suggest_path(target, "name a repository, or a directory in one"),
        )
    return top


def _since(text: str | None, repository: Path) -> int:
    if not text:
        return 0
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp())
    except ValueError:
        seconds = dates.to_seconds(repository, text)
    if seconds is None:
        advice = "write it as 2026-01-31, or as git takes it: '2 weeks ago', yesterday"
        advice = suggest(dates.unknown_word(text), dates.WORDS, advice, cutoff=0.8)
        raise UsageError(f"no date: {plain(text)}", help=advice)
    return seconds


def _paths(stated: tuple[str, ...]) -> Any:  # noqa: ANN401 - a function of a path, or nothing
    return functools.partial(patterns.covers, patterns.of(stated)) if stated else None
