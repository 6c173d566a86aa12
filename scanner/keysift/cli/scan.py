"""`keysift scan`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keysift import config, lazy, patterns
from keysift.cli import running, settings, targets, tracked_files
from keysift.cli.counting import counted
from keysift.cli.options import FORCE, check_pattern, parse_size, reporting
from keysift.cli.sections import Sectioned
from keysift.cli.shares import Shares
from keysift.containers.limits import LIMITS
from keysift.detect import comments
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.files import listing, naming, skips
from keysift.files.reading import File, read
from keysift.model import Blob, ScanResult, Skipped
from keysift.patterns import PatternList
from keysift.scan import parallel
from keysift.scan.contents import scan_stream
from keysift.scan.tally import tally

if TYPE_CHECKING:
    from keysift.cli import machine_scan, verifying
    from keysift.files import stdin
    from keysift.rules import ruleset
else:
    machine_scan = lazy.module("keysift.cli.machine_scan")
    verifying = lazy.module("keysift.cli.verifying")
    ruleset = lazy.module("keysift.rules.ruleset")
    stdin = lazy.module("keysift.files.stdin")

_LARGEST_COMMENTED = 256 << 20
"""Bytes of a file whose comments are checked."""


@click.command("scan", cls=Sectioned)
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    callback=check_pattern,
    help="Leave out paths that match, as in .gitignore. Repeatable.",
)
@FORCE
@click.option("--no-ignore", is_flag=True, help="Also scan what .gitignore leaves out.")
@click.option("--max-file-size", metavar="SIZE", help="Skip (and report) larger files.  [default: no limit]")
@click.option(
    "--max-expanded",
    default="4G",
    show_default=True,
    metavar="SIZE",
    help="Open archives and documents up to this total size; 0: open none.",
)
@click.option(
    "--stdin-name",
    default="standard input",
    show_default=True,
    metavar="PATH",
    help="Name of the input of `-` in the report.",
)
@click.option("--machine", is_flag=True, help="Scan your home directory where keys lie on a workstation.")
@click.option("--verify", is_flag=True, help="Ask vendors whether the keys are live; see `keysift verify --help`.")
@reporting
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:  # noqa: ANN401 - click hands over what is declared above
    """Find leaked keys in a working tree, in files, or in standard input (`-`).

    Without PATHS, scans the repository around the current directory (tracked and untracked files, but not what
    .gitignore leaves out), or the directory itself outside of a repository.

    \b
    keysift scan
    keysift scan deploy/ .env
    kubectl get secret -o yaml | keysift scan -
    keysift scan -f sarif -o keysift.sarif --fail-on secret
    keysift scan --machine
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    if options["machine"]:
        machine_scan.command(ctx, options)
        return
    names = options["paths"] or (targets.default_target(),)
    targets.check(names)
    run = running.begin("scan", names)
    shares = Shares(names, options)
    tally(run, counted(results(names, shares, options), wanted=not options["quiet"]))
    shares.close(run, options=options)
    if options["verify"] and not run.interrupted:
        verifying.verify(run, ruleset.load(), {"quiet": options["quiet"]})
    advice = running.first_steps(run, options, "to accept findings, `keysift baseline audit` asks about each")
    running.finish(ctx, run, rules=shares.rules, advice=advice)


def defaults(**stated: Any) -> dict[str, Any]:  # noqa: ANN401 - as click hands them over
    """Return the options of a scan that another command makes, with those that it states."""
    usual = {"exclude": (), "no_ignore": False, "max_file_size": "256M", "max_expanded": "0", "stdin_name": ""}
    usual |= {"only": (), "disable": (), "force": False}
    return {**usual, "jobs": 0, **stated}


def results(names: Sequence[str], shares: Shares, options: dict[str, Any]) -> Iterator[ScanResult]:
    """Yield the results of each target, with accepted findings marked, and with the paths of reports."""
    for target in names:
        share = shares.of(target)
        scanned = scan_target(target, share.matcher, share.config, options)
        yield from running.reported(scanned, share.acceptances, naming.of(target))


def scan_target(
    target: str, matcher: Matcher, configuration: config.Config, options: dict[str, Any]
) -> Iterator[ScanResult]:
    """Yield the results of a target, in which nothing but comments has accepted findings."""
    limits = _limits(options["max_file_size"], parse_size(options["max_expanded"]))
    if target == "-":
        read_some = stdin.reader(sys.stdin.buffer, limits.size)
        yield scan_stream(matcher, read_some, options["stdin_name"], limits.inside)
        return
    in_git: list[str] = []
    paths = naming.of(target)
    if (left_out := _left_out(target, paths, configuration, options)) is not None:
        yield ScanResult(skipped=(left_out,))
        return
    exclude = (*_excluded(configuration, paths), *([paths.typed(options["exclude"])] if options["exclude"] else ()))
    files = _note_tracked(listing.files(target, ignore=not options["no_ignore"], exclude=exclude), in_git)
    yield from parallel.scan_files(matcher, files, limits=limits, jobs=options["jobs"])
    looked_for = settings.is_on(tracked_files.TRACKED.id, configuration, options)
    if looked_for and Path(target).is_dir() and not options["no_ignore"]:
        yield tracked_files.find(paths, in_git)


def _left_out(
    target: str, paths: naming.Naming, configuration: config.Config, options: dict[str, Any]
) -> Skipped | None:
    """Return what is said of a target that the configuration or, if it is a file, the command line excludes."""
    if options["force"] or not paths.target:
        return None
    stated = [(pattern, configuration.origin) for pattern in _excluded(configuration, paths)]
    is_directory = Path(target).is_dir()
    if options["exclude"] and not is_directory:
        stated.append((patterns.of(options["exclude"]), ""))
    path = paths.target + ("/" if is_directory else "")
    origin = next((origin for pattern, origin in stated if patterns.covers(pattern, path)), None)
    return None if origin is None else skips.excluded(paths.target, origin)


def list_files(target: str, configuration: config.Config) -> Iterator[File]:
    """Yield the files of a target that a scan reads."""
    files = listing.files(target, exclude=_excluded(configuration, naming.of(target)))
    return (file for file in files if isinstance(file, File))


def unused_comments(target: str, matcher: Matcher, configuration: config.Config) -> Iterator[tuple[str, int]]:
    """Yield the path and line of each comment of keysift that accepts no finding."""
    paths = naming.of(target)
    for file in listing.files(target, exclude=_excluded(configuration, paths)):
        blob = read(file, _LARGEST_COMMENTED) if isinstance(file, File) else file
        if isinstance(blob, Blob) and b"keysift:" in blob.data:
            for line in comments.unused(blob, list(scan_blob(matcher, blob).findings)):
                yield paths.shown(blob.path), line


def _excluded(configuration: config.Config, paths: naming.Naming) -> tuple[PatternList, ...]:
    """Return the patterns by which the configuration leaves files out of a target."""
    return (paths.stated(configuration.exclude, configuration.origin),) if configuration.exclude else ()


def _note_tracked(files: Iterable[File | Skipped], in_git: list[str]) -> Iterator[File | Skipped]:
    """Yield the files, and add the paths of those that git tracks to a list."""
    for file in files:
        if isinstance(file, File) and file.tracked:
            in_git.append(file.path)
        yield file


def _limits(largest: str | None, expanded: int) -> parallel.Limits:
    """Return the limits of each file, by the values of `--max-file-size` and `--max-expanded`."""
    more = max(1, expanded / LIMITS.total)  # whoever wants more to be opened waits longer
    inside = replace(LIMITS, total=expanded, seconds=LIMITS.seconds * more) if expanded else replace(LIMITS, depth=0)
    return parallel.Limits(parse_size(largest) if largest else sys.maxsize, inside)
