"""`keysift scan`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from keysift import config
from keysift.accept import acceptances
from keysift.cli import common
from keysift.containers.limits import LIMITS
from keysift.detect import comments
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.files import listing, naming
from keysift.files.reading import File, read
from keysift.fingerprint import fingerprint
from keysift.git import tracked
from keysift.model import Blob, Confidence, Finding, Label, Location, Rule, ScanResult, Skipped, Verdict
from keysift.patterns import PatternList
from keysift.scan import parallel
from keysift.scan.contents import scan_stream
from keysift.scan.tally import tally

TRACKED = Rule(
    id="tracked-secret-file",
    name="Tracked file that belongs into .gitignore",
    provider="git",
    label=Label.SENSITIVE,
    why="Files of this name hold keys sooner or later; git tracks it, so the next key in it is pushed too.",
    revoke="`git rm --cached FILE`, add its name to .gitignore, and commit; then revoke every key that it ever held: "
    "the history still has them.",
    references=("https://git-scm.com/docs/git-rm", "https://git-scm.com/docs/gitignore"),
)
"""Not a pattern but a fact about the repository; `disable` it like any other rule."""


@click.command("scan")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    callback=common.pattern,
    help="Leave out what matches, as in .gitignore. Repeatable.",
)
@click.option("--no-ignore", is_flag=True, help="Scan what .gitignore leaves out, too.")
@click.option(
    "--max-file-size",
    metavar="SIZE",
    help="Skip longer files (and say so). Without it, files of any length are scanned.",
)
@click.option(
    "--max-expanded",
    default="4G",
    show_default=True,
    metavar="SIZE",
    help="Look into archives and documents up to this size in all; 0 for not at all.",
)
@click.option("--stdin-name", default="standard input", metavar="PATH", help="What to call the input of `-`.")
@common.reporting
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Find leaked keys in a working tree, in files, or in standard input (`-`).

    Without PATHS: the repository around the current directory (tracked and untracked files, not what .gitignore
    leaves out); outside of one, the directory itself.

    \b
    keysift scan
    keysift scan deploy/ .env
    kubectl get secret -o yaml | keysift scan -
    keysift scan -f sarif -o keysift.sarif --fail-on secret
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    targets = options["paths"] or (around(),)
    run = common.begin("scan", targets)
    ledger = common.ledger(targets[0], options)
    active = common.active_rules(ledger.sources.config)
    tally(run, results(targets, Matcher(active), ledger, options))
    acceptances.close(ledger, run, whole=common.is_whole(targets, options, ledger.sources))
    options["config_fail_on"] = ledger.sources.config.fail_on
    common.finish(ctx, run, options, common.running(active))


def defaults(**stated: Any) -> dict[str, Any]:  # noqa: ANN401 - as click hands them over
    """The options of those who scan for a purpose of their own, with what they state."""
    usual = {"exclude": (), "no_ignore": False, "max_file_size": "256M", "max_expanded": "0", "stdin_name": ""}
    return {**usual, "jobs": 0, **stated}


def around() -> str:
    """The top of the repository around the current directory, or the directory."""
    from keysift.git import layout  # noqa: PLC0415 - not needed with named paths

    top = layout.toplevel(Path.cwd())
    return os.path.relpath(top) if top else "."


def results(
    targets: Sequence[str], matcher: Matcher, ledger: acceptances.Acceptances, options: dict[str, Any]
) -> Iterator[ScanResult]:
    """What came of each target, with what is accepted marked, and with the paths of reports."""
    for target in targets:
        paths = naming.of(target)
        unmarked = unjudged(target, matcher, ledger.sources.config, options)
        yield from common.reported(unmarked, ledger, paths)


def unjudged(target: str, matcher: Matcher, settings: config.Config, options: dict[str, Any]) -> Iterator[ScanResult]:
    """What came of a target, with no acceptances but those of comments."""
    limits = _limits(options["max_file_size"], common.size(options["max_expanded"]))
    if target == "-":
        yield _standard_input(matcher, options["stdin_name"], limits)
        return
    known: list[str] = []
    paths = naming.of(target)
    exclude = (*_excluded(settings, paths), *([paths.typed(options["exclude"])] if options["exclude"] else ()))
    files = _noting(listing.files(target, ignore=not options["no_ignore"], exclude=exclude), known)
    yield from parallel.scan_files(matcher, files, limits=limits, jobs=options["jobs"])
    if Path(target).is_dir() and not options["no_ignore"] and TRACKED.id not in settings.disable:
        yield ScanResult(tuple(map(_tracked, tracked.find_exposed(paths.base, known))))


def unused_comments(target: str, matcher: Matcher, settings: config.Config) -> Iterator[tuple[str, int]]:
    """The comments of ours that accept no finding: path and line."""
    paths = naming.of(target)
    for file in listing.files(target, exclude=_excluded(settings, paths)):
        blob = read(file, common.size("256M")) if isinstance(file, File) else file
        if isinstance(blob, Blob) and b"keysift:" in blob.data:
            for line in comments.unused(blob, list(scan_blob(matcher, blob).findings)):
                yield paths.shown(blob.path), line


def _excluded(settings: config.Config, paths: naming.Naming) -> tuple[PatternList, ...]:
    """What the configuration leaves out of a target."""
    return (paths.stated(settings.exclude, settings.origin),) if settings.exclude else ()


def _noting(files: Iterable[File | Skipped], known: list[str]) -> Iterator[File | Skipped]:
    """The files, and on the way the paths of those that git tracks."""
    for file in files:
        if isinstance(file, File) and file.tracked:
            known.append(file.path)
        yield file


def _tracked(file: tracked.Exposed) -> Finding:
    """A finding of its own kind: the file as such, whatever is in it."""
    verdict = Verdict(TRACKED.label, Confidence.HIGH, (file.reason,))
    place = Location(file.path, start_line=1, start_column=1, end_line=1, end_column=1, start_byte=0, end_byte=0)
    return Finding(TRACKED, b"", verdict, (place,), fingerprint(TRACKED.id, os.fsencode(file.path)))


def _limits(longest: str | None, expanded: int) -> parallel.Limits:
    """What the user asked for, for each file."""
    inside = replace(LIMITS, total=expanded) if expanded else replace(LIMITS, depth=0)
    return parallel.Limits(common.size(longest) if longest else sys.maxsize, inside)


def _standard_input(matcher: Matcher, name: str, limits: parallel.Limits) -> ScanResult:
    from keysift.files import stdin  # noqa: PLC0415 - most runs read files

    return scan_stream(matcher, stdin.reader(sys.stdin.buffer, limits.size), name, limits.inside)
